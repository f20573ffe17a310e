"""The key of a detection: read, printed, looked up."""

import pickle

import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.csc.observation import ObservationKey
from cscwidgets.errors import CscError

numbers = st.integers(0, 10**6)


@given(numbers, numbers, numbers)
def test_a_key_is_the_text_people_write(obsid, obi, region_id):
    key = ObservationKey(obsid, obi, region_id)
    assert key == f"{obsid}.{obi}.{region_id}" == str(key)
    again = ObservationKey.read(str(key))
    assert (again.obsid, again.obi, again.region_id) == (obsid, obi, region_id)
    assert {key: 1}[str(key)] == {str(key): 1}[key] == 1
    assert pickle.loads(pickle.dumps(key)).region_id == region_id


@pytest.mark.parametrize("text", ["", "635", "635.0", "635.0.12.1", "635.0.-1", "635.0.a", "٦35.0.1", "635..12"])
def test_what_names_no_observation_is_said(text):
    with pytest.raises(CscError, match="does not name an observation"):
        ObservationKey.read(text)


def test_keys_of_rows_as_services_send_them():
    rows = QTable({"obsid": np.array([635, 78], np.int32), "obi": MaskedColumn([0, 1]), "region_id": [12.0, 3.0]})
    assert ObservationKey.of_rows(rows) == ["635.0.12", "78.1.3"]

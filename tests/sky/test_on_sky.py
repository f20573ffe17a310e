"""A place on the sky is what astropy takes for one without going around more than once."""

import numpy as np
import pytest
from astropy.coordinates import Latitude
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.sky.on_sky import on_sky


@given(st.floats(-400, 400), st.floats(-100, 100))
def test_latitudes_are_those_of_astropy(longitude, latitude):
    try:
        Latitude(latitude, "deg")
    except ValueError:
        assert not on_sky(longitude, latitude)
    else:
        assert on_sky(longitude, latitude) == (abs(longitude) <= 360)


@pytest.mark.parametrize("missing", [np.nan, np.inf, -999.0, 1e20, -2.7e304])
def test_what_stands_for_a_missing_value_is_no_place(missing):
    assert not on_sky([missing, 10.0], [10.0, missing]).any()

"""The diagram's numbers are the catalogue's."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable

from cscwidgets.science.hardness import Kind
from cscwidgets.science.hardness_diagram import hardness_diagram

pytestmark = pytest.mark.real


def test_values_and_intervals_are_the_columns(pulsars):
    diagram = hardness_diagram(pulsars, "hs", "ms")
    for ratio, pair in ((diagram.x, "hs"), (diagram.y, "ms")):
        np.testing.assert_array_equal(ratio.value, pulsars[f"hard_{pair}"])
        np.testing.assert_array_equal(ratio.low, pulsars[f"hard_{pair}_lolim"])
        np.testing.assert_array_equal(ratio.high, pulsars[f"hard_{pair}_hilim"])
    np.testing.assert_array_equal(diagram.within, pulsars["var_intra_prob_b"])
    np.testing.assert_array_equal(diagram.between, pulsars["var_inter_prob_b"])


def test_sources_stand_at_their_value_and_limits_at_the_limit(pulsars):
    ratio = hardness_diagram(pulsars, "hm", "ms").x
    measured, lower, upper = (ratio.kind == kind for kind in (Kind.MEASURED, Kind.LOWER_LIMIT, Kind.UPPER_LIMIT))
    np.testing.assert_array_equal(ratio.position[measured], pulsars["hard_hm"][measured])
    np.testing.assert_array_equal(ratio.position[lower], pulsars["hard_hm_lolim"][lower])
    np.testing.assert_array_equal(ratio.position[upper], pulsars["hard_hm_hilim"][upper])
    assert measured.sum() > 50
    assert lower.any() or upper.any()


def test_counts_add_up(pulsars):
    diagram = hardness_diagram(pulsars)
    shown = int(diagram.determined.sum())
    assert diagram.summary().startswith(f"{shown:,} of 137 sources")
    assert f"{137 - shown:,} have an undetermined ratio" in diagram.summary()


def test_missing_columns_and_masked_values_are_undetermined():
    table = QTable({"name": ["a", "b"], "hard_hm": MaskedColumn([0.1, 0.2], mask=[False, True])})
    diagram = hardness_diagram(table)
    assert (diagram.x.kind == Kind.UNDETERMINED).all()
    assert not diagram.determined.any()
    assert np.isnan(diagram.within).all()
    assert "hard_hm" not in diagram.absent
    assert {"hard_hm_lolim", "hard_ms", "var_intra_prob_b"} <= set(diagram.absent)

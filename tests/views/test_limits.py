"""Limits read as limits, against the catalogue's own rule on real rows."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from cscwidgets.views.limits import limit_cells


@pytest.mark.real
def test_upper_limits_of_real_sources(pulsars):
    cell = limit_cells(pulsars)
    column = "flux_aper_u"
    limits = (pulsars[column] == 0) & (pulsars["flux_aper_lolim_u"] == 0)
    assert limits.any()
    for row, is_limit in enumerate(limits):
        expected = f"< {pulsars['flux_aper_hilim_u'][row]:.2e}" if is_limit else None
        assert cell(column, row) == expected


def test_limits_of_a_column_of_ones_own():
    table = QTable({"name": ["a", "b", "c"], "x": [1.0, np.nan, np.nan]})
    table["x_lolim"], table["x_hilim"] = [0.5, -np.inf, 2.0], [2.0, -14.5, np.inf]
    cell = limit_cells(table)
    assert [cell("x", row) for row in range(3)] == [None, "< -1.45e+01", "> 2.00e+00"]


def test_hardness_limits_and_plain_cells():
    table = QTable(
        {
            "name": ["a", "b", "c"],
            "hard_hm": [0.2, 0.99, -0.99],
            "hard_hm_lolim": [0.1, 0.85, -1.0],
            "hard_hm_hilim": [0.3, 1.0, -0.7],
            "flux_aper_b": [1e-15, 0.0, np.nan] * u.erg / u.s / u.cm**2,
        }
    )
    cell = limit_cells(table)
    assert [cell("hard_hm", row) for row in range(3)] == [None, "> 0.85", "< -0.70"]
    assert [cell("flux_aper_b", row) for row in range(3)] == [None] * 3  # no limits beside it
    assert cell("name", 0) is None

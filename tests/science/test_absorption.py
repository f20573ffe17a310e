"""Cross-sections of cold gas, against XSPEC's values and another published formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.absorption import (
    ABSORBERS,
    ABUNDANCES,
    cross_section,
    cross_section_table,
    nh_from_catalogue,
)


@pytest.mark.parametrize(
    ("absorber", "abundances", "xspec"),
    [("tbabs", "wilm", 1.7375), ("phabs", "angr", 2.5025), ("tbabs", "angr", 2.5323)],
)
def test_it_is_xspec_s_at_1_kev(absorber, abundances, xspec):
    assert cross_section(1.0, absorber, abundances) == pytest.approx(xspec, rel=0.04)


def test_it_follows_morrison_and_mccammon():
    # Their abundances are near Anders & Grevesse's; their fit has coarse edges, so away from those only.
    # Morrison & McCammon 1983, ApJ 270, 119, table 2: ends in keV, sigma E^3 = c0 + c1 E + c2 E^2, 1e-24 cm^2.
    ends = [1.303, 1.840, 2.471, 3.210, 4.038, 7.111]
    pieces = np.array(
        [
            [120.6, 169.3, -47.7],
            [141.3, 146.8, -31.5],
            [202.7, 104.7, -17.0],
            [342.7, 18.7, 0.0],
            [352.2, 18.7, 0.0],
            [433.9, -2.4, 0.75],
        ]
    )
    energy = np.arange(1.0125, 7.0, 0.025)
    c0, c1, c2 = pieces[np.searchsorted(ends, energy)].T
    depth = (c0 + c1 * energy + c2 * energy**2) / energy**3 * 1e-2
    ratio = cross_section(energy, "phabs", "angr") / depth
    assert np.abs(ratio - 1).max() < 0.12
    assert np.abs(np.median(ratio) - 1) < 0.06


@pytest.mark.parametrize("absorber", ABSORBERS)
@pytest.mark.parametrize(("element", "edge"), [("O", 0.5431), ("Fe", 7.112), ("Si", 1.839)])
def test_an_edge_is_as_high_as_its_element_is_abundant(absorber, element, edge):
    jumps = [
        cross_section(edge * 1.0001, absorber, name) - cross_section(edge * 0.9999, absorber, name)
        for name in ("angr", "wilm")
    ]
    assert min(jumps) > 0
    expected = ABUNDANCES["angr"][element] / ABUNDANCES["wilm"][element]
    assert jumps[0] / jumps[1] == pytest.approx(expected, rel=0.05)


@given(st.floats(0.01, 100))
def test_it_is_positive_and_more_metals_absorb_more(energy):
    wilm, angr = (cross_section(energy, "tbabs", name) for name in ("wilm", "angr"))
    assert 0 < wilm < angr


def test_beyond_the_table_it_is_continuous():
    energy, _ = cross_section_table()
    for end in (energy[0], energy[-1]):
        around = cross_section(end * np.array([1 - 1e-9, 1 + 1e-9]))
        assert around[0] == pytest.approx(around[1], rel=1e-6)


def test_unknown_names_are_refused():
    with pytest.raises(CscError, match="No absorption model wabs"):
        cross_section(1.0, "wabs")
    with pytest.raises(CscError, match="No abundances lodd"):
        cross_section(1.0, "tbabs", "lodd")


def test_the_catalogue_s_column_unit():
    assert nh_from_catalogue(5.3) == pytest.approx(0.053)

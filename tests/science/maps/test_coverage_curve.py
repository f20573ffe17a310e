"""The curve against sums by hand."""

import astropy.units as u
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.maps.coverage_curve import AreaByLimit, CoverageCurve
from cscwidgets.science.maps.flux_calibration import ENERGY_FLUX, SOFT_BAND
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX

LIMITS = st.lists(st.floats(2**-30, 2**-10, width=32), min_size=1, max_size=60)


def _curve(*parts) -> CoverageCurve:
    areas = AreaByLimit()
    for limits, area in parts:
        areas.add(np.array(limits, np.float32), area)
    limit, area = areas.steps
    return CoverageCurve(limit, np.cumsum(area), "s", "TRUE", calibration=SOFT_BAND)


@given(LIMITS, LIMITS, st.floats(1e-9, 1e-3))
def test_the_area_is_that_of_cells_with_lower_limits(first, second, flux):
    weights = np.linspace(0.1, 1, len(second))
    curve = _curve((first, 0.5), (second, weights))
    area = curve.at(flux * PHOTON_FLUX).to_value("deg2")
    both, each = np.array(first + second), np.concatenate([np.full(len(first), 0.5), weights])
    assert each[both <= flux].sum() - 1e-9 <= area <= each[both <= flux * (1 + 2**-14)].sum() + 1e-9
    assert curve.total.to_value("deg2") == pytest.approx(each.sum())


@given(LIMITS)
def test_a_source_at_its_own_limit_is_detected(limits):
    curve = _curve((limits, 1.0))
    assert curve.at(np.array(limits) * PHOTON_FLUX).min() >= 1 * u.deg**2
    assert (np.diff(curve.table()["area"].value) >= 0).all()
    assert curve.table()["area"][-1] == curve.total


def test_a_histogram_sums_to_the_curve():
    curve = _curve(([1e-7, 2e-7, 3e-7, 8e-7], 0.25))
    found = curve.histogram([1.5e-7, 2.5e-7, 3.5e-7, 5e-7] * PHOTON_FLUX)
    np.testing.assert_allclose(found["area"].to_value("deg2"), [0.5, 0.25, 0])
    np.testing.assert_allclose(found["cumulative_area"].to_value("deg2"), [0.5, 0.75, 0.75])
    np.testing.assert_allclose(found["area"].cumsum().value, found["cumulative_area"].value)


def test_energy_and_photon_fluxes_are_the_same_axis():
    curve = _curve(([1e-7, 4e-7], 0.5))
    photons = [5e-8, 2e-7, 9e-7] * PHOTON_FLUX
    np.testing.assert_array_equal(curve.at(SOFT_BAND.energy_flux(photons)), curve.at(photons))
    assert curve.table(photons)["energy_flux"].unit == ENERGY_FLUX
    assert np.isnan(curve.at(np.nan * PHOTON_FLUX))
    with pytest.raises(CscError, match="neither a photon nor an energy flux"):
        curve.at(3 * u.Jy)

"""Measured upper limits never mix with sensitivity limits."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from cscwidgets.errors import CscError
from cscwidgets.science.coverage import mosaic
from cscwidgets.science.maps.flux_calibration import ENERGY_FLUX, power_law_calibration
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX
from cscwidgets.science.maps.sourcelimits import source_limits
from cscwidgets.science.photometry import Flux

from ...sensitivity_fields import Fields


@pytest.fixture(scope="module")
def made():
    return mosaic(Fields.simulate(1).maps(100))


@pytest.fixture(scope="module")
def coords():
    one = Fields.simulate(1)
    return SkyCoord(one.lon[0] + np.array([0, 0.05, 5]), one.lat[0] + np.zeros(3), unit="deg")


MEASURED = Flux.of([2e-6, 0.0, 3e-6], [1e-6, 0.0, 2e-6], [3e-6, 4e-7, 4e-6])


def test_each_limit_has_its_own_column(made, coords):
    found = source_limits(made, coords, MEASURED, PHOTON_FLUX)
    np.testing.assert_array_equal(found["flux"].value, [2e-6, np.nan, 3e-6])
    np.testing.assert_array_equal(found["measured_upper_limit"].value, [np.nan, 4e-7, np.nan])
    np.testing.assert_array_equal(found["sensitivity_limit"], made.limit_at(coords)["limit"])
    assert list(found["status"]) == ["sensitivity limit", "sensitivity limit", "not observed"]


def test_energy_fluxes_need_a_calibration(made, coords):
    with pytest.raises(CscError, match="State a spectrum"):
        source_limits(made, coords, MEASURED, ENERGY_FLUX)
    with pytest.raises(CscError, match="neither"):
        source_limits(made, coords, MEASURED, PHOTON_FLUX**2)
    calibration = power_law_calibration(1.7, "b")
    found = source_limits(made, coords, MEASURED, ENERGY_FLUX, calibration)
    np.testing.assert_array_equal(found["sensitivity_limit"], calibration.energy_flux(made.limit_at(coords)["limit"]))

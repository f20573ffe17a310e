"""Photon to energy flux, against integrals by hand."""

import astropy.units as u
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.absorption import cross_section
from cscwidgets.science.maps.flux_calibration import ENERGY_FLUX, SOFT_BAND, band_ratio, power_law_calibration
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX


def test_the_soft_band_calibration_is_that_of_the_thread():
    flux = SOFT_BAND.energy_flux(4.2126817e-07 * PHOTON_FLUX)
    assert np.log10(flux.to_value(ENERGY_FLUX)) == pytest.approx(-15.148953713, abs=0.002)  # the thread's dmstat


@given(st.floats(-9, -3))
def test_there_and_back(log):
    flux = 10**log * PHOTON_FLUX
    assert SOFT_BAND.photon_flux(SOFT_BAND.energy_flux(flux)).value == pytest.approx(flux.value)


def test_a_power_law_of_index_2_by_hand():
    mean = np.log(7 / 2) / (1 / 2 - 1 / 7) * u.keV  # per photon
    flux = power_law_calibration(2.0, "h").energy_flux(3e-6 * PHOTON_FLUX)
    assert flux.to_value(ENERGY_FLUX) == pytest.approx(3e-6 * mean.to_value(u.erg), rel=1e-5)


def test_absorption_takes_the_soft_photons_first():
    fine = np.arange(0.5, 10, 1e-4)
    photons, energy = fine**-1.7 * np.exp(-0.5 * cross_section(fine)) * [fine < 7, (fine >= 2) * fine]
    made = power_law_calibration(1.7, "b", nh=0.5, to_band=(2.0, 10.0))
    assert made.energy_flux(1 * PHOTON_FLUX).to_value(ENERGY_FLUX) == pytest.approx(
        energy.sum() / photons.sum() * u.keV.to(u.erg), rel=1e-3
    )
    assert "nH 0.5e22" in made.words
    assert "photon index 1.7" in made.words
    assert band_ratio(1.7, (0.5, 7.0), (0.5, 7.0), 0.3) == 1.0


@pytest.mark.parametrize("bad", [{"band": "w"}, {"nh": -1.0}, {"to_band": (7.0, 0.5)}, {"photon_index": np.nan}])
def test_what_makes_no_sense_is_told(bad):
    with pytest.raises(CscError, match="No calibration"):
        power_law_calibration(**({"photon_index": 1.7, "band": "b"} | bad))

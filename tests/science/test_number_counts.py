"""Number counts: exact where they must be, and a simulated survey's population given back."""

import astropy.units as u
import numpy as np
import pytest
from astropy.wcs import WCS
from scipy import stats

from cscwidgets.errors import CscError
from cscwidgets.science.coverage import mosaic
from cscwidgets.science.maps.coverage_curve import CoverageCurve
from cscwidgets.science.maps.detection_probability import DetectionThreshold, detection_curve
from cscwidgets.science.maps.flux_calibration import ENERGY_FLUX, SOFT_BAND
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX, SensitivityMap
from cscwidgets.science.number_counts import number_counts
from cscwidgets.science.photometry import Flux, aperture_flux

from ..surveys import Survey, true_above


@pytest.fixture(scope="module")
def curve() -> CoverageCurve:
    """1 deg**2 in which sources of 1e-7 are found, and 2 more for 1e-6."""
    return CoverageCurve(np.array([1e-7, 1e-6]), np.array([1.0, 3.0]), "s", "TRUE", calibration=SOFT_BAND)


def test_each_source_counts_with_its_area(curve):
    found = number_counts([2e-7, 5e-7, 2e-6, 3e-6] * PHOTON_FLUX, curve).cumulative(
        [1e-7, 4e-7, 1e-6, 5e-6] * PHOTON_FLUX
    )
    np.testing.assert_allclose(found["counts"].to_value("deg-2"), [2 + 2 / 3, 1 + 2 / 3, 2 / 3, 0])
    np.testing.assert_allclose(found["sources"], [4, 3, 2, 0])
    # Two sources in 3 deg**2, and none: Gehrels (1986), tables 1 and 2.
    np.testing.assert_allclose(3 * found["counts_low"][2:].value, [0.708, 0], atol=1e-3)
    np.testing.assert_allclose(3 * found["counts_high"][2:].value, [4.638, 1.841], atol=1e-3)


def test_energy_fluxes_give_the_same_counts(curve):
    photons = np.array([2e-7, 5e-7, 2e-6]) * PHOTON_FLUX
    energies = SOFT_BAND.energy_flux(photons)
    there = number_counts(energies, curve).cumulative(energies)
    np.testing.assert_allclose(there["counts"].value, number_counts(photons, curve).cumulative(photons)["counts"].value)
    bare = CoverageCurve(curve.flux, curve.area, "s", "TRUE")
    with pytest.raises(CscError, match="State a spectrum"):
        number_counts(energies, bare)


def test_sources_that_do_not_count_are_told(curve):
    made = number_counts([5e-8, np.nan, 0.0, 2e-6] * PHOTON_FLUX, curve)
    assert made.left_out == {"without a flux": 2, "below every limit": 1}
    assert made.cumulative().meta["left_out"] == made.left_out
    with pytest.raises(CscError, match="2 below every limit"):
        number_counts([1e-9, 1e-9] * PHOTON_FLUX, curve)


def test_a_correction_needs_probabilities_of_detection(curve):
    with pytest.raises(CscError, match="detection_curve"):
        number_counts([2e-6] * PHOTON_FLUX, curve, Flux.of([2e-6], [1e-6], [3e-6]))


@pytest.mark.parametrize("behind", [0.05, 0.7, 12.0])
def test_the_area_by_probability_of_one_even_map(behind):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crpix, wcs.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [40, 40], [-0.005, 0.005]
    limit, detection = np.full((80, 80), 1e-6, np.float32), DetectionThreshold(1e-5)
    made = mosaic([SensitivityMap(limit, wcs, "one", "b")])
    curve = detection_curve(made, detection, background=behind)
    least = int(detection.counts(behind))
    assert stats.poisson.sf(least - 1, behind) <= 1e-5 < stats.poisson.sf(least - 2, behind)
    ratio = np.array([0.05, 0.3, 0.8, 1.0, 1.7, 5.0])
    expected = stats.poisson.sf(least - 1, behind + ratio * (least - behind))
    area = curve.at(ratio * 1e-6 * PHOTON_FLUX) / made.area
    np.testing.assert_allclose(area.to_value(u.one), expected, rtol=0.02)
    assert curve.at(1 * PHOTON_FLUX).to_value("deg2") == pytest.approx(made.area.to_value("deg2"))
    with pytest.raises(CscError, match="background"):
        detection_curve(made, detection)


def test_a_threshold_is_a_chance():
    with pytest.raises(CscError, match="between 0 and"):
        DetectionThreshold(0.0)


@pytest.fixture(scope="module")
def survey():
    made = Survey.simulate(400, 1)
    combined = mosaic(made.maps)
    return made, combined.curve(), detection_curve(combined, made.detection)


@pytest.mark.slow
def test_a_survey_gives_back_its_population_when_corrected(survey):
    made, _, soft = survey
    counts = number_counts(made.flux * PHOTON_FLUX, soft, made.measured)
    flux = np.geomspace(3e-7, 3e-5, 15)
    found = counts.cumulative(flux * PHOTON_FLUX)
    error = (found["counts_high"] - found["counts_low"]).value / 2
    pull = (found["counts"].value - true_above(flux)) / error
    assert (np.abs(pull) < 2).all()
    assert np.sqrt(np.mean(pull**2)) < 1.2
    assert (error / found["counts"].value < 0.25).all()
    assert "corrected for Eddington bias" in found.meta["eddington_bias"]
    assert counts.population.faint == pytest.approx(1.5, abs=0.1)
    assert counts.population.bright == pytest.approx(2.5, abs=0.15)


@pytest.mark.long  # many surveys, of which other tests make one
def test_errors_are_as_large_as_what_they_are_errors_of():
    pulls = []
    for seed in range(16):
        made = Survey.simulate(60, 100 + seed)
        soft = detection_curve(mosaic(made.maps), made.detection)
        counts = number_counts(made.flux * PHOTON_FLUX, soft, made.measured)
        flux = np.geomspace(counts.span[0], 1e-5, 8)  # from where a hundredth of the area shows sources
        found = counts.cumulative(flux * PHOTON_FLUX)
        error = (found["counts_high"] - found["counts_low"]).value / 2
        pulls.append((found["counts"].value - true_above(flux)) / error)
    each = np.sqrt(np.mean(np.square(pulls), axis=0))
    assert (each > 0.5).all()
    assert (each < 1.5).all()
    assert np.sqrt(np.mean(np.square(pulls))) == pytest.approx(1, abs=0.2)
    assert (np.abs(np.mean(pulls, axis=0)) < 0.75).all()  # 3 sigma of the mean of 16


@pytest.mark.slow
def test_without_the_correction_the_bias_is_there_and_named(survey):
    made, sharp, _ = survey
    found = number_counts(made.flux * PHOTON_FLUX, sharp).cumulative(np.geomspace(3e-7, 3e-6, 8) * PHOTON_FLUX)
    excess = found["counts"].value / true_above(found["flux"].value) - 1
    assert (excess > 3 * (found["counts"] - found["counts_low"]).value / true_above(found["flux"].value)).all()
    assert excess.max() > 0.1
    assert found.meta["eddington_bias"].startswith("not corrected for Eddington bias")


@pytest.mark.slow
def test_catalogue_intervals_correct_nearly_as_well_as_counts(survey):
    made, _, soft = survey
    flux = np.geomspace(5e-7, 1e-5, 8)
    seen = aperture_flux(made.measured)
    found = number_counts(made.flux * PHOTON_FLUX, soft, seen).cumulative(flux * PHOTON_FLUX)
    np.testing.assert_allclose(found["counts"].value, true_above(flux), rtol=0.12)


def test_energy_fluxes_are_corrected_like_photon_fluxes():
    made = Survey.simulate(6, 3)
    maps = [SensitivityMap(one.limit, one.wcs, one.stack, "s", background=one.background) for one in made.maps]
    soft = detection_curve(mosaic(maps), made.detection, calibration=SOFT_BAND)
    flux = made.flux * PHOTON_FLUX
    low, high = flux * 0.7, flux * 1.4
    photons = number_counts(flux, soft, Flux.of(flux.value, low.value, high.value))
    energy = [SOFT_BAND.energy_flux(one) for one in (flux, low, high)]
    energies = number_counts(energy[0], soft, Flux.of(*(one.to_value(ENERGY_FLUX) for one in energy)))
    at = np.array([1e-6, 3e-6]) * PHOTON_FLUX
    np.testing.assert_allclose(
        energies.cumulative(SOFT_BAND.energy_flux(at))["counts"].value,
        photons.cumulative(at)["counts"].value,
        rtol=0.03,
    )

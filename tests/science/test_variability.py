"""Variability of uniform events and of fluxes, against scipy and astropy."""

import numpy as np
import pytest
from astropy.stats import kuiper, kuiper_false_positive_probability
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from cscwidgets.science.photometry import Aperture, Flux, aperture_flux
from cscwidgets.science.variability import (
    constancy,
    deviations,
    inter_observation_index,
    ks_probability,
    kuiper_probability,
)

START, STOP = 1.0e8, 1.0e8 + 40_000


@pytest.mark.parametrize("events", [10, 25, 80, 1000])
def test_uniformity_tests_against_scipy_and_astropy(events):
    rng = np.random.default_rng(events)
    for _ in range(20):
        phase = rng.beta(*rng.uniform(0.7, 1.4, 2), events)
        above, below = deviations(START + phase * (STOP - START), START, STOP)
        ks = stats.kstest(phase, "uniform")
        assert max(above, below) == pytest.approx(ks.statistic, abs=1e-9)
        assert ks_probability(above, below, events) == pytest.approx(1 - ks.pvalue, abs=0.004)
        statistic, false_alarm = kuiper(phase)
        assert above + below == pytest.approx(statistic, abs=1e-9)
        assert kuiper_probability(above, below, events) == pytest.approx(
            1 - false_alarm, abs=0.02 if events < 40 else 1e-3
        )


def test_kuiper_series_holds_over_its_whole_range():
    statistic = np.linspace(0.02, 0.6, 40)
    ours = kuiper_probability(statistic, 0.0, 60)
    theirs = [1 - kuiper_false_positive_probability(value, 60) for value in statistic]
    np.testing.assert_allclose(ours, theirs, atol=2e-3)
    assert (np.diff(ours) >= 0).all()


def poisson_fluxes(rng, mean, sources, observations):
    counts = rng.poisson(np.broadcast_to(mean, (sources, observations)))
    flux = aperture_flux(Aperture.of(counts.ravel(), 3, 20.0, 1.0))
    return Flux(*(x.reshape(sources, observations) for x in (flux.value, flux.lower, flux.upper)))


@pytest.mark.parametrize("mean", [3, 20, 200])
def test_constant_fluxes_between_observations(mean):
    probability, spread = constancy(poisson_fluxes(np.random.default_rng(1), mean, 2000, 5))
    assert (probability > 0.9).mean() < 0.16
    assert (probability > 0.99).mean() < 0.03
    assert np.median(spread) == pytest.approx(np.sqrt(mean), rel=0.25)


def test_changing_fluxes_between_observations():
    probability, spread = constancy(poisson_fluxes(np.random.default_rng(1), [20, 20, 60, 20], 200, 4))
    assert np.median(probability) > 0.999
    assert np.median(spread) == pytest.approx(20, rel=0.2)
    assert (inter_observation_index(probability) >= 6).mean() > 0.9


def test_symmetric_errors_give_the_chi_square():
    rng = np.random.default_rng(9)
    value, error = rng.normal(5, 1, (50, 6)), rng.uniform(0.5, 2, (50, 6))
    probability, _ = constancy(Flux(value, value - error, value + error))
    mean = (value / error**2).sum(axis=1) / (1 / error**2).sum(axis=1)
    chi_square = (((value - mean[:, None]) / error) ** 2).sum(axis=1)
    np.testing.assert_allclose(probability, stats.chi2.cdf(chi_square, 5), atol=1e-6)


def test_asymmetric_errors_give_the_best_common_value():
    value, low, high = np.array([2.0, 0.0, 6.0]), np.array([1.2, 0.0, 3.5]), np.array([3.4, 1.1, 9.0])

    def statistic(common):
        sigma = np.where(common > value, high - value, np.maximum(value - low, 1e-9))
        return (((common - value) / sigma) ** 2).sum()

    best = optimize.minimize_scalar(statistic, bounds=(0, 6), method="bounded", options={"xatol": 1e-9}).fun
    probability, _ = constancy(Flux(value[None], low[None], high[None]))
    assert probability[0] == pytest.approx(stats.chi2.cdf(best, 2), abs=1e-6)


def test_one_observation_cannot_tell():
    nan = np.nan
    probability, spread = constancy(Flux(np.array([[1.0, nan]]), np.array([[0.5, nan]]), np.array([[1.5, nan]])))
    assert np.isnan(probability[0])
    assert np.isnan(spread[0])
    assert inter_observation_index(probability)[0] == -1


@given(st.floats(0, 1))
def test_inter_observation_index_uses_the_catalogue_values(probability):
    index = inter_observation_index([probability])[0]
    assert index in {0, 3, 4, 5, 6, 7, 8}
    assert (index >= 6) == (probability >= 0.9)

"""Gregory and Loredo's odds, index and light curve, against the formula and the catalogue's own files."""

from math import lgamma, log

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.science.variability import (
    deviations,
    gregory_loredo,
    kuiper_probability,
    smoothed_alike,
    variability_index,
)

START, STOP = 1.0e8, 1.0e8 + 40_000


def constant_source(rng, mean):
    return rng.uniform(START, STOP, rng.poisson(mean))


@pytest.mark.parametrize(
    ("probability", "odds", "f3", "f5", "index"),
    [
        (0.5, 0.0, 0.5, 0.5, 0),
        (0.55, 0.1, 0.998, 1.0, 1),
        (0.7, 0.4, 1.0, 1.0, 2),
        (0.55, 0.1, 0.997, 1.0, 3),
        (0.65, 0.3, 1.0, 0.99, 4),
        (0.7, 0.4, 0.9, 1.0, 5),
        (0.9, 1.0, 1.0, 1.0, 6),
        (0.999, 3.0, 0.2, 0.5, 7),
        (1.0, 4.0, 0.2, 0.5, 8),
        (1.0, 10.0, 0.2, 0.5, 9),
        (1.0, 30.0, 0.2, 0.5, 10),
    ],
)
def test_index_follows_the_published_table(probability, odds, f3, f5, index):
    assert variability_index(probability, odds, f3, f5) == index


@pytest.mark.real
def test_index_of_real_light_curves(real):
    files = sorted((real / "lightcurves").glob("*/*/*_lc3.fits.gz"))
    headers = [fits.getheader(path, 1) for path in files]
    ours = variability_index(*([h[key] for h in headers] for key in ("PROB", "ODDS", "FRAC3SIG", "FRAC5SIG")))
    assert ours.tolist() == [h["VARINDEX"] for h in headers]
    assert len(set(ours.tolist())) > 3


@pytest.mark.real
def test_most_bins_are_those_of_glvary(real):
    """Where MMAX reached its limit it is the whole number of 50 s in TELAPSE, mintime as HISTORY has it; never more."""
    reached = 0
    for path in sorted((real / "lightcurves").glob("*/*/*_lc3.fits.gz")):
        head = fits.getheader(path, 1)
        most = gregory_loredo([], 0.0, head["TELAPSE"]).max_bins
        assert head["MMAX"] <= most == int(head["TELAPSE"] / 50)
        reached += head["MMAX"] == most
    assert reached >= 10


def test_odds_are_those_of_the_formula():
    times = np.array([0.5, 1.0, 1.2, 1.3, 5.0, 5.2, 8.0, 9.9]) * 100
    most = 6

    def odds(m):
        counts = np.histogram(times, bins=m, range=(0, 1000))[0]
        logs = lgamma(m) + len(times) * log(m) + sum(lgamma(n + 1) for n in counts) - lgamma(len(times) + m)
        return np.exp(logs)

    running = np.cumsum([odds(m) for m in range(2, most + 1)]) / np.arange(1, most)
    last = np.flatnonzero(running >= running.max() / np.sqrt(np.e))[-1]
    result = gregory_loredo(times[::-1], 0, 1000, max_bins=most)
    assert 10**result.log_odds == pytest.approx(running[last], rel=1e-9)
    assert result.probability == pytest.approx(running[last] / (1 + running[last]), rel=1e-9)
    assert len(result.rate) == 3 * (last + 2)


def test_a_choice_of_bin_numbers_finds_what_all_of_them_find():
    rng = np.random.default_rng(8)
    for flare in (0, 0, 0, 10, 20, 60):
        times = np.concatenate([constant_source(rng, 50), START + 9_000 + rng.exponential(900, flare)])
        every = gregory_loredo(times, START, STOP)
        some = gregory_loredo(times, START, STOP, per_octave=8)
        assert some.log_odds == pytest.approx(every.log_odds, abs=0.2, rel=0.06)
        if flare >= 20:
            assert some.time[some.rate.argmax()] == pytest.approx(every.time[every.rate.argmax()], abs=900)
        assert abs(some.index - every.index) <= 1


def test_constant_sources_are_seldom_called_variable():
    rng = np.random.default_rng(11)
    found = np.array([gregory_loredo(constant_source(rng, 60), START, STOP).probability for _ in range(500)])
    assert (found > 0.9).mean() <= 0.05
    assert (found > 0.5).mean() < 0.35


def test_a_flare_is_found_and_seen_in_the_light_curve():
    rng = np.random.default_rng(2)
    flare = START + 15_000 + rng.exponential(1500, 60)
    result = gregory_loredo(np.concatenate([constant_source(rng, 60), flare]), START, STOP)
    assert result.index >= 7
    assert result.f3 < 0.997
    peak = result.time[result.rate.argmax()]
    assert START + 14_500 < peak < START + 17_500
    assert result.rate.max() > 3 * np.median(result.rate)


def test_light_curve_of_a_constant_source_is_flat_and_holds_its_counts():
    rng = np.random.default_rng(7)
    times = constant_source(rng, 400)
    result = gregory_loredo(times, START, STOP)
    assert result.probability < 0.5
    assert result.rate.mean() * (STOP - START) == pytest.approx(len(times), rel=0.01)
    assert result.rate.std() < 0.05 * result.rate.mean()
    assert result.error.mean() == pytest.approx(np.sqrt(len(times)) / (STOP - START), rel=0.3)
    assert result.time[0] > START
    assert result.time[-1] < STOP


def test_dither_is_taken_out_by_the_exposure():
    rng = np.random.default_rng(4)
    parts = np.arange(2000)
    exposure = 1 + 0.7 * np.sin(2 * np.pi * parts * 12 / len(parts))
    edges = np.linspace(START, STOP, len(parts) + 1)
    raw, corrected = [], []
    for _ in range(20):
        cells = rng.choice(parts, size=400, p=exposure / exposure.sum())
        times = edges[cells] + rng.uniform(0, edges[1] - edges[0], len(cells))
        for found, fraction in ((raw, None), (corrected, exposure)):
            tested = gregory_loredo(times, START, STOP, exposure=fraction, max_bins=200)
            above, below = deviations(times, START, STOP, exposure=fraction)
            found.append((tested.probability, float(kuiper_probability(above, below, len(times)))))
    assert np.median([probability for probability, _ in raw]) > 0.99
    assert np.median([probability for probability, _ in corrected]) < 0.3
    assert np.mean([probability > 0.9 for _, probability in corrected]) < np.mean([p > 0.9 for _, p in raw])


def test_rates_are_over_the_exposure():
    """As glvary's, whose mean rate is TOTCTS / INTEGTIM in the catalogue's files."""
    times = np.linspace(START, STOP, 402)[1:-1]
    for exposure in ([30_000.0], np.full(2000, 15.0)):
        found = gregory_loredo(times, START, STOP, exposure=exposure)
        assert found.rate.mean() == pytest.approx(400 / 30_000, rel=0.01)
        rate, _ = smoothed_alike(times, START, STOP, found, exposure=exposure)
        np.testing.assert_allclose(rate, found.rate)
        assert found.log_odds == pytest.approx(gregory_loredo(times, START, STOP).log_odds, abs=1e-6)


@pytest.mark.real
def test_the_catalogues_rates_are_over_good_time(real):
    """Not over livetime: what the panel says of the two."""
    for path in sorted((real / "lightcurves" / "2CXOJ010337.5-720133").glob("*/*_lc3.fits.gz")):
        head, table = fits.getheader(path, 1), fits.getdata(path, 1)
        assert table["COUNT_RATE"].mean() == pytest.approx(head["TOTCTS"] / head["INTEGTIM"], rel=6e-3)
        assert head["LIVETIME"] == pytest.approx(head["ONTIME"] * head["DTCOR"])


def test_no_events_say_nothing():
    result = gregory_loredo([], START, STOP)
    assert (result.log_odds, result.probability, result.index) == (0, 0.5, 0)
    assert (result.rate == 0).all()

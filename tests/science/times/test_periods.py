"""Period searches against direct sums, astropy, and simulated noise."""

import time as clock

import numpy as np
import pytest
from astropy.stats import binom_conf_interval
from astropy.timeseries import LombScargle
from astropy.utils import minversion
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cscwidgets.errors import CscError
from cscwidgets.science.times.folding import fold_events, phases
from cscwidgets.science.times.fourier import fourier_sums
from cscwidgets.science.times.good_time import GoodTime
from cscwidgets.science.times.periods import Frequencies, h_test, lomb_scargle, window_function, z_squared

WHOLE = GoodTime.of(1e8, 1e8 + 4e4)


def _pulsed(rng, number, period, fraction=0.5, good=WHOLE):
    """Events with a sinusoidal pulse."""
    time = rng.uniform(good.start, good.stop, 4 * number)
    rate = 1 + fraction * np.sin(2 * np.pi * (time - good.start) / period)
    time = time[rng.random(len(time)) < rate / 2]
    return time[good.contains(time)][:number]


@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.integers(1, 300), st.floats(0, 3), st.floats(1e-4, 0.5))
def test_sums_are_those_of_the_definition(seed, times, number, first, step):
    rng = np.random.default_rng(seed)
    time, weight = rng.uniform(-50, 900, times), rng.normal(size=times)
    frequency = first + step * np.arange(number)
    direct = (weight * np.exp(2j * np.pi * frequency[:, None] * time)).sum(axis=1)
    np.testing.assert_allclose(
        fourier_sums(time, first, step, number, weight), direct, atol=2e-9 * np.abs(weight).sum(), rtol=0
    )


def test_power_is_that_of_the_definition_without_gaps():
    rng = np.random.default_rng(1)
    time = _pulsed(rng, 500, 731.0)
    # Whole turns of the observation: the exposure's own transform vanishes.
    search = Frequencies(1 / 4e4, 1 / 4e4, 800)
    angle = 2 * np.pi * np.outer(search.values, time - 1e8)
    power = [2 / 500 * (np.cos(k * angle).sum(axis=1) ** 2 + np.sin(k * angle).sum(axis=1) ** 2) for k in range(1, 21)]
    found = z_squared(time, search, WHOLE, harmonics=2)
    np.testing.assert_allclose(found.power, power[0] + power[1], atol=1e-5)
    expected = np.max([sum(power[:m]) - 4 * m + 4 for m in range(1, 21)], axis=0)
    np.testing.assert_allclose(h_test(time, search, WHOLE).power, expected, atol=1e-5)
    assert found.single(found.power)[5] == pytest.approx(stats.chi2(4).sf(found.power[5]))


def test_a_known_period_is_found_by_all_three():
    rng = np.random.default_rng(4)
    time = _pulsed(rng, 1500, 731.0)
    search = Frequencies.between(200, 5000, 4e4)
    binned, edges = np.histogram(time, 400, range=(1e8, 1e8 + 4e4))
    centre = (edges[1:] + edges[:-1]) / 2
    for found in (
        z_squared(time, search, WHOLE),
        h_test(time, search, WHOLE),
        lomb_scargle(centre, binned, np.sqrt(binned.mean() + 0 * binned), search),
    ):
        assert found.period == pytest.approx(731.0, rel=0.005)
        assert found.false_alarm() < 1e-6
        assert found.level(0.01) < found.power.max()
        assert found.false_alarm(found.level(0.01)) == pytest.approx(0.01, rel=1e-3)
        assert 1 < found.trials < 10 * search.number


def test_lomb_scargle_is_astropy_s():
    rng = np.random.default_rng(9)
    time = np.sort(rng.uniform(5e4, 5.1e4, 80))
    value, error = rng.normal(size=80), rng.uniform(0.5, 1, 80)
    value[3] = np.nan
    search = Frequencies.between(3, 500, 1000)
    found = lomb_scargle(time, value, error, search)
    keep = np.isfinite(value)
    peer = LombScargle(time[keep], value[keep], error[keep])
    exact = 1e-4 if minversion("astropy", "8.0") else 1e-3  # of its fast method
    np.testing.assert_allclose(found.power, peer.power(search.values, method="cython"), rtol=1e-3, atol=exact)
    expected = peer.false_alarm_probability(found.power.max(), maximum_frequency=search.values[-1])
    assert found.false_alarm() == pytest.approx(expected, rel=1e-6)


def _false_alarms(statistic, number, seed):
    """How many of so many constant sources, with a gap in the middle, reach the 10 % level."""
    rng = np.random.default_rng(seed)
    good = GoodTime.of([0, 1.5e4], [1e4, 2.5e4])
    search = Frequencies.between(250, 2500, 2.5e4, 4)
    alarms = 0
    for _ in range(number):
        found = statistic(good.when(rng.uniform(0, good.total, 200)), search, good)
        alarms += found.false_alarm() < 0.1
    return alarms


@pytest.mark.parametrize("number", [pytest.param(60, id="short"), pytest.param(600, marks=pytest.mark.long)])
def test_false_alarms_of_events_are_as_rare_as_said(number):
    """The level of 10 % is reached by 10 % of constant sources (Z-squared) or fewer (H, whose trials are all)."""
    for harmonics in (1, 2):
        alarms = _false_alarms(lambda *a, n=harmonics: z_squared(*a, harmonics=n), number, 10 + harmonics)
        low, high = binom_conf_interval(alarms, number, 0.997, "wilson")
        assert low < 0.1
        assert high > 0.07
    low, _ = binom_conf_interval(_false_alarms(h_test, number, 20), number, 0.997, "wilson")
    assert low < 0.1


def test_a_gap_and_dither_are_no_period():
    """A source seen through bad columns, 700 s apart, is constant: only with its exposure known does it look so."""
    rng = np.random.default_rng(8)
    phase = np.arange(0, 4e4, 10) + 5
    share = np.where(phase % 700 < 350, 1.0, 0.3)
    good = GoodTime.of([0, 2.5e4], [2e4, 4e4]) & GoodTime(np.append(phase - 5, 4e4), share)
    time = good.when(rng.uniform(0, good.total, 3000))
    search = Frequencies.between(100, 3000, 4e4)
    naive = z_squared(time, search, GoodTime.of(0, 4e4))
    assert naive.period == pytest.approx(700, rel=0.01)
    assert naive.false_alarm() < 1e-10
    assert z_squared(time, search, good).false_alarm() > 0.01
    folded = fold_events(time, 700.0, good, bins=2)
    assert folded.counts[0] > 2.5 * folded.counts[1]
    assert folded.rate[0] == pytest.approx(folded.rate[1], rel=0.15)


def test_windows_show_their_period_and_aliases():
    good = GoodTime.of(np.arange(0, 4e4, 1000), np.arange(0, 4e4, 1000) + 400)
    search = Frequencies.between(150, 4000, 4e4)
    power = window_function(good, search)
    frequency = search.step * np.arange(1, search.number + 1)
    middle = np.abs(frequency - 1e-3) < 2e-4
    assert frequency[middle][power[middle].argmax()] == pytest.approx(1e-3, rel=0.01)
    direct = np.exp(2j * np.pi * frequency[:, None] * good.when(np.linspace(0, good.total, 20_001)[:-1] + 0.2))
    np.testing.assert_allclose(power, np.abs(direct.mean(axis=1)) ** 2, atol=1e-4)
    time = _pulsed(np.random.default_rng(6), 4000, 290.0, 0.9, good)
    found = z_squared(time, search, good, harmonics=1)
    assert found.period == pytest.approx(290, rel=0.01)
    aliases = [place for place, _ in found.aliases(8)]
    assert min(abs(place - (1 / 290 - 1e-3)) for place in aliases) < 1e-5


@given(st.integers(0, 2**32 - 1), st.floats(3, 3000), st.integers(1, 40))
def test_folding_loses_no_event_and_no_exposure(seed, period, bins):
    rng = np.random.default_rng(seed)
    borders = np.sort(rng.uniform(0, 5000, 8)).reshape(-1, 2)
    good = GoodTime.of(*borders.T)
    time = good.when(rng.uniform(0, good.total, 300))
    folded = fold_events(time, period, good, bins=bins)
    assert folded.counts.sum() == np.count_nonzero(good.contains(time))
    assert folded.exposure.sum() == pytest.approx(good.total)
    moments = good.when(np.linspace(0, good.total, 60_001)[1:])
    share = np.histogram(phases(moments, period, good.start), bins, range=(0, 1))[0] / 60_000
    np.testing.assert_allclose(folded.exposure / good.total, share, atol=0.002 + 20 * period / 60_000 / good.total)
    with np.errstate(invalid="ignore"):
        assert not (folded.lower > folded.rate).any()
    assert len(folded.table()) == bins


def test_a_large_search_takes_seconds_and_can_be_stopped():
    rng = np.random.default_rng(0)
    good = GoodTime.of(0, 1e5)
    time = rng.uniform(0, 1e5, 100_000)
    said = []
    start = clock.perf_counter()
    z_squared(time, Frequencies(1e-3, 1e-5, 10_000), good, progress=said.append)
    assert clock.perf_counter() - start < 20
    assert said[0] == 0
    assert said[-1] == 1

    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        h_test(time, Frequencies(1e-3, 1e-5, 10_000), good, progress=stop)


def test_useless_searches_are_refused_with_a_reason():
    search = Frequencies.between(10, 100, 1000)
    with pytest.raises(CscError, match="too few"):
        z_squared([1, 2, 3], search, GoodTime.of(0, 10))
    with pytest.raises(CscError, match="5 measurements"):
        lomb_scargle([1, 2, 3, 4, 5, 6], [1, 2, 3, np.nan, 1, 2], [1, 1, 1, 1, 0, 1], search)
    with pytest.raises(CscError, match="no such periods"):
        Frequencies.between(100, 10, 1000)
    for period in (0, -3, np.nan):
        with pytest.raises(CscError, match="positive"):
            phases([1.0], period)
    with pytest.raises(CscError, match="0 bins"):
        fold_events([1.0], 3.0, GoodTime.of(0, 10), bins=0)

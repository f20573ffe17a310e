import numpy as np
import pytest
from astropy.stats import kuiper
from scipy import stats

from cscwidgets.errors import CscError
from cscwidgets.science.times.good_time import GoodTime
from cscwidgets.science.times.timing_tests import time_tests

GOOD = GoodTime.of([1e8, 1e8 + 1.5e4], [1e8 + 1e4, 1e8 + 3e4]) & GoodTime(
    1e8 + np.arange(0, 3.025e4, 250), 0.6 + 0.4 * np.cos(np.arange(0, 3e4, 250))
)


def test_probabilities_are_those_of_scipy_and_astropy_in_exposure():
    rng = np.random.default_rng(1)
    for skew in (1.0, 1.15):
        elapsed = GOOD.total * rng.random(400) ** skew
        found = time_tests(GOOD.when(elapsed), GOOD)
        assert found.ks_probability == pytest.approx(1 - stats.kstest(elapsed / GOOD.total, "uniform").pvalue, abs=0.01)
        peer = kuiper(elapsed, cdf=lambda x: x / GOOD.total)[1]
        assert found.kuiper_probability == pytest.approx(1 - peer, abs=0.02)


def test_gaps_and_dither_are_no_variability():
    rng = np.random.default_rng(2)
    time = GOOD.when(GOOD.total * rng.random(1500))
    with_exposure = time_tests(time, GOOD)
    without = time_tests(time, GoodTime.of(GOOD.start, GOOD.stop))
    assert with_exposure.gregory_loredo.index <= 2
    assert with_exposure.ks_probability < 0.9
    assert without.gregory_loredo.index >= 6
    assert without.ks_probability > 0.999


def test_a_flare_is_found():
    rng = np.random.default_rng(3)
    time = np.concatenate([GOOD.when(GOOD.total * rng.random(100)), rng.uniform(1e8 + 2e4, 1e8 + 2.1e4, 60)])
    found = time_tests(time, GOOD)
    assert found.gregory_loredo.index >= 7
    assert min(found.ks_probability, found.kuiper_probability) > 0.99
    assert found.events == np.count_nonzero(GOOD.contains(time))


def test_without_events_nothing_is_tested():
    with pytest.raises(CscError, match="no event"):
        time_tests([1e8 + 1.2e4], GOOD)

"""Bayesian blocks against astropy, which looks everywhere."""

import numpy as np
import pytest
from astropy import stats
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.times import blocks_search
from cscwidgets.science.times.blocks import bayesian_blocks
from cscwidgets.science.times.good_time import GoodTime

seeds = st.integers(0, 2**32 - 1)


def _events(rng, number):
    """A few plateaus, sometimes with frame times, so that events coincide."""
    widths, rates = rng.dirichlet(np.ones(5)), rng.dirichlet(np.full(5, 0.5))
    border = np.concatenate([[0], np.cumsum(widths)])
    part = rng.choice(5, number, p=rates)
    time = 1e8 + 4e4 * (border[part] + widths[part] * rng.random(number))
    return np.round(time / 3.2) * 3.2 if rng.random() < 0.5 else time


@given(seeds, st.integers(2, 700), st.sampled_from([0.2, 0.05, 0.003]))
def test_edges_of_events_are_astropy_s(seed, number, p0):
    time = _events(np.random.default_rng(seed), number)
    if len(np.unique(time)) > 1:
        np.testing.assert_array_equal(
            bayesian_blocks(time, p0=p0), stats.bayesian_blocks(time, fitness="events", p0=p0)
        )


@given(seeds, st.integers(30, 500))
def test_edges_of_measurements_are_astropy_s(seed, number):
    rng = np.random.default_rng(seed)
    time = rng.uniform(50_000, 60_000, number)
    error = rng.uniform(0.1, 2, number)
    value = np.repeat(rng.normal(0, 1, 6), number)[::6][:number] + error * rng.normal(size=number)
    # Sorted for astropy, which (as of 8.0) sorts times and values but not errors.
    order = np.argsort(time)
    expected = stats.bayesian_blocks(time[order], value[order], error[order], fitness="measures")
    np.testing.assert_array_equal(bayesian_blocks(time, value, error), expected)


def test_every_measurement_may_be_a_block():
    """Where astropy (as of 8.0) runs out of edges."""
    np.testing.assert_array_equal(bayesian_blocks([1, 2, 3], [0, 50, 0], [1, 1, 1]), [1, 1.5, 2.5, 3])


@pytest.mark.parametrize("shape", ["constant", "wave", "bursts"])
def test_edges_of_ten_thousand_events_are_astropy_s(shape):
    rng = np.random.default_rng(5)
    time = rng.uniform(0, 1e5, 10_000)
    if shape == "wave":
        time = time + 9e3 * np.sin(time / 1e4)
    if shape == "bursts":
        time[:2000] = 3e4 + 200 * rng.random(2000)
        time[2000:2100] = 7e4 + rng.random(100)
    np.testing.assert_array_equal(bayesian_blocks(time), stats.bayesian_blocks(time))


@given(seeds, st.integers(30, 300), st.sampled_from([1, 2, 7, 1000]))
def test_the_outcome_does_not_depend_on_the_batches(seed, number, batch):
    time = _events(np.random.default_rng(seed), number)
    expected = bayesian_blocks(time).edges
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks_search, "_BATCH", batch)
        np.testing.assert_array_equal(bayesian_blocks(time), expected)


def test_most_starts_are_left_out(monkeypatch):
    seen = []
    whole = blocks_search.EventFitness.value
    monkeypatch.setattr(
        blocks_search.EventFitness, "value", staticmethod(lambda x, y: seen.append(len(x)) or whole(x, y))
    )
    bayesian_blocks(np.random.default_rng(0).uniform(0, 1, 5000))
    assert sum(seen) < 0.2 * 5000**2 / 2


def test_a_known_change_is_found_with_its_rates():
    rng = np.random.default_rng(3)
    time = np.concatenate([rng.uniform(0, 1e4, 100), rng.uniform(1e4, 1.2e4, 200)])
    found = bayesian_blocks(time, good_time=GoodTime.of(0, 2e4))
    assert len(found) == 3
    np.testing.assert_allclose(found.edges, [0, 1e4, 1.2e4, 2e4], atol=100)
    np.testing.assert_allclose(found.number, [100, 200, 0], atol=3)
    np.testing.assert_allclose(found.value * found.exposure, found.number)
    lower, upper = stats.poisson_conf_interval(found.number, "frequentist-confidence")
    np.testing.assert_allclose(found.lower * found.exposure, lower, rtol=1e-6)
    np.testing.assert_allclose(found.upper * found.exposure, upper, rtol=1e-6)


def test_a_gap_makes_no_block():
    rng = np.random.default_rng(11)
    live = np.sort(rng.uniform(0, 2e4, 400))
    good = GoodTime.of([0, 5e4], [1e4, 6e4])
    time = np.where(live > 1e4, live + 4e4, live)
    assert len(bayesian_blocks(time)) > 1
    found = bayesian_blocks(time, good_time=good)
    assert len(found) == 1
    np.testing.assert_array_equal(found.edges, [0, 6e4])
    np.testing.assert_allclose(found.exposure, 2e4)
    # A real change within the second interval is still seen, at its own time.
    burst = np.concatenate([time, 5.5e4 + 100 * rng.random(60)])
    found = bayesian_blocks(burst, good_time=good)
    np.testing.assert_allclose(found.edges[1:3], [5.5e4, 5.51e4], atol=60)
    np.testing.assert_allclose(found.exposure, np.diff(good.elapsed(found.edges)))


def test_means_of_measurements_are_weighted():
    time = np.arange(60.0)
    error = np.where(time % 2, 0.1, 0.3)
    value = np.where(time < 30, 1.0, 2.0) + 0.05 * np.cos(time)
    found = bayesian_blocks(time, value, error)
    np.testing.assert_array_equal(found.number, [30, 30])
    expected = [np.average(value[half], weights=error[half] ** -2) for half in (slice(30), slice(30, None))]
    np.testing.assert_allclose(found.value, expected)
    np.testing.assert_allclose(found.upper - found.value, ((error[:30] ** -2).sum()) ** -0.5)


@pytest.mark.parametrize("number", [pytest.param(150, id="short"), pytest.param(1000, marks=pytest.mark.long)])
def test_false_alarms_are_as_rare_as_astropy_s_and_as_asked(number):
    """Of constant sources a share of about p0 is split; with every source astropy's verdict is the same."""
    rng = np.random.default_rng(2)
    ours = theirs = 0
    for _ in range(number):
        time = rng.uniform(0, 3e4, rng.poisson(120))
        ours += len(bayesian_blocks(time)) > 1
        theirs += len(stats.bayesian_blocks(time)) > 2
    assert ours == theirs
    assert stats.binom_conf_interval(ours, number, 0.999, "wilson")[0] < 0.05


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([1.0],), "two times"),
        (([[1.0, 2.0]],), "list"),
        (([1.0, np.nan],), "finite"),
        (([1.0, 2.0], [1.0, 2.0]), "need errors"),
        (([1.0, 2.0], [1.0, 2.0], [1.0, 0.0]), "positive"),
        (([1.0, 1.0], [1.0, 2.0], [1.0, 1.0]), "different times"),
    ],
)
def test_useless_input_is_refused_with_a_reason(arguments, says):
    with pytest.raises(CscError, match=says):
        bayesian_blocks(*arguments)
    with pytest.raises(CscError, match="probability"):
        bayesian_blocks([1, 2, 3], p0=0)

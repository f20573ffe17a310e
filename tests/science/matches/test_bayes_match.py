"""Posteriors against a direct evaluation of the model, source by source."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.science.matches.bayes_match import completeness, match_flags, posterior, summed

groups = st.lists(st.lists(st.floats(-50, 50), max_size=4), min_size=1, max_size=8)


def _flat(nested):
    source = np.array([row for row, values in enumerate(nested) for _ in values], dtype=np.int64)
    return source, np.array([value for values in nested for value in values], dtype=float)


@given(groups, st.floats(0.01, 0.99), st.floats(0.5, 1))
def test_posterior_is_bayes_theorem(nested, c, inside):
    source, log_ratio = _flat(nested)
    found = posterior(source, log_ratio, np.full(len(nested), inside), c)
    at = 0
    for row, values in enumerate(nested):
        weights = [c * np.exp(value) for value in values]
        none = 1 - c * inside
        assert found.p_any[row] == pytest.approx(sum(weights) / (sum(weights) + none), rel=1e-9)
        for weight in weights:
            assert found.p_i[at] == pytest.approx(weight / sum(weights), rel=1e-9)
            at += 1


def test_the_farthest_and_the_surest_candidates_are_numbers():
    found = posterior(np.array([0, 0, 1]), np.array([-5000.0, -5001.0, 5000.0]), np.ones(3), 0.5)
    np.testing.assert_allclose(found.p_any, [0, 1, 0], atol=1e-200)
    np.testing.assert_allclose(found.p_i, [1 / (1 + np.exp(-1)), 1 / (1 + np.e), 1])


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
def test_completeness_is_where_expectation_maximisation_rests(seed, share):
    """The step of EM, repeated two thousand times."""
    rng = np.random.default_rng(seed)
    ratios = np.where(rng.random(300) < share, np.exp(rng.normal(4, 2, 300)), rng.exponential(0.3, 300))
    within = rng.uniform(0.8, 1, 300)
    c, error = completeness(ratios, within)
    step = 0.5
    for _ in range(2000):
        step = np.mean(step * (ratios + 1 - within) / (step * ratios + 1 - step * within))
    assert c == pytest.approx(step, abs=1e-5)
    assert 0 < error < 0.1


def test_completeness_at_its_ends():
    assert completeness(np.zeros(10), np.ones(10))[0] == 0
    assert completeness(np.full(10, 1e6), np.ones(10))[0] == pytest.approx(1)
    c, error = completeness(np.zeros(0), np.zeros(0))
    assert c == 0
    assert np.isnan(error)
    np.testing.assert_allclose(summed(np.array([0, 2, 2]), np.log([1.0, 2, 3]), 4), [1, 0, 5, 0])


@given(groups)
def test_flags_are_nway_s(nested):
    source, p_i = _flat(nested)
    p_i = np.exp(p_i / 25)
    flags = match_flags(source, p_i)
    for row in set(source.tolist()):
        mine, probability = flags[source == row], p_i[source == row]
        best = probability.argmax()
        expected = np.where(probability > 0.5 * probability.max(), 2, 0)
        expected[best] = 1
        np.testing.assert_array_equal(mine, expected)
    assert len(match_flags(np.zeros(0, int), np.zeros(0))) == 0

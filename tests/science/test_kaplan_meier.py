"""Cumulative curves with limits are published ones, and what counting gives where there are no limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.science.kaplan_meier import cumulative_curve

# Freireich et al. 1963, weeks of remission with 6-mercaptopurine: the textbook example (Kalbfleisch & Prentice 1980,
# table 1.2; Cox & Oakes 1984, section 1.1), and those still in remission. Estimates and standard errors as published.
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PUBLISHED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
ERRORS = {6: 0.0764, 7: 0.0869, 10: 0.0963, 13: 0.1068, 16: 0.1141, 22: 0.1282, 23: 0.1346}


@pytest.mark.parametrize("sign", [1, -1])
def test_the_textbooks_example_with_limits_of_either_kind(sign):
    weeks = np.array(WEEKS + STILL, float)
    limit = np.arange(len(weeks)) >= len(WEEKS)
    curve = cumulative_curve(sign * weeks, **{"lower" if sign > 0 else "upper": limit})
    assert (curve.measured, curve.limits, curve.left_out) == (9, 12, 0)
    assert curve.kind == ("lower" if sign > 0 else "upper")
    np.testing.assert_array_equal(np.abs(curve.values[::sign]), list(PUBLISHED))
    after = np.array(list(PUBLISHED.values()))  # the part that lasts longer
    if sign > 0:
        np.testing.assert_allclose(curve.fraction[1:], after[:-1], atol=6e-4)
        assert curve.fraction[0] == 1
    else:
        np.testing.assert_allclose(curve.fraction[::-1], 1 - after, atol=6e-4)
    # log(-log) intervals of the published errors
    survival = after[:-1] if sign > 0 else after
    error = np.array(list(ERRORS.values()))[: len(survival)] / (survival * -np.log(survival))
    low, high = survival ** np.exp(error), survival ** np.exp(-error)
    if sign > 0:
        np.testing.assert_allclose([curve.low[1:], curve.high[1:]], [low, high], atol=3e-3)


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=30))
def test_without_limits_it_is_counted(values):
    curve = cumulative_curve(np.array(values, float))
    np.testing.assert_array_equal(curve.values, np.unique(values))
    counted = [(np.array(values) >= value).mean() for value in curve.values]
    np.testing.assert_allclose(curve.fraction, counted)
    assert ((curve.low <= curve.fraction + 1e-12) & (curve.fraction <= curve.high + 1e-12)).all()


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=25))
def test_upper_limits_are_shared_among_the_fainter(rows):
    """Efron's redistribution (1967), from which the estimate follows: a limit counts as the measured ones below it."""
    values, limit = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    curve = cumulative_curve(values, upper=limit)
    weight = np.ones(len(values)) / len(values)
    for value in np.unique(values)[::-1]:
        limits, fainter = limit & (values == value), values < value
        if limits.any() and fainter.any():
            weight[fainter] += weight[limits].sum() / fainter.sum()
    np.testing.assert_array_equal(curve.values, np.unique(values[~limit]))
    expected = [weight[~limit & (values >= value)].sum() for value in curve.values]
    np.testing.assert_allclose(curve.fraction, expected, atol=1e-9)


def test_limits_of_the_rarer_kind_and_nothing_are_left_out_and_counted():
    curve = cumulative_curve(
        [1.0, 2.0, 3.0, 4.0, np.nan],
        upper=np.array([True, True, False, False, False]),
        lower=np.array([False, False, False, True, False]),
    )
    assert (curve.measured, curve.limits, curve.left_out, curve.kind) == (1, 2, 2, "upper")
    assert len(cumulative_curve([]).values) == 0
    assert cumulative_curve([np.nan]).left_out == 1

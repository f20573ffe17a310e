import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.times.good_time import GoodTime

times = st.floats(0, 1000, allow_nan=False).map(lambda x: round(x, 3))
intervals = st.lists(st.tuples(times, times), min_size=1, max_size=8).filter(lambda pairs: any(b > a for a, b in pairs))


@given(intervals, st.lists(times, min_size=1, max_size=20))
def test_elapsed_is_the_measure_of_the_union_before(pairs, moments):
    good = GoodTime.of(*zip(*pairs, strict=True))
    grid = np.unique([x for pair in pairs for x in pair] + moments)
    middle = (grid[1:] + grid[:-1]) / 2
    inside = np.array([any(a < m < b for a, b in pairs) for m in middle], dtype=bool)
    for moment in moments:
        before = np.diff(grid)[inside & (middle < moment)].sum()
        assert good.elapsed(moment) == pytest.approx(before, abs=1e-9)
    assert good.total == pytest.approx(np.diff(grid)[inside].sum(), abs=1e-9)
    np.testing.assert_array_equal(good.contains(middle), inside)


@example([(64.469, 576.562)], 1.0)  # whose length rounds up
@given(intervals, st.floats(0, 1))
def test_when_inverts_elapsed(pairs, share):
    good = GoodTime.of(*zip(*pairs, strict=True))
    moment = good.when(share * good.total)
    assert good.elapsed(moment) == pytest.approx(share * good.total, abs=1e-9)
    assert good.start <= moment <= good.stop


def test_a_border_at_a_gap_is_where_the_gap_begins():
    good = GoodTime.of([0, 20], [10, 30])
    np.testing.assert_array_equal(good.when([0, 10, 10.5, 20]), [0, 10, 20.5, 30])
    np.testing.assert_array_equal(good.contains([-1, 0, 9.9, 10, 15, 20, 30, 31]), [0, 1, 1, 0, 0, 1, 1, 0])
    np.testing.assert_array_equal(good.intervals, [[0, 10], [20, 30]])


def test_dither_scales_the_exposure():
    good = GoodTime.of([0, 60], [50, 100]) & GoodTime(np.array([0, 12.5, 50, 100]), np.array([1.0, 0.5, 0.25]))
    assert good.total == 12.5 + 37.5 * 0.5 + 40 * 0.25
    np.testing.assert_allclose(good.parts(4), [12.5 + 12.5 * 0.5, 12.5, 15 * 0.25, 25 * 0.25])
    np.testing.assert_array_equal(good.intervals, [[0, 50], [60, 100]])
    assert good.elapsed(good.when(20.0)) == pytest.approx(20)


def test_what_is_exposed_in_both():
    both = GoodTime.of([0, 20], [10, 30]) & GoodTime.of([5, 28], [25, 40])
    np.testing.assert_array_equal(both.intervals, [[5, 10], [20, 25], [28, 30]])
    with pytest.raises(CscError, match="No moment"):
        GoodTime.of(0, 1) & GoodTime.of(2, 3)


@pytest.mark.parametrize(("starts", "stops"), [([], []), ([3], [3]), ([0, 1], [2]), ([0], [np.nan])])
def test_useless_intervals_are_refused(starts, stops):
    with pytest.raises(CscError, match="good"):
        GoodTime.of(starts, stops)

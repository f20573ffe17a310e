"""Error bars and limit arrows as segments."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cscwidgets.views.marks import error_bars, limit_arrows

columns = arrays(np.float64, (7, 3), elements=st.one_of(st.floats(-1, 1), st.just(np.nan)))


@given(columns)
def test_every_whole_bar_has_its_ends_and_no_other(columns):
    at, low, high = columns.T
    across, along = error_bars(at, low, high)
    whole = np.isfinite(columns).all(axis=1)
    np.testing.assert_array_equal(across.reshape(-1, 3)[:, :2], np.column_stack([at, at])[whole])
    np.testing.assert_array_equal(along.reshape(-1, 3)[:, :2], np.column_stack([low, high])[whole])
    assert np.isnan(across[2::3]).all()


def test_arrows_start_at_the_limit_and_point_the_right_way():
    across, along = limit_arrows(np.array([0.2]), np.array([0.5]), 0.1, 0.02)
    assert (across[0], along[0]) == (0.2, 0.5)
    assert along[1] == 0.6
    assert np.nanmax(along) == 0.6
    assert np.isnan(along[-1])
    _, along = limit_arrows(np.array([0.2]), np.array([0.5]), -0.1, 0.02)
    assert np.nanmin(along) == 0.4

"""Lines end where there is a point, or have no length."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from cscwidgets.views.plots.lines import drawable

values = st.lists(st.tuples(*[st.floats(allow_infinity=False, width=32)] * 2), max_size=12)


@given(values)
def test_nothing_is_lost_but_the_gap_at_the_end(points):
    x, y = np.array(points, float).reshape(-1, 2).T
    drawn = drawable(x, y, (3.0, 7.0))
    kept = np.isfinite(x) & np.isfinite(y)
    if not kept.any():
        assert (drawn["x"].tolist(), drawn["y"].tolist()) == ([3.0], [7.0])
        return
    length = len(drawn["x"])
    assert np.isfinite([drawn["x"][-1], drawn["y"][-1]]).all()
    assert not kept[length:].any()
    assert_array_equal(drawn["x"], x[:length])
    assert_array_equal(drawn["y"], y[:length])

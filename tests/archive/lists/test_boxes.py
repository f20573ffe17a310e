"""Boxes around many positions: nothing near any of them lies outside, also at poles and RA 0."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.archive.lists.boxes import shared_boxes
from cscwidgets.sky.sphere import destination

ras = st.floats(0, 359.9999) | st.sampled_from([0.0, 359.9999, 1e-7])
decs = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 89.9999, -89.99, 0.0])


@given(st.lists(st.tuples(ras, decs), min_size=1, max_size=6), st.floats(1e-5, 0.3), st.floats(0, 360))
def test_all_within_the_margin_is_in_a_box(places, margin, angle):
    ra, dec = np.array(places).T
    boxes = shared_boxes(ra, dec, margin)
    for one_ra, one_dec in places:
        for far in (0.0, 0.5, 0.999999):
            x, y = destination(one_ra, one_dec, angle, far * margin)
            assert any(box.ra_low <= x < box.ra_high and box.dec_low <= y < box.dec_high for box in boxes), (
                one_ra,
                one_dec,
                float(x),
                float(y),
            )


def test_near_positions_share_a_box_and_many_are_bounded_by_the_fields():
    rng = np.random.default_rng(1)
    middle = rng.uniform(0, 360, 100), rng.uniform(-60, 60, 100)
    few = shared_boxes(np.full(50, 10.0) + rng.uniform(0, 0.01, 50), np.full(50, 5.01), 1e-3)
    assert len(few) == 1
    ra = np.repeat(middle[0], 1000) + rng.uniform(-0.2, 0.2, 100_000)
    dec = np.repeat(middle[1], 1000) + rng.uniform(-0.1, 0.1, 100_000)
    assert len(shared_boxes(ra % 360, dec, 1e-3)) < 800
    assert shared_boxes(np.empty(0), np.empty(0), 1e-3) == []

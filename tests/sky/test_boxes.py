"""Boxes around regions: none of a region is left out, and nothing is asked twice."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.sky.boxes import Box, boxes_around
from cscwidgets.sky.shapes import contains
from cscwidgets.sky.usable import circle

boxes = st.builds(
    lambda ra, width, dec, height: Box(ra, ra + width, dec, dec + height),
    st.floats(0, 300),
    st.floats(0.1, 60),
    st.floats(-90, 60),
    st.floats(0.1, 30),
)


def holds(box, ra, dec):
    return (ra >= box.ra_low) & (ra < box.ra_high) & (dec >= box.dec_low) & (dec < box.dec_high)


@given(st.floats(0, 360, exclude_max=True), st.floats(-90, 90), st.floats(1e-4, 40), st.integers(0, 2**32 - 1))
def test_boxes_hold_every_source_of_the_region_once(ra, dec, radius, seed):
    region = circle(ra, dec, radius)
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 360, 3000), np.degrees(np.arcsin(rng.uniform(-1, 1, 3000)))
    near = (ra + rng.normal(0, radius, 500)) % 360, np.clip(dec + rng.normal(0, radius, 500), -90, 90)
    points = tuple(map(np.concatenate, zip(points, near, strict=True)))
    inside = contains(region, *points)
    counts = sum(holds(box, *points).astype(int) for box in boxes_around(region))
    assert (counts[inside] == 1).all()
    assert counts.max(initial=0) <= 1


@given(boxes, st.integers(0, 2**32 - 1))
def test_halves_share_nothing_and_lose_nothing(box, seed):
    rng = np.random.default_rng(seed)
    points = rng.uniform(box.ra_low, box.ra_high, 500), rng.uniform(box.dec_low, box.dec_high, 500)
    first, second = box.halves()
    assert (holds(first, *points).astype(int) + holds(second, *points) == holds(box, *points)).all()

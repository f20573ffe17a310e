"""What lies within a margin of a region, by astropy's own distances, and the boxes that hold it."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st
from regions import CircleSkyRegion, EllipseSkyRegion, RectangleSkyRegion

from cscwidgets.sky.boxes import boxes_around
from cscwidgets.sky.margin import within
from cscwidgets.sky.shapes import boundary, contains
from cscwidgets.sky.usable import polygon


@st.composite
def regions(draw):
    centre = SkyCoord(
        draw(st.floats(0, 360)), draw(st.sampled_from([-90, -89.99, -60, 0, 30, 89.9]) | st.floats(-90, 90)), unit="deg"
    )
    size = draw(st.floats(0.01, 3))
    shape = draw(st.sampled_from(["circle", "ellipse", "rectangle", "polygon"]))
    if shape == "circle":
        return CircleSkyRegion(centre, size * u.deg)
    if shape == "polygon":
        corners = draw(st.integers(3, 9))
        angles = np.sort(draw(st.lists(st.floats(0, 359), min_size=corners, max_size=corners, unique=True)))
        reach = np.array(draw(st.lists(st.floats(0.2, 1), min_size=corners, max_size=corners))) * size
        at = centre.directional_offset_by(angles * u.deg, reach * u.deg)
        return polygon(at.ra.deg, at.dec.deg)
    made = EllipseSkyRegion if shape == "ellipse" else RectangleSkyRegion
    return made(centre, size * u.deg, size * draw(st.floats(0.1, 1)) * u.deg, draw(st.floats(0, 180)) * u.deg)


def around(region, margin, seed, number=400):
    """Positions in and around a region, many of them close to where its surroundings end."""
    rng = np.random.default_rng(seed)
    edge = SkyCoord(*boundary(region, 400), unit="deg")
    at = edge[rng.integers(0, len(edge), number)].directional_offset_by(
        rng.uniform(0, 360, number) * u.deg, margin * rng.uniform(0, 2, number) * u.deg
    )
    return at.ra.deg, at.dec.deg


@given(regions(), st.floats(0.05, 1), st.integers(0, 99))
def test_what_is_kept_lies_within_the_margin_by_astropy(region, margin, seed):
    ra, dec = around(region, margin, seed, number=80)
    edge = SkyCoord(*boundary(region, 3000), unit="deg")
    step = edge.separation(SkyCoord(np.roll(edge.ra, 1), np.roll(edge.dec, 1))).deg.max()
    distance = SkyCoord(ra, dec, unit="deg")[:, None].separation(edge).deg.min(axis=1)
    inside = contains(region, ra, dec)
    decided = inside | (np.abs(distance - margin) > 1e-5 + step**2 / margin)
    kept = within(region, margin, ra, dec)
    assert (kept == (inside | (distance <= margin)))[decided].all()
    assert decided.sum() > 40


@pytest.mark.parametrize("dec", [-89.5, -45, 0, 89.5])
@pytest.mark.parametrize("turn", [0, 33])
def test_a_margin_of_an_arcsecond_is_kept_to_a_thousandth(dec, turn):
    centre = SkyCoord(359.9, dec, unit="deg")
    square = RectangleSkyRegion(centre, 0.5 * u.deg, 0.5 * u.deg, turn * u.deg)
    corners = SkyCoord(*boundary(square, 4), unit="deg")
    for start, end in zip(corners, np.roll(corners, -1), strict=True):
        along = start.position_angle(end)
        foot = start.directional_offset_by(along, 0.4 * start.separation(end))
        away = foot.position_angle(end) + [90, -90] * u.deg
        for beyond, kept in ((0.999, 1), (1.001, 0)):
            at = foot.directional_offset_by(away, beyond * u.arcsec)
            outside = ~contains(square, at.ra.deg, at.dec.deg)
            assert outside.sum() == 1
            assert within(square, 1 / 3600, at.ra.deg, at.dec.deg)[outside].sum() == kept


@given(regions(), st.floats(0, 2), st.integers(0, 99))
def test_the_boxes_hold_all_of_it_once(region, margin, seed):
    ra, dec = around(region, max(margin, 0.01), seed)
    kept = within(region, margin, ra, dec)
    held = sum(
        (ra >= box.ra_low) & (ra < box.ra_high) & (dec >= box.dec_low) & (dec < box.dec_high)
        for box in boxes_around(region, margin)
    )
    assert (held[kept] == 1).all()


@given(regions(), st.integers(0, 99))
def test_without_a_margin_it_is_the_region(region, seed):
    ra, dec = around(region, 0.5, seed)
    assert (within(region, 0.0, ra, dec) == contains(region, ra, dec)).all()

"""Scale bar and compass are those of astropy's WCS wherever the sky looks; the figure shows the same part of it."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.wcs import WCS

from .skypage import SETUP, SkyPage

PLACES = [
    ("RA 0", 0.01, -12.3, 0.5, 0, "TAN"),
    ("turned", 23.4621, 30.6599, 0.8, 40, "TAN"),
    ("the pole", 30.0, 89.9, 0.5, 0, "TAN"),
    ("turned at the south pole", 200.0, -89.97, 1.5, -75, "TAN"),
    ("wide", 83.8, -5.4, 60.0, 20, "SIN"),
    ("small", 83.8, -5.4, 0.003, 130, "TAN"),
]


@pytest.fixture
def page(reused):
    nb = reused([SETUP, "sky = Sky('M33', fov=1.0, height=420)\nsky.show_sources(*field(60))\nsky"])
    nb.run_all()
    return nb, SkyPage(nb)


@pytest.mark.parametrize(("place", "ra", "dec", "fov", "rotation", "projection"), PLACES)
def test_north_east_and_scale(page, place, ra, dec, fov, rotation, projection):
    nb, view = page
    nb.execute(
        f"sky._wcs = {{}}; sky.projection = {projection!r}; sky.rotation = {rotation}; sky.fov = {fov};"
        f" sky.target = SkyCoord({ra}, {dec}, unit='deg')"
    )
    nb.until(f"abs(sky._wcs.get('CRVAL2', 99) - {dec}) < 1e-5")
    view.page.wait_for_timeout(300)
    furniture = view.js("view.layers.furniture")
    compass, bar = furniture["compass"], furniture["bar"]
    at = np.array(compass["at"])
    here = view.sky(tuple(at))
    for name, angle in (("north", 0), ("east", 90)):
        tip = view.sky(tuple(at + 12 * np.array(compass[name])))
        turned = (here.position_angle(tip) - angle * u.deg).wrap_at(180 * u.deg)
        assert abs(turned.deg) < (2.5 if fov > 10 else 1.0), name
    width, height = view.size
    ends = [view.sky((width / 2 + side * bar["pixels"] / 2, height / 2)) for side in (-1, 1)]
    assert ends[0].separation(ends[1]).deg == pytest.approx(bar["degrees"], rel=0.01 if fov < 10 else 0.05)
    assert bar["pixels"] <= width / 4 + 0.5
    assert bar["pixels"] >= width / 4 / 2.6
    if projection == "TAN":  # what the figure shows
        shown = WCS(nb.kernel("dict(sky.figure().axes[0].wcs.to_header())"))
        pixels = np.array([[0.2, 0.3], [0.9, 0.1], [0.5, 0.5]])
        seen = view.sky(*(pixels * [width, height]))
        x, y = shown.world_to_pixel(seen)
        scale = 800 / width
        np.testing.assert_allclose((x + 0.5) / scale, pixels[:, 0] * width, atol=1.0)
        np.testing.assert_allclose(height - (y + 0.5) / scale, pixels[:, 1] * height, atol=1.5)
    nb.screenshot(place.replace(" ", "-"))


def test_they_go_with_the_grid_and_are_seen_in_both_themes(page):
    nb, view = page
    for theme in ("light", "dark"):
        nb.theme(theme)
        view.page.wait_for_timeout(300)
        nb.screenshot(theme)
    view.button("Coordinate grid").click()
    nb.until("not sky.show_grid")
    assert view.js("(view.redraw(), view.layers.furniture)") == {"taken": []}

"""Images brought to one grid: a star keeps its place and brightness wherever it is."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import WCS

from cscwidgets.science.images import SkyImage, is_plain, on_one_grid


def turned(ctype: str, lon: float, lat: float, angle: float, pixel: float = 0.002, mirrored: bool = False) -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = [axis + ctype for axis in ("RA---", "DEC--")]
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    wcs.wcs.cd = pixel * np.array([[-c, s], [s, c]]) @ np.diag([-1 if mirrored else 1, 1])
    wcs.wcs.crval, wcs.wcs.crpix = [lon, lat], [32.5, 32.5]
    return wcs


def star(wcs: WCS, x: float, y: float, size: int = 64) -> SkyImage:
    rows, columns = np.indices((size, size))
    values = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 2.5**2))
    return SkyImage(values.astype(np.float32), wcs)


def centroid(image: SkyImage) -> tuple[float, float]:
    values = np.nan_to_num(image.values)
    rows, columns = np.indices(values.shape)
    return float((columns * values).sum() / values.sum()), float((rows * values).sum() / values.sum())


@pytest.mark.parametrize("place", [(0.0, 0.0), (120.0, 89.99), (359.999, -45.0)])
@pytest.mark.parametrize("angle", [0, 37, 180])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_star_keeps_its_place(place: tuple[float, float], angle: float, mirrored: bool) -> None:
    one = star(turned("TAN", *place, angle, mirrored=mirrored), 40, 22)
    other = star(turned("SIN", *place, angle + 20), 30, 30)
    grid = on_one_grid([one, other])
    for before, after in zip((one, other), grid, strict=True):
        assert is_plain(after.wcs)
        here = after.wcs.pixel_to_world(*centroid(after))
        there = before.wcs.pixel_to_world(*centroid(before))
        assert here.separation(there).deg < 0.05 * before.pixel
    assert grid[0].values.shape == grid[1].values.shape


def test_images_of_the_same_pixels_are_left_alone() -> None:
    wcs = turned("TAN", 10, 20, 0)
    images = [star(wcs, 10, 10), star(wcs.deepcopy(), 20, 20)]
    assert [a is b for a, b in zip(on_one_grid(images), images, strict=True)] == [True, True]


def test_a_grid_is_no_larger_than_allowed_and_loses_no_star() -> None:
    image = star(turned("SIN", 10, 20, 30), 40, 22)
    small = on_one_grid([image], side=24)[0]
    assert max(small.values.shape) <= 25
    # Brightness per area is kept: the sum times the area of a pixel.
    ratio = np.nansum(small.values) * small.pixel**2 / (image.values.sum() * image.pixel**2)
    assert ratio == pytest.approx(1, abs=0.03)


def test_progress_reaches_the_end_and_may_stop_the_work() -> None:
    told: list[float] = []
    on_one_grid([star(turned("SIN", 10, 20, 30), 40, 22)], progress=told.append)
    assert told[-1] == 1

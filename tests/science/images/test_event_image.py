"""Photons on pixels, against numpy's histogram and astropy's coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import WCS
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.images import count_photons


def plane(ra: float, dec: float, middle: float, pixel: float) -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = [ra, dec], [middle] * 2, [-pixel, pixel]
    return wcs


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_whole_bins_count_as_numpy_does(size: int, seed: int) -> None:
    x, y = np.random.default_rng(seed).uniform(4000, 4200, (2, 500))
    sky = plane(150, 2, 4096.5, 0.492 / 3600)
    # Bins of `size` sky pixels, the first of which begins at 4000.5.
    grid = plane(150, 2, (4096.5 - 4000.5) / size + 0.5, size * 0.492 / 3600)
    edges = 4000.5 + size * np.arange(31)
    expected, *_ = np.histogram2d(y, x, [edges, edges])
    counted = count_photons([(x, y, sky)], grid, (30, 30))
    np.testing.assert_array_equal(counted.values, expected)
    assert counted.unit == "ct"


@pytest.mark.parametrize("centre", [(0.01, 5.0), (80.0, 89.98), (359.99, -89.0)])
def test_photons_of_another_tangent_point_lie_where_astropy_puts_them(centre: tuple[float, float]) -> None:
    rng = np.random.default_rng(1)
    own = plane(centre[0] + 0.05, centre[1] - 0.03, 100, 1 / 3600)
    grid = plane(*centre, 150, 2 / 3600)
    x, y = rng.uniform(0, 200, (2, 300))
    places = grid.world_to_pixel(own.pixel_to_world(x - 1, y - 1))
    counted = count_photons([(x, y, own), (x, y, own)], grid, (300, 300))
    expected, *_ = np.histogram2d(*places[::-1], bins=[np.arange(301) - 0.5] * 2)
    np.testing.assert_array_equal(counted.values, 2 * expected)


def test_too_many_pixels_are_refused() -> None:
    with pytest.raises(CscError, match="larger pixels"):
        count_photons([], plane(0, 0, 1, 1e-6), (100_000, 100_000))

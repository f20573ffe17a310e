"""Tiles against cdshealpix, and polynomials against the projection itself."""

import cdshealpix
import numpy as np
import pytest
from astropy.wcs import WCS
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.science.maps.healpix_tiles import (
    BITS,
    SIDE,
    TilePixels,
    cell_area,
    cell_to_pixel,
    positions,
    tiles_touching,
    zorder,
)
from cscwidgets.sky.healpix import cells


@given(st.integers(0, 10).flatmap(lambda depth: st.tuples(st.just(depth), st.integers(0, 12 * 4**depth - 1))))
def test_centres_and_corners_are_those_of_cdshealpix(depth_and_cell):
    depth, cell = depth_and_cell
    lon, lat = positions(np.array([cell]), depth, np.array([0.5]), np.array([0.5]))
    expected = cdshealpix.nested.healpix_to_lonlat(np.array([cell], np.uint64), depth)
    assert lat[0] == pytest.approx(expected[1].deg[0], abs=1e-10)
    assert np.cos(np.radians(lon[0] - expected[0].deg[0])) == pytest.approx(1, abs=1e-12)
    lon, lat = positions(np.array([cell]), depth, np.array([0.0, 1, 1, 0]), np.array([0.0, 0, 1, 1]))
    corners = cdshealpix.nested.vertices(np.array([cell], np.uint64), depth)
    np.testing.assert_allclose(lat, corners[1].deg[0], atol=1e-10)


def test_cells_are_where_positions_put_them():
    rng = np.random.default_rng(1)
    depth = 15
    cell = rng.integers(0, 12 * 4**depth, 5000)
    row, column = cell_to_pixel(cell)
    lon, lat = positions(cell >> 2 * BITS, depth - BITS, (column + 0.5) / SIDE, (row + 0.5) / SIDE)
    np.testing.assert_array_equal(cells(lon, lat, depth), cell)
    assert zorder()[cell[0] & (SIDE * SIDE - 1)] == row[0] * SIDE + column[0]


def test_areas_make_the_sphere():
    assert 12 * 4**9 * cell_area(9) == pytest.approx(4 * np.pi * np.degrees(1) ** 2)


@pytest.mark.parametrize(("lon", "lat"), [(0, 0), (164, 57.2), (45, 89.9), (200, -89.97), (359.99, 41.8)])
def test_pixels_are_those_of_the_projection(lon, lat):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = [lon, lat], [250, 250], [-0.0011, 0.0011]
    tiles = tiles_touching(wcs, (500, 500), 8)
    pixels = TilePixels.of(tiles, 8, wcs)
    centres = (np.arange(SIDE) + 0.5) / SIDE
    for index, tile in enumerate(tiles):
        sky = positions(np.array([tile]), 8, centres[None, :], centres[:, None])
        expected = np.array(wcs.all_world2pix(sky[0].ravel(), sky[1].ravel(), 0)).reshape(2, SIDE, SIDE)
        np.testing.assert_allclose(pixels.pixels(index), expected, atol=0.02)
        low_x, high_x, low_y, high_y = pixels.bounds(index)
        assert low_x <= expected[0].min() <= expected[0].max() <= high_x
        assert low_y <= expected[1].min() <= expected[1].max() <= high_y
    y, x = np.indices((500, 500))
    ra, dec = wcs.all_pix2world(x.ravel(), y.ravel(), 0)
    assert set(np.unique(cells(ra, dec, 8))) <= set(tiles)

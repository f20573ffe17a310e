"""Contour lines: where they must be on images that are known, and on the sky."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS

from cscwidgets.science.maps.contour_lines import contours, sky_contours
from cscwidgets.science.maps.mosaic_image import ImageMosaic
from cscwidgets.science.maps.sky_picture import grid_around

X, Y = np.meshgrid(np.arange(81.0), np.arange(61.0))
CONE = 1e-7 * 10 ** (np.hypot(X - 40, Y - 30) / 20)  # ten times the limit every 20 pixels


def pieces(x):
    return np.split(x, np.flatnonzero(np.isnan(x)))


def test_the_contours_of_a_cone_are_circles():
    for level, radius in ((1e-6, 20.0), (2e-7, 20 * np.log10(2))):
        x, y = contours(CONE, [level])
        np.testing.assert_allclose(np.hypot(x - 40, y - 30), radius, atol=0.06)
        assert (x[0], y[0]) == (x[-1], y[-1])


def test_lines_are_apart_and_in_the_order_of_their_levels():
    x, y = contours(CONE, [2e-7, 1e-6])
    inner, outer = pieces(np.hypot(x - 40, y - 30))
    assert np.nanmax(inner) < 7 < np.nanmin(outer)
    assert np.isnan(y[np.isnan(x)]).all()


def test_no_line_where_there_is_no_limit():
    image = CONE.copy()
    image[:, 40:] = np.nan
    x, _ = contours(image, [1e-6])
    assert np.nanmax(x) <= 39
    for levels in ([], [1.0]):
        assert contours(CONE, levels).shape == (2, 0)


@pytest.mark.parametrize("centre", [SkyCoord(0.01, 20, unit="deg"), SkyCoord(120, 89.99, unit="deg")])
def test_on_the_sky_they_are_circles_across_ra_0_and_at_a_pole(centre):
    around = centre.directional_offset_by(np.arange(0, 360, 5) * u.deg, 0.2 * u.deg)
    wcs, shape = grid_around(centre.ra.deg, centre.dec.deg, (around.ra.deg, around.dec.deg), pixels=200)
    y, x = np.indices(shape)
    away = SkyCoord(*wcs.wcs_pix2world(x.ravel(), y.ravel(), 0), unit="deg").separation(centre).deg.reshape(shape)
    image = ImageMosaic(1e-7 * 10 ** (away / 0.1), np.zeros(shape, np.int16), wcs, "s", "TRUE", ("one",))
    ra, dec = sky_contours(image, [1e-6])
    np.testing.assert_allclose(SkyCoord(ra, dec, unit="deg").separation(centre).deg, 0.1, rtol=2e-3)


def test_without_lines_there_is_nothing_on_the_sky():
    image = ImageMosaic(CONE, np.zeros(CONE.shape, np.int16), WCS(naxis=2), "s", "TRUE", ("one",))
    assert [len(part) for part in sky_contours(image, [])] == [0, 0]

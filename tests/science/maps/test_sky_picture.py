"""The mosaic as a picture: each pixel has the limit of its centre, and only inside the region."""

from concurrent.futures import ThreadPoolExecutor

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.science.coverage import mosaic
from cscwidgets.science.maps.sky_picture import grid_around, picture
from tests.sensitivity_fields import Fields


@pytest.fixture(scope="module")
def fields():
    return Fields.simulate(4, spread=0.2)


@pytest.fixture(scope="module")
def combined(fields):
    return mosaic(fields.maps(120))


def near_the_origin(lon, lat):
    return np.hypot((lon + 180) % 360 - 180, lat) < 0.3


def ring(lon, lat, radius):
    angle = np.linspace(0, 360, 60) * u.deg
    at = SkyCoord(lon, lat, unit="deg").directional_offset_by(angle, radius * u.deg)
    return at.ra.deg, at.dec.deg


@given(st.floats(0, 360), st.floats(-89.5, 89.5), st.floats(0.01, 5), st.integers(3, 400))
def test_a_grid_holds_its_outline_and_little_more(lon, lat, radius, pixels):
    outline = ring(lon, lat, radius)
    wcs, shape = grid_around(lon, lat, outline, pixels=pixels)
    assert shape == (pixels, pixels)
    x, y = wcs.wcs_world2pix(*outline, 0)
    for place in (x, y):
        assert -0.5 <= place.min() < 0.1 * pixels
        assert 0.9 * pixels - 1 < place.max() <= pixels - 0.5
    middle = SkyCoord(*wcs.wcs_pix2world((pixels - 1) / 2, (pixels - 1) / 2, 0), unit="deg")
    assert middle.separation(SkyCoord(lon, lat, unit="deg")).arcsec < 1e-3


def test_a_resolution_is_kept():
    outline = ring(164.05, 57.2, 0.2)
    wcs, shape = grid_around(164.05, 57.2, outline, resolution=4 * u.arcsec)
    np.testing.assert_allclose(np.abs(wcs.wcs.cdelt) * 3600, 4)
    assert shape[0] == pytest.approx(2 * 1.04 * 720 / 4, abs=1.5)


def test_pixels_are_the_limits_at_their_centres(fields, combined):
    image = picture(combined, grid_around(0, 0, ring(0, 0, 0.35), pixels=80), near_the_origin)
    rows, columns = np.indices(image.limit.shape)
    at = SkyCoord(*image.wcs.wcs_pix2world(columns.ravel(), rows.ravel(), 0), unit="deg")
    expected = combined.limit_at(at)
    inside = near_the_origin(at.ra.deg, at.dec.deg)
    limit = np.where(inside, expected["limit"].value, np.nan)
    np.testing.assert_array_equal(image.limit.ravel(), limit.astype(np.float32))
    observed = np.isfinite(limit)
    assert 0.3 < observed.mean() < 0.9
    names = np.array(combined.stacks)[image.stack.ravel()[observed]]
    np.testing.assert_array_equal(names, expected["stack"][observed])
    assert (image.stack.ravel()[~observed] == -1).all()
    # North is up and east to the left.
    assert at[-1].dec > at[0].dec
    assert image.wcs.wcs_pix2world(0, 40, 0)[0] < 180


def test_a_copy_grows_alone(fields, combined):
    with ThreadPoolExecutor(1) as pool:
        few = mosaic(fields.maps(120)[:2])
        before = few.curve()
        more = few.copy()
        for one in fields.maps(120)[2:]:
            more.add(one, pool)
    after = few.curve()
    np.testing.assert_array_equal(before.area, after.area)
    assert len(few.stacks) == 2
    np.testing.assert_array_equal(more.curve().area, combined.curve().area)
    assert more.stacks == combined.stacks


def test_no_position_has_no_limit(combined):
    for lon in ([], [np.nan]):
        limit, stack = combined.at(np.array(lon), np.array(lon))
        assert np.isnan(limit).all()
        assert (stack == -1).all()
    assert len(combined.limit_at(SkyCoord([], [], unit="deg"))) == 0

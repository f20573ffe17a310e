"""What lies inside a region and where its edge is, against astropy and the regions package."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS
from hypothesis import given
from hypothesis import strategies as st
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, PolygonSphericalSkyRegion, RectangleSkyRegion

from cscwidgets.sky.shapes import boundary, centre, contains
from cscwidgets.sky.target import read_region

ra_deg = st.one_of(st.floats(0, 360, exclude_max=True), st.sampled_from([0.0, 1e-9, 359.9999999]))
dec_deg = st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 89.99, -89.99]))


def scatter_around(ra, dec, radius, seed, n=200):
    """Points within about twice a radius of a position, the position's pole and wrap included."""
    rng = np.random.default_rng(seed)
    at = SkyCoord(ra, dec, unit="deg")
    offsets = at.directional_offset_by(rng.uniform(0, 360, n) * u.deg, rng.uniform(0, 2 * radius, n) * u.deg)
    return offsets.ra.deg, offsets.dec.deg


def tan_wcs(at, scale_deg):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [at.ra.deg, at.dec.deg]
    wcs.wcs.crpix = [0, 0]
    wcs.wcs.cdelt = [-scale_deg, scale_deg]
    return wcs


@given(ra_deg, dec_deg, st.floats(1e-4, 60), st.integers(0, 2**32 - 1))
def test_circle_is_astropy_separation(ra, dec, radius, seed):
    points = scatter_around(ra, dec, radius, seed)
    distance = SkyCoord(*points, unit="deg").separation(SkyCoord(ra, dec, unit="deg")).deg
    clear = np.abs(distance - radius) > 1e-9
    inside = contains(CircleSkyRegion(SkyCoord(ra, dec, unit="deg"), radius * u.deg), *points)
    np.testing.assert_array_equal(inside[clear], (distance < radius)[clear])


@pytest.mark.parametrize("shape", [RectangleSkyRegion, EllipseSkyRegion])
@given(
    ra=ra_deg,
    dec=st.floats(-89, 89),
    width=st.floats(0.01, 1.0),
    ratio=st.floats(0.2, 1.0),
    angle=st.floats(-180, 180),
    seed=st.integers(0, 2**32 - 1),
)
def test_box_and_ellipse_are_those_of_the_regions_package(shape, ra, dec, width, ratio, angle, seed):
    at = SkyCoord(ra, dec, unit="deg")
    region = shape(at, width * u.deg, width * ratio * u.deg, angle * u.deg)
    points = scatter_around(ra, dec, width, seed)
    wcs = tan_wcs(at, width / 2000)
    # The package measures sizes at the pixel scale, we as angles: they part by tan(x) - x only.
    pixels = region.to_pixel(wcs)
    expected = pixels.contains(_pixcoord(*points, wcs))
    shrunk, grown = (_scaled(region, factor).to_pixel(wcs) for factor in (0.998, 1.002))
    clear = shrunk.contains(_pixcoord(*points, wcs)) == grown.contains(_pixcoord(*points, wcs))
    np.testing.assert_array_equal(contains(region, *points)[clear], expected[clear])
    assert clear.mean() > 0.9


def _pixcoord(ra, dec, wcs):
    from regions import PixCoord

    return PixCoord.from_sky(SkyCoord(ra, dec, unit="deg"), wcs)


def _scaled(region, factor):
    return type(region)(region.center, region.width * factor, region.height * factor, region.angle)


@given(ra_deg, dec_deg, st.floats(0.01, 30), st.integers(0, 2**32 - 1))
def test_convex_polygon_is_the_spherical_one_of_the_regions_package(ra, dec, radius, seed):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 72, 5) + np.arange(5) * 72.0)
    vertices = SkyCoord(ra, dec, unit="deg").directional_offset_by(angles * u.deg, radius * u.deg)
    points = scatter_around(ra, dec, radius, seed)
    inside = contains(PolygonSkyRegion(vertices), *points)
    # That class takes the side its corners circle: they must run the other way round.
    expected = PolygonSphericalSkyRegion(vertices[::-1]).contains(SkyCoord(*points, unit="deg"))
    # Points within a hair of an edge may fall either way.
    assert (inside != expected).sum() <= 1


def test_concave_polygon_leaves_out_its_notch():
    arrow = read_region("icrs; polygon(359,-1, 1,-1, 1,1, 0,-0.5, 359,1)")
    inside = contains(arrow, [0.0, 0.0, 0.9, 359.1, 180.0], [0.5, -0.7, 0.5, 0.5, 0.0])
    assert inside.tolist() == [False, True, True, True, False]


@pytest.mark.parametrize("dec", [-90.0, 90.0])
def test_a_circle_at_a_pole_goes_all_the_way_around(dec):
    ra, edge = boundary(CircleSkyRegion(SkyCoord(0, dec, unit="deg"), 1 * u.deg), 360)
    np.testing.assert_allclose(np.diff(np.sort(ra)), 1.0, atol=1e-9)
    np.testing.assert_allclose(np.abs(edge), 89.0, atol=1e-9)


@given(
    shape=st.sampled_from(["circle", "ellipse", "box", "polygon"]),
    ra=ra_deg,
    dec=st.floats(-90, 90),
    size=st.floats(0.01, 20),
)
def test_boundary_lies_on_the_edge(shape, ra, dec, size):
    at = SkyCoord(ra, dec, unit="deg")
    region = {
        "circle": lambda: CircleSkyRegion(at, size * u.deg),
        "ellipse": lambda: EllipseSkyRegion(at, 2 * size * u.deg, size * u.deg, 30 * u.deg),
        "box": lambda: RectangleSkyRegion(at, 2 * size * u.deg, size * u.deg, 30 * u.deg),
        "polygon": lambda: PolygonSkyRegion(at.directional_offset_by([0, 100, 200] * u.deg, size * u.deg)),
    }[shape]()
    edge = SkyCoord(*boundary(region), unit="deg")
    middle = SkyCoord(*centre(region), unit="deg")
    towards, distance = middle.position_angle(edge), middle.separation(edge)
    inner = middle.directional_offset_by(towards, distance * 0.999)
    outer = middle.directional_offset_by(towards, distance * 1.001)
    assert contains(region, inner.ra.deg, inner.dec.deg).all()
    assert not contains(region, outer.ra.deg, outer.dec.deg).any()

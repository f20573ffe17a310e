"""Regions against astropy's separations and the regions package's own containment."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS
from hypothesis import given
from hypothesis import strategies as st
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, PolygonSphericalSkyRegion, RectangleSkyRegion

from cscwidgets.errors import RegionError
from cscwidgets.sky.region import boundary, centre, contains, describe_region, from_ds9, read_region, to_ds9

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


@given(st.sampled_from(["circle", "ellipse", "box", "polygon"]), ra_deg, st.floats(-80, 80), st.floats(0.01, 5))
def test_ds9_round_trip(shape, ra, dec, size):
    at = SkyCoord(ra, dec, unit="deg")
    region = {
        "circle": lambda: CircleSkyRegion(at, size * u.deg),
        "ellipse": lambda: EllipseSkyRegion(at, 2 * size * u.deg, size * u.deg, 30 * u.deg),
        "box": lambda: RectangleSkyRegion(at, 2 * size * u.deg, size * u.deg, 30 * u.deg),
        "polygon": lambda: PolygonSkyRegion(at.directional_offset_by([0, 100, 200] * u.deg, size * u.deg)),
    }[shape]()
    back = from_ds9(to_ds9(region))
    assert type(back) is type(region)
    a, b = SkyCoord(*boundary(region), unit="deg"), SkyCoord(*boundary(back), unit="deg")
    assert a.separation(b).arcsec.max() < 0.01


def test_other_frames_are_moved_to_icrs():
    galactic = RectangleSkyRegion(SkyCoord(0.0, 0.0, unit="deg", frame="galactic"), 2 * u.deg, 0.5 * u.deg, 0 * u.deg)
    region = read_region(galactic)
    ends = SkyCoord([0.9, -0.9, 0.0, 0.0], [0.0, 0.0, 0.3, -0.3], unit="deg", frame="galactic").icrs
    assert contains(region, ends.ra.deg, ends.dec.deg).tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("text", "ra", "dec"),
    [
        ("M33", 23.4621, 30.6599),
        ("47 Tuc", 6.0236, -72.0813),
        ("lockman hole", 164.05, 57.2),
        ("23.5 +30.7", 23.5, 30.7),
        ("23.5, -30.7", 23.5, -30.7),
        ("01h34m00s +30d42m00s", 23.5, 30.7),
        ("01:34:00 -30:42:00", 23.5, -30.7),
    ],
)
def test_names_and_coordinates(text, ra, dec):
    region = read_region(text, "1 deg")
    assert centre(region) == pytest.approx((ra, dec), abs=1e-9)
    assert region.radius == 1 * u.deg


@pytest.mark.parametrize(
    ("target", "radius", "words"),
    [
        ("icrs; circle(10, twenty, 30)", None, "twenty"),
        ("icrs; circle(1,1,1)\ncircle(2,2,1)", None, "2 regions"),
        ("icrs; circle(1,1,-1)", None, "positive"),
        ("M33", "12 apples", "radius"),
        ("M33", "0 deg", "between 0 and 180"),
        ("", None, "No target"),
        (42, None, "int"),
        ("nowhere.reg", None, "cannot be read"),
        (PolygonSkyRegion(SkyCoord([0, 120, 240], [0, 0, 0], unit="deg")), None, "centre"),
    ],
)
def test_bad_regions_say_why(target, radius, words):
    with pytest.raises(RegionError, match=words):
        read_region(target, radius)


def test_description_states_shape_and_size():
    assert describe_region(read_region("M33", "12 arcmin")) == "circle 23.46210 +30.65990, radius 12 arcmin"


def test_regions_are_found_where_the_readme_had_them():
    with pytest.warns(DeprecationWarning, match=r"is cscwidgets\.sky\.region now"):
        from cscwidgets.archive.region import read_region as before
    assert before is read_region
    with pytest.raises(ImportError):
        from cscwidgets.archive.region import nothing_of_the_kind  # noqa: F401

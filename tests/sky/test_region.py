"""Regions as people write them and as they are told, against the regions package."""

import astropy.units as u
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, RectangleSkyRegion

from cscwidgets.errors import RegionError
from cscwidgets.sky import shapes
from cscwidgets.sky.region import Region
from cscwidgets.sky.shapes import boundary, centre, contains
from cscwidgets.sky.target import read_region, region_of

ra_deg = st.one_of(st.floats(0, 360, exclude_max=True), st.sampled_from([0.0, 1e-9, 359.9999999]))
dec_deg = st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 89.99, -89.99]))


@given(st.sampled_from(["circle", "ellipse", "box", "polygon"]), ra_deg, st.floats(-80, 80), st.floats(0.01, 5))
def test_ds9_round_trip(shape, ra, dec, size):
    at = SkyCoord(ra, dec, unit="deg")
    region = {
        "circle": lambda: CircleSkyRegion(at, size * u.deg),
        "ellipse": lambda: EllipseSkyRegion(at, 2 * size * u.deg, size * u.deg, 30 * u.deg),
        "box": lambda: RectangleSkyRegion(at, 2 * size * u.deg, size * u.deg, 30 * u.deg),
        "polygon": lambda: PolygonSkyRegion(at.directional_offset_by([0, 100, 200] * u.deg, size * u.deg)),
    }[shape]()
    back = read_region(Region.of(region).ds9)
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
    assert str(Region.of(read_region("M33", "12 arcmin"))) == "circle 23.46210 +30.65990, radius 12 arcmin"


def test_regions_are_found_where_the_readme_had_them():
    with pytest.warns(DeprecationWarning, match=r"read_region is cscwidgets\.sky\.target\.read_region now"):
        from cscwidgets.archive.region import read_region as before
    assert before is read_region
    with pytest.warns(DeprecationWarning, match=r"is cscwidgets\.sky\.shapes\.contains now"):
        from cscwidgets.archive.region import contains
    assert contains is shapes.contains
    with pytest.raises(ImportError):
        from cscwidgets.archive.region import nothing_of_the_kind  # noqa: F401


def test_a_region_is_read_once():
    region = region_of("23.5 30.7", "12 arcmin")
    assert region_of(region) is region
    assert Region.of(region.shape).shape is region.shape
    assert str(region) == "circle 23.50000 +30.70000, radius 12 arcmin"
    assert (region.centre, region.radius) == ((23.5, 30.7), pytest.approx(0.2))


def test_a_region_reaches_as_far_as_its_margin():
    region = region_of("icrs; box(10, 0, 2', 2', 0)")
    east = [10.0, 10 + 1.5 / 60, 10 + 2.5 / 60]
    assert region.contains(east, [0, 0, 0]).tolist() == [True, False, False]
    assert region.contains(east, [0, 0, 0], 1 / 60).tolist() == [True, True, False]
    (box,) = region.boxes(1 / 60)
    assert 10 + 2 / 60 <= box.ra_high < 10 + 2.1 / 60

"""Region files: what is written is what `regions` reads, and what is read is what it was; coverage maps hold it all."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from hypothesis import given
from hypothesis import strategies as st
from mocpy import MOC
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, RectangleSkyRegion, Regions

from cscwidgets.errors import CscError, RegionError
from cscwidgets.export import source_regions, write_regions
from cscwidgets.sky.region import Region
from cscwidgets.sky.region_text import read_region_list
from cscwidgets.sky.target import read_region

SIZES = st.floats(0.001, 5.0)
ANGLES = st.floats(0.0, 359.9)


@st.composite
def shapes(draw):
    ra, dec = draw(st.floats(0, 359.99)), draw(st.floats(-80, 80))
    at = SkyCoord(ra, dec, unit="deg")
    kind = draw(st.sampled_from(["circle", "ellipse", "box", "polygon"]))
    width, height, angle = draw(SIZES) * u.deg, draw(SIZES) * u.deg, draw(ANGLES) * u.deg
    if kind == "circle":
        return CircleSkyRegion(at, width)
    if kind == "polygon":
        turns = np.sort(np.array([0, 80, 170, 260]) + draw(ANGLES)) % 360
        return PolygonSkyRegion(at.directional_offset_by(turns * u.deg, width))
    return (EllipseSkyRegion if kind == "ellipse" else RectangleSkyRegion)(at, width, height, angle)


def parts(region):
    """The numbers of a region, degrees."""
    at = region.vertices if isinstance(region, PolygonSkyRegion) else region.center
    sizes = [getattr(region, name).to_value("deg") for name in ("radius", "width", "height") if hasattr(region, name)]
    turn = region.angle.to_value("rad") if hasattr(region, "angle") else 0.0
    angle = [np.cos(2 * turn), np.sin(2 * turn)]
    return np.concatenate([np.ravel(at.icrs.cartesian.xyz.value), sizes, angle])


@pytest.mark.parametrize(("ending", "kind"), [(".reg", "ds9"), (".crtf", "crtf")])
@given(regions=st.lists(shapes(), min_size=1, max_size=4))
def test_a_written_file_holds_what_regions_reads_and_we_read_the_same(tmp_path_factory, ending, kind, regions):
    path = write_regions(regions, tmp_path_factory.mktemp("regions") / f"mine{ending}")
    theirs = Regions.read(path, format=kind)
    ours, left_out = read_region_list(path.read_bytes())
    assert left_out == []
    for before, their, our in zip(regions, theirs, ours, strict=True):
        assert type(before) is type(their) is type(our)
        np.testing.assert_allclose(parts(their), parts(before), atol=1e-7)
        np.testing.assert_allclose(parts(our), parts(their), atol=1e-12)


@given(shape=shapes())
def test_a_coverage_map_holds_all_of_a_region_and_little_else(tmp_path_factory, shape):
    size = max(getattr(shape, name, 0 * u.deg).to_value("deg") for name in ("radius", "width", "height")) or 5.0
    order = int(np.clip(np.log2(58.6 / (size / 40)), 3, 20))
    moc = MOC.from_fits(write_regions([shape], tmp_path_factory.mktemp("moc") / "mine.fits", order=order))
    region = Region.of(shape)
    rng = np.random.default_rng(1)
    near = SkyCoord(*region.centre, unit="deg").directional_offset_by(
        rng.uniform(0, 360, 2000) * u.deg, 1.5 * region.radius * np.sqrt(rng.uniform(0, 1, 2000)) * u.deg
    )
    inside = region.contains(near.ra.deg, near.dec.deg)
    covered = moc.contains_skycoords(near)
    cell = 58.6 / 2**order
    assert covered[inside].all()
    assert not covered[~region.contains(near.ra.deg, near.dec.deg, 2 * cell)].any()


def test_sources_are_their_error_ellipses_with_their_names(tmp_path):
    table = QTable({"name": ["2CXO J000000.0+410000", "none"], "ra": [10.0, 11.0] * u.deg, "dec": [41.0, 42.0] * u.deg})
    table["err_ellipse_r0"], table["err_ellipse_r1"] = [3.0, np.nan] * u.arcsec, [1.0, np.nan] * u.arcsec
    table["err_ellipse_ang"] = [30.0, np.nan] * u.deg
    path = write_regions(source_regions(table), tmp_path / "sources.reg")
    assert "text={2CXO J000000.0+410000}" in path.read_text()
    ellipse, circle = Regions.read(path)
    assert circle.radius.to_value("arcsec") == pytest.approx(1)
    # The end of the major axis lies where the catalogue says: 3 arcsec away, 30 degrees from north to east.
    end = SkyCoord(10, 41, unit="deg").directional_offset_by([30, 120] * u.deg, [2.99, 1.01] * u.arcsec)
    assert Region.of(ellipse).contains(end.ra.deg, end.dec.deg).tolist() == [True, False]


def test_what_cannot_be_used_of_a_list_is_told_and_nothing_usable_is_an_error(tmp_path):
    found, left_out = read_region_list(b"# Region file\nfk5\ncircle(10,41,1')\nannulus(1,2,3',4')\n-box(1,2,3',4',0)\n")
    assert len(found) == 1
    assert len(left_out) == 2
    for nothing in (b"", b"fk5\npoint(1,2)", b"\x00\x01", b"image; circle(1,2,3)", b"circle(1,2,3')\n" * 2001):
        with pytest.raises(RegionError):
            read_region_list(nothing)
    with pytest.raises(CscError, match="No format belongs to"):
        write_regions([read_region("1 2", "3 arcmin")], tmp_path / "mine.png")
    with pytest.raises(CscError, match="There is no region"):
        write_regions([], tmp_path / "mine.reg")


@given(
    junk=st.one_of(
        st.binary(max_size=200), st.text("circle(),;-+.0123'\"fk5\n#[] boxpolygn", max_size=120).map(str.encode)
    )
)
def test_whatever_is_given_is_regions_or_one_error(junk):
    try:
        found, _ = read_region_list(junk)
    except RegionError:
        return
    assert found

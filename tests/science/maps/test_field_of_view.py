"""Fields of view (fov3), written with astropy in the form of CIAO's skyfov: where they are, and what is in them."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import given
from hypothesis import strategies as st
from mocpy import MOC

from cscwidgets.csc.instruments import configuration
from cscwidgets.errors import CscError
from cscwidgets.science.maps.field_of_view import FieldOfView, FieldPolygon, read_field_of_view, union_moc
from cscwidgets.sky.region import Region

RA, DEC, PIXEL = 359.97, 61.2, 0.492 / 3600
ROOM = 10
SQUARE = np.array([[3584.0, 4608.0, 4608.0, 3584.0], [3584.0, 3584.0, 4608.0, 4608.0]])
HOLE = np.array([[4000.0, 4192.0, 4192.0, 4000.0], [4000.0, 4000.0, 4192.0, 4192.0]])


def write(path, rows, *, padding=np.nan, closed=True, coordinates=True, columns=("X", "Y"), drop=(), **cards):
    """Rows of (shape, corners, component, chip); the header is that of a file of the archive."""

    def padded(corners):
        corners = np.append(corners, corners[:1]) if closed else corners
        return np.append(corners, np.full(ROOM - len(corners), padding))

    table = {
        "SHAPE": ("16A", [row[0] for row in rows]),
        columns[0]: (f"{ROOM}D", [padded(row[1][0]) for row in rows]),
        columns[1]: (f"{ROOM}D", [padded(row[1][1]) for row in rows]),
        "R": ("2D", np.full((len(rows), 2), np.nan)),
        "ROTANG": ("2D", np.full((len(rows), 2), np.nan)),
        "COMPONENT": ("I", [row[2] for row in rows]),
        "CCD_ID": ("I", [row[3] for row in rows]),
    }
    made = [
        fits.Column(name, form, array=np.array(values)) for name, (form, values) in table.items() if name not in drop
    ]
    hdu = fits.BinTableHDU.from_columns(made, name="FOV")
    hdu.header.update({"INSTRUME": "ACIS", "DETNAM": "ACIS-235678", "MTYPE1": "POS", "MFORM1": "X,Y"} | cards)
    if coordinates:
        for number, kind, value, step in ((2, "RA---TAN", RA, -PIXEL), (3, "DEC--TAN", DEC, PIXEL)):
            hdu.header[f"TCTYP{number}"], hdu.header[f"TCUNI{number}"] = kind, "deg"
            hdu.header[f"TCRVL{number}"], hdu.header[f"TCRPX{number}"] = value, 4096.5
            hdu.header[f"TCDLT{number}"] = step
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    return path


def sky(x, y):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval = ["RA---TAN", "DEC--TAN"], [RA, DEC]
    wcs.wcs.crpix, wcs.wcs.cdelt = [4096.5, 4096.5], [-PIXEL, PIXEL]
    return wcs.wcs_pix2world(np.asarray(x, float), np.asarray(y, float), 1)


@pytest.mark.parametrize(
    ("padding", "closed"), [(np.nan, True), (0.0, True), (777.0, True), (np.nan, False), (0, False)]
)
def test_corners_are_where_the_world_coordinates_say(tmp_path, padding, closed):
    rows = [("Polygon", SQUARE, 1, 7), ("Polygon", SQUARE + np.array([[1042.0], [0.0]]), 2, 6)]
    field = read_field_of_view(write(tmp_path / "fov3.fits", rows, padding=padding, closed=closed))
    assert [polygon.chip for polygon in field.polygons] == [7, 6]
    assert field.instrument == "ACIS-S"
    assert not field.simulated
    for polygon, (_, corners, *_) in zip(field.polygons, rows, strict=True):
        np.testing.assert_allclose([polygon.ra, polygon.dec], sky(*corners), atol=1e-11)
    x = np.array([4096.0, 4608.5, 4619.0, 5000.0, 5651.0])
    np.testing.assert_array_equal(field.contains(*sky(x, np.full(5, 4096.0))), [True, False, False, True, False])


def test_what_is_excluded_is_out_of_its_component_alone(tmp_path):
    rows = [("Polygon", SQUARE, 1, 7), ("!Polygon", HOLE, 1, 7)]
    field = read_field_of_view(write(tmp_path / "one.fits", rows))
    x, y = [3700.0, 4096.0], [3700.0, 4096.0]
    assert field.contains(*sky(x, y)).tolist() == [True, False]
    two = read_field_of_view(write(tmp_path / "two.fits", [*rows, ("Polygon", HOLE, 2, 6)]))
    assert two.contains(*sky(x, y)).tolist() == [True, True]
    no_component = read_field_of_view(write(tmp_path / "three.fits", rows, drop={"COMPONENT", "CCD_ID"}))
    assert no_component.contains(*sky(x, y)).tolist() == [True, False]
    assert [polygon.chip for polygon in no_component.polygons] == [None, None]
    areas = [one.moc(17).sky_fraction * 4 * np.pi for one in (field, two)]
    square, hole = (np.radians(side * PIXEL) ** 2 for side in (1024, 192))
    np.testing.assert_allclose(areas, [square - hole, square], rtol=0.02)


def test_corners_may_be_positions(tmp_path):
    rows = [("Polygon", np.array(sky(*SQUARE)), 1, 7)]
    path = write(tmp_path / "fov3.fits", rows, columns=("RA", "DEC"), coordinates=False)
    field = read_field_of_view(path)
    np.testing.assert_allclose([field.polygons[0].ra, field.polygons[0].dec], sky(*SQUARE), atol=1e-11)
    assert field.centre == pytest.approx((RA, DEC), abs=1e-3)


def test_what_cannot_be_read_is_told_in_one_error(tmp_path):
    row = ("Polygon", SQUARE, 1, 7)
    bad = {
        "no world coordinates": ([row], {"coordinates": False}),
        "includes nothing": ([("!Polygon", SQUARE, 1, 7)], {}),
        "2 corners": ([("Polygon", SQUARE[:, :2], 1, 7)], {"closed": False}),
        "no table with the column SHAPE": ([row], {"drop": {"SHAPE"}}),
        "'pie' is not known in row 2": ([row, ("Pie", SQUARE, 1, 7)], {}),
    }
    for number, (words, (rows, changes)) in enumerate(bad.items()):
        path = write(tmp_path / f"{number}.fits", rows, **changes)
        with pytest.raises(CscError, match=words):
            read_field_of_view(path)
    path = write(tmp_path / "empty.fits", [row])
    with fits.open(path, mode="update") as hdus:
        hdus["FOV"].data = hdus["FOV"].data[:0]
    with pytest.raises(CscError, match="no shapes"):
        read_field_of_view(path)
    path = write(tmp_path / "two.fits", [row])
    with fits.open(path) as hdus:
        fits.HDUList([*hdus, hdus["FOV"].copy()]).writeto(tmp_path / "two.fits", overwrite=True)
    with pytest.raises(CscError, match="2 tables with the column SHAPE"):
        read_field_of_view(path)
    path = write(tmp_path / "cut.fits", [row])
    path.write_bytes(path.read_bytes()[:-2880])
    with pytest.raises(CscError, match=r"cut\.fits"):
        read_field_of_view(path)
    with pytest.raises(CscError, match="is not there"):
        read_field_of_view(tmp_path / "nothing.fits")


@given(st.floats(0, 360), st.floats(-89.99, 89.99), st.integers(0, 2**32 - 1))
def test_inside_and_outside_are_those_of_the_plane_anywhere_on_the_sphere(ra, dec, seed):
    rng = np.random.default_rng(seed)
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [ra, dec], [-PIXEL, PIXEL]
    corners = wcs.wcs_pix2world(*(SQUARE - 4096), 0)
    field = FieldOfView((FieldPolygon(*corners),))
    x, y = rng.uniform(-700, 700, (2, 60))
    inside = (np.abs(x) < 512) & (np.abs(y) < 512)
    clear = np.minimum(np.abs(np.abs(x) - 512), np.abs(np.abs(y) - 512)) > 0.01
    np.testing.assert_array_equal(field.contains(*wcs.wcs_pix2world(x, y, 0))[clear], inside[clear])


def test_it_reaches_a_region_that_it_overlaps_in_any_way():
    corners = sky(*SQUARE)
    field = FieldOfView((FieldPolygon(*corners),))
    centre = SkyCoord(RA, DEC, unit="deg")
    edge = centre.directional_offset_by(90 * u.deg, 600 * PIXEL * u.deg)
    assert field.reaches(Region.circle(centre, 0.001))
    assert field.reaches(Region.circle(centre, 2.0))
    assert field.reaches(Region.circle(edge, 90 * PIXEL))
    assert not field.reaches(Region.circle(edge, 86 * PIXEL))


def test_the_map_of_all_holds_each():
    one = FieldOfView((FieldPolygon(*sky(*SQUARE)),))
    other = FieldOfView((FieldPolygon(*sky(*(SQUARE + 2000))),))
    both = union_moc([one, other], 12)
    assert both == one.moc(12).union(other.moc(12))
    assert union_moc([], 12) == MOC.new_empty(12)


def test_configurations_are_those_that_observers_name():
    named = {"ACIS-012367": "ACIS-I", "ACIS-3": "ACIS-I", "ACIS-7": "ACIS-S", "ACIS-456789": "ACIS-S", "": "ACIS"}
    assert {detector: configuration("ACIS", detector) for detector in named} == named
    assert configuration("hrcfJ0133369p304336_001") == configuration("", "HRC-S") == "HRC"
    assert configuration("", "") == ""

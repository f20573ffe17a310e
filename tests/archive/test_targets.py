"""What people type or paste for a target: read, or refused as what it is, and only names of objects looked up."""

from contextlib import suppress

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import FK4, FK5, ICRS, AltAz, Galactic, SkyCoord
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from regions import (
    CircleAnnulusSkyRegion,
    CirclePixelRegion,
    CircleSkyRegion,
    CircleSphericalSkyRegion,
    EllipseSkyRegion,
    PixCoord,
    PolygonSphericalSkyRegion,
    RangeSphericalSkyRegion,
    RectangleSkyRegion,
    Regions,
)

from cscwidgets.errors import RegionError
from cscwidgets.sky import names
from cscwidgets.sky.shapes import centre, contains
from cscwidgets.sky.target import read_region

HERE = SkyCoord(10, 20, unit="deg")


class Sesame:
    """A name resolver that keeps what it is asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, name):
        self.asked.append(name)
        return SkyCoord(1, 2, unit="deg")


@pytest.fixture(autouse=True)
def sesame(monkeypatch):
    found = Sesame()
    monkeypatch.setattr(names, "look_up", found)
    return found


OBJECTS = [
    *("NGC 4472", "W3(OH)", "IC 443 (G189.1+3.0)", "1E 0657-56", "1ES 1959+650", "0716+714", "[KRL2007b] 123"),
    *("* alf Ori", "Barnard's star", "η Car", "Gaia DR3 1234", "3C 273", "Circinus Galaxy", "Box Nebula", "4U 1700-37"),
    *("2MASS J05351647-0523230", "1H 0707-495", "SGR 1806-20", "S5 0716+714", "l Car", "d Sco", "RA Cen", "Deneb"),
]


@pytest.mark.parametrize("text", OBJECTS)
def test_names_of_objects_are_looked_up_as_they_are(sesame, text):
    assert centre(read_region(f" {text}\n")) == pytest.approx((1, 2))
    assert sesame.asked == [text]


TRAPEZIUM = (83.822083, -5.391111)
SAME_PLACE = [
    *("05:35:17.3 -05:23:28", "05 35 17.3 -05 23 28", "05h35m17.3s -05d23m28s", "05h35m17.3s,-05d23m28s"),
    "05ʰ35ᵐ17ˢ.3 −05°23\N{PRIME}28\N{DOUBLE PRIME}",
    *("05:35:17.3-05:23:28", "J2000 05:35:17.3 -05:23:28", "05:35:17.3, -05:23:28 (J2000)"),
    *("RA=05h35m17.3s DEC=-05d23m28s", "RA: 05:35:17.3, Dec: −05:23:28"),
    "\N{GREEK SMALL LETTER ALPHA} = 05h35m17.3s, δ = −05°23'28\"",
    *("83.822083d -5.391111d", "83.822083°, −5.391111°", "(83.822083, -5.391111)", "[83.822083, -5.391111]"),
    *('"(83.822083, -5.391111)"', "RA=83.822083 DEC=-5.391111", "ra 83.822083 dec -5.391111"),
    *("ICRS 83.822083 -5.391111", "83.822083\t-5.391111", "83.822083\N{NO-BREAK SPACE}\N{MINUS SIGN}5.391111"),
    "RA(J2000)=83.822083, Dec(J2000)=-5.391111",
    *("l=209.013746, b=-19.381602", "galactic 209.013746 -19.381602", "(l, b) = (209.013746, -19.381602)"),
    *("209.013746 -19.381602 galactic", "83.822083deg, -5.391111deg", "8.3822083e1 -5.391111"),
    "fk5; 83.822083, -5.391111",
]


@pytest.mark.parametrize("text", SAME_PLACE)
def test_one_position_written_in_many_ways(sesame, text):
    at = SkyCoord(*centre(read_region(text)), unit="deg")
    assert at.separation(SkyCoord(*TRAPEZIUM, unit="deg")).arcsec < 0.1
    assert sesame.asked == []


@given(
    st.floats(0, 359.99),
    st.floats(-89.99, 89.99),
    st.sampled_from(
        [
            *("{ra:.6f} {dec:+.6f}", "({ra:.6f}, {dec:.6f})", "{ra:.6f}d {dec:.6f}d", "RA={ra:.6f}, DEC={dec:.6f}"),
            *("{hms:} {dms:}", "{hms:},{dms:}", "{hms:h} {dms:d}", "{hms: } {dms: }"),
        ]
    ),
)
def test_any_position_is_read_back(ra, dec, form):
    class Written(str):
        __slots__ = ()

        def __format__(self, mark):
            separators = {":": "::", "h": "hms", "d": "dms", " ": "  "}[mark or ":"]
            hours, minutes, seconds = self.split()
            last = separators[2] if len(separators) > 2 else ""
            return f"{hours}{separators[0]}{minutes}{separators[1]}{seconds}{last}"

    at = SkyCoord(ra, dec, unit="deg")
    hms = Written(at.ra.to_string("hour", sep=" ", pad=True, precision=4))
    dms = Written(at.dec.to_string("deg", sep=" ", pad=True, alwayssign=True, precision=3))
    found = SkyCoord(*centre(read_region(form.format(ra=ra, dec=dec, hms=hms, dms=dms))), unit="deg")
    assert found.separation(at).arcsec < 0.01


REGIONS = [
    ('circle 10 20 5"', CircleSkyRegion),
    ("circle(10,\N{MINUS SIGN}20,5')", CircleSkyRegion),
    ("CIRCLE ICRS 10 20 0.1", CircleSkyRegion),
    ("CIRCLE('ICRS', 10, 20, 0.1)", CircleSkyRegion),
    ("circle[[10deg, 20deg], 1arcmin], coord=ICRS", CircleSkyRegion),
    (
        '# Region file format: DS9 version 4.1\nglobal color=green\nfk5\ncircle(0:40:00,20:00:00,60") # text={a; (b)}',
        CircleSkyRegion,
    ),
    ('rotbox(10,20,5",3",30)', RectangleSkyRegion),
    ('icrs;box(10,20,5",3",30)', RectangleSkyRegion),
    ("galactic;\nellipse 120 -30 5' 3' 20", EllipseSkyRegion),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shape"), REGIONS)
def test_regions_as_they_are_pasted(sesame, text, shape):
    assert isinstance(read_region(text), shape)
    assert sesame.asked == []


REFUSED = [
    ('annulus(10,20,1",2")', "annulus"),
    ("point(10,20)", "point"),
    ("point 10 20", "point"),
    ('panda(10,20,0,360,4,1",2",1)', "panda"),
    ('ellipse(10,20,1",2",3",4",30)', "annulus"),
    ('-circle(10,20,5")', "exclusion"),
    ('icrs; -circle 10 20 5"', "exclusion"),
    ('circle(10,20,5")\n-circle(10,20,2")', "exclusion"),
    ("-circle[[10deg, 20deg], 1arcmin], coord=ICRS", "exclusion"),
    ('circle(10,20,5")-circle(10,20,2")', "several shapes"),
    ('circle(10,20,5"); circle(11,20,5")', "2 regions"),
    ('icrs; circle(10,20,5"); panda(1,2,3)', "panda"),
    ("physical; circle(100,100,5)", "physical"),
    ("image; circle 100 100 5", "image"),
    ("circle(10,20)", "not understood"),
    ("circle(10,20,5", "no single shape"),
    ("# nothing", "0 regions"),
    ("10 20\n30 40", "several lines"),
    ("M33\nM51", "several lines"),
    ("10 95", "between -90 and 90"),
    ("05:65:00 10:00:00", "two angles"),
    ("83.82", "two angles"),
    ("83.82 -5.39 0.5", "two angles"),
    ("nan 10", "not understood"),
    ("nan", "not understood"),
    ("None", "not understood"),
    ("12 arcmin", "not understood"),
    ("foo(1,2,3)", "not understood"),
    ("{'ra': 10}", "not understood"),
    ("https://example.org/x", "not understood"),
    ("data/m33", "not understood"),
    ("x.REG", "cannot be read"),
    ("x.crtf", "cannot be read"),
    ("x_reg.fits", "cannot be read"),
    ("~/nowhere.reg", "cannot be read"),
    (r"C:\x.reg", "cannot be read"),
    ("./nowhere", "cannot be read"),
    (CircleSkyRegion(HERE, 1 * u.deg, meta={"include": False}), "exclusion"),
    (CircleAnnulusSkyRegion(HERE, 1 * u.deg, 2 * u.deg), "CircleAnnulusSkyRegion"),
    (CirclePixelRegion(PixCoord(1, 2), 3), "CirclePixelRegion"),
    (CircleSkyRegion(HERE, 1 * u.deg) | CircleSkyRegion(HERE, 2 * u.deg), "CompoundSkyRegion"),
    (CircleSkyRegion(SkyCoord(np.nan, 1, unit="deg"), 1 * u.deg), "finite"),
    (EllipseSkyRegion(HERE, 1 * u.deg, 1 * u.deg, np.nan * u.deg), "finite"),
    (CircleSkyRegion(SkyCoord(AltAz(10 * u.deg, 20 * u.deg)), 1 * u.deg), "altaz"),
    (SkyCoord(AltAz(10 * u.deg, 20 * u.deg)), "altaz"),
    (SkyCoord(np.nan, 1, unit="deg"), "finite"),
    (SkyCoord([1, 2], [3, 4], unit="deg"), "2 positions"),
    (Regions([CircleSkyRegion(HERE, 1 * u.deg)] * 2), "There are 2"),
    (PolygonSphericalSkyRegion(SkyCoord([0, 1, 1], [0, 0, 1], unit="deg")[::-1]), "larger part"),
    (RangeSphericalSkyRegion(frame="icrs", longitude_range=[1, 2] * u.deg, latitude_range=[1, 2] * u.deg), "Range"),
    (("a", "b"), "not understood"),
    ((1, 2, 3), "tuple"),
    (None, "NoneType"),
    (42, "int"),
    (b"\xff\xfe", "not understood"),
]


@pytest.mark.parametrize(("target", "words"), REFUSED)
def test_what_is_none_is_refused_as_what_it_is(sesame, target, words):
    with pytest.raises(RegionError, match=words):
        read_region(target)
    assert sesame.asked == []


@pytest.mark.parametrize(
    "target",
    [
        (10, 20),
        [10 * u.deg, 1200 * u.arcmin],
        ICRS(10 * u.deg, 20 * u.deg),
        SkyCoord([10], [20], unit="deg"),
        HERE.transform_to(FK5()),
        CircleSphericalSkyRegion(HERE, 0.5 * u.deg),
        Regions([CircleSkyRegion(HERE, 0.5 * u.deg)]),
        [CircleSkyRegion(HERE, 0.5 * u.deg)],
        b"10 20",
        np.str_("10 20"),
    ],
)
def test_objects_that_hold_a_position_or_a_region(target):
    region = read_region(target)
    assert SkyCoord(*centre(region), unit="deg").separation(HERE).arcsec < 1e-3
    assert region.radius.to_value(u.deg) == pytest.approx(0.5)


def test_a_spherical_polygon_is_searched_inside():
    corners = SkyCoord([0, 1, 1], [0, 0, 1], unit="deg")
    inside = contains(read_region(PolygonSphericalSkyRegion(corners)), [0.7, 0.3, 180], [0.3, 0.7, 0])
    assert inside.tolist() == [True, False, False]


@pytest.mark.parametrize("radius", ["abc", 5, np.nan * u.deg, [1, 2] * u.deg, {}, 5 * u.m, True, "-1 deg", "0 deg", ""])
@pytest.mark.parametrize("target", ["M33", "circle(10,20,5')", HERE, CircleSkyRegion(HERE, 1 * u.deg)])
def test_a_radius_that_is_none_is_told_whatever_the_target(target, radius):
    with pytest.raises(RegionError, match="The radius"):
        read_region(target, radius)


def test_files_of_regions(tmp_path, sesame):
    text = '# Region file format: DS9 version 4.1\nfk5\ncircle(0:40:00,20:00:00,60")\n'
    for name in ("a.reg", "b.REG", "c.txt", "no ending at all"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert read_region(tmp_path / name).radius == 1 * u.arcmin
        assert read_region(str(tmp_path / name)).radius == 1 * u.arcmin
    (tmp_path / "d.crtf").write_text("#CRTF\ncircle[[10deg, 20deg], 1arcmin], coord=ICRS\n", encoding="utf-8")
    assert read_region(f" {tmp_path / 'd.crtf'} ").radius == 1 * u.arcmin
    for number, content in enumerate((b"", b"\x00\x01", b"\xff\xfe\xff", b"SIMPLE  =", b"M33", bytes(11_000_000))):
        path = tmp_path / f"bad{number}.reg"
        path.write_bytes(content)
        with pytest.raises(RegionError):
            read_region(path)
    with pytest.raises(RegionError, match="cannot be read"):
        read_region(tmp_path)
    assert sesame.asked == []


def ciao_region(path, shape, r, angle=0.0, *, x=(4096.5,), y=(4096.5,), rows=1, wcs=True, **cards):
    """A region file in FITS as CIAO's dmmakereg writes it: sky pixels, and their coordinates in the header."""
    columns = [
        fits.Column("SHAPE", "16A", array=[shape] * rows),
        fits.Column("X", f"{len(x)}D", array=[x] * rows),
        fits.Column("Y", f"{len(y)}D", array=[y] * rows),
        fits.Column("R", f"{len(r)}D", array=[r] * rows),
        fits.Column("ROTANG", "1D", array=[angle] * rows),
        fits.Column("COMPONENT", "J", array=[1] * rows),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="REGION")
    for number, axis, value, step in ((2, "RA---TAN", 10.0, -0.000136667), (3, "DEC--TAN", 20.0, 0.000136667)):
        if wcs:
            table.header.update({f"TCTYP{number}": axis, f"TCRVL{number}": value})
            table.header.update({f"TCRPX{number}": 4096.5, f"TCDLT{number}": step})
    table.header.update(cards)
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return path


@pytest.mark.parametrize("shape", ["circle", "Circle", "CIRCLE"])
def test_a_region_in_fits_lies_where_its_header_says(tmp_path, shape):
    region = read_region(str(ciao_region(tmp_path / "x_reg.fits", shape, (100.0,))))
    assert SkyCoord(*centre(region), unit="deg").separation(HERE).arcsec < 1e-6
    assert region.radius.to_value(u.arcsec) == pytest.approx(49.2, rel=1e-3)


@pytest.mark.parametrize(
    ("cards", "frame"),
    [
        ({"RADESYS": "FK4", "EQUINOX": 1950.0}, FK4(equinox="B1950")),
        ({"EQUINOX": 1950.0}, FK4(equinox="B1950")),
        ({"RADECSYS": "FK5", "EQUINOX": 1975.0}, FK5(equinox="J1975")),
        ({"TCTYP2": "GLON-TAN", "TCTYP3": "GLAT-TAN"}, Galactic()),
    ],
)
def test_a_region_in_fits_is_of_the_frame_of_its_header(tmp_path, cards, frame):
    region = read_region(ciao_region(tmp_path / "x_reg.fits", "circle", (100.0,), **cards))
    there = SkyCoord(10 * u.deg, 20 * u.deg, frame=frame).icrs
    assert SkyCoord(*centre(region), unit="deg").separation(there).arcsec < 0.01


def test_a_region_in_fits_is_in_the_units_of_its_header(tmp_path):
    cards = {"TCRVL2": 600.0, "TCDLT2": -0.0082, "TCUNI2": "arcmin", "TCRVL3": 1200.0, "TCDLT3": 0.0082}
    region = read_region(ciao_region(tmp_path / "x_reg.fits", "circle", (100.0,), **cards, TCUNI3="arcmin"))
    assert SkyCoord(*centre(region), unit="deg").separation(HERE).arcsec < 1e-6
    assert region.radius.to_value(u.arcsec) == pytest.approx(49.2, rel=1e-3)


def test_other_shapes_in_fits(tmp_path):
    box = read_region(ciao_region(tmp_path / "box.fits", "RotBox", (200.0, 100.0), 30.0))
    assert (box.width.to_value("arcsec"), box.height.to_value("arcsec")) == pytest.approx((98.4, 49.2), rel=1e-3)
    ellipse = read_region(ciao_region(tmp_path / "ellipse.fits", "Ellipse", (200.0, 100.0), 30.0))
    assert (ellipse.width.to_value("arcsec"), ellipse.height.to_value("arcsec")) == pytest.approx(
        (196.8, 98.4), rel=1e-3
    )
    # Turned from west to north: 30 degrees above the axis, on the side of smaller right ascension.
    along = HERE.directional_offset_by([300, 60] * u.deg, 90 * u.arcsec)
    assert contains(ellipse, along.ra.deg, along.dec.deg).tolist() == [True, False]
    corners = {"x": (4096.5, 4196.5, 4196.5, np.nan), "y": (4096.5, 4096.5, 4196.5, np.nan)}
    assert len(read_region(ciao_region(tmp_path / "polygon.fits", "Polygon", (0.0,), **corners)).vertices) == 3


@pytest.mark.parametrize(
    ("shape", "others", "words"),
    [
        ("!Circle", {}, "exclusion"),
        ("Annulus", {}, "annulus"),
        ("Circle", {"rows": 2}, "2 shapes"),
        ("Circle", {"wcs": False}, "pixels"),
        ("Circle", {"x": (np.nan,)}, "no numbers"),
    ],
)
def test_a_region_in_fits_that_cannot_be_used(tmp_path, shape, others, words):
    with pytest.raises(RegionError, match=words):
        read_region(ciao_region(tmp_path / "x.fits", shape, (100.0,), **others))


SHAPES = st.sampled_from(["circle", "ellipse", "box", "rotbox", "polygon", "annulus", "point", "panda", "line", "text"])
NUMBER = st.one_of(
    st.floats(-400, 400).map("{:g}".format),
    st.sampled_from(["nan", "inf", "05:35:17", '5"', "5'", "−5", "1d", "abc", ""]),
)
REGION_LIKE = st.builds(
    lambda frame, sign, shape, opens, numbers, separator, closes, tail: (
        f"{frame}{sign}{shape}{opens}{separator.join(numbers)}{closes}{tail}"
    ),
    st.sampled_from(["", "icrs; ", "fk5\n", "physical;", "galactic;", "# x\n", "J2000; ", "IMAGE;"]),
    st.sampled_from(["", "-", "+", "!"]),
    st.one_of(SHAPES, SHAPES.map(str.upper)),
    st.sampled_from(["(", " (", "[", " 1 "]),
    st.lists(NUMBER, max_size=8),
    st.sampled_from([",", " ", ", "]),
    st.sampled_from([")", "]", "", "))"]),
    st.sampled_from(["", " # color=red", "\n", ";", " || circle(1,2,3)", "-circle(1,2,1)"]),
)
PATHS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "~/", "./", "../", "/tmp/none/", "C:\\", "data/", "\\\\server\\"]),
    st.text("abcXYZ_-0123456789 ", min_size=1, max_size=12),
    st.sampled_from([".reg", ".REG", ".crtf", ".Crtf", "_reg.fits", ".fits.gz", ".rgn", ".txt"]),
)
COORDINATES = st.builds(
    lambda opens, numbers, separator, closes: f"{opens}{separator.join(numbers)}{closes}",
    st.sampled_from(["", "(", "[", "RA=", "l=", "J2000 "]),
    st.lists(st.floats(-1000, 1000).map("{:.3f}".format), min_size=1, max_size=7),
    st.sampled_from([" ", ", ", ":", "d ", "h", "° "]),
    st.sampled_from(["", ")", "]", '"', " J2000"]),
)


@given(st.one_of(REGION_LIKE, PATHS, COORDINATES, st.text("0123456789.,:;+-()[]{}#/\\ \n\t°'\"", max_size=30)))
def test_what_is_no_name_is_never_sent_anywhere(text):
    counted = Sesame()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names, "look_up", counted)
        try:
            region = read_region(text)
        except RegionError as error:
            assert str(error).endswith((".", "!", "?"))  # noqa: PT017 - whether it is raised depends on the text
        else:
            assert np.isfinite(centre(region)).all()
    assert [name for name in counted.asked if not names._IAU_SHORT.fullmatch(name)] == []


@given(st.text(max_size=40))
def test_any_text_is_read_looked_up_or_refused(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names, "look_up", Sesame())
        with suppress(RegionError):
            read_region(text)

"""Event and region files, made here with known contents; those of the demo are read in tests/demo."""

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.science.region_file import Area, read_regions
from cscwidgets.science.region_shapes import Shape
from cscwidgets.science.times.events import read_events

HEADER = {
    "MJDREF": 50814.0, "TIMESYS": "TT", "TSTART": 1000.0, "TSTOP": 2000.0, "OBS_ID": "78", "OBI_NUM": 0,
    "INSTRUME": "ACIS", "OBJECT": "47 Tuc",
}  # fmt: skip


def _table(name, columns, version=1, **cards):
    hdu = fits.BinTableHDU.from_columns(
        [fits.Column(key, form, array=np.asarray(values)) for key, form, values in columns], name=name, ver=version
    )
    hdu.header.update(HEADER | cards)
    return hdu


def _events(path, *, drop=(), gti=((7, 1000.0, 1900.0), (6, 1100.0, 2000.0)), **cards):
    columns = [
        ("time", "1D", [1950.0, 1050.0, 1500.0, 1600.0]),
        ("ccd_id", "1I", [7, 6, 7, 6]),
        ("x", "1E", [10, 20, 30, 40]),
        ("y", "1E", [10, 20, 30, 40]),
        ("energy", "1E", [600.0, 1500.0, 499.9, 7000.0]),
    ]
    tables = [_table("EVENTS", [c for c in columns if c[0] not in drop], **cards)]
    for chip, start, stop in gti:
        tables.append(
            _table("GTI", [("START", "1D", [start]), ("STOP", "1D", [stop])], chip, CCD_ID=chip, HDUNAME=f"GTI{chip}")
        )
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(path, overwrite=True)
    return path


def test_events_come_in_time_with_the_good_time_of_their_chips(tmp_path):
    events = read_events(_events(tmp_path / "evt.fits"))
    np.testing.assert_array_equal(events.time, [1050, 1500, 1600, 1950])
    np.testing.assert_allclose(events.energy, [1.5, 0.4999, 7.0, 0.6], rtol=1e-6)
    np.testing.assert_array_equal(events.chip, [6, 7, 6, 7])
    np.testing.assert_array_equal(events.good_times[6].intervals, [[1100, 2000]])
    np.testing.assert_array_equal(events.good_time.intervals, [[1100, 1900]])
    np.testing.assert_array_equal(events.clean().time, [1500, 1600])
    np.testing.assert_array_equal(events.within(0.5, 7.0).time, [1050, 1950])
    assert events.within(0.5, 7.0).band == (0.5, 7.0)
    assert str(events.header.system) == "TT, not barycentred"
    alone = events[events.chip == 7]
    np.testing.assert_array_equal(alone.good_time.intervals, [[1000, 1900]])
    assert events.table()["energy"].unit == "keV"
    assert events.times[0].cxcsec == pytest.approx(1050)


def test_a_single_good_time_table_is_for_all(tmp_path):
    path = _events(tmp_path / "evt.fits", gti=())
    assert read_events(path).good_time.total == 1000
    with fits.open(path, mode="append") as hdus:
        hdus.append(_table("GTI", [("START", "1D", [1200.0, 1500.0]), ("STOP", "1D", [1300.0, 1700.0])]))
    np.testing.assert_array_equal(read_events(path).good_time.intervals, [[1200, 1300], [1500, 1700]])


def test_the_hrc_measures_no_energy(tmp_path):
    events = read_events(_events(tmp_path / "evt.fits", drop=("energy", "ccd_id"), gti=(), INSTRUME="HRC"))
    assert "energy" not in events.table().colnames
    with pytest.raises(CscError, match="HRC"):
        events.within(0.5, 7)
    assert events.good_time.total == 1000


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"drop": ("time",)}, "column time"), ({"MJDREF": 0.0}, "MJD 0"), ({"TZERO2": 1e30}, r"a chip 1e\+30")],
)
def test_other_files_are_refused(tmp_path, changes, says):
    with pytest.raises(CscError, match=says):
        read_events(_events(tmp_path / "evt.fits", **changes))


@pytest.mark.real
def test_the_good_time_tables_of_a_real_file_are_understood(real, tmp_path):
    """A real spectrum file has good times of two chips; events are put beside them."""
    spectrum = real / "spectra" / "csc_pha3" / "acisf01575_001N001_r0085_pha3.fits.gz"
    with fits.open(spectrum) as hdus:
        head = hdus["SPECTRUM"].header
        moment = (head["TSTART"] + head["TSTOP"]) / 2
        events = _table(
            "EVENTS",
            [("time", "1D", [moment] * 2), ("ccd_id", "1I", [6, 7]), ("x", "1E", [1, 2]), ("y", "1E", [1, 2])],
            TSTART=head["TSTART"],
            TSTOP=head["TSTOP"],
        )
        made = fits.HDUList([fits.PrimaryHDU(), events, *(hdu for hdu in hdus if hdu.name == "GTI")])
        made.writeto(tmp_path / "evt.fits")
        expected = {chip: head[f"ONTIME{chip}"] for chip in (6, 7)}
    found = read_events(tmp_path / "evt.fits").good_times
    for chip, seconds in expected.items():
        assert found[chip].total == pytest.approx(seconds, abs=4)  # an ACIS frame


def _regions(path, source, background):
    def table(name, rows):
        return _table(
            name,
            [
                ("SHAPE", "16A", [row[0] for row in rows]),
                (
                    "X",
                    "4D",
                    [np.resize(np.append(row[1], np.nan), 4) if row[0] == "Polygon" else row[1] for row in rows],
                ),
                (
                    "Y",
                    "4D",
                    [np.resize(np.append(row[2], np.nan), 4) if row[0] == "Polygon" else row[2] for row in rows],
                ),
                ("R", "2D", [row[3] for row in rows]),
                ("ROTANG", "1D", [row[4] for row in rows]),
                ("COMPONENT", "1I", [row[5] for row in rows]),
            ],
        )

    fits.HDUList([fits.PrimaryHDU(), table("SRCREG", source), table("BKGREG", background)]).writeto(path)
    return path


def test_a_real_kind_of_region_file(tmp_path):
    flat = np.zeros(4)
    ellipse = ("Ellipse", flat + 50, flat + 60, [20, 10], 30.0, 1)
    ring = ("Ellipse", flat + 50, flat + 60, [60, 30], 30.0, 1)
    hole = ("!Ellipse", flat + 50, flat + 60, [20, 10], 30.0, 1)
    regions = read_regions(_regions(tmp_path / "reg.fits", [ellipse], [ring, hole]))
    assert regions.source.pixels == pytest.approx(np.pi * 200, rel=2e-3)
    assert regions.ratio == pytest.approx(8, rel=5e-3)
    along = np.array([15 * np.cos(np.pi / 6), 15 * np.sin(np.pi / 6)])
    assert regions.source.contains(50 + along[0], 60 + along[1])
    assert not regions.source.contains(50 + along[0], 60 - along[1])
    assert not regions.background.contains(50, 60)
    assert regions.background.contains(50 + 3 * along[0], 60 + 3 * along[1])


def test_polygons_boxes_and_components():
    def shape(kind, x, y, size=(), angle=0.0, excluded=False):
        return Shape(
            kind, np.atleast_1d(x).astype(float), np.atleast_1d(y).astype(float), np.array(size), angle, excluded
        )

    triangle = shape("polygon", [0, 10, 0], [0, 0, 10])
    box = shape("box", 20, 20, (4, 2), 90.0)
    area = Area(((triangle,), (box,)))
    np.testing.assert_array_equal(area.contains([1, 9, 20, 21.5, 5], [1, 9, 21.5, 20, 20]), [1, 0, 1, 0, 0])
    assert area.pixels == pytest.approx(58, rel=5e-3)
    cut = Area(((triangle, shape("circle", 0, 0, (2.0,), excluded=True)),))
    assert cut.pixels == pytest.approx(50 - np.pi, rel=5e-3)


def test_unknown_shapes_are_refused(tmp_path):
    flat = np.zeros(4)
    pie = ("Pie", flat, flat, [1, 1], 0.0, 1)
    circle = ("Circle", flat, flat, [1, 0], 0.0, 1)
    with pytest.raises(CscError, match="pie"):
        read_regions(_regions(tmp_path / "a.fits", [pie], [circle]))
    with pytest.raises(CscError, match="includes nothing"):
        read_regions(_regions(tmp_path / "b.fits", [circle], [("!Circle", flat, flat, [1, 0], 0.0, 1)]))


@pytest.mark.parametrize("form", ["32X", "J"])
def test_events_that_level_2_leaves_out_are_told(tmp_path, form):
    """Level 2 has [grade=0,2,3,4,6,status=0]: https://cxc.cfa.harvard.edu/ciao/threads/createL2/."""
    path = _events(tmp_path / "evt.fits")
    flags = np.zeros((4, 32), bool)
    flags[1:, 5] = True
    with fits.open(path) as hdus:
        old, *others = (hdu.copy() for hdu in hdus[1:])
        columns = [
            *old.columns,
            fits.Column("status", form, array=flags if form == "32X" else flags.any(axis=1).astype(int)),
            fits.Column("grade", "I", array=[0, 2, 6, 5]),
        ]
        new = fits.BinTableHDU.from_columns(columns, header=old.header, name="EVENTS")
        fits.HDUList([fits.PrimaryHDU(), new, *others]).writeto(path, overwrite=True)
    notes = " ".join(read_events(path).notes)
    assert "3 of its 4 events are flagged (STATUS)" in notes
    assert "1 of its 4 events have a GRADE" in notes
    with fits.open(path, mode="update") as hdus:
        hdus["EVENTS"].header["INSTRUME"] = "HRC"  # whose usual events have flags
    assert "STATUS" not in " ".join(read_events(path).notes)

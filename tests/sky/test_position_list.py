"""Lists row by row: each way of writing a position against astropy, and nothing that is not said."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, Table
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.io.reading import Unreadable
from cscwidgets.sky.position_list import of_coordinates, of_lines, of_table

positions = st.tuples(st.floats(0, 359.999999), st.floats(-90, 90))
edges = st.sampled_from([(0.0, 0.0), (359.9999999, -0.0001), (0.0, 90.0), (12.0, -90.0), (83.8, -0.25), (180.0, -1e-5)])
WAYS = {
    "degrees": lambda one: one.to_string("decimal", precision=9),
    "with commas": lambda one: one.to_string("decimal", precision=9).replace(" ", ", "),
    "colons": lambda one: one.to_string("hmsdms", sep=":", precision=6),
    "blanks": lambda one: one.to_string("hmsdms", sep=" ", precision=6),
    "letters": lambda one: one.to_string("hmsdms", precision=6),
    "minus signs of a journal": lambda one: one.to_string("hmsdms", sep=":", precision=6).replace("-", "−"),
    "labels": lambda one: f"RA={one.ra.deg:.9f} Dec={one.dec.deg:+.9f}",
    "galactic": lambda one: f"galactic {one.galactic.l.deg:.10f} {one.galactic.b.deg:+.10f}",
    "l and b": lambda one: f"l={one.galactic.l.deg:.10f} b={one.galactic.b.deg:+.10f}",
    "B1950": lambda one: "B1950 " + one.fk4.to_string("decimal", precision=10),
    "a name in front": lambda one: f"source A; {one.ra.deg:.9f}; {one.dec.deg:.9f}",
    "a magnitude behind": lambda one: f"{one.ra.deg:.9f}\t{one.dec.deg:.9f}\tV=17.2 mag",
}


@given(st.lists(st.tuples(positions | edges, st.sampled_from(sorted(WAYS))), min_size=1, max_size=8))
def test_every_way_of_writing_is_read_as_astropy_means_it(rows):
    truth = SkyCoord([ra for (ra, _), _ in rows], [dec for (_, dec), _ in rows], unit="deg")
    read = of_lines([WAYS[way](one) for one, (_, way) in zip(truth, rows, strict=True)])
    assert read.placed.all(), read.problem
    assert SkyCoord(read.ra, read.dec, unit="deg").separation(truth).max() < 0.02 * u.mas
    assert list(read.line) == list(range(1, len(rows) + 1))
    assert ((read.ra >= 0) & (read.ra < 360)).all()


@given(st.lists(st.text(max_size=40).filter(lambda text: len(text.splitlines()) <= 1), max_size=20))
def test_no_line_is_lost_whatever_it_is(lines):
    read = of_lines(lines)
    unsaid = set(range(1, len(lines) + 1)) - set(read.line.tolist())
    for number in unsaid:  # blank, a comment, a heading, or the name of a frame
        text = lines[number - 1]
        assert not any(letter.isalnum() for letter in text) or "#" in text or len(text.split()) <= 2
    told = [
        bool(problem) or bool(name) or placed
        for problem, name, placed in zip(
            read.problem, [a or b for a, b in zip(read.name, read.unresolved, strict=True)], read.placed, strict=True
        )
    ]
    assert all(told)


def test_degrees_of_minus_zero_stay_in_the_south():
    read = of_lines(["05:35:17.3 -00:23:28", "5h35m17s -0d0m1s", "83.8 -0.0001", "00 00 00.0 -00 00 00.5"])
    assert (read.dec < 0).all()
    assert read.dec[0] == pytest.approx(-(23 + 28 / 60) / 60)
    table = Table({"ra": ["05 35 17.3"], "dec": ["-00 23 28"]})
    assert of_table(table).dec[0] == pytest.approx(-(23 + 28 / 60) / 60)
    parts = Table({"RAh": [5], "RAm": [35], "RAs": [17.3], "DE-": ["-"], "DEd": [0], "DEm": [23], "DEs": [28.0]})
    assert of_table(parts).dec[0] == pytest.approx(-(23 + 28 / 60) / 60)


def test_rows_that_cannot_be_used_say_why():
    lines = ["nan nan", "10 95", "400 2", "1 2 3", "?!", "x" * 300, "", "  # said", "10.5 -3"]
    read = of_lines(lines)
    assert read.line.tolist() == [1, 2, 3, 4, 5, 6, 9]
    assert all(read.problem[:-1])
    assert not read.problem[-1]
    assert "not between -90 and 90" in read.problem[1]
    assert "more than once around" in read.problem[2]
    assert read.notes == ("1 line is a comment",)


def test_a_frame_on_a_line_of_its_own_holds_for_those_that_follow():
    read = of_lines(["83.8 -5.4", "galactic", "209.0 -19.4", "icrs 83.8 -5.4", "fk5;", "83.8 -5.4"])
    orion = SkyCoord(209.0, -19.4, unit="deg", frame="galactic").icrs
    assert read.line.tolist() == [1, 3, 4, 6]
    assert (read.ra[1], read.dec[1]) == pytest.approx((orion.ra.deg, orion.dec.deg))
    assert read.ra[2] == 83.8


@given(st.lists(positions | edges, min_size=1, max_size=5))
def test_columns_in_any_unit_and_frame(rows):
    truth = SkyCoord(*np.array(rows).T, unit="deg")
    galactic = truth.galactic
    tables = [
        QTable({"ra": truth.ra.to(u.hourangle), "dec": truth.dec.to(u.arcmin)}),
        QTable({"RA_ICRS": truth.ra.rad * u.rad, "DE_ICRS": truth.dec.to(u.mas)}),
        Table({"l": galactic.l.deg, "b": galactic.b.deg}),
        QTable({"GLON": galactic.l.to(u.rad), "GLAT": galactic.b}),
        Table({"where": truth.galactic, "other": np.zeros(len(truth))}),
        Table(
            {"RA": truth.ra.to_string(u.hour, sep=" ", precision=6), "DEC": truth.dec.to_string(sep=":", precision=6)}
        ),
    ]
    for table in tables:
        read = of_table(table)
        assert SkyCoord(read.ra, read.dec, unit="deg").separation(truth).max() < 0.02 * u.mas, table.colnames
        assert read.what == "row"
    for frame in ("icrs", "galactic", "fk4", "barycentricmeanecliptic"):
        read = of_coordinates(truth.transform_to(frame))
        assert SkyCoord(read.ra, read.dec, unit="deg").separation(truth).max() < 0.02 * u.mas


def test_columns_of_something_else_are_one_clear_error():
    with pytest.raises(Unreadable, match="ra is in kpc, which is not an angle"):
        of_table(QTable({"ra": [1, 2] * u.kpc, "dec": [1, 2] * u.deg}))
    with pytest.raises(Unreadable, match="none of its columns flux, x is known"):
        of_table(Table({"flux": [1.0], "x": [2.0]}))


def test_masked_and_impossible_rows_of_a_table_are_named():
    table = Table({"ra": MaskedColumn([10.0, 20, 30, 725], mask=[0, 1, 0, 0]), "dec": [1.0, 2, 99, 3]})
    read = of_table(table)
    assert read.placed.tolist() == [True, False, False, False]
    assert read.problem[1] == "it has no position"
    assert "99 degrees" in read.problem[2]
    assert "725 degrees" in read.problem[3]


def test_a_position_in_hours_without_a_unit_is_suspected():
    hours = Table({"ra": np.linspace(0, 23.9, 30), "dec": np.linspace(-60, 60, 30)})
    assert "hours" in of_table(hours).notes[0]
    radians = Table({"ra": np.linspace(0, 6.2, 30), "dec": np.linspace(-1.5, 1.5, 30)})
    assert "radians" in of_table(radians).notes[0]
    hours["ra"].unit = u.hourangle
    assert of_table(hours).notes == ()


def test_names_keep_their_positions_to_their_last_digit():
    read = of_lines(["2CXO J053515.7-052309", "j002404.2-720457", "M 33", "Vela X-1"])
    assert read.name[:2] == ["2CXO J053515.7-052309", "J002404.2-720457"]
    assert read.blur[0] > 0
    assert read.blur[2] == 0
    middle = SkyCoord(read.ra[0], read.dec[0], unit="deg")
    for corner in ("05:35:15.7 -05:23:09", "05:35:15.79999 -05:23:09.9999"):
        assert middle.separation(SkyCoord(corner, unit=(u.hour, u.deg))) < read.blur[0] * u.arcsec
    assert read.ra[2] == 23.4621
    assert read.unresolved == ["", "", "", "Vela X-1"]


def test_a_name_that_is_looked_up_once_serves_all_its_rows():
    asked = []

    def look_up(name):
        asked.append(name)
        return SkyCoord(135.5, -40.55, unit="deg")

    read = of_lines(["Vela X-1", "10 10", "Vela X-1"]).looked_up(look_up)
    assert asked == ["Vela X-1"]
    assert read.ra.tolist() == [135.5, 10, 135.5]

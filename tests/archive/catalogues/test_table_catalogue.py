"""The user's own tables: every format, every kind of column, and clear words where it cannot be."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable, Table

from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.errors import CscError
from cscwidgets.sky.usable import circle

from .stars import names_within, stars

REGION = circle(10, 20, 0.5)


@pytest.fixture
def table():
    return stars()


@pytest.mark.parametrize("margin", [0, 600])
def test_the_rows_are_those_within_the_margin(table, margin):
    found = TableCatalogue(table, "my stars").near(REGION, margin * u.arcsec)
    assert list(found["name"]) == names_within(table, margin / 3600)
    provenance = found.meta["provenance"]
    assert (provenance.returned, provenance.unplaced) == (200, 1)
    assert provenance.outside == 199 - len(found)
    assert not provenance.simulated
    assert provenance.origin == "a table of this session"


def test_nulls_of_real_numbers_are_nan_and_the_table_is_left_alone(table):
    found = TableCatalogue(table).near(REGION, 1 * u.deg)
    assert np.isnan(found["mag"].value).any()
    assert found["mag"].unit == u.mag
    assert table["mag"].mask.any()
    assert "provenance" not in table.meta
    assert found["count"].dtype.kind == "i"


def test_a_data_frame(table):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"ra": table["ra"].filled(np.nan), "dec": table["dec"].filled(np.nan)})
    assert len(TableCatalogue(frame).near(REGION, 0 * u.deg)) == len(names_within(table))


@pytest.mark.parametrize("frame", ["icrs", "galactic"])
def test_a_column_of_coordinates_is_a_position(table, frame):
    sky = SkyCoord(table["ra"].filled(0), table["dec"].filled(0), unit="deg").transform_to(frame)
    found = TableCatalogue(QTable({"name": np.asarray(table["name"]), "place": sky})).near(REGION, 0 * u.deg)
    assert list(found["name"]) == names_within(table)
    assert found.colnames == ["name", "place"]


def test_named_columns_and_other_units():
    table = Table({"x": [10.0, 11.0] * u.deg, "y": [20.0, 20.0] * u.deg, "ra": [0.0, 0.0], "dec": [0.0, 0.0]})
    table["x"] = table["x"].to(u.hourangle)
    assert len(TableCatalogue(table, ra="x", dec="y").near(REGION, 0 * u.deg)) == 1
    with pytest.raises(CscError, match="There is no column z"):
        TableCatalogue(table, "mine", ra="x", dec="z").near(REGION, 0 * u.deg)


@pytest.mark.parametrize("unit", ["degrees", "DEG", "deg.", "Degree"])
def test_degrees_however_they_are_spelled(unit):
    table = Table({"ra": [10.0], "dec": [20.0]})
    for name in ("ra", "dec"):
        table[name].unit = u.Unit(unit, parse_strict="silent")
    found = TableCatalogue(table).near(REGION, 0 * u.deg)
    assert found["ra"].unit == u.deg
    assert len(found) == 1


@pytest.mark.parametrize("hours", ['"h:m:s"', "h:m:s", "hours"])
def test_positions_in_hours_minutes_and_seconds(hours):
    table = Table({"RAJ2000": ["00 40 00", "0.6666667", "", "x"], "DEJ2000": ["+20 00 00", "20:00:00", "20", "20"]})
    table["RAJ2000"].unit, table["DEJ2000"].unit = (u.Unit(x, parse_strict="silent") for x in (hours, "d:m:s"))
    found = TableCatalogue(table).near(REGION, 0 * u.deg)
    np.testing.assert_allclose(found["RAJ2000"].to_value(u.deg), [10, 10], atol=1e-4)
    assert found.meta["provenance"].unplaced == 2


def test_columns_in_units_that_are_none_are_kept():
    table = Table({"ra": [10.0], "dec": [20.0], "flux": [1.5]})
    table["flux"].unit = u.Unit("fluxes/s", parse_strict="silent")
    found = TableCatalogue(table).near(REGION, 0 * u.deg)
    assert list(np.asarray(found["flux"], float)) == [1.5]


def test_swapped_columns_are_noticed():
    table = Table({"ra": [20.0, 20.1], "dec": [10.0, 10.1]})
    with pytest.raises(CscError, match="None of its 2 rows is there, but some would be with ra and dec swapped"):
        TableCatalogue(table).near(circle(10, 20, 0.5), 0 * u.deg)


def test_no_rows(table):
    found = TableCatalogue(table[:0]).near(REGION, 0 * u.deg)
    assert len(found) == 0
    assert found.colnames == table.colnames


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        ([1, 2], "It is a list"),
        (Table({"l": [1.0], "b": [2.0]}), "None of its columns l, b is known as a right ascension"),
        (Table({"ra": ["a"], "dec": ["b"]}), "ra holds no numbers"),
    ],
)
def test_what_is_no_catalogue_is_said(thing, words):
    with pytest.raises(CscError, match=words):
        TableCatalogue(thing, "mine").near(REGION, 0 * u.deg)

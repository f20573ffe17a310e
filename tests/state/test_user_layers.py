"""Layers of one's own: what may be one, where its rows lie, which are chosen, and which sources lie there."""

import contextlib

import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable, Table
from hypothesis import given
from hypothesis import strategies as st
from mocpy import MOC

from cscwidgets.errors import CscError
from cscwidgets.export import write_regions
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.sky.region import Region
from cscwidgets.sky.target import read_region
from cscwidgets.state.area_layer import is_area, read_area

from ..filedamage import damaged_fits, damaged_text

PLACES = {"id": ["a", "b", "c"], "ra": [23.40, 23.46, 23.52], "dec": [30.60, 30.66, 30.72], "mag": [12.0, 13.5, 11.0]}


@pytest.fixture
def layers(warm_workspace):
    return warm_workspace.layers


@pytest.fixture
def found(warm_workspace):
    warm_workspace.explorer.search("M33", "12 arcmin")
    warm_workspace.explorer.settle()
    return warm_workspace


@pytest.mark.parametrize(
    "kind", ["table", "qtable", "pandas", "arrow", "csv", "ecsv", "vot", "fits", "parquet", "galactic", "coordinates"]
)
def test_whatever_people_have_is_a_layer_with_its_rows_where_astropy_has_them(layers, tmp_path, kind):
    table = Table(PLACES)
    table["mag"].unit = "mag"
    thing = {
        "table": lambda: table,
        "qtable": lambda: QTable(table),
        "pandas": lambda: pd.DataFrame(PLACES),
        "arrow": lambda: pa.table(PLACES),
        "galactic": lambda: _galactic(table),
        "coordinates": lambda: QTable({"id": table["id"], "at": SkyCoord(table["ra"], table["dec"], unit="deg")}),
    }.get(kind)
    if thing is None:
        path = tmp_path / f"stars.{kind}"
        table.write(path, **({"format": "votable"} if kind == "vot" else {}))
        layer = layers.add(path)
        assert layer.name == "stars"
    else:
        layer = layers.add(thing(), "stars")
    assert layers.names == ["stars"]
    np.testing.assert_allclose(layer.ra, PLACES["ra"], atol=1e-9)
    np.testing.assert_allclose(layer.dec, PLACES["dec"], atol=1e-9)
    assert layer.labels == ["a", "b", "c"]
    if kind in {"table", "qtable", "ecsv", "vot", "fits"}:
        assert layer.table["mag"].unit == u.mag
        assert ("mag", "13.5 mag") in layer.words(1)


def _galactic(table):
    galactic = SkyCoord(table["ra"], table["dec"], unit="deg").galactic
    return Table({"id": table["id"], "GLON": galactic.l.deg, "GLAT": galactic.b.deg})


def test_roles_may_be_told_and_rows_without_a_place_are_counted(layers):
    table = Table({"x": [10.0, np.nan, 400.0], "y": [1.0, 2.0, 3.0]})
    with pytest.raises(CscError, match="No column of x, y is known as a position"):
        layers.add(table, "mine")
    layer = layers.add(table, "mine", roles=ColumnRoles(ra="x", dec="y"))
    assert layer.placed.tolist() == [True, False, False]
    assert "2 of 3 rows have no position" in str(layers.desk.messages.entries[-1])


@pytest.mark.parametrize("thing", [5, "nothing.csv", Table(), Table({"ra": [np.nan], "dec": [1.0]})])
def test_what_is_no_layer_is_refused_and_nothing_changes(layers, thing):
    with pytest.raises(CscError):
        layers.add(thing, "mine")
    assert layers.layers == ()


def test_a_layer_of_the_same_name_takes_the_place_and_the_colour_others_have_their_own(layers):
    first = layers.add(Table(PLACES), "one")
    second = layers.add(Table(PLACES), "two")
    assert first.colour != second.colour
    again = layers.add(Table(PLACES)[:2], "one")
    assert (again.colour, len(again.ra), sorted(layers.names)) == (first.colour, 2, ["one", "two"])
    layers.remove("one")
    assert layers.names == ["two"]
    with pytest.raises(CscError, match="There is no layer 'one'"):
        layers.remove("one")


def test_rows_are_chosen_by_number_by_region_and_by_a_click(layers):
    layers.add(Table(PLACES), "mine")
    layers.choose("mine", [0, 2, 99])
    assert layers["mine"].chosen.tolist() == [0, 2]
    layers.choose_inside(Region.of(read_region("23.46 30.66", "1 arcmin")), "add")
    assert layers["mine"].chosen.tolist() == [0, 1, 2]
    layers.choose("mine", [1], "intersect")
    assert list(layers["mine"].selected["id"]) == ["b"]
    layers.pick("mine", 2, "add")
    assert (layers["mine"].row, layers["mine"].chosen.tolist()) == (2, [1, 2])
    layers.add(Table(PLACES), "other")
    layers.look_at("other", 0)
    assert layers["mine"].row == -1  # one row is looked at
    layers.leave()
    assert layers["other"].row == -1
    with pytest.raises(CscError, match="has no row 3"):
        layers.look_at("mine", 3)


def test_the_sources_near_a_layers_rows_are_those_that_astropy_matches(found):
    table = found.explorer.table
    here = SkyCoord(table["ra"], table["dec"])
    moved = here[::5].spherical_offsets_by(0.5 * u.arcsec, 0 * u.arcsec)
    found.layers.add(QTable({"ra": moved.ra, "dec": moved.dec}), "mine")
    expected = set(map(str, table["name"][here.match_to_catalog_sky(moved)[1] <= 1 * u.arcsec]))
    assert found.layers.select_matches("mine", "1 arcsec") == len(expected) >= len(moved)
    assert found.desk.selection.names == expected
    found.layers.choose("mine", [3])
    found.layers.select_matches("mine", 1 * u.arcsec)
    assert str(table["name"][15]) in found.desk.selection.names
    assert found.desk.selection.count < len(expected)


def test_a_click_on_a_row_brings_the_source_at_its_place_into_focus(found):
    table = found.explorer.table
    found.layers.add(QTable({"ra": [table["ra"][3], 0 * u.deg], "dec": [table["dec"][3], 0 * u.deg]}), "mine")
    found.layers.pick("mine", 1)
    assert found.explorer.focus == ""
    found.layers.pick("mine", 0)
    assert found.explorer.focus == str(table["name"][3])


@pytest.mark.parametrize("kind", ["reg", "crtf", "moc.fits", "moc.json", "moc.txt", "object"])
def test_an_area_selects_what_lies_in_it(found, tmp_path, kind):
    shape = read_region("23.46 30.66", "5 arcmin")
    path = tmp_path / f"mine.{kind}"
    moc = MOC.from_cone(shape.center.ra, shape.center.dec, radius=shape.radius, max_depth=15)
    if kind == "moc.fits":
        moc.save(str(path), format="fits")
    elif kind.startswith("moc"):
        path.write_text(moc.to_string(format="json" if kind.endswith("json") else "ascii"))
    elif kind != "object":
        write_regions([shape], path)
    thing = shape if kind == "object" else path
    assert is_area(thing) or kind == "moc.txt"
    found.layers.add_area(thing, "mine")
    table = found.explorer.table
    apart = SkyCoord(table["ra"], table["dec"]).separation(shape.center)
    number = found.layers.select_inside("mine")
    assert np.count_nonzero(apart <= shape.radius) <= number <= np.count_nonzero(apart <= shape.radius + 8 * u.arcsec)
    assert found.desk.selection.count == number > 0
    found.layers.remove("mine")
    with pytest.raises(CscError, match="There is no area 'mine'"):
        found.layers.select_inside("mine")


@given(
    junk=st.binary(max_size=300), start=st.sampled_from([b"", b"{", b"3/", b"SIMPLE  =                    T", b"fk5\n"])
)
def test_a_damaged_area_is_one_error(tmp_path_factory, junk, start):
    path = tmp_path_factory.mktemp("areas") / "mine.moc"
    path.write_bytes(start + junk)
    with contextlib.suppress(CscError):
        read_area(path)


@pytest.mark.parametrize("kind", ["moc.fits", "moc.json", "moc.txt", "reg", "crtf"])
def test_a_damaged_area_file_is_refused_in_words_or_read(tmp_path, kind):
    path, rng = tmp_path / f"mine.{kind}", np.random.default_rng(1)
    moc = MOC.from_cone(23 * u.deg, 30 * u.deg, radius=1 * u.deg, max_depth=9)
    if kind == "moc.fits":
        moc.save(str(path), format="fits")
    elif kind.startswith("moc"):
        path.write_text(moc.to_string(format="json" if kind.endswith("json") else "ascii"))
    else:
        write_regions([read_region("23 30", "1 deg"), read_region("icrs; box(23, 30, 1, 2, 30)")], path)
    whole, read = path.read_bytes(), 0
    for _ in range(60):
        path.write_bytes((damaged_fits if kind == "moc.fits" else damaged_text)(whole, rng))
        with contextlib.suppress(CscError):
            read_area(path).contains([23.0, np.nan], [30.0, 0.0])
            read += 1
    assert read

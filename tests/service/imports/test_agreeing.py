"""Columns that several files call the same: numbers against astropy's conversion of units, words kept as they are."""

import astropy.units as u
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cscwidgets.service.imports.agreeing import agreeing
from cscwidgets.service.imports.importer import import_tables

NAMES = ("2CXO J053515.7-052309", "2CXO J053515.8-052310", "2CXO J053515.9-052311")


def _imported(tmp_path, *tables):
    paths = [tmp_path / f"{number}.parquet" for number in range(len(tables))]
    for path, (name, values, unit) in zip(paths, tables, strict=True):
        metadata = {"unit": unit} if unit else None
        fields = [pa.field("name", pa.string()), pa.field("mine", values.type, metadata=metadata)]
        pq.write_table(pa.table([pa.array([name] * len(values)), values], schema=pa.schema(fields)), path)
    report = import_tables(paths, tmp_path / "folder")
    (written,) = (tmp_path / "folder").rglob("master_source.parquet")
    return pq.read_table(written), str(report)


def test_one_unit_is_converted_into_the_other_and_one_of_something_else_stays_apart(tmp_path):
    tables = [
        (NAMES[0], pa.array([1.5]), "arcsec"),
        (NAMES[1], pa.array([0.5]), "deg"),
        (NAMES[2], pa.array([2.0]), "keV"),
    ]
    table, report = _imported(tmp_path, *tables)
    assert table["mine"].to_pylist() == pytest.approx([1.5, (0.5 * u.deg).to_value(u.arcsec), None])
    assert table["mine_2"].to_pylist() == [None, None, 2.0]
    units = [table.schema.field(name).metadata[b"unit"] for name in ("mine", "mine_2")]
    assert [u.Unit(unit.decode()) for unit in units] == [u.arcsec, u.keV]
    assert "was in deg in another" in report
    assert "keV in another: that one is called mine_2" in report


@pytest.mark.parametrize("units", [("arcsec", ""), ("", "arcsec")])
def test_numbers_without_a_unit_are_taken_in_that_of_the_others_and_it_is_said(tmp_path, units):
    table, report = _imported(tmp_path, *((n, pa.array([1.5]), one) for n, one in zip(NAMES, units, strict=False)))
    assert table["mine"].to_pylist() == [1.5, 1.5]
    assert table.schema.field("mine").metadata[b"unit"] == b"arcsec"
    assert "has none in another" in report


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (pa.array(["AGN"]), pa.array([2]), ["AGN", "2"]),
        (pa.array([True]), pa.array([1.5]), ["true", "1.5"]),
        (pa.array([2**63 + 5], pa.uint64()), pa.array([-5]), ["9223372036854775813", "-5"]),
        (pa.array([2**53 + 1]), pa.array([0.5]), ["9007199254740993", "0.5"]),
    ],
)
def test_types_that_no_column_has_both_of_become_words_and_it_is_said(tmp_path, one, other, words):
    table, report = _imported(tmp_path, (NAMES[0], one, ""), (NAMES[1], other, ""))
    assert table["mine"].to_pylist() == words
    assert "all are words now" in report


@pytest.mark.parametrize("empty", ["", "null"])
def test_a_column_that_is_empty_in_one_file_takes_the_type_of_the_other(tmp_path, empty):
    paths = [tmp_path / f"{number}.csv" for number in range(2)]
    for path, name, value in zip(paths, NAMES, (empty, "2"), strict=False):
        path.write_text(f"name,mine\n{name},{value}\n")
    import_tables(paths, tmp_path / "folder")
    (written,) = (tmp_path / "folder").rglob("master_source.parquet")
    assert pq.read_table(written)["mine"].to_pylist() == [None, 2]


def test_the_same_unit_in_other_words_is_the_same(tmp_path):
    table, report = _imported(tmp_path, (NAMES[0], pa.array([1.0]), "deg"), (NAMES[1], pa.array([2.0]), "degrees"))
    assert table["mine"].to_pylist() == [1.0, 2.0]
    assert "another" not in report


def test_the_columns_of_the_catalogue_are_left_to_it():
    pieces = [pa.table({"name": [NAMES[0]], "ra": [1.5]}), pa.table({"name": [NAMES[1]], "ra": [2.5]})]
    assert agreeing("master_source", pieces) == (pieces, [])

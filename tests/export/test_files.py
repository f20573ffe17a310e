"""What is written is what is read back by other readers."""

import gzip
import io
from dataclasses import replace
from pathlib import Path

import astropy.units as u
import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits, votable
from astropy.table import Column, MaskedColumn, QTable, Table, vstack
from astropy.time import Time

from cscwidgets.archive import Provenance
from cscwidgets.archive.lists.reading import read_list
from cscwidgets.errors import CscError
from cscwidgets.export.files import USUAL_FORMATS, votable_text, write_table
from cscwidgets.io.tables.cells import typed
from cscwidgets.io.tables.read import read_tables
from cscwidgets.sky.region import Region
from cscwidgets.sky.usable import circle


@pytest.fixture
def table():
    table = QTable()
    table["name"] = ["SIM J1", "SIM J2 <img onerror>", "SIM J3"]
    table["ra"] = [1.0, 2.0, 3.0] * u.deg
    table["flux_aper_b"] = [1e-15, np.nan, 3e-15] * u.erg / u.s / u.cm**2
    table["var_flag"] = MaskedColumn([True, False, True], mask=[False, True, False])
    table["acis_num"] = MaskedColumn([1, 2, 3], mask=[True, False, False])
    table["ra"].info.description = "Right ascension, ICRS"
    table.meta["provenance"] = Provenance(
        release="Demo",
        service="here",
        query="SELECT 'é' FROM " + "x" * 200,
        requested=3,
        returned=3,
        region=Region.of(circle(2, 0, 3)).ds9,
        simulated=True,
    )
    return table


def assert_same(back, table):
    assert list(back["name"]) == list(table["name"])
    np.testing.assert_array_equal(np.asarray(back["ra"]), table["ra"].value)
    np.testing.assert_array_equal(np.ma.filled(np.ma.asarray(back["flux_aper_b"]), np.nan), table["flux_aper_b"].value)
    assert np.ma.getmaskarray(np.ma.asarray(back["acis_num"])).tolist() == [True, False, False]


def test_votable(table, tmp_path):
    path = write_table(table, tmp_path / "table.vot")
    document = votable.parse_single_table(path)
    back = document.to_table(use_names_over_ids=True)
    assert_same(back, table)
    assert back["flux_aper_b"].unit == u.erg / u.s / u.cm**2
    assert back["ra"].description == "Right ascension, ICRS"
    infos = {info.name: info.value for info in document.infos}
    assert infos["provenance_simulated"] == "True"
    assert infos["provenance_release"] == "Demo"


def test_ecsv(table, tmp_path):
    back = QTable.read(write_table(table, tmp_path / "table.ecsv"))
    assert back["ra"].unit == u.deg
    assert back.meta["provenance_query"] == table.meta["provenance"].query
    assert list(back["name"]) == list(table["name"])


@pytest.mark.filterwarnings("ignore:Column 'var_flag' contains NULL")  # which astropy has no place for
def test_fits(table, tmp_path):
    path = write_table(table, tmp_path / "table.fits")
    back = Table.read(path, hdu=1)
    assert_same(back, table)
    assert back["ra"].unit == u.deg
    header = fits.getheader(path, 1)
    assert any("provenance_simulated = True" in str(card) for card in header["COMMENT"])


def test_parquet(table, tmp_path):
    path = write_table(table, tmp_path / "table.parquet")
    back = pq.read_table(path)
    assert back["name"].to_pylist() == list(table["name"])
    assert back["acis_num"].to_pylist() == [None, 2, 3]
    assert back["flux_aper_b"].to_pylist() == [1e-15, None, 3e-15]
    assert back.schema.field("ra").metadata[b"unit"] == b"deg"


def test_a_file_is_never_replaced_unasked(table, tmp_path):
    path = tmp_path / "table.ecsv"
    path.write_text("precious")
    with pytest.raises(CscError, match="exists"):
        write_table(table, path)
    assert path.read_text() == "precious"
    write_table(table, path, overwrite=True)
    assert path.read_text() != "precious"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.ecsv"]


def test_a_failed_write_leaves_the_old_file(table, tmp_path, monkeypatch):
    path = tmp_path / "table.ecsv"
    path.write_text("precious")

    def breaks(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Table, "write", breaks)
    with pytest.raises(CscError, match="No space left"):
        write_table(table, path, overwrite=True)
    assert path.read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 1


ENDINGS = ("vot", "xml", "votable", "ecsv", "fits", "fits.gz", "vot.gz", "csv.gz", "parquet", "pq", "csv")


def read_back(path: Path) -> Table:
    """With astropy's own readers, as others would."""
    if path.suffix in {".pq", ".parquet"}:
        return Table({name: _list(column) for name, column in zip(*_columns(pq.read_table(path)), strict=True)})
    name = path.name.removesuffix(".gz")
    kind = {"xml": "votable", "vot": "votable", "csv": "ascii.csv", "ecsv": "ascii.ecsv"}
    ending = name.rpartition(".")[2]
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ending == "fits":
        return Table.read(io.BytesIO(content), format="fits", hdu=1, astropy_native=True)
    return Table.read(io.BytesIO(content), format=kind.get(ending, ending))


def _columns(rows):
    return rows.column_names, rows.columns


def _list(column):
    return column.to_numpy() if str(column.type).startswith("timestamp") else column.to_pylist()


def times_of(back: Table, name: str, scale: str) -> Time:
    column = back[name]
    if isinstance(column, Time):
        return column
    if column.dtype.kind == "M":
        return Time(np.asarray(column), scale=scale)
    return Time([str(value) for value in column], scale=scale)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("scale", ["tt", "utc", "tdb"])
def test_times_keep_their_scale_and_nanoseconds(ending, scale, tmp_path):
    times = Time([51544.5, 60000.123456789012], format="mjd", scale=scale)
    path = write_table(QTable({"time": times}), tmp_path / f"table.{ending}")
    back = read_back(path)
    assert abs((times_of(back, "time", scale) - times).to_value("ns")).max() < 2
    if ending in {"pq", "parquet"}:
        assert pq.read_schema(path).field("time").metadata[b"scale"] == scale.upper().encode()
    elif not ending.startswith("csv"):
        said = path.read_bytes() if path.suffix != ".gz" else gzip.decompress(path.read_bytes())
        assert scale.upper().encode() in said.upper()


@pytest.mark.parametrize("ending", ENDINGS)
def test_coordinates_become_two_columns_of_degrees(ending, tmp_path):
    position = SkyCoord([1.5, 359.25], [-89.5, 12.125], unit="deg", frame="icrs")
    galactic = SkyCoord([10.5, 20.0], [-3.0, 4.0], unit="deg", frame="galactic")
    back = read_back(write_table(QTable({"at": position, "gal": galactic}), tmp_path / f"table.{ending}"))
    if ending == "ecsv":
        assert back["at"].separation(position).max() == 0
        return
    assert list(back.colnames) == ["at_ra", "at_dec", "gal_l", "gal_b"]
    np.testing.assert_array_equal(np.asarray(back["at_ra"]), position.ra.deg)
    np.testing.assert_array_equal(np.asarray(back["gal_b"]), galactic.b.deg)


@pytest.mark.parametrize("ending", ENDINGS)
def test_names_in_every_script_come_back(ending, tmp_path):
    names = ["β Lyr", "η Car", "plain"]
    back = read_back(write_table(QTable({"name": names, "n": [1, 2, 3]}), tmp_path / f"table.{ending}"))
    assert [str(name) for name in back["name"]] == names


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if not ending.startswith("csv")])
def test_vectors_come_back(ending, tmp_path):
    vectors = np.arange(12.0).reshape(2, 3, 2)
    table = QTable({"v": vectors[:, :, 0] * u.keV, "m": vectors})
    back = read_back(write_table(table, tmp_path / f"table.{ending}"))
    np.testing.assert_array_equal(
        np.asarray(back["v"].tolist() if ending in {"pq", "parquet"} else back["v"]), vectors[:, :, 0]
    )
    np.testing.assert_array_equal(np.asarray([list(row) for row in back["m"]]), vectors)


def test_csv_says_that_rows_are_simulated(table, tmp_path):
    back = read_back(write_table(table, tmp_path / "table.csv"))
    assert list(back["simulated"]) == ["True"] * 3


def test_csv_has_no_vectors_and_says_so(tmp_path):
    with pytest.raises(CscError, match="cannot hold the vectors of v"):
        write_table(QTable({"v": np.ones((2, 2))}), tmp_path / "table.csv")


@pytest.mark.parametrize("ending", ENDINGS)
def test_texts_that_are_missing(ending, tmp_path):
    table = Table({"word": MaskedColumn(["a", "b"], mask=[False, True]), "item": np.array(["x", None], object)})
    back = read_back(write_table(table, tmp_path / f"table.{ending}"))
    assert str(back["word"][0]) == "a"
    assert str(back["word"][1]) in {"--", "", "None"}
    assert str(back["item"][1]) in {"--", "", "None"}


@pytest.mark.parametrize("ending", ["vot", "fits", "parquet", "csv"])
def test_what_no_file_can_hold_is_named(ending, tmp_path):
    table = Table({"a": [1, 2], "thing": np.array([{1: 2}, [3]], object)})
    with pytest.raises(CscError, match="column thing"):
        write_table(table, tmp_path / f"table.{ending}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ENDINGS)
def test_our_own_detections(ending, demo, tmp_path):
    names = demo.search("M33", radius="5 arcmin")["name"][:3]
    detections = demo.detections(names)
    back = read_back(write_table(detections, tmp_path / f"table.{ending}"))
    assert len(back) == len(detections)
    assert abs((times_of(back, "time", "tt") - detections["time"]).to_value("us")).max() < 1


def test_two_searches_keep_both_provenances(table, tmp_path):
    other = table.copy()
    other.meta["provenance"] = replace(table.meta["provenance"], query="SELECT 2", returned=5, truncated=None)
    both = vstack([table, other]).meta["provenance"]
    assert both.query.splitlines()[-1] == "SELECT 2"
    assert table.meta["provenance"].query in both.query
    assert both.returned == table.meta["provenance"].returned + 5
    assert not both.complete
    assert str(both).startswith("SIMULATED, Demo: 8 rows")


@pytest.mark.parametrize("name", ["table.doc", "table", "nowhere/table.fits"])
def test_bad_paths_say_why(table, tmp_path, name):
    with pytest.raises(CscError, match="was not written"):
        write_table(table, tmp_path / name)


def test_the_table_itself_is_left_alone(table, tmp_path):
    for ending in ("vot", "ecsv", "fits", "parquet"):
        write_table(table, tmp_path / f"table.{ending}")
    assert isinstance(table.meta["provenance"], Provenance)
    assert isinstance(table["ra"], u.Quantity)


def test_a_table_goes_through_the_clipboard(table):
    table["dec"] = [4.0, 5.0, 6.0] * u.deg
    text = votable_text(table)
    read = votable.parse_single_table(io.BytesIO(text.encode())).to_table()
    assert list(read["name"]) == list(table["name"])
    np.testing.assert_array_equal(read["flux_aper_b"], table["flux_aper_b"].value)
    listed = read_list(f"\n{text}\n")  # pasted as a list
    np.testing.assert_array_equal([listed.ra, listed.dec], [table["ra"].value, table["dec"].value])


def test_what_no_clipboard_takes_is_said(table):
    with pytest.raises(CscError, match="No rows are selected"):
        votable_text(table[:0])
    large = QTable({"name": ["x" * 1_000_000] * 9})
    with pytest.raises(CscError, match="9 MB, more than 8 MB"):
        votable_text(large)


NUMBERS = {
    "i1": [-128, 127, 3],
    "u1": [0, 255, 3],
    "i2": [-32768, 16959, 3],  # 16959 is what is left of 999999, astropy's filling, in two bytes
    "u2": [0, 65535, 3],
    "u4": [0, 2**32 - 1, 3],
    "i8": [-(2**63), 2**63 - 1, 3],
    "u8": [0, 2**63 - 1, 3],
}


@pytest.mark.parametrize("ending", USUAL_FORMATS)
@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_of_every_type_come_back_with_those_that_are_missing(kind, ending, tmp_path):
    values = np.array(NUMBERS[kind], kind)
    table = QTable({"n": MaskedColumn(values, mask=[False, False, True]), "whole": values})
    (back,) = read_tables(write_table(table, tmp_path / f"t{ending}").read_bytes(), "t")
    missing, whole = (typed(column.values).to_pylist() for column in back.columns)
    assert whole == NUMBERS[kind]
    assert missing[:2] == NUMBERS[kind][:2]
    assert str(missing[2]) in ("None", "nan")


@pytest.mark.parametrize("ending", USUAL_FORMATS)
def test_flags_that_are_missing_are_not_false_nor_true(ending, tmp_path):
    table = QTable({"flag": MaskedColumn([True, False, True], mask=[False, False, True]), "n": [1, 2, 3]})
    (back,) = read_tables(write_table(table, tmp_path / f"t{ending}").read_bytes(), "t")
    assert typed(back.columns[0].values).to_pylist() == [True, False, None]


def test_the_byte_of_a_missing_flag_is_that_of_the_fits_standard(table, tmp_path):
    with fits.open(write_table(table, tmp_path / "t.fits")) as hdus:
        stored = np.recarray.field(hdus[1].data, table.colnames.index("var_flag"))
        assert stored.astype("u1").tobytes() == b"T\0T"  # FITS Standard 4.0, 7.3.3.1


def test_fits_says_that_numbers_are_magnitudes(tmp_path):
    path = write_table(QTable({"g": Column([20.0, 21.0], unit="mag(AB)")}), tmp_path / "t.fits")
    assert fits.getheader(path, 1)["TUNIT1"] == "mag(AB)"


@pytest.mark.parametrize("ending", USUAL_FORMATS)
def test_no_rows_are_a_table_too(ending, tmp_path):
    table = QTable({"name": np.array([], object), "ra": [] * u.deg, "flag": np.array([], bool)})
    (back,) = read_tables(write_table(table, tmp_path / f"t{ending}").read_bytes(), "t")
    assert ([column.name for column in back.columns], back.rows) == (["name", "ra", "flag"], 0)


@pytest.mark.parametrize("ending", USUAL_FORMATS)
def test_a_row_that_begins_with_a_comment_mark_is_written_or_refused(ending, tmp_path):
    """ECSV has no way to say it (astropy APE6): its readers leave the row out."""
    table = QTable({"name": ["#1", "b"], "n": [1, 2]})
    if ending == ".ecsv":
        with pytest.raises(CscError, match="begins with #"):
            write_table(table, tmp_path / "t.ecsv")
        table = table["n", "name"]
    (back,) = read_tables(write_table(table, tmp_path / f"t{ending}").read_bytes(), "t")
    assert {column.name: typed(column.values).to_pylist() for column in back.columns}["name"] == ["#1", "b"]

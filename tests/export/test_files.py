"""What is written is what is read back by other readers."""

import astropy.units as u
import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.io import fits, votable
from astropy.table import MaskedColumn, QTable, Table

from cscwidgets.archive import Provenance
from cscwidgets.errors import CscError
from cscwidgets.export.files import write_table
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


@pytest.mark.parametrize("name", ["table.doc", "table", "nowhere/table.fits"])
def test_bad_paths_say_why(table, tmp_path, name):
    with pytest.raises(CscError, match="was not written"):
        write_table(table, tmp_path / name)


def test_the_table_itself_is_left_alone(table, tmp_path):
    for ending in ("vot", "ecsv", "fits", "parquet"):
        write_table(table, tmp_path / f"table.{ending}")
    assert isinstance(table.meta["provenance"], Provenance)
    assert isinstance(table["ra"], u.Quantity)

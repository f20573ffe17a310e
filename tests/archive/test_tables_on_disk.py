"""Large tables in partitions: the same rows and answers as loaded ones, read in part, opened by others."""

import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets import Archive
from cscwidgets.archive import tables_on_disk
from cscwidgets.archive.folder import ArchiveInfo, FolderError, read_info, write_folder
from cscwidgets.archive.tables_on_disk import has_positions, sorted_by_cell, stored_table
from cscwidgets.errors import CscError
from cscwidgets.io import hats
from cscwidgets.io.hats import CELL, HatsError, Partition, read_layout
from cscwidgets.service.database import Database

from ..whole_catalogue import whole_catalogue

N = 4000
INFO = ArchiveInfo("Large", "csc2.1", "csc21", "drawn for a test", True, "2026-11-27")


@pytest.fixture(scope="module")
def rows():
    table = whole_catalogue(N, seed=9)
    ra, dec = (table[name].to_numpy().copy() for name in ("ra", "dec"))
    ra[:5], dec[:5] = [0.0, 359.9999, 12.0, 200.0, 0.0], [0.0, 0.0, 90.0, -90.0, 45.0]
    flux = table["flux_aper_b"].to_numpy(zero_copy_only=False).copy()
    flux[10:20] = np.nan  # as some writers do for a null
    for name, values in (("ra", ra), ("dec", dec), ("flux_aper_b", flux)):
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    return table


@pytest.fixture(scope="module")
def folders(rows, tmp_path_factory):
    """The same rows in one file, in partitions, and as a catalogue whose nulls are NaN, as others write them."""
    place = tmp_path_factory.mktemp("large")
    links = pa.table({"name": rows["name"], "region_id": pa.array(np.arange(N) % 7, pa.int32())})
    tables = {"master_source": rows, "links": links}
    write_folder(place / "loaded", tables, INFO)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables_on_disk, "LARGE", 5000)
        patch.setattr(hats, "_GROUP_ROWS", 100)
        write_folder(place / "in place", tables, INFO)
    said = {"obs_collection": "Others", "csc_simulated": "true"}
    hats.write_hats(place / "others [1]", [sorted_by_cell(rows)], said)
    return place / "loaded", place / "in place", place / "others [1]"


QUERIES = (
    "SELECT COUNT(*) AS n FROM master_source",
    "SELECT * FROM master_source WHERE ra >= 80 AND ra < 90 AND dec > -10 ORDER BY name",
    "SELECT name FROM master_source WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(0, 0, 8)) ORDER BY name",
    "SELECT name FROM master_source WHERE flux_aper_b > 1e-14 AND hard_hs > 0.2 AND ra > 9 ORDER BY name",
    "SELECT COUNT(*) AS n FROM master_source WHERE flux_aper_b IS NULL",
    "SELECT MAX(flux_aper_b) AS most, MIN(hard_hm) AS least FROM master_source",
    "SELECT TOP 5 name, flux_aper_b FROM master_source WHERE flux_aper_b > 0 ORDER BY flux_aper_b DESC",
)


@pytest.mark.parametrize("adql", QUERIES)
def test_answers_are_those_of_a_loaded_table(folders, adql):
    answers = []
    for folder in folders:
        database = Database(folder)
        answers.append(database.query(adql))
        database.close()
    assert answers[0].table.num_rows > 0
    for other in answers[1:]:
        assert other.table.equals(answers[0].table)
        assert [field.name for field in other.fields] == [field.name for field in answers[0].fields]


def test_a_cone_holds_what_astropy_finds(folders, rows):
    found = Archive(folders[1]).search("359.9 0.2", radius="6 deg")
    places = SkyCoord(rows["ra"].to_numpy(), rows["dec"].to_numpy(), unit="deg")
    near = places.separation(SkyCoord(359.9, 0.2, unit="deg")) <= 6 * u.deg
    assert sorted(found["name"]) == sorted(rows["name"].filter(pa.array(near)).to_pylist())
    assert len(found) > 5
    assert found.meta["provenance"].simulated


def test_how_they_lie_on_disk(folders):
    stored = stored_table(folders[1], "master_source")
    assert stored.in_place
    assert len(stored.files) > 3
    assert stored.rows == read_info(folders[1]).tables["master_source"] == N
    assert CELL not in stored.schema.names
    assert stored.read(["name"]).num_rows == N
    assert stored_table(folders[1], "links").layout is None
    assert not stored_table(folders[0], "master_source").in_place
    info = read_info(folders[2])
    assert (info.title, info.simulated, dict(info.tables)) == ("Others", True, {"master_source": N})


def test_rows_are_in_the_cells_that_their_files_say(folders):
    for file in stored_table(folders[1], "master_source").files:
        cell = pq.read_table(file, columns=[CELL])[CELL].to_numpy()
        order, pixel = (int(part.split("=")[1].split(".")[0]) for part in (file.parts[-3], file.parts[-1]))
        low, high = Partition(order, pixel).cells
        assert ((cell >= low) & (cell < high) & (np.diff(cell, prepend=cell[0]) >= 0)).all()


def test_what_is_missing_or_damaged_is_named(folders, tmp_path):
    place = shutil.copytree(folders[1], tmp_path / "copy")
    stored_table(place, "master_source").files[0].unlink()
    with pytest.raises(FolderError, match="is incomplete"):
        Archive(place).open()
    (place / "master_source" / "partition_info.csv").write_text("Norder,Npix\n0,99\n")
    with pytest.raises(CscError, match="HEALPix does not have"):
        Archive(place).open()
    with pytest.raises(HatsError, match="no file"):
        read_layout(lambda name: (tmp_path / name).read_bytes(), "it")


@given(st.lists(st.tuples(st.floats(0, 360), st.floats(-90, 90)), min_size=1, max_size=30))
def test_no_position_is_lost_in_sorting(places):
    table = pa.table({"ra": [one[0] for one in places], "dec": [one[1] for one in places]})
    assert has_positions(table)
    ordered = sorted_by_cell(table)
    assert sorted(zip(*(ordered[name].to_pylist() for name in ("ra", "dec")), strict=True)) == sorted(places)
    assert (np.diff(ordered[CELL].to_numpy()) >= 0).all()

"""The locked database: threads, interruption, time limits, failures to load."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from cscwidgets.archive.folder import ArchiveInfo, FolderError, write_folder
from cscwidgets.errors import QueryCancelled, QueryError
from cscwidgets.service.database import Database

ENDLESS = (
    "SELECT COUNT(*) AS n FROM master_source a, master_source b, master_source c, master_source d"
    " WHERE a.ra + b.ra > c.ra * d.ra"
)


def test_several_threads_ask_at_once(database: Database) -> None:
    def ask(number: int) -> int:
        uploads = {"t": pa.table({"n": [number]})}
        adql = "SELECT m.name, t.n FROM master_source m, TAP_UPLOAD.t t WHERE m.dec > t.n"
        return database.query(adql, uploads=uploads).table.num_rows

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(ask, [*range(0, 80, 5)] * 4))
    assert counts == [ask(number) for number in range(0, 80, 5)] * 4
    assert len(set(counts)) > 10


def test_interrupting_one_query_leaves_the_others_alone(database: Database) -> None:
    interrupts = []
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(database.query, ENDLESS, started=interrupts.append)
        while not interrupts:
            time.sleep(0.01)
        time.sleep(0.2)
        assert database.query("SELECT COUNT(*) AS n FROM master_source").table["n"][0].as_py() == 600
        begun = time.perf_counter()
        interrupts[0]()
        with pytest.raises(QueryCancelled):
            running.result(timeout=20)
        assert time.perf_counter() - begun < 5


def test_a_query_ends_after_its_time(database: Database) -> None:
    with pytest.raises(QueryError, match=r"longer than 0\.3 s"):
        database.query(ENDLESS, seconds=0.3)


@pytest.mark.parametrize(
    "damage", [lambda whole: whole[: len(whole) // 2], lambda whole: b"PAR1" + whole[9:], lambda whole: b""]
)
def test_a_damaged_table_of_a_folder_is_named(tmp_path: Path, damage) -> None:
    write_folder(
        tmp_path / "made",
        {"master_source": pa.table({"name": ["SIM J1"], "ra": [1.0], "dec": [2.0]})},
        ArchiveInfo("One source", "csc2.1", "csc21", "made for a test", True, "2026-01-01"),
    )
    path = tmp_path / "made" / "master_source.parquet"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FolderError, match=r"master_source\.parquet"):
        Database(tmp_path / "made")


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="no such folder"):
        Database(tmp_path / "nothing")

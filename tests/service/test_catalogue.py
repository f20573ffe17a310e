"""The locked database: threads, interruption, time limits, failures to load."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from cscwidgets.errors import QueryCancelled, QueryError
from cscwidgets.service.catalogue import Catalogue
from cscwidgets.service.folder import FolderError

ENDLESS = (
    "SELECT COUNT(*) AS n FROM master_source a, master_source b, master_source c, master_source d"
    " WHERE a.ra + b.ra > c.ra * d.ra"
)


def test_several_threads_ask_at_once(catalogue: Catalogue) -> None:
    def ask(number: int) -> int:
        uploads = {"t": pa.table({"n": [number]})}
        adql = "SELECT m.name, t.n FROM master_source m, TAP_UPLOAD.t t WHERE m.dec > t.n"
        return catalogue.query(adql, uploads=uploads).table.num_rows

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(ask, [*range(0, 80, 5)] * 4))
    assert counts == [ask(number) for number in range(0, 80, 5)] * 4
    assert len(set(counts)) > 10


def test_interrupting_one_query_leaves_the_others_alone(catalogue: Catalogue) -> None:
    interrupts = []
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(catalogue.query, ENDLESS, started=interrupts.append)
        while not interrupts:
            time.sleep(0.01)
        time.sleep(0.2)
        assert catalogue.query("SELECT COUNT(*) AS n FROM master_source").table["n"][0].as_py() == 600
        begun = time.perf_counter()
        interrupts[0]()
        with pytest.raises(QueryCancelled):
            running.result(timeout=20)
        assert time.perf_counter() - begun < 5


def test_a_query_ends_after_its_time(catalogue: Catalogue) -> None:
    with pytest.raises(QueryError, match=r"longer than 0\.3 s"):
        catalogue.query(ENDLESS, seconds=0.3)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="no such folder"):
        Catalogue(tmp_path / "nothing")

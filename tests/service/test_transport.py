"""The adapter behaves as HTTP does: redirects, multipart, streams, errors, no network."""

import io
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest
import requests

from cscwidgets import Archive
from cscwidgets.archive.folder import ArchiveInfo, FolderError, write_folder
from cscwidgets.errors import QueryCancelled
from cscwidgets.service.app import application
from cscwidgets.service.opening import mount


def small(folder: Path, title: str, rows: int = 2) -> Path:
    table = pa.table({"name": [f"SIM {i}" for i in range(rows)], "ra": [1.0] * rows, "dec": [2.0] * rows})
    info = ArchiveInfo(title, "csc2.1", "csc21", "Made up", True, "2026-01-01T00:00:00Z")
    write_folder(folder, {"master_source": table}, info, replace=True)
    return folder


def test_host_is_stable_reserved_and_the_folder_s_own(folder: Path, tmp_path: Path) -> None:
    other = small(tmp_path / "other", "Other")
    with requests.Session() as first, requests.Session() as second:
        assert mount(first, folder) == mount(second, folder)
        assert mount(first, other) != mount(first, folder)
        assert mount(first, folder).startswith("http://")
        assert mount(first, folder).endswith(".archive.invalid")


def test_two_folders_in_one_session(folder: Path, tmp_path: Path, line: SimpleNamespace) -> None:
    base = mount(line.session, small(tmp_path / "other", "Other & <one>"))
    assert "Other &amp; &lt;one&gt;" in line.session.get(base).text
    page = line.session.get(f"{line.base}/").text
    assert "SIMULATED" in page
    assert "Small &lt;made-up&gt; archive" in page


def test_missing_pages_and_methods(line: SimpleNamespace) -> None:
    assert line.session.get(f"{line.base}/nothing").status_code == 404
    assert line.session.get(f"{line.base}/tap/async/none").status_code == 404
    assert line.session.get(f"{line.base}/tap/tables/csc21.none").status_code == 404
    assert line.session.delete(f"{line.base}/tap/sync").status_code == 405


def test_bodies_of_every_kind(line: SimpleNamespace) -> None:
    url = f"{line.base}/tap/sync"
    text = "LANG=ADQL&FORMAT=csv&QUERY=SELECT+COUNT(*)+AS+n+FROM+master_source"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (text, text.encode(), io.BytesIO(text.encode()), (part.encode() for part in (text[:9], text[9:]))):
        assert line.session.post(url, data=body, headers=headers).text == "n\r\n600\r\n"
    assert line.session.get(f"{url}?{text}").text == "n\r\n600\r\n"


def test_streams(line: SimpleNamespace) -> None:
    params = {"LANG": "ADQL", "QUERY": "SELECT * FROM master_source"}
    whole = line.session.get(f"{line.base}/tap/sync", params=params).content
    with line.session.get(f"{line.base}/tap/sync", params=params, stream=True) as answer:
        assert answer.raw.read(20) == whole[:20]
        assert b"".join([whole[:20], *answer.iter_content(1000)]) == whole


def test_a_remade_folder_is_loaded_again_and_a_same_one_is_not(tmp_path: Path) -> None:
    folder = small(tmp_path / "a", "First")
    app = application(folder)
    assert application(folder) is app
    with requests.Session() as session:
        base = mount(session, folder)
        query = {"LANG": "ADQL", "FORMAT": "csv", "QUERY": "SELECT COUNT(*) AS n FROM master_source"}
        assert session.get(f"{base}/tap/sync", params=query).text == "n\r\n2\r\n"
        small(folder, "Second", rows=5)
        os.utime(folder / "archive.json", ns=(1, 1))
        assert session.get(f"{base}/tap/sync", params=query).text == "n\r\n5\r\n"
    assert application(folder) is not app


def test_one_load_serves_all_threads(tmp_path: Path) -> None:
    folder = small(tmp_path / "a", "First")
    barrier = threading.Barrier(6)

    def load() -> int:
        barrier.wait()
        return id(application(folder))

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(lambda _: load(), range(6)))) == 1


def test_a_broken_folder_says_so(tmp_path: Path) -> None:
    with requests.Session() as session:
        with pytest.raises(FolderError, match="no such folder"):
            mount(session, tmp_path / "nothing")
        folder = small(tmp_path / "a", "First")
        (folder / "archive.json").write_text(json.dumps({"format": 99}))
        with pytest.raises(FolderError, match="format 99"):
            mount(session, folder)


def test_a_cancelled_task_stops_its_query(tmp_path: Path) -> None:
    archive = Archive(small(tmp_path / "many", "Many", rows=20_000))
    started = time.monotonic()

    class Impatient:
        def report(self, message: str, fraction: float | None = None) -> None:
            pass

        def check(self) -> None:
            if time.monotonic() > started + 0.5:
                raise QueryCancelled("The query was cancelled")

    # Eight thousand billion triples: hours, if nothing stops them.
    triples = "SELECT SUM(a.ra * b.dec * c.ra) FROM csc21.master_source a, master_source b, master_source c"
    with pytest.raises(QueryCancelled):
        archive.query(triples, monitor=Impatient())
    assert time.monotonic() < started + 30
    assert archive.query("SELECT COUNT(*) AS n FROM master_source")["n"][0] == 20_000

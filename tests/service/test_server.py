"""The loopback server to STILTS, which we did not write: taplint, and the same rows by every road."""

import csv
import io
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
import pyvo
import requests
from astropy.table import Table

from cscwidgets.errors import CscError
from cscwidgets.service.server import make_archive_server

ADQL = (
    "SELECT t.id, m.name, m.flux_aper_b, m.conf_flag FROM TAP_UPLOAD.t AS t JOIN csc21.master_source AS m"
    " ON 1 = CONTAINS(POINT('ICRS', m.ra, m.dec), CIRCLE('ICRS', t.ra, t.de, 0.6)) ORDER BY m.name"
)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    server = make_archive_server(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder) as address:
        yield address


@pytest.fixture
def every_column(demo_folder: Path) -> Iterator[str]:
    """Address of an archive with all columns of the catalogue."""
    with serving(demo_folder) as address:
        yield address


@pytest.fixture
def stilts() -> str:
    found = shutil.which("stilts")
    if found is None:
        pytest.skip("STILTS is not installed")
    return found


def test_it_listens_on_this_machine_only(folder: Path) -> None:
    server = make_archive_server(folder)
    assert server.server_address[0] == "127.0.0.1"
    with pytest.raises(CscError, match="cannot be used"):
        make_archive_server(folder, server.port)
    with pytest.raises(CscError, match="70000 is not a port"):
        make_archive_server(folder, 70000)
    server.server_close()


def test_addresses_in_answers_are_the_server_s_own(address: str) -> None:
    with requests.Session() as session:
        assert f"{address}/tap" in session.get(f"{address}/tap/capabilities").text
        job = session.post(
            f"{address}/tap/async", data={"LANG": "ADQL", "QUERY": "SELECT 1 AS x"}, allow_redirects=False
        )
        assert job.headers["Location"].startswith(f"{address}/tap/async/")


@pytest.mark.stilts
@pytest.mark.slow
def test_taplint_finds_nothing(every_column: str, stilts: str) -> None:
    # LOC looks for a table of planned observations, which an archive of a catalogue has not: it says that, and no more.
    command = [stilts, "taplint", f"tapurl={every_column}/tap", "interface=tap1.1", "report=EWF", "stages=-LOC"]
    output = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False).stdout
    assert "Totals: Errors: 0; Warnings: 0; Failures: 0" in output, output
    command[-1] = "stages=LOC"
    output = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False).stdout
    assert re.findall(r"^[EWF]-.*", output, re.MULTILINE) == ["F-LOC-NOTP-1 No table with name ivoa.obsplan"], output
    assert "obsloctap" not in requests.get(f"{every_column}/tap/capabilities", timeout=10).text.lower()


@pytest.mark.stilts
# pyvo leaves the answer that created a job unread.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
def test_stilts_and_pyvo_agree_sync_and_async_with_an_upload(
    address: str, stilts: str, folder: Path, tmp_path: Path, tables: dict[str, pa.Table]
) -> None:
    positions = Table({"id": ["a", "b"], "ra": [0.1, 300.0], "de": [-0.2, 10.0]})
    positions.write(tmp_path / "t.vot", format="votable")
    answers = []
    for sync in ("true", "false"):
        command = [
            *(stilts, "tapquery", f"tapurl={address}/tap", f"adql={ADQL}", f"sync={sync}"),
            *("nupload=1", f"upload1={tmp_path / 't.vot'}", "upname1=t", "ofmt=csv"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        answers.append(list(csv.DictReader(io.StringIO(done.stdout))))
    with requests.Session() as session:
        tap = pyvo.dal.TAPService(f"{address}/tap", session=session)
        ours = [
            tap.search(ADQL, uploads={"t": positions}).to_table(),
            tap.run_async(ADQL, uploads={"t": positions}).to_table(),
        ]
    flags = {True: "true", False: "false", None: ""}
    expected = [
        (row["name"], row["flux_aper_b"], flags[row["conf_flag"]])
        for row in sorted(tables["master_source"].to_pylist(), key=lambda row: row["name"])
        if row["name"] in set(ours[0]["name"])
    ]
    assert len(expected) > 5
    for answer in answers:
        found = [(r["name"], float(r["flux_aper_b"]) if r["flux_aper_b"] else None, r["conf_flag"]) for r in answer]
        assert found == expected
    for answer in ours:
        found = [(n, None if f is None else float(f), flags[c]) for n, f, c in zip(
            answer["name"], answer["flux_aper_b"].tolist(), answer["conf_flag"].tolist(), strict=True)]  # fmt: skip
        assert found == expected


def test_a_closed_port_is_closed(folder: Path) -> None:
    server = make_archive_server(folder)
    port = server.port
    server.server_close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0

"""TAP as pyvo speaks it, in process: sync, async, uploads, errors, formats."""

import csv
import io
import time
from types import SimpleNamespace

import astropy.units as u
import pyarrow as pa
import pytest
import pyvo
from astropy.io.votable import parse
from astropy.table import Table

ADQL = (
    "SELECT name, ra, dec, conf_flag, flux_aper_b, var_intra_index_b FROM csc21.master_source"
    " WHERE dec > 50 ORDER BY name"
)
ENDLESS = (
    "SELECT COUNT(*) AS n FROM master_source a, master_source b, master_source c, master_source d"
    " WHERE a.ra + b.ra > c.ra * d.ra"
)


@pytest.fixture
def tap(line: SimpleNamespace) -> pyvo.dal.TAPService:
    return pyvo.dal.TAPService(f"{line.base}/tap", session=line.session)


def same(first: Table, second: Table) -> bool:
    return first.colnames == second.colnames and first.pformat(max_lines=-1) == second.pformat(max_lines=-1)


def test_sync_and_async_give_the_archive_s_rows(tap: pyvo.dal.TAPService, tables: dict[str, pa.Table]) -> None:
    rows = [row for row in tables["master_source"].to_pylist() if row["dec"] > 50]
    rows.sort(key=lambda row: row["name"])
    found = tap.search(ADQL).to_table()
    assert list(found["name"]) == [row["name"] for row in rows]
    assert list(found["flux_aper_b"].filled(-1)) == [
        -1 if row["flux_aper_b"] is None else row["flux_aper_b"] for row in rows
    ]
    assert found["conf_flag"].tolist() == [row["conf_flag"] for row in rows]
    assert found["var_intra_index_b"].tolist() == [row["var_intra_index_b"] for row in rows]
    assert found["flux_aper_b"].unit == u.Unit("erg / (s cm2)")
    assert same(found, tap.run_async(ADQL).to_table())


def test_upload_sync_and_async(tap: pyvo.dal.TAPService) -> None:
    mine = Table({"id": ["a", "é"], "RA": [0.2, 180.0], "De": [0.1, 0.0], "n": [1, 2], "ok": [True, False]})
    adql = (
        "SELECT t.*, m.name FROM TAP_UPLOAD.Mine AS t JOIN csc21.master_source AS m"
        " ON DISTANCE(POINT(m.ra, m.dec), POINT(t.ra, t.de)) < 0.5 ORDER BY m.name"
    )
    found = tap.search(adql, uploads={"Mine": mine}).to_table()
    assert found.colnames == ["id", "RA", "De", "n", "ok", "name"]
    assert len(found) > 5
    assert set(found["id"]) == {"a"}
    assert same(found, tap.run_async(adql, uploads={"Mine": mine}).to_table())
    whole = tap.search("SELECT * FROM TAP_UPLOAD.t", uploads={"t": mine}).to_table()
    assert [tuple(row) for row in whole] == [tuple(row) for row in mine]


def test_a_job_s_result_can_be_uploaded_by_its_address(line: SimpleNamespace, tap: pyvo.dal.TAPService) -> None:
    job = tap.submit_job("SELECT name FROM csc21.master_source WHERE dec > 70")
    job.run().wait(timeout=20)
    count = len(job.fetch_result())
    data = {
        "LANG": "ADQL",
        "QUERY": "SELECT COUNT(*) AS n FROM TAP_UPLOAD.t",
        "UPLOAD": f"t,{job.result_uri}",
        "FORMAT": "csv",
    }
    assert line.session.post(f"{line.base}/tap/sync", data=data).text.split() == ["n", str(count)]
    elsewhere = line.session.post(f"{line.base}/tap/sync", data=data | {"UPLOAD": "t,http://127.0.0.1:1/x"})
    assert elsewhere.status_code == 400
    assert "fetches nothing over the network" in elsewhere.text
    job.delete()


def test_overflow_is_said(tap: pyvo.dal.TAPService) -> None:
    found = tap.search("SELECT name FROM csc21.master_source", maxrec=7)
    assert len(found) == 7
    assert found.query_status == "OVERFLOW"
    assert tap.search("SELECT TOP 7 name FROM csc21.master_source", maxrec=7).query_status == "OK"


def test_errors_reach_the_user_in_words(tap: pyvo.dal.TAPService) -> None:
    with pytest.raises(pyvo.dal.DALQueryError, match=r"'flx' in csc21\.master_source"):
        tap.search("SELECT flx FROM csc21.master_source")
    job = tap.submit_job("SELECT flx FROM csc21.master_source").run().wait(timeout=20)
    assert job.phase == "ERROR"
    with pytest.raises(pyvo.dal.DALQueryError, match=r"'flx' in csc21\.master_source"):
        job.raise_if_error()
    assert "flx" in job.job.errorsummary.message.content
    job.delete()


def test_what_the_archive_is_travels_with_every_answer(line: SimpleNamespace) -> None:
    answer = line.session.get(
        f"{line.base}/tap/sync", params={"LANG": "ADQL", "QUERY": "SELECT TOP 1 ra FROM master_source"}
    )
    infos = {info.name: info.value for info in parse(io.BytesIO(answer.content)).resources[0].infos}
    assert infos["simulated"] == "true"
    assert infos["release"] == "csc2.1"
    assert infos["archive"] == "Small <made-up> archive"
    assert infos["origin"] == "Made up for tests"


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        ("", "BINARY2"),
        ("votable", "BINARY2"),
        ("application/x-votable+xml;serialization=TABLEDATA", "TABLEDATA"),
        ("votable/td", "TABLEDATA"),
        ("csv", ","),
        ("text/tab-separated-values", "\t"),
        ("text", "\t"),
    ],
)
def test_formats(wanted: str, kind: str, line: SimpleNamespace, tables: dict[str, pa.Table]) -> None:
    query = {
        "LANG": "ADQL",
        "QUERY": "SELECT TOP 9 name, ra FROM master_source ORDER BY name",
        "RESPONSEFORMAT": wanted,
    }
    answer = line.session.post(f"{line.base}/tap/sync", data=query)
    rows = sorted(tables["master_source"].select(["name", "ra"]).to_pylist(), key=lambda row: row["name"])[:9]
    if kind in (",", "\t"):
        header, *cells = csv.reader(io.StringIO(answer.text), delimiter=kind)
        assert header == ["name", "ra"]
        assert [(name, float(ra)) for name, ra in cells] == [(row["name"], row["ra"]) for row in rows]
    else:
        assert f"<{kind}>".encode() in answer.content
        assert answer.headers["Content-Type"].startswith("application/x-votable+xml")
        read = parse(io.BytesIO(answer.content)).get_first_table().array
        assert read["ra"].tolist() == [row["ra"] for row in rows]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"QUERY": None}, "QUERY is missing"),
        ({"LANG": "SQL"}, "SQL"),
        ({"REQUEST": "getCapabilities"}, "doQuery"),
        ({"MAXREC": "many"}, "MAXREC"),
        ({"RESPONSEFORMAT": "pdf"}, "pdf"),
        ({"UPLOAD": "t,param:absent"}, "absent"),
        ({"UPLOAD": "1t,param:t"}, "1t"),
        ({"UPLOAD": "t,file:///etc/passwd"}, "fetches nothing"),
    ],
)
def test_wrong_parameters(change: dict[str, str | None], words: str, line: SimpleNamespace) -> None:
    data = {"REQUEST": "doQuery", "LANG": "ADQL", "QUERY": "SELECT TOP 1 ra FROM master_source"} | change
    answer = line.session.post(f"{line.base}/tap/sync", data={k: v for k, v in data.items() if v is not None})
    assert answer.status_code == 400
    info = parse(io.BytesIO(answer.content)).resources[0].infos[0]
    assert info.value == "ERROR"
    assert words in info.content


def test_tables_that_are_none_are_not_uploaded(line: SimpleNamespace) -> None:
    for content in (b"", b"no table", b"<VOTABLE/>"):
        answer = line.session.post(
            f"{line.base}/tap/sync",
            data={"LANG": "ADQL", "QUERY": "SELECT * FROM TAP_UPLOAD.t", "UPLOAD": "t,param:x"},
            files={"x": content},
        )
        assert answer.status_code == 400
        assert "VOTable" in answer.text or "not sent" in answer.text


def test_service_describes_itself(tap: pyvo.dal.TAPService) -> None:
    assert tap.maxrec == 1_000_000
    assert tap.hardlimit == 10_000_000
    assert {method.ivo_id for method in tap.upload_methods} >= {"ivo://ivoa.net/std/TAPRegExt#upload-inline"}
    flux = next(c for c in tap.tables["csc21.master_source"].columns if c.name == "flux_aper_b")
    assert (flux.unit, flux.ucd) == ("erg.s**-1.cm**-2", "phot.flux;em.X-ray")
    keys = tap.search(
        "SELECT k.target_table, c.from_column FROM TAP_SCHEMA.keys k"
        " JOIN TAP_SCHEMA.key_columns c ON k.key_id = c.key_id"
        " WHERE k.from_table = 'csc21.master_stack_assoc' ORDER BY c.from_column"
    ).to_table()
    assert list(keys["from_column"]) == ["detect_stack_id", "name", "region_id"]
    assert len(tap.examples) == 3
    for example in tap.examples:
        assert tap.search(example["QUERY"], maxrec=5).query_status in ("OK", "OVERFLOW")


def test_job_life(line: SimpleNamespace) -> None:
    jobs = f"{line.base}/tap/async"
    made = line.session.post(jobs, data={"LANG": "ADQL", "QUERY": "SELECT TOP 1 ra FROM master_source"})
    job = made.url
    assert made.history[0].status_code == 303
    assert line.session.get(f"{job}/phase").text == "PENDING"
    line.session.post(f"{job}/parameters", data={"MAXREC": "3", "FORMAT": "csv"})
    line.session.post(f"{job}/executionduration", data={"EXECUTIONDURATION": "77"})
    line.session.post(f"{job}/destruction", data={"DESTRUCTION": "2100-01-01T00:00:00Z"})
    assert line.session.get(f"{job}/executionduration").text == "77"
    assert line.session.get(f"{job}/destruction").text == "2100-01-01T00:00:00Z"
    assert line.session.get(f"{job}/results/result").status_code == 404
    assert job.rpartition("/")[2] in line.session.get(jobs, params={"PHASE": "PENDING"}).text
    line.session.post(f"{job}/phase", data={"PHASE": "RUN"})
    assert "<uws:phase>COMPLETED" in line.session.get(job, params={"WAIT": "20"}).text
    assert line.session.get(f"{job}/results/result").text.startswith("ra\r\n")
    assert line.session.post(f"{job}/phase", data={"PHASE": "RUN"}).status_code == 400
    line.session.post(job, data={"ACTION": "DELETE"})
    assert line.session.get(job).status_code == 404


def test_a_running_job_is_aborted(line: SimpleNamespace) -> None:
    job = line.session.post(f"{line.base}/tap/async", data={"LANG": "ADQL", "QUERY": ENDLESS, "PHASE": "RUN"}).url
    while line.session.get(f"{job}/phase").text != "EXECUTING":
        time.sleep(0.02)
    begun = time.perf_counter()
    line.session.get(job, params={"WAIT": "0.3", "PHASE": "EXECUTING"})
    assert 0.2 < time.perf_counter() - begun < 5
    line.session.post(f"{job}/phase", data={"PHASE": "ABORT"})
    assert line.session.get(f"{job}/phase").text == "ABORTED"
    line.session.delete(job)


def test_a_job_ends_after_its_execution_duration(line: SimpleNamespace) -> None:
    job = line.session.post(f"{line.base}/tap/async", data={"LANG": "ADQL", "QUERY": ENDLESS}).url
    line.session.post(f"{job}/executionduration", data={"EXECUTIONDURATION": "1"})
    line.session.post(f"{job}/phase", data={"PHASE": "RUN"})
    assert "longer than 1 s" in line.session.get(job, params={"WAIT": "20", "PHASE": "QUEUED"}).text or (
        "longer than 1 s" in line.session.get(job, params={"WAIT": "20"}).text
    )
    line.session.delete(job)

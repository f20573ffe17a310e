"""Numbers in requests: whatever is no plain number is refused with status 400, at every parameter."""

from types import SimpleNamespace

import pytest

BAD = [
    "٣",
    "²",
    "\uff11\uff12",
    "1_000",
    "nan",
    "inf",
    "-inf",
    "infinity",
    "0x10",
    "1e",
    "--1",
    "1 2",
    "½",
    "1,5",
    "9" * 400,
]
JOB = {"LANG": "ADQL", "QUERY": "SELECT TOP 1 ra FROM master_source"}


@pytest.mark.parametrize("text", BAD)
def test_sync_and_jobs(text: str, line: SimpleNamespace) -> None:
    session, tap = line.session, f"{line.base}/tap"
    assert session.post(f"{tap}/sync", data=JOB | {"MAXREC": text}).status_code == 400
    assert session.get(f"{tap}/async", params={"LAST": text}).status_code == 400
    job = session.post(f"{tap}/async", data=JOB).url
    assert session.get(job, params={"WAIT": text}).status_code == 400
    assert session.post(f"{job}/executionduration", data={"EXECUTIONDURATION": text}).status_code == 400
    assert session.post(f"{job}/destruction", data={"DESTRUCTION": text}).status_code == 400
    assert session.get(f"{job}/phase").text == "PENDING"
    session.delete(job)


@pytest.mark.parametrize("text", [text for text in BAD if text not in {"--1", "1 2"}])  # a comment, and an alias
def test_queries(text: str, line: SimpleNamespace) -> None:
    for query in ("SELECT TOP {} ra FROM master_source", "SELECT ra FROM master_source OFFSET {}"):
        answer = line.session.post(f"{line.base}/tap/sync", data=JOB | {"QUERY": query.format(text)})
        assert answer.status_code == 400, query


@pytest.mark.parametrize("text", [*BAD, ""])
def test_cones(text: str, line: SimpleNamespace) -> None:
    for name in ("RA", "DEC", "SR"):
        asked = {"RA": "1", "DEC": "2", "SR": "0.1"} | {name: text}
        answer = line.session.get(f"{line.base}/scs/coneSearch", params=asked)
        assert "Illegal format for ra, dec or sr" in answer.text
    if text:
        answer = line.session.get(
            f"{line.base}/scs/coneSearch", params={"RA": "1", "DEC": "2", "SR": "1", "VERB": text}
        )
        assert "Illegal value for verb" in answer.text


def test_durations_end(line: SimpleNamespace) -> None:
    job = line.session.post(f"{line.base}/tap/async", data=JOB).url
    for text in ("0", "999999999"):
        line.session.post(f"{job}/executionduration", data={"EXECUTIONDURATION": text})
        assert line.session.get(f"{job}/executionduration").text == "3600"
    line.session.delete(job)

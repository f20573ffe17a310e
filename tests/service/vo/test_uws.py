"""Jobs: what is kept, for how long, and in which order they are listed."""

import re
import time
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from cscwidgets.errors import QueryError
from cscwidgets.service.database import Database
from cscwidgets.service.vo import uws
from cscwidgets.service.vo.tap import TapRequest
from cscwidgets.service.vo.uws import Job, Jobs, parse_time, timestamp


def done(jobs: Jobs, adql: str = "SELECT TOP 1 ra FROM master_source") -> Job:
    job = jobs.add(TapRequest({"QUERY": adql, "RUNID": "mine & yours"}))
    jobs.start(job)
    job.wait(20, "QUEUED")
    job.wait(20)
    return job


def test_a_job_that_is_over_is_forgotten(database: Database) -> None:
    jobs = Jobs(database)
    job = done(jobs)
    assert job.phase == "COMPLETED"
    assert jobs.find(job.job_id) is job
    job.destruction = datetime.now(UTC) - timedelta(seconds=1)
    assert jobs.find(job.job_id) is None


def test_finished_jobs_make_room_and_waiting_ones_do_not(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uws, "_KEPT", 3)
    jobs = Jobs(database)
    waiting = jobs.add(TapRequest({"QUERY": "SELECT 1 AS x"}))
    finished = [done(jobs) for _ in range(6)]
    assert jobs.find(waiting.job_id) is waiting
    assert [jobs.find(job.job_id) is job for job in finished] == [False] * 4 + [True] * 2


def test_listing_is_newest_first_and_filtered(database: Database) -> None:
    jobs = Jobs(database)
    made = [jobs.add(TapRequest()) for _ in range(3)]
    failed = done(jobs, "SELECT nothing FROM nowhere")

    def listed(phases: tuple[str, ...] = (), after: datetime | None = None, last: int | None = None) -> list[str]:
        return re.findall(r'jobref id="(\w+)"', jobs.listing("http://x", phases, after, last).decode())

    assert listed() == [job.job_id for job in [failed, *reversed(made)]]
    assert listed(phases=("ERROR",)) == [failed.job_id]
    assert listed(last=2) == [failed.job_id, made[2].job_id]
    assert listed(after=made[1].created) == [failed.job_id, made[2].job_id]


def test_document_of_a_failed_job_escapes_its_words(database: Database) -> None:
    text = done(Jobs(database), 'SELECT "<b>" FROM master_source').document("http://x/job").decode()
    assert "<uws:phase>ERROR</uws:phase>" in text
    assert "&lt;b&gt;" in text
    assert "mine &amp; yours" in text


def test_times() -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert parse_time(timestamp(now)) == now
    assert parse_time("2026-01-31T12:00:00") == now
    with pytest.raises(QueryError, match="'soon' is not a time"):
        parse_time("soon")


ENDLESS = (
    "SELECT COUNT(*) AS n FROM observation_source a, observation_source b, observation_source c, observation_source d"
)


def test_jobs_that_were_never_started_push_no_finished_one_out(database: Database) -> None:
    jobs = Jobs(database)
    finished = done(jobs)
    pending = [jobs.add(TapRequest({"QUERY": "SELECT 1 AS x"})) for _ in range(300)]
    assert jobs.find(finished.job_id) is finished
    kept = [job for job in pending if jobs.find(job.job_id) is job]
    assert kept == pending[-uws._MOST_PENDING :]


def test_a_job_that_is_not_started_does_not_stay(database: Database) -> None:
    jobs = Jobs(database)
    job = jobs.add(TapRequest({"QUERY": "SELECT 1 AS x"}))
    job.destruction = datetime(2100, 1, 1, tzinfo=UTC)
    job.created -= uws.PENDING_LIFE
    assert jobs.find(job.job_id) is None


def test_uploads_and_results_are_bounded_together(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Jobs(database)
    table = pa.table({"x": list(range(1000))})
    monkeypatch.setattr(uws, "_MOST_UPLOADED", 3 * table.nbytes)
    made = [jobs.add(TapRequest({"QUERY": "SELECT x FROM TAP_UPLOAD.t"}, {"t": table})) for _ in range(5)]
    assert [jobs.find(job.job_id) is job for job in made] == [False, False, True, True, True]
    jobs.start(made[-1])
    made[-1].wait(20, "QUEUED")
    made[-1].wait(20)
    assert (made[-1].phase, made[-1].uploaded) == ("COMPLETED", 0)
    first = len(made[-1].content)
    monkeypatch.setattr(uws, "_KEPT_BYTES", first + 10)
    other = done(jobs)
    assert jobs.find(other.job_id) is other
    assert jobs.find(made[-1].job_id) is None
    monkeypatch.setattr(uws, "_LARGEST_RESULT", 100)
    assert "too large to be kept" in done(jobs, "SELECT name FROM master_source").error


def test_endless_jobs_do_not_keep_a_small_one_waiting(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uws, "_SHORT_SECONDS", 1)
    jobs = Jobs(database)
    endless = [jobs.add(TapRequest({"QUERY": ENDLESS})) for _ in range(6)]
    for job in endless:
        jobs.start(job)
    begun = time.monotonic()
    small = done(jobs)
    assert small.phase == "COMPLETED"
    assert time.monotonic() - begun < 15
    assert all(job.phase in {"QUEUED", "EXECUTING"} for job in endless)
    for job in endless:
        jobs.delete(job)
    assert all(job.phase == "ABORTED" for job in endless)


def test_no_more_jobs_run_and_wait_than_there_is_room_for(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uws, "_MOST_ACTIVE", 2)
    jobs = Jobs(database)
    made = [jobs.add(TapRequest({"QUERY": ENDLESS})) for _ in range(3)]
    jobs.start(made[0])
    jobs.start(made[1])
    with pytest.raises(QueryError, match="2 jobs run or wait already"):
        jobs.start(made[2])
    assert made[2].phase == "PENDING"
    for job in made:
        jobs.delete(job)

"""Jobs: what is kept, for how long, and in which order they are listed."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from cscwidgets.errors import QueryError
from cscwidgets.service import uws
from cscwidgets.service.catalogue import Catalogue
from cscwidgets.service.tap import TapRequest
from cscwidgets.service.uws import Job, Jobs, parse_time, timestamp


def done(jobs: Jobs, adql: str = "SELECT TOP 1 ra FROM master_source") -> Job:
    job = jobs.add(TapRequest({"QUERY": adql, "RUNID": "mine & yours"}))
    jobs.start(job)
    job.wait(20, "QUEUED")
    job.wait(20)
    return job


def test_a_job_that_is_over_is_forgotten(catalogue: Catalogue) -> None:
    jobs = Jobs(catalogue)
    job = done(jobs)
    assert job.phase == "COMPLETED"
    assert jobs.find(job.job_id) is job
    job.destruction = datetime.now(UTC) - timedelta(seconds=1)
    assert jobs.find(job.job_id) is None


def test_finished_jobs_make_room_and_waiting_ones_do_not(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uws, "_KEPT", 3)
    jobs = Jobs(catalogue)
    waiting = jobs.add(TapRequest({"QUERY": "SELECT 1 AS x"}))
    finished = [done(jobs) for _ in range(6)]
    assert jobs.find(waiting.job_id) is waiting
    assert [jobs.find(job.job_id) is job for job in finished] == [False] * 4 + [True] * 2


def test_listing_is_newest_first_and_filtered(catalogue: Catalogue) -> None:
    jobs = Jobs(catalogue)
    made = [jobs.add(TapRequest()) for _ in range(3)]
    failed = done(jobs, "SELECT nothing FROM nowhere")

    def listed(phases: tuple[str, ...] = (), after: datetime | None = None, last: int | None = None) -> list[str]:
        return re.findall(r'jobref id="(\w+)"', jobs.listing("http://x", phases, after, last).decode())

    assert listed() == [job.job_id for job in [failed, *reversed(made)]]
    assert listed(phases=("ERROR",)) == [failed.job_id]
    assert listed(last=2) == [failed.job_id, made[2].job_id]
    assert listed(after=made[1].created) == [failed.job_id, made[2].job_id]


def test_document_of_a_failed_job_escapes_its_words(catalogue: Catalogue) -> None:
    text = done(Jobs(catalogue), 'SELECT "<b>" FROM master_source').document("http://x/job").decode()
    assert "<uws:phase>ERROR</uws:phase>" in text
    assert "&lt;b&gt;" in text
    assert "mine &amp; yours" in text


def test_times() -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert parse_time(timestamp(now)) == now
    assert parse_time("2026-01-31T12:00:00") == now
    with pytest.raises(QueryError, match="'soon' is not a time"):
        parse_time("soon")

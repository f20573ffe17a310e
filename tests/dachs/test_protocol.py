"""Jobs, uploads and limits of both services by pyvo, which the client does not need but others do."""

import gc
import time

import pytest
import pyvo
import requests
from astropy.table import Table

from .comparing import assert_same

pytestmark = [
    pytest.mark.dachs,
    pytest.mark.slow,
    # pyvo leaves the answer that created a job unread.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]

UPLOAD = (
    "SELECT t.id, m.name, m.flux_aper_b, m.conf_flag, m.acis_num FROM TAP_UPLOAD.t AS t"
    " JOIN csc21.master_source AS m ON 1 = CONTAINS(POINT('ICRS', m.ra, m.dec), CIRCLE('ICRS', t.ra, t.de, 0.2))"
)
ENDLESS = (
    "SELECT COUNT(*) AS n FROM csc21.observation_source AS a, csc21.observation_source AS b,"
    " csc21.observation_source AS c WHERE SIN(a.theta * b.theta + c.theta) > 2"
)
POSITIONS = {"id": ["a", "b", "c"], "ra": [23.46, 300.0, 6.02], "de": [30.66, 10.0, -72.08]}


@pytest.fixture
def services(demo_sky, releases):
    with requests.Session() as session:
        yield [
            pyvo.dal.TAPService(releases[archive.name].tap, session=session)
            for archive in (demo_sky.dachs, demo_sky.embedded)
        ]
    gc.collect()  # those answers, while their warnings are looked at


def wait_for(job, *phases):
    end = time.monotonic() + 30
    while job.phase not in phases and time.monotonic() < end:
        time.sleep(0.1)
    assert job.phase in phases


def test_an_upload_is_joined_at_once_and_in_a_job(services):
    answers = [
        ask(UPLOAD, uploads={"t": Table(POSITIONS)}).to_table()
        for service in services
        for ask in (service.search, service.run_async)
    ]
    assert set(answers[0]["id"]) == {"a", "c"}
    for answer in answers[1:]:
        assert_same(answers[0], answer)


def test_limits_are_told_at_once_and_by_jobs(services):
    for service in services:
        assert service.maxrec == 1_000_000
        answer = service.search("SELECT name FROM csc21.master_source", maxrec=7)
        job = service.submit_job("SELECT name FROM csc21.master_source", maxrec=7)
        job.run()
        wait_for(job, "COMPLETED")
        fetched = job.fetch_result()
        for result in (answer, fetched):
            assert (len(result), result.query_status) == (7, "OVERFLOW")
        job.delete()


def test_a_running_job_is_aborted(services):
    for service in services:
        job = service.submit_job(ENDLESS)
        job.run()
        wait_for(job, "EXECUTING")
        job.abort()
        wait_for(job, "ABORTED")
        job.delete()
        assert len(service.search("SELECT TOP 3 name FROM csc21.master_source")) == 3


@pytest.mark.parametrize("adql", ["SELECT name FROM csc21.no_such", "SELECT no_such FROM csc21.master_source"])
def test_a_job_that_fails_says_why(services, adql):
    for service in services:
        job = service.submit_job(adql)
        job.run()
        wait_for(job, "ERROR")
        with pytest.raises(pyvo.DALQueryError, match="no_such"):
            job.raise_if_error()
        job.delete()

"""What the client does with TAP beyond plain rows: geometry, tables that are sent along, limits, errors, jobs."""

from __future__ import annotations

import re

import astropy.units as u
import numpy as np
from astropy.table import QTable, Table
from pyvo.dal import AsyncTAPJob

from cscwidgets.archive.answer import read_answer, table_of, to_qtable
from cscwidgets.archive.answer_checks import require, single_count
from cscwidgets.archive.query import Query, quote_text
from cscwidgets.archive.service_session import body_of
from cscwidgets.errors import CscError, QueryError, ServiceUnreachable
from cscwidgets.io.quiet import quiet
from cscwidgets.sky.sphere import separation

from ..diagnosis import not_reached
from ..findings import NEWER
from ..visit import NothingToAsk, Step, Visit

__all__ = ["ERRORS", "GEOMETRY", "JOB", "LIMIT", "UPLOAD"]

_LARGEST = 20_000_000
_LOOK = 1.0  # seconds between two looks at a job
_KEPT_FOR_THE_END = 3.0  # seconds of a step, to end a job that does not
_ROWS = 2


def _sources(visit: Visit) -> str:
    if not visit.has("master_source", "name", "ra", "dec"):
        raise NothingToAsk("the archive has no sources with names and positions")
    return f"{visit.schema}.master_source"


def _refused(visit: Visit, error: QueryError) -> bool:
    """Whether the service refused a query in words of its own, which it may where something is optional."""
    answered = visit.last.status in {200, 400, 500, 501} and not visit.last.is_page
    return answered and not isinstance(error, ServiceUnreachable) and not_reached(error) is None


def _words(error: CscError) -> str:
    return error.why[:200] or error.what


def _geometry(visit: Visit) -> None:
    with visit.part("The geometry functions"):
        table, (ra, dec), radius = _sources(visit), visit.area.centre, visit.area.radius
        circle = f"CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', {ra:.6f}, {dec:.6f}, {radius:.6f}))"
        try:
            rows = require(visit.tap(f"SELECT name, ra, dec FROM {table} WHERE 1 = {circle}"), ("name", "ra", "dec"))
        except QueryError as error:
            if not _refused(visit, error):
                raise
            visit.deviates(
                "There are no geometry functions",
                expected="CONTAINS, POINT and CIRCLE, which ADQL leaves open",
                found=f"the service refuses them: {_words(error)}",
                follows="Nothing for explorer and search(): they ask by boxes. Your own ADQL must do so too.",
                do='Write "ra BETWEEN .. AND .. AND dec BETWEEN .. AND ..", or use search().',
                matters=False,
            )
            return
        there, here = set(map(str, rows["name"])), set(map(str, visit.sources["name"]))
        ra_there, dec_there = (u.Quantity(rows[axis], u.deg).value for axis in ("ra", "dec"))
        # At the rim, the last digit decides.
        apart = np.abs(separation(ra_there, dec_there, ra, dec) - radius)
        if {name for name, far in zip(rows["name"], apart, strict=True) if far > 1e-5 and str(name) not in here} or (
            len(here) > len(there) + np.count_nonzero(apart < 1e-5)
        ):
            visit.deviates(
                "The geometry functions find other sources than a box that is cut",
                expected=f"{len(here)} sources",
                found=f"{len(there)}",
                follows="Nothing for explorer and search(): they ask by boxes. Your own ADQL may miss sources.",
                do="Compare with search(). " + NEWER,
            )
        else:
            visit.remark(f"CONTAINS finds the same {len(there)} sources.")


def _upload(visit: Visit) -> None:
    with visit.part("A table that is sent along (TAP_UPLOAD)"):
        table, names = _sources(visit), visit.names
        wanted = Table({"name": names})
        adql = f"SELECT m.name FROM {table} AS m JOIN TAP_UPLOAD.wanted AS w ON m.name = w.name"
        try:
            with quiet():  # astropy warns on writing a table of texts
                rows = visit.tap(adql, uploads={"wanted": wanted})
        except QueryError as error:
            if not _refused(visit, error):
                raise
            visit.deviates(
                "Tables cannot be uploaded",
                expected="the rows of an uploaded list of names, which TAP leaves open",
                found=f"the service refuses it: {_words(error)}",
                follows="Nothing for the explorer: it asks in pieces. Your own ADQL cannot join a table of yours.",
                do="Ask by names, in pieces of 200, or match here with science.crossmatch.",
                matters=False,
            )
        else:
            _same(visit, "an uploaded list of names", names, rows)
    with visit.part("The same in pieces"):
        rows = visit.tap(
            f"SELECT name FROM {_sources(visit)} WHERE name IN ({', '.join(map(quote_text, visit.names))})"
        )
        _same(visit, "a list of names in ADQL", visit.names, rows)


def _same(visit: Visit, what: str, names: list[str], rows: QTable) -> None:
    came = [str(name) for name in require(rows, ("name",))["name"]]
    if sorted(came) == sorted(names):
        visit.remark(f"{len(came)} of {len(names)} sources come by {what}.")
    else:
        visit.deviates(
            f"{what[0].upper()}{what[1:]} brings other sources",
            expected=f"{len(names)} sources, each once",
            found=f"{len(came)}: {len(set(names) - set(came))} lack, {len(came) - len(set(came))} are duplicate",
            follows="Sources that are asked for by name are not found, or come twice.",
            do=NEWER,
        )


def _limit(visit: Visit) -> None:
    with visit.part("A small MAXREC"):
        _sources(visit)
        # A service that ignores it is not to send the whole catalogue.
        query = Query(visit.schema, "master_source", (), visit.area.boxes())
        held = single_count(visit.tap(query.count()))
        if held <= _ROWS:
            raise NothingToAsk(f"there are {held} sources where it is asked: nothing can be cut")
        rows = visit.tap(query.adql(), maxrec=_ROWS)
        status = visit.last.query_status
        if len(rows) > _ROWS:
            visit.deviates(
                "MAXREC is ignored",
                expected=f"{_ROWS} rows with MAXREC={_ROWS}",
                found=f"{len(rows):,} rows",
                follows="A limit of rows has no effect: large answers come whole, or time out.",
                do="Write SELECT TOP n in your own ADQL. " + NEWER,
            )
        elif len(rows) < _ROWS:
            visit.deviates(
                "A small MAXREC brings too few rows",
                expected=f"{_ROWS} rows with MAXREC={_ROWS}",
                found=f"{len(rows)} of {held:,}",
                follows="Answers with a limit lack rows.",
                do=NEWER,
            )
        if len(rows) < held and (status or "").upper() != "OVERFLOW":
            visit.deviates(
                "OVERFLOW is not said",
                expected="QUERY_STATUS OVERFLOW where rows are left out",
                found=f"{len(rows)} of {held:,} rows, and QUERY_STATUS {status or 'is not there'}",
                follows="Answers that are cut pass for whole ones.",
                do="Compare numbers of rows with COUNT(*). " + NEWER,
            )


def _errors(visit: Visit) -> None:
    with visit.part("The error of a wrong query"):
        _wrong_query(visit)
    with visit.part("The error of a wrong cone search"):
        _wrong_cone(visit)


def _wrong_query(visit: Visit) -> None:
    word = "no_column_is_called_so"
    try:
        rows = visit.tap(f"SELECT {word} FROM {visit.schema}.master_source")
    except QueryError:
        last = visit.last
        if last.is_page or last.status not in {200, 400, 500} or "VOTABLE" not in last.text:
            raise
        if last.query_status != "ERROR":
            visit.deviates(
                "The error of a wrong query has no QUERY_STATUS",
                expected="a VOTable with QUERY_STATUS ERROR",
                found=f"HTTP status {last.status}, QUERY_STATUS {last.query_status or 'is not there'}",
                follows="The client says that the query was refused, without the service's reason.",
                do="Nothing.",
                matters=False,
            )
        elif word not in last.text:
            visit.remark("Its words do not name the column that is wrong.")
        return
    visit.deviates(
        "A wrong query is not refused",
        expected="a VOTable with QUERY_STATUS ERROR and a reason",
        found=f"{len(rows)} rows with columns {', '.join(rows.colnames[:4])}, HTTP status {visit.last.status}",
        follows="Mistakes in ADQL pass for answers.",
        do=NEWER,
    )


def _wrong_cone(visit: Visit) -> None:
    if not (address := visit.connection.release.cone):
        return
    answer = visit.session.get(address, params={"RA": "north", "DEC": "0", "SR": "0.1"}, stream=True)
    body_of(answer, _LARGEST)
    last = visit.last
    if last.is_page or not re.search(r"<(\w+:)?(INFO|PARAM)\b[^>]*(Error|ERROR)", last.text):
        found = f"a web page: {last.page_title}" if last.is_page else f"{last.text[:80]!r}"
        visit.deviates(
            "The error of a wrong cone search is no VOTable",
            expected="a VOTable with an INFO named Error",
            found=f"HTTP status {last.status}, {found}",
            follows="The client tells the status, without the service's reason.",
            do="Nothing.",
            matters=False,
        )


def _job(visit: Visit) -> None:
    with visit.part("An asynchronous job"):
        query = Query(visit.schema, "master_source", ("name", "ra", "dec"), visit.area.boxes())
        expected = len(visit.sources) + visit.sources.meta["provenance"].outside
        job = AsyncTAPJob.create(visit.connection.release.tap, query.adql(), session=visit.session)
        try:
            phase = _wait(visit, job.run())
            if phase == "COMPLETED":
                _result(visit, job, expected)
            elif phase is not None:
                _say(visit, f"The asynchronous job ends with {phase}", "COMPLETED", _reason(job))
        finally:
            if visit.session.left > 0.2:
                job.delete()


def _wait(visit: Visit, job: AsyncTAPJob) -> str | None:
    """The phase it ends with, None if it does not."""
    while True:
        phase = str(job.phase)
        if phase not in {"PENDING", "QUEUED", "EXECUTING", "RUN", "SUSPENDED", "HELD", "UNKNOWN"}:
            return phase
        if visit.session.left < min(_KEPT_FOR_THE_END, visit.seconds / 2):
            found = f"{phase} after {visit.seconds - visit.session.left:.2g} s"
            _say(visit, "The asynchronous job does not end", "COMPLETED within seconds", found)
            return None
        visit.session.wait(min(_LOOK, visit.seconds / 20))


def _say(visit: Visit, what: str, expected: str, found: str) -> None:
    visit.deviates(
        what,
        expected=expected,
        found=found,
        follows="Nothing for the explorer, which asks synchronously; long queries of your own need jobs.",
        do="Ask synchronously, in parts. " + NEWER,
    )


def _reason(job: AsyncTAPJob) -> str:
    summary = job.job.errorsummary
    return str(summary.message.content)[:200] if summary is not None and summary.message is not None else "no reason"


def _result(visit: Visit, job: AsyncTAPJob, expected: int) -> None:
    if job.result_uri is None:
        _say(visit, "The asynchronous job has no result", "results/result", "COMPLETED, and no result is named")
        return
    content = visit.document(job.result_uri)
    title = visit.connection.release.title
    rows = to_qtable(table_of(read_answer(content, title), title))
    if len(rows) == expected:
        visit.remark(f"Its result has the same {expected} rows.")
    else:
        _say(
            visit,
            "The asynchronous job brings another answer",
            f"{expected} rows, as synchronously",
            f"{len(rows)} rows",
        )


GEOMETRY = Step("geometry", "Geometry functions of ADQL", _geometry)
UPLOAD = Step("upload", "Tables that are sent along, or else in pieces", _upload)
LIMIT = Step("limit", "A small MAXREC, and what is said of it", _limit)
ERRORS = Step("errors", "Documents of errors", _errors)
JOB = Step("job", "An asynchronous job", _job)

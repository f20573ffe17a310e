"""One question to one service: TAP or the Simple Cone Search, through pyvo."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral

import pyarrow as pa
from astropy.io.votable.tree import VOTableFile
from astropy.table import QTable, Table
from pyvo.dal import SCSQuery, TAPQuery
from pyvo.dal.query import DALQuery

from cscwidgets.errors import QueryError
from cscwidgets.io.votable import all_infos, error_words, infos_of, overflow_words
from cscwidgets.io.votable_writer import votable_of
from cscwidgets.sky.region import Region

from .answer import read_answer, table_of, to_qtable
from .connection import Connection
from .failures import asked, explained
from .monitor import Monitor, watched
from .provenance import Provenance
from .service_session import LARGEST_ANSWER, body_of

__all__ = ["checked_maxrec", "cone_search", "tap"]

_MANY = 50_000  # rows
_LARGE = 10_000_000  # bytes of an answer


def checked_maxrec(maxrec: int | None) -> int | None:
    """The limit of rows, which is nought or more where there is one.

    Raises
    ------
    QueryError
        If it is no number of rows.
    """
    if maxrec is not None and (isinstance(maxrec, bool) or not isinstance(maxrec, Integral) or maxrec < 0):
        raise QueryError(f"maxrec={maxrec!r} is no number of rows", "", "Give a whole number, from 0, or leave it out.")
    return None if maxrec is None else int(maxrec)


def tap(
    connection: Connection,
    adql: str,
    *,
    table: str | None,
    maxrec: int | None,
    monitor: Monitor,
    uploads: Mapping[str, Table] | None = None,
) -> QTable:
    """Rows of a synchronous TAP query, with their provenance; ``uploads`` go along as tables of TAP_UPLOAD."""
    release = connection.release
    monitor.report(f"asking {release.title}")
    files = {name: votable_of(upload) for name, upload in (uploads or {}).items()}
    query = TAPQuery(release.tap, adql, uploads=files, session=connection.session)
    if checked_maxrec(maxrec) is not None:
        query["MAXREC"] = maxrec  # pyvo itself takes nought for no limit
    with watched(monitor), explained(release, adql):
        answer = _answer(query, release.title)
        message = error_words(all_infos(answer))
        if message is not None:
            raise QueryError(f"{release.title} refused the query", message, asked(adql))
        rows = to_qtable(table_of(answer, release.title), table)
    if len(rows) > _MANY:
        pa.default_memory_pool().release_unused()  # Arrow would keep what it needed to read them
    infos = infos_of(answer)
    cut = overflow_words(all_infos(answer)) is not None
    rows.meta["provenance"] = Provenance(
        release=release.title,
        service=release.tap,
        query=adql,
        requested=None if cut else len(rows),
        returned=len(rows),
        truncated=None if cut else 0,
        simulated=infos.get("simulated") == "true",
        origin=infos.get("origin", ""),
        version=_version(infos),
    )
    return rows


def cone_search(
    connection: Connection, area: Region, *, verbosity: int, monitor: Monitor, table: str = "master_source"
) -> QTable:
    """Rows of a cone search, with their provenance; of the CSC's master sources unless another ``table`` is named."""
    release = connection.release
    monitor.report(f"asking {release.title}")
    query = SCSQuery(
        release.cone,
        pos=area.centre,
        radius=area.radius,
        verbosity=verbosity,
        session=connection.session,
    )
    request = f"{release.cone}?" + "&".join(f"{key}={value}" for key, value in query.items())
    with watched(monitor), explained(release):
        answer = _answer(query, release.title)
        message = error_words(all_infos(answer))
        if message is not None:
            raise QueryError(f"{release.title} refused the cone search", message, f"The request was: {request}")
        rows = to_qtable(table_of(answer, release.title), table)
    infos = infos_of(answer)
    cut = overflow_words(all_infos(answer)) is not None
    rows.meta["provenance"] = Provenance(
        release=release.title,
        service=release.cone,
        query=request,
        requested=None if cut else len(rows),
        returned=len(rows),
        truncated=None if cut else 0,
        region=area.ds9,
        simulated=infos.get("simulated") == "true",
        origin=infos.get("origin", ""),
        version=_version(infos),
    )
    return rows


def _version(infos: Mapping[str, str]) -> str:
    """Which state of its data a service says that it has sent (IVOA note "Data Origin in the VO")."""
    said = {name.lower(): value.strip() for name, value in infos.items()}
    words = (("resource_version", "version {}"), ("publication_date", "of {}"), ("last_update_date", "changed {}"))
    return ", ".join(text.format(said[name]) for name, text in words if said.get(name))


def _answer(query: DALQuery, title: str) -> VOTableFile:
    """Send a query and read what comes: with our own reader, since pyvo's would follow what the answer refers to."""
    response = query.submit()
    content = body_of(response, LARGEST_ANSWER)
    if len(content) > _LARGE:
        pa.default_memory_pool().release_unused()  # what an embedded service needed to write it
    problem: QueryError | None = None
    try:
        document = read_answer(content, title)
    except QueryError as error:
        problem = error
    if problem is not None or error_words(all_infos(document)) is None:
        response.raise_for_status()  # what comes with a failure is a page, or nothing to compute with
    if problem is not None:
        raise problem
    return document

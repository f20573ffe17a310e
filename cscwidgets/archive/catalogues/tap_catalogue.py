"""A catalogue that is a table of a TAP service."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from astropy.table import QTable

from cscwidgets.errors import QueryError

from ..connection import Connection, connect_to
from ..monitor import SILENT, Monitor
from ..service_session import ServiceSession
from ..services import checked_maxrec, tap
from ..truncation import Ask, counted, in_pieces
from .answer_cache import AnswerCache
from .catalogue import Catalogue, Neighbourhood
from .margin import Position
from .table_query import TableQuery
from .tap_columns import TapTable, describe_table
from .well_known import KnownCatalogue

__all__ = ["TapCatalogue"]

_MAXREC = 1_000_000


class TapCatalogue(Catalogue):
    """Any table with positions of any VO TAP service.

    Parameters
    ----------
    service : str or Connection
        Address of the service, or a line to it.
    table : str
        Its name as the service lists it: "II/246/out", "gaiadr3.gaia_source".
    columns : sequence of str, optional
        Columns to ask for; chosen from the service's own description unless told.
    ra, dec : str, optional
        Columns of the position (ICRS, degrees); found by UCD or name unless told.
    where : str, optional
        A further condition in ADQL.
    title, name : str, optional
        What to call it in full and for short; made of the table's description and name unless told.
    epoch : float, optional
        Julian year of all positions: added as a column ``ref_epoch``.
    error_content : float, optional
        The fraction of all positions within its error radius; 1 sigma of each axis unless told.
    maxrec : int
        The most rows of a single answer.
    session : ServiceSession, optional
        The session to use with an address.
    cache : AnswerCache, optional
        Where answers are kept; the user's own unless told. Services of this process are always asked.
    """

    def __init__(
        self,
        service: str | Connection,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        ra: str = "",
        dec: str = "",
        where: str = "",
        title: str = "",
        name: str = "",
        epoch: float | None = None,
        error_content: float | None = None,
        maxrec: int = _MAXREC,
        session: ServiceSession | None = None,
        cache: AnswerCache | None = None,
    ) -> None:
        bare = table.strip().strip('"')
        self.table = bare
        self.title = title or bare
        self.name = name or re.sub(r"\W+", "_", bare.split(".")[-1]).strip("_").lower()
        self.where = where
        self.epoch = epoch
        self.error_content = error_content
        if not checked_maxrec(maxrec):
            raise QueryError(f"{self.title} was not asked", "an answer of no rows has no counterparts", "Raise maxrec.")
        self.maxrec = maxrec
        self._connection = (
            service if isinstance(service, Connection) else connect_to(service, self.title, session or ServiceSession())
        )
        self._cache = cache or AnswerCache()
        self._columns, self._ra, self._dec = tuple(columns or ()), ra, dec
        self._described: TapTable | None = None
        settings = (columns, ra, dec, where, title, name, epoch, error_content)
        plain = isinstance(service, str) and not any(settings)
        self._reference = f"{service} {bare}" if plain else ""

    def __repr__(self) -> str:
        return f"TapCatalogue({self._connection.release.tap!r}, {self.table!r})"

    @property
    def reference(self) -> str:
        """What `find_catalogue` finds it by: address and table, the key of a known one, or its table in the archive."""
        return self._reference

    @classmethod
    def known(
        cls, catalogue: KnownCatalogue, *, session: ServiceSession | None = None, cache: AnswerCache | None = None
    ) -> TapCatalogue:
        """A catalogue of `cscwidgets.archive.catalogues.well_known.CATALOGUES`."""
        known = cls(
            catalogue.service,
            catalogue.table,
            catalogue.columns,
            ra=catalogue.ra,
            dec=catalogue.dec,
            where=catalogue.where,
            title=catalogue.title,
            name=catalogue.key,
            epoch=catalogue.epoch,
            error_content=catalogue.content,
            session=session,
            cache=cache,
        )
        known._reference = catalogue.key
        return known

    @classmethod
    def own(cls, connection: Connection, table: str, columns: Sequence[str] = (), *, title: str = "") -> TapCatalogue:
        """A table of an archive; of one whose columns are given, ``ra`` and ``dec`` are the position."""
        full = f"{connection.release.schema}.{table}"
        if not columns:
            held = cls(connection, full, title=title, name=table)
        else:
            title = title or connection.release.title
            held = cls(connection, full, columns, ra="ra", dec="dec", title=title, name=table)
        held._reference = "csc" if table == "master_source" else table
        return held

    def rows(self, around: Neighbourhood) -> QTable:
        """Those in one or two boxes that hold the region and its margin."""
        table, ask = self._describe(around.monitor), self._asker(around.monitor)
        boxes = around.region.boxes(around.margin)
        query = TableQuery(self.table, table.columns, table.ra, table.dec, boxes, where=self.where)
        rows = self._remembered(
            query.adql(),
            lambda: in_pieces(query, ask, around.monitor) if around.complete else counted(query, ask),
            around.refresh,
        )
        if self.error_content is not None:
            rows.meta["position_error_content"] = self.error_content
        return rows

    def position(self, rows: QTable) -> Position:
        """By the columns that were named, or the service describes."""
        table = self._describe(SILENT)
        return Position.of(rows, table.ra.strip('"'), table.dec.strip('"'))

    def _describe(self, monitor: Monitor) -> TapTable:
        if self._described is None:
            if self._columns and self._ra and self._dec:
                self._described = TapTable(self.title, self._columns, self._ra, self._dec)
            else:

                def ask(adql: str) -> QTable:
                    return self._remembered(adql, lambda: self._asker(monitor)(adql, None))

                table = describe_table(self.table, self._ra, self._dec, ask)
                self._described = replace(table, columns=self._columns or table.columns)
                if self.title == self.table and table.title:
                    self.title = table.title
        return self._described

    def _remembered(self, question: str, ask: Callable[[], QTable], refresh: bool = False) -> QTable:
        """The answer that is here, or a new one, which is kept."""
        if self._connection.local:
            return ask()
        # What a service does not list today it may list tomorrow.
        return self._cache.answer(
            self._connection.release.tap,
            question,
            ask,
            refresh=refresh,
            keeps=lambda rows: "TAP_SCHEMA" not in question or _describes(rows),
        )

    def _asker(self, monitor: Monitor) -> Ask:
        def ask(adql: str, table: str | None) -> QTable:
            limit = self.maxrec if table else None
            rows = tap(self._connection, adql, table=self.table.split(".")[-1], maxrec=limit, monitor=monitor)
            provenance = rows.meta["provenance"]
            # Some services stop at a limit of theirs without a word: a round number of rows is worth a question.
            if table and provenance.complete and len(rows) and (len(rows) >= self.maxrec or len(rows) % 1000 == 0):
                rows.meta["provenance"] = replace(provenance, requested=None, truncated=None)
            return rows

        return ask


def _describes(rows: QTable) -> bool:
    """Whether an answer about columns or tables is one: another would be kept, and refused again and again."""
    return len(rows) > 0 and not {"column_name", "description"}.isdisjoint(name.lower() for name in rows.colnames)

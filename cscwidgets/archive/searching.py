"""The part of the client that searches regions: which columns there are, what is asked, how many rows, the rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial

import astropy.units as u
from astropy.table import QTable

from cscwidgets.csc.columns import TABLES
from cscwidgets.errors import QueryError
from cscwidgets.sky.region import Region
from cscwidgets.sky.target import Target, region_of

from .answer_checks import single_count
from .cuts import Condition, Cut
from .fetching import FetchClient
from .holdings import CONE, DETECTIONS
from .lists.reading import Positions, is_list, read_list
from .monitor import SILENT, Monitor
from .more_columns import beside, further_columns
from .own_query import Division, all_rows, division_of
from .query import Query, chosen_columns
from .schema import Schema, listed_schema, reference_schema
from .services import checked_maxrec
from .truncation import counted, cut_to, in_pieces, limited, warn_if_cut

__all__ = ["SearchClient"]


class SearchClient(FetchClient):
    """What `cscwidgets.archive.Archive` asks of the sources and detections in a region."""

    _schema: Schema | None

    @abstractmethod
    def _tap(self, adql: str, maxrec: int | None, table: str | None, monitor: Monitor) -> QTable: ...

    @abstractmethod
    def _require(self, needed: Mapping[str, Sequence[str]], what: str, monitor: Monitor) -> None: ...

    def query(
        self,
        adql: str,
        *,
        maxrec: int | None = None,
        complete: bool = False,
        quiet: bool = False,
        monitor: Monitor = SILENT,
    ) -> QTable:
        """Run ADQL as it stands and return its rows.

        Parameters
        ----------
        adql : str
            The query; tables are named ``schema.table`` (``csc21.master_source``).
        maxrec : int, optional
            The most rows to return, from 0 (columns only); the service's own limit unless told.
        complete : bool
            If the service cuts the answer short, ask for the rest: in parts of the sky, or, where the query cannot be
            divided, for as many rows as there are.
        quiet : bool
            Do not warn of an answer that was cut; the provenance tells all the same.
        monitor : Monitor
            Told of progress, asked whether to stop.

        Returns
        -------
        QTable
            ``meta["provenance"]`` records where it came from and whether it is complete.

        Raises
        ------
        QueryError
            If the service refuses the query, with its words, or cannot be reached; or if it does not send all rows,
            whatever it is asked, though they are wanted.

        Warns
        -----
        TruncatedResult
            If the service cut the answer short.
        """
        if checked_maxrec(maxrec) is not None and complete:
            raise QueryError("Nothing was asked", "an answer with a limit is not complete", "Leave out maxrec.")
        table = self._tap(adql, maxrec, None, monitor)
        if complete and not table.meta["provenance"].complete:

            def ask(part: str, most: int | None) -> QTable:
                return self._tap(part, most, None, monitor)

            return all_rows(adql, ask, self.division(adql, monitor), monitor)
        if not quiet:
            warn_if_cut(table)
        return table

    def division(self, adql: str, monitor: Monitor = SILENT) -> Division:
        """How a query of one's own can be asked in parts of the sky, or why it cannot."""
        return division_of(adql, self.schema(monitor).columns)

    def schema(self, monitor: Monitor = SILENT) -> Schema:
        """The archive's tables and columns with their units and descriptions.

        They are what the service lists; where it does not, those of the reference of the releases: ``origin`` says
        which. Such a service is asked again the next time.

        Raises
        ------
        QueryError
            If the service of a folder does not list them.

        Examples
        --------
        >>> from cscwidgets import Archive
        >>> Archive("demo").schema().columns()["powlaw_gamma"].description  # doctest: +SKIP
        'Fitted power law: photon index'
        """
        if self._schema is not None:
            return self._schema
        connection = self._connect(monitor)
        try:
            self._schema = listed_schema(connection.release, lambda adql: self._tap(adql, None, None, monitor))
        except QueryError as error:
            if connection.embedded:  # a folder holds what its maker put into it
                raise
            return reference_schema(connection.release, str(error))
        return self._schema

    def columns(self, table: str = "master_source", monitor: Monitor = SILENT) -> tuple[str, ...]:
        """Names of the columns a table has here."""
        # A folder, or a catalogue elsewhere, holds what its maker put into it: ask.
        if self._connect(monitor).embedded or self._schema is not None:
            return tuple(self.schema(monitor).columns(table))
        return tuple(TABLES.get(table, ()))

    def check(self, adql: str, monitor: Monitor = SILENT) -> None:
        """See, before it is sent, whether a query can be read and all its tables and columns exist.

        Raises
        ------
        QueryError
            Naming the word that is wrong, why, and what is near it.
        """
        schema = self._schema_at_hand(monitor)
        try:
            schema.check(adql)
        except QueryError:
            if schema.listed:
                raise
            self.schema(monitor).check(adql)  # it may have columns that the reference does not know

    def _schema_at_hand(self, monitor: Monitor) -> Schema:
        connection = self._connect(monitor)
        return self.schema(monitor) if connection.embedded else self._schema or reference_schema(connection.release)

    def adql(
        self,
        region: Target | None,
        columns: Sequence[str] | str | None = None,
        where: Condition = None,
        table: str = "master_source",
        *,
        radius: u.Quantity | str | None = None,
        monitor: Monitor = SILENT,
    ) -> str:
        """The query that `search` sends, checked; without a region, of the whole catalogue.

        Boxes of right ascension and declination hold the region, and what they hold besides is left out when it came.
        """
        area = None if region is None else region_of(region, radius)
        return self._question(area, columns, where, table, monitor).adql()

    def count(
        self,
        region: Target | Positions,
        where: Condition = None,
        table: str = "master_source",
        *,
        radius: u.Quantity | str | None = None,
        monitor: Monitor = SILENT,
    ) -> int:
        """How many rows the service would send to `search`: those of the box around the region, which are some more.

        Of a list `search` makes a row of each of its rows.

        Raises
        ------
        QueryError
            If the condition is refused, or the service does not answer.
        """
        if is_list(region):
            return len(read_list(region))
        query = self._question(region_of(region, radius), (), where, table, monitor)
        return single_count(self._tap(query.count(), None, None, monitor))

    @abstractmethod
    def search_list(
        self,
        positions: Positions,
        columns: Sequence[str] | str | None = None,
        where: Condition = None,
        *,
        radius: u.Quantity | str | None = None,
        monitor: Monitor = SILENT,
    ) -> QTable:
        """What each row of a list is."""

    def search(
        self,
        region: Target | Positions,
        columns: Sequence[str] | str | None = None,
        where: Condition = None,
        table: str = "master_source",
        *,
        radius: u.Quantity | str | None = None,
        maxrec: int | None = None,
        complete: bool = False,
        quiet: bool = False,
        monitor: Monitor = SILENT,
    ) -> QTable:
        """Rows of a catalogue table inside a region; or, of a list of positions or names, what each row of it is.

        Parameters
        ----------
        region : SkyRegion, SkyCoord, str or Path
            See `cscwidgets.sky.read_region`. Several coordinates, a table, several lines, or a file of these are a
            list: see `search_list`.
        columns : sequence of str or "*", optional
            Columns besides the keys; a useful set of those the archive has unless told.
        where : str, Cut or iterable of them, optional
            What else must hold, in ADQL (``"flux_aper_b > 1e-14 AND var_flag = 1"``) or as
            ``Cut("powlaw_nh", ">", 2e21, "cm-2")``; see `cscwidgets.archive.Cut`.
        table : str
            "master_source", "stack_source" or "observation_source"; the latter two are joined to
            their master sources, whose position decides.
        radius : Quantity or str, optional
            Radius around a position or name; 0.5 deg unless told, of a list the error of each source.
        maxrec : int, optional
            The most rows a single query may return; with 0 the columns come and how many rows there are.
        complete : bool
            If the service cuts an answer short, ask for the rest in smaller pieces.
        quiet : bool
            Do not warn of an answer that was cut; the provenance tells all the same.
        monitor : Monitor
            Told of progress, asked whether to stop.

        Raises
        ------
        QueryError
            Before anything is sent, if a column or condition is none: which word, why, and what is near it.
        """
        if is_list(region):
            if table != "master_source" or maxrec is not None:
                why = "its answer cannot be limited" if maxrec is not None else f"it asks for rows of {table}"
                raise QueryError("The list was not searched", why, "Ask for detections of what it finds by name.")
            return self.search_list(region, columns, where, radius=radius, monitor=monitor)
        if checked_maxrec(maxrec) == 0 and complete:
            raise QueryError("Nothing was asked", "an answer of no rows cannot be complete", "Leave out maxrec=0.")
        area = region_of(region, radius)
        query = self._question(area, columns, where, table, monitor)

        def ask(adql: str, table: str | None) -> QTable:
            most = maxrec if table else None
            return limited(self._tap(adql, most, table, monitor), most)

        rows = cut_to(area, in_pieces(query, ask, monitor) if complete else counted(query, ask))
        if not quiet:
            warn_if_cut(rows)
        return rows

    def with_columns(
        self, rows: QTable, columns: Sequence[str], table: str = "master_source", *, monitor: Monitor = SILENT
    ) -> QTable:
        """A copy of rows that were found before with further columns, asked for by name in pieces.

        Parameters
        ----------
        rows : QTable
            Of `search` or `detections`, with the table's keys.
        columns : sequence of str
            Columns of the table; those that are there already are not asked for again.
        table : str
            As for `search`.
        monitor : Monitor
            Told of progress, asked whether to stop.

        Raises
        ------
        QueryError
            If a column is none, or the rows do not tell which sources or detections they are.

        Warns
        -----
        SomeNotFound
            Of rows the archive does not have any more: their new columns have no values.
        """
        wanted = [name for name in dict.fromkeys(columns) if name.rpartition(".")[2] not in rows.colnames]
        query = self._question(None, wanted, None, table, monitor)
        if missing := [key for key in query.keys if key not in rows.colnames]:
            raise QueryError("No columns were added", f"the rows have no {', '.join(missing)}", "Search again.")
        if not wanted or not len(rows):
            return rows
        names = list(dict.fromkeys(map(str, rows["name"])))
        answer = further_columns(query, names, partial(self._tap, maxrec=None, table=table, monitor=monitor), monitor)
        added = [name for name in query.names if name not in rows.colnames and name not in query.keys]
        return beside(rows, answer, added, query.keys)

    def _question(
        self, area: Region | None, columns: Sequence[str] | str | None, where: Condition, table: str, monitor: Monitor
    ) -> Query:
        """What is asked, after all names in it were found."""
        release = self._connect(monitor).release
        self._require(CONE if table == "master_source" else DETECTIONS, "The region was not searched", monitor)
        query = Query(
            schema=release.schema,
            table=table,
            columns=chosen_columns(columns, self.columns(table, monitor)),
            boxes=() if area is None else area.boxes(),
        )
        conditions = [self._condition(part, query, monitor) for part in _parts(where)]
        query = query.having(conditions)
        if columns is not None or conditions:
            self.check(query.adql(), monitor)
        return query

    def _condition(self, part: str | Cut, query: Query, monitor: Monitor) -> str:
        from cscwidgets.io.adql.syntax import read_condition  # noqa: PLC0415 - imports sqlglot

        if isinstance(part, str):
            read_condition(part)
            return part.strip()
        schema = self.schema(monitor) if part.unit else self._schema_at_hand(monitor)
        qualifier = part.column.rpartition(".")[0].strip().lower()
        table, alias = query.table_called(qualifier) if qualifier else (query.table, query.alias)
        if not qualifier and part.column in ("name", "ra", "dec"):
            table, alias = query.table_called("m")
        return part.condition(schema.columns(table), alias)


def _parts(where: Condition) -> list[str | Cut]:
    parts = [where] if isinstance(where, str | Cut) else list(where or ())
    return [part for part in parts if isinstance(part, Cut) or part.strip()]

"""What is asked of the catalogue: which table, columns and rows; or a query of the reader's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from astropy.table import QTable
from traitlets import Bool, Enum, Instance, Int, Tuple, Unicode

from cscwidgets.archive.answer_checks import single_count
from cscwidgets.archive.cuts import Cut
from cscwidgets.archive.own_query import count_of
from cscwidgets.archive.query import chosen_columns
from cscwidgets.archive.schema import Schema
from cscwidgets.errors import CscError, CscWarning, NotFound, warn
from cscwidgets.io.json_schema import listed, text
from cscwidgets.sky.enclosing import enclosing_region
from cscwidgets.sky.region import Region

from .column_memory import ColumnMemory
from .explorer import ExplorerState
from .keeping import FLAG, Field, Keeps, Kept, Renewal
from .kept_conditions import CUTS
from .table_trait import TableTrait
from .tasks import Task

__all__ = ["SOURCES", "TABLES", "Asked", "CatalogueQuery"]

SOURCES = "master_source"
TABLES = (SOURCES, "stack_source", "observation_source")
"""What a region can be searched for: sources, their detections in stacks, those in observations."""

_MOST_PLACED = 20_000  # rows whose positions are fetched to count those inside a region
_MOST_COMPLETED = 20_000  # sources of a reader's own query that get the columns panels need: a hundred queries


@dataclass(frozen=True, eq=False)
class Asked:
    """What rows are the answer to: a query (`adql`), or a search of a `table` in a `region`; all if `complete`."""

    adql: str = ""
    region: Region | None = None
    table: str = SOURCES
    columns: tuple[str, ...] = ()
    conditions: tuple[str | Cut, ...] = ()
    complete: bool = False


class CatalogueQuery(Keeps):
    """Columns, cuts and the text that follows from them, until somebody edits that.

    Columns and cuts of sources are the explorer's: every search of a region asks for them from then on.

    Attributes
    ----------
    table : str
        One of `TABLES`.
    columns : tuple of str
        Columns of the table besides the usual ones.
    cuts : tuple of Cut
        What must hold.
    where : str
        What else must hold, in ADQL.
    text : str
        The query that will be sent; empty while there is a problem, or no region.
    edited : bool
        Whether the text is the reader's own; then the other choices do not count.
    problem : str
        Why the choices cannot be sent: which word, why, what is near it. Empty while they can.
    schema : Schema or None
        The tables and columns there are; None before the archive was asked.
    rows : int or None
        How many rows there would be; None before it was asked.
    at_most : bool
        Whether these are the rows of boxes around the region, which are some more: so many are only counted there.
    result : QTable
        Rows of detections or of the reader's own query.
    result_words : str
        What the result is.
    rest : str
        How the rest of the result would be asked for, in words; empty where the service sent all.
    answered : Asked or None
        What the result is the answer to; None while the rows are the explorer's.
    """

    plain: ClassVar = ("table", "where")
    fields: ClassVar = {
        "own_query": Field(text(20_000)),
        "columns": Field(listed(text(200), 2000), list, tuple),
        "cuts": CUTS,
        "found": FLAG,
    }

    table = Enum(TABLES, SOURCES)
    columns = Tuple()
    cuts = Tuple()
    where = Unicode("")
    text = Unicode("")
    edited = Bool(False)
    problem = Unicode("")
    schema = Instance(Schema, allow_none=True)
    rows = Int(None, allow_none=True)
    at_most = Bool(False)
    result = TableTrait()
    result_words = Unicode("")
    rest = Unicode("")

    def __init__(self, explorer: ExplorerState) -> None:
        super().__init__()
        self.explorer, self.desk = explorer, explorer.desk
        self.answered: Asked | None = None
        self.memory = ColumnMemory(self.desk.messages)
        self.desk.when(self, "table", self._other_table)
        self.desk.when(self, ("table", "columns", "cuts", "where", "edited", "schema"), self._write)
        self.desk.when(explorer, "region", self._write)
        self.desk.when(self, "text", self._uncounted)

    @property
    def conditions(self) -> tuple[str | Cut, ...]:
        """Cuts and condition together."""
        return (*self.cuts, self.where.strip()) if self.where.strip() else tuple(self.cuts)

    @property
    def missing(self) -> tuple[str, ...]:
        """The chosen columns that the rows shown do not have."""
        shown = self.explorer.table if self.table == SOURCES else self.result
        return tuple(name for name in self.columns if name not in shown.colnames)

    @property
    def further(self) -> tuple[str, ...]:
        """The chosen columns, and those that are cut on: who cuts wants to see where."""
        cut = [cut.column for cut in self.cuts]
        return (*self.columns, *(name for name in cut if name.rpartition(".")[2] not in self.columns))

    @property
    def found(self) -> bool:
        """Whether there are rows of detections or of the reader's own query."""
        return bool(self.result.colnames)

    @property
    def own_query(self) -> str:
        """The text where it is the reader's own; else it follows from the other choices."""
        return self.text if self.edited else ""

    def restore(self, kept: Kept) -> Iterator[None]:
        """Choose what was chosen; an own query whose sources were the explorer's is sent again."""
        self.table = kept["table"]  # first: another one drops what else was chosen
        chosen = kept["own_query"] or any(kept[name] for name in ("columns", "cuts", "where"))
        if chosen:
            self.open()
            yield
        self.assign(kept, "columns", "cuts", "where")
        if kept["own_query"]:
            self.edit(kept["own_query"])

    def renewal(self, kept: Kept) -> Renewal:
        """The rows that were found."""
        return Renewal("the rows of the query" if kept["found"] else "")

    def renew(self, kept: Kept) -> Iterator[None]:
        """Ask for them again."""
        if kept["found"] and not self.found:
            self.search()
            yield

    def settle(self) -> None:
        """Wait for what was asked, and raise what it failed with; see `Tasks.settle`."""
        self.desk.tasks.settle("columns", "count", "query", "more columns", "search")

    def open(self) -> None:
        """Find out, in the background, which tables and columns there are."""
        if self.schema is not None and self.schema.listed:
            return

        def work(task: Task) -> Schema:
            schema = self.desk.archive.schema(task)
            schema.check(f"SELECT name FROM {schema.release.schema}.{SOURCES}")  # so that the first keystroke is quick
            return schema

        def done(schema: Schema) -> None:
            self.schema = schema
            if not schema.listed:
                self.desk.messages.note(
                    "The service does not list its columns", schema.reason, f"They are {schema.origin}."
                )

        self.desk.tasks.run("Listing columns", work, done, key="columns")

    def edit(self, text: str) -> None:
        """Ask a query of one's own; with an empty text, again what is chosen."""
        with self.hold_trait_notifications():
            self.edited = bool(text.strip())
            if self.edited:
                self.text = text
        self._write()

    def count(self) -> None:
        """Ask how many rows there would be, in the background."""
        self._require_no_problem()
        archive, text, edited = self.desk.archive, self.text, self.edited
        region, conditions, table = self.explorer.region, self.conditions, self.table

        def work(task: Task) -> tuple[int, bool]:
            if edited or region is None:
                archive.check(text, task)
                return single_count(archive.query(count_of(text), monitor=task)), False
            rows = archive.count(region, conditions, table, monitor=task)
            if region.is_all_sky or rows > _MOST_PLACED:
                return rows, not region.is_all_sky
            # Services may know no geometry: which rows of the boxes lie inside is seen from their positions.
            return len(archive.search(region, (), conditions, table, quiet=True, monitor=task)), False

        def done(counted: tuple[int, bool]) -> None:
            with self.hold_trait_notifications():
                self.rows, self.at_most = counted

        self.desk.tasks.run("Counting rows", work, done, key="count", stands=lambda: text == self.text)

    def search(self) -> None:
        """Ask for the rows, in the background: sources become the explorer's table, others the result."""
        self._require_no_problem()
        text = self.text
        if self.edited:
            self._run(Asked(text.strip().rstrip(";")), lambda: text == self.text)
        elif self.table == SOURCES:
            with self.hold_trait_notifications():
                self.result, self.result_words, self.rest = QTable(), "", ""  # the rows are the explorer's
            self.answered = None
            self.explorer.search(self.explorer.region)
        else:
            asked = Asked("", self.explorer.region, self.table, tuple(self._asked() or ()), self.conditions)
            self._search_detections(asked, lambda: text == self.text)
        self._say_call()

    def get_the_rest(self) -> None:
        """Ask, in the background, for the rows of the result that the service did not send.

        Raises
        ------
        CscError
            If it sent all.
        """
        asked = self.answered
        if asked is None or not self.rest:
            raise CscError("Nothing was asked", "no rows of the result are missing")
        ask = self._run if asked.adql else self._search_detections
        ask(replace(asked, complete=True), lambda: self.answered is asked)
        self.desk.calls.did("query.get_the_rest")

    def add_columns(self) -> None:
        """Ask for the chosen columns that the rows shown lack, by name and in pieces, in the background."""
        self._require_no_problem()
        names, table, archive = self.missing, self.table, self.desk.archive
        shown = self.explorer.table if table == SOURCES else self.result

        def work(task: Task) -> QTable:
            return archive.with_columns(shown, names, table, monitor=task)

        def done(rows: QTable) -> None:
            if table == SOURCES:
                self.explorer.table = rows
            else:
                self.result = rows

        def stands() -> bool:
            return shown is (self.explorer.table if table == SOURCES else self.result)

        if names and len(shown):
            self.desk.tasks.run(f"Adding {_listed(names)}", work, done, key="more columns", stands=stands)

    def _say_call(self) -> None:
        calls = self.desk.calls
        if self.edited:
            calls.did("query.run", self.text)
        else:
            calls.did("query.search", list(self.columns), list(self.conditions), table=self.table)

    def _require_no_problem(self) -> None:
        if self.problem:
            raise CscError("Nothing was asked", self.problem)
        if not self.edited and self.explorer.region is None:
            raise CscError("Nothing was asked", "no region is chosen", "Search a place, or draw a region on the sky.")

    def _other_table(self) -> None:
        with self.hold_trait_notifications():
            self.columns, self.cuts, self.where = (), (), ""

    def _uncounted(self) -> None:
        self.rows = None

    def _write(self) -> None:
        """The text that follows from the choices, and whether they can be sent."""
        if self.schema is None:
            return
        archive, region = self.desk.archive, self.explorer.region
        try:
            if self.edited:
                archive.check(self.text)
            else:
                text = archive.adql(region, self._asked(), self.conditions, self.table)
                self.text = text if region is not None else ""
        except CscError as error:
            self.problem = str(error)
            if not self.edited:
                self.text = ""
            return
        self.problem = ""
        if self.table == SOURCES and not self.edited:
            self.explorer.columns, self.explorer.conditions = self.further, self.conditions

    def _asked(self) -> list[str] | None:
        if not self.further:
            return None
        usual = chosen_columns(None, self.desk.archive.columns(self.table))
        return list(dict.fromkeys([*usual, *self.further]))

    def _search_detections(self, asked: Asked, stands: Callable[[], bool]) -> None:
        archive, columns = self.desk.archive, asked.columns or None

        def work(task: Task) -> QTable:
            where, whole = asked.conditions, asked.complete
            return archive.search(asked.region, columns, where, asked.table, complete=whole, quiet=True, monitor=task)

        def done(rows: QTable) -> None:
            sources = len(set(map(str, rows["name"]))) if len(rows) else 0
            self._take(rows, asked, f"{len(rows):,} detections of {sources:,} sources")

        self.desk.tasks.run("Searching detections", work, done, key="query", stands=stands)

    def _run(self, asked: Asked, stands: Callable[[], bool]) -> None:
        archive, text = self.desk.archive, asked.adql

        def work(task: Task) -> tuple[QTable, QTable | None, str]:
            archive.check(text, task)
            rows = archive.query(text, complete=asked.complete, quiet=True, monitor=task)
            why = "" if rows.meta["provenance"].complete else archive.division(text, task).why
            for name in [name for name in rows.colnames if name.lower() == "name" and name != "name"][:1]:
                rows.rename_column(name, "name")
            return rows, self._completed(rows, task), why

        def done(answer: tuple[QTable, QTable | None, str]) -> None:
            rows, sources, why = answer
            words = f"{len(rows):,} rows"
            if sources is not None:
                words += f", now the explorer's {len(sources):,} sources"
                self.explorer.show(sources, "query", enclosing_region(sources["ra"], sources["dec"]), "query")
            elif "name" in rows.colnames:
                words += ", linked to the selection by name"
            self._take(rows, asked, words, why)

        self.desk.tasks.run("Running the query", work, done, key="query", stands=stands)

    def _completed(self, rows: QTable, task: Task) -> QTable | None:
        """The sources of a result, one row each, with what panels need of them; None where it holds no sources."""
        if "name" not in rows.colnames or len(set(map(str, rows["name"]))) < len(rows) or not len(rows):
            return None
        if len(rows) > _MOST_COMPLETED:
            words = (
                f"The {len(rows):,} sources stay a list: of more than {_MOST_COMPLETED:,} the panels ask no columns."
            )
            warn(CscWarning(words))
            return None
        archive = self.desk.archive
        usual = chosen_columns(None, archive.columns(monitor=task))
        try:
            sources = archive.with_columns(rows, usual, monitor=task)
        except NotFound:
            return None  # names of something else
        placed = np.isfinite(np.asarray(sources["ra"], float)) & np.isfinite(np.asarray(sources["dec"], float))
        return sources[placed] if placed.any() else None

    def _take(self, rows: QTable, asked: Asked, words: str, why: str = "") -> None:
        """Show rows; ``why`` says why a query cannot be asked in parts."""
        provenance = rows.meta["provenance"]
        rest = "" if provenance.complete else "The rest is asked for in parts of the sky"
        if rest and why:
            rest = f"The rest cannot be asked for in parts, since {why}: all is asked again, with a larger limit"
        with self.hold_trait_notifications():
            self.answered, self.rest = asked, rest
            self.result = rows
            self.result_words = words if provenance.complete else f"{words}; NOT ALL: {provenance}"
        if not provenance.complete:
            hint = f'Press "Get the rest" beside the rows. {rest}.'
            self.desk.messages.warn(str(provenance), "The service limits its answers", hint)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} columns"

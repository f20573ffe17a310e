"""The state of one explorer, without any widget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from regions import SkyRegion
from traitlets import Enum, Instance, Int, Tuple, Unicode, validate

from cscwidgets.archive import Archive, Provenance
from cscwidgets.archive.cuts import Cut
from cscwidgets.archive.query import ALL_SKY_COLUMNS, DEFAULT_COLUMNS, quote_text
from cscwidgets.archive.whole_answer import require_all
from cscwidgets.csc.links import links
from cscwidgets.errors import CscError, IncompleteFetch, NotFound, QueryError, SomeNotFound, warn
from cscwidgets.export.region_files import source_regions
from cscwidgets.io.json_schema import listed, nullable, text
from cscwidgets.sky.region import Region
from cscwidgets.sky.region_record import REGION, region_of_record, region_record
from cscwidgets.sky.source_names import SourceNames, names_of, source_name
from cscwidgets.sky.sphere import separation
from cscwidgets.sky.target import Around, Target, as_written, in_words, understood

from .desk import Desk
from .keeping import Field, Keeps, Kept
from .kept_conditions import CONDITIONS
from .own_columns import OwnColumns
from .rows import index_of
from .selection import Mode
from .table_trait import TableTrait
from .tasks import Task

__all__ = ["ExplorerState", "SkyView"]

_WIDEST = 180.0  # degrees
_ALL = 360.0


@dataclass(frozen=True, eq=False)
class SkyView:
    """Where the sky is to look: a position and an extent, degrees. A new one is followed even if it is the same.

    Without an extent that which is seen stays.
    """

    ra: float
    dec: float
    fov: float | None

    @classmethod
    def of_region(cls, region: Region) -> SkyView:
        """The view that holds a region."""
        if region.is_all_sky:
            return cls(0.0, 0.01, _ALL)  # on the equator itself Aladin Lite writes into the console
        ra, dec = region.centre
        reach = float(separation(*region.boundary(), ra, dec).max())
        # A view is wider than high: leave room for the region's height.
        return cls(ra, dec, min(_WIDEST, 3.2 * reach))


class _Answer(NamedTuple):
    """What a search brings: where, what that is called, the sources, the archive's title, what held, how it came."""

    region: Region
    place: str
    table: QTable
    title: str
    conditions: tuple[str | Cut, ...]
    complete: bool


class ExplorerState(Keeps):
    """Region, table, selection and focus of an explorer, and how one follows from another.

    Attributes
    ----------
    region : Region or None
        What the table answers to; a failed or cancelled search leaves both as they were.
    place : str
        The region for people: the name it was asked by, or its shape.
    table : QTable
        The sources found, with the reader's own columns; empty before the first answer.
    focus : str
        Name of the source in focus, or empty.
    view : SkyView or None
        Where the sky was last asked to look.
    columns : tuple of str
        Columns of the sources that a search asks for besides the usual ones, which the panels need.
    conditions : tuple of str or Cut
        What must hold for the sources of a search.
    applied : tuple of str or Cut
        What held for those of the table.
    asked : str
        What the table answers to: "region", "list", "query", or empty before the first answer.
    archive_title : str
        What the archive calls itself; empty before it is open.
    tries : int
        Goes up when what failed is worth another try.
    own_columns : OwnColumns
        What the reader adds to every table.
    in_pieces : bool
        Whether the rest of an answer that the service cut was asked for.
    """

    plain: ClassVar = ("place", "asked")
    fields: ClassVar = {
        "region": Field(
            nullable(REGION),
            lambda region: None if region is None else region_record(region),
            lambda kept: None if kept is None else region_of_record(kept),
        ),
        "columns": Field(listed(text(200), 2000), list, tuple),
        "conditions": CONDITIONS,
    }

    region = Instance(Region, allow_none=True)
    place = Unicode("")
    table = TableTrait()
    focus = Unicode("")
    view = Instance(SkyView, allow_none=True)
    columns = Tuple()
    conditions = Tuple()
    applied = Tuple()
    asked = Enum(("", "region", "list", "query"), "")
    archive_title = Unicode("")
    tries = Int(0)

    def __init__(self, archive: Archive, *, reraise: bool = False) -> None:
        super().__init__()
        self.desk = Desk(archive, reraise=reraise)
        self.own_columns = OwnColumns(self.desk.messages)
        self.desk.when(self, "focus", lambda: self.desk.calls.was_set("focus", self.focus))
        self.desk.when(self.desk.selection, "clause", self._selected)
        self.in_pieces = False

    @validate("table")
    def _with_own_columns(self, proposal: dict[str, Any]) -> QTable:
        return self.own_columns.added_to(proposal["value"])

    @property
    def names(self) -> list[str]:
        """The names of the table's sources, in its order."""
        return [str(name) for name in self.table["name"]] if len(self.table) else []

    def restore(self, kept: Kept) -> Iterator[None]:
        """Ask for the sources of a region again; those of a list or a query come from there."""
        self.assign(kept, "columns", "conditions")
        region: Region | None = kept["region"]
        if kept["asked"] == "region" and region is not None:
            self.search(region)
            yield
            if self.region is region:
                self.place = kept["place"]

    @property
    def provenance(self) -> Provenance | None:
        """Where the table came from; None before the first answer."""
        provenance: Provenance | None = self.table.meta.get("provenance")
        return provenance

    @property
    def simulated(self) -> bool:
        """Whether the sources shown are simulated."""
        return bool(self.provenance and self.provenance.simulated)

    @property
    def selected(self) -> QTable:
        """The selected rows of the table, in its order."""
        if not len(self.table):
            return self.table
        names = self.desk.selection.names
        rows = np.fromiter((name in names for name in self.table["name"]), bool, len(self.table))
        return self.table[rows]

    def settle(self) -> None:
        """Wait for what runs, and raise what the last search failed with; see `Tasks.settle`."""
        self.desk.tasks.settle("search")

    def search(self, target: Target, radius: str | u.Quantity | None = None, *, complete: bool = False) -> None:
        """Ask the archive for the sources in a region, in the background.

        The name of an object is looked up there too.

        Raises
        ------
        RegionError
            At once, if the target or the radius is none.
        """
        circle_or_region = understood(target, radius)
        further, conditions = self.columns, self.conditions
        written = str(radius) if radius is not None and isinstance(target, str) else None
        self.desk.calls.did("search", as_written(target, circle_or_region), written)
        label = target if isinstance(target, str) or isinstance(circle_or_region, Around) else str(circle_or_region)

        def work(task: Task) -> _Answer:
            archive = self.desk.archive
            region = circle_or_region.look_up() if isinstance(circle_or_region, Around) else circle_or_region
            title = archive.open(task).title
            place = self.place if region is self.region else in_words(target, region)
            here = archive.columns(monitor=task)
            wanted = ALL_SKY_COLUMNS if region.is_all_sky else DEFAULT_COLUMNS
            usual = [name for name in wanted if name in here]
            columns = [*usual, *further] if further or region.is_all_sky else None
            rows = archive.search(region, columns, conditions, complete=complete, quiet=True, monitor=task)
            return _Answer(region, place, rows, title, conditions, complete)

        self.desk.tasks.run(f"Searching {label:.80}", work, self._arrived, key="search")

    def picked(self, origin: str, name: str, mode: Mode | None) -> None:
        """One source was clicked in a view: it comes into focus and is published.

        Parameters
        ----------
        origin : str
            Key of the view in the selection.
        name : str
        mode : str, optional
            How it combines with what is selected; the mode chosen by the user unless told.
        """
        self.look_at(name)
        self.desk.selection.publish(origin, [name], mode)

    def look_at(self, name: str) -> None:
        """Bring a source into focus; where it is already, what failed to be shown of it is tried again."""
        if name == self.focus:
            self.desk.tasks.try_again()
            self.tries += 1
        self.focus = name

    def select(self, names: SourceNames, mode: Mode) -> None:
        """Select sources of the table by name, as code does.

        Raises
        ------
        NotFound
            If none of them is in the table; of some, a warning `SomeNotFound` names these.
        """
        present, missing = self.in_table(names)
        if missing and not present:
            raise NotFound(missing, "the table", "Search where they are first.")
        if missing:
            warn(SomeNotFound(missing, len(present) + len(missing), "the table"), stacklevel=3)
        self.desk.selection.publish("code", present, mode)

    def visit(self, name: str, fov: float) -> None:
        """Bring a source of the table into focus, and the sky to it with an extent in degrees."""
        self.look_at(name)
        rows = np.flatnonzero(np.asarray(self.table["name"]) == name)
        if len(rows):
            position = SkyCoord(self.table["ra"][rows[0]], self.table["dec"][rows[0]], unit="deg")
            self.view = SkyView(float(position.ra.deg), float(position.dec.deg), fov)

    def in_table(self, names: SourceNames) -> tuple[list[str], list[str]]:
        """Of some names, as people write them: those of the table, as it writes them, and the others."""
        there = index_of(self.table).every
        requested = names_of(names, simulated=self.simulated)
        written = {name: name for name in requested if name in there}
        if len(written) < len({*requested}):
            # Somebody's own table may have names that we would write in another way.
            written = {source_name(name): name for name in there} | written
        present = [written[name] for name in requested if name in written]
        return present, [name for name in requested if name not in written]

    def source_called(self, text: str) -> str:
        """The name of one source of the archive, as it writes it; one that is not in the table is asked for.

        Raises
        ------
        NotFound
            If the archive has none of this name.
        """
        names, missing = self.in_table([text])
        if missing:
            self.desk.tasks.wait()  # a search may bring it
            names, missing = self.in_table([text])
        if not names:
            schema = self.desk.archive.open().schema
            either = ", ".join({quote_text(source_name(text, simulated=simulated)) for simulated in (False, True)})
            adql = f"SELECT name FROM {schema}.master_source WHERE name IN ({either})"
            rows = require_all(self.desk.archive.query(adql, quiet=True), ["name"])
            names = [str(name) for name in rows["name"]]
        if not names:
            raise NotFound(
                missing, f"the sources of {self.desk.archive.open().title}", "The table lists those of the region."
            )
        return names[0]

    def links(self) -> dict[str, str]:
        """Addresses of pages about the region, by the name of the service.

        Raises
        ------
        CscError
            If there is no region.
        """
        if self.region is None:
            raise CscError("There are no links", "no region is chosen", "Search one first.")
        return links(*self.region.centre, self.desk.archive.open().name, self.region.radius)

    def regions(self, what: str) -> list[SkyRegion]:
        """The region, or the sources or those selected as their error ellipses, for a file.

        Raises
        ------
        CscError
            If there is no region, or it is asked for something else.
        """
        if what == "region" and self.region is not None:
            return [self.region.shape]
        if what == "region":
            raise CscError("No region was written", "none is chosen", "Search one first.")
        if what not in {"sources", "selected"}:
            raise CscError(f"There are no regions of {what!r:.40}", "", "There are region, sources, selected.")
        table = self.table if what == "sources" else self.selected
        return source_regions(table) if len(table) else []

    def show(self, table: QTable, place: str, region: Region | None, asked: str) -> None:
        """Take sources that were found in another way than by a region.

        Parameters
        ----------
        table : QTable
            One row a source, with ``name``, ``ra``, ``dec`` and a provenance.
        place : str
            What they are, for people.
        region : Region, optional
            What holds them, if anything does.
        asked : {"list", "query"}
            How they were found.
        """
        table = self._only(table)
        with self.hold_trait_notifications():
            self.region, self.place, self.applied, self.asked = region, place, (), asked
            self.in_pieces = False
            self.table = table
            if region is not None:
                self.view = SkyView.of_region(region)

    def _only(self, table: QTable) -> QTable:
        """The table with the reader's own columns, whose sources are from now on all there are to select."""
        table = self.own_columns.added_to(table)
        self.desk.selection.set_universe(index_of(table).every)
        return table

    def _selected(self) -> None:
        selection, clause = self.desk.selection, self.desk.selection.clause
        if clause is None:  # undone, or redone
            self.desk.calls.did("select", selection.names)
        else:
            self.desk.calls.did("select", clause.names, None if clause.mode == "new" else clause.mode)

    def _arrived(self, answer: _Answer) -> None:
        region, place, table, title, conditions, complete = answer
        if not self.archive_title and (doubts := self.desk.archive.doubts):
            hint = "The folder's archive.json tells of each column; the import takes --column NAME=TABLE.COLUMN."
            self.desk.messages.note(f"{title}: not everything was certain", "; ".join(doubts), hint)
        self.archive_title = title
        table = self._only(table)
        with self.hold_trait_notifications():
            self.region, self.place, self.applied, self.asked = region, place, conditions, "region"
            self.in_pieces = complete
            self.table = table
            self.view = SkyView.of_region(region)
        self.desk.tasks.try_again(_a_service_failed)  # it answers now
        self.tries += 1
        provenance = table.meta["provenance"]
        if not provenance.complete:
            self.desk.messages.warn(str(provenance), "The service limits its answers", 'Press "Get the rest".')
        if not len(table):
            kept = f" for which {' and '.join(map(str, conditions))}" if conditions else ""
            hint = "Draw a larger one, or cut less." if conditions else "Draw a larger one."
            self.desk.messages.note(f"No source of {title}{kept} lies in the region", str(region), hint)


def _a_service_failed(error: Exception) -> bool:
    return isinstance(error, QueryError | IncompleteFetch) and not isinstance(error, NotFound)

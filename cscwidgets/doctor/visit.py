"""What a step has in hand: the client over a session that tells, what earlier steps learned, and where findings go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable, Table

from cscwidgets.archive import Archive
from cscwidgets.archive.connection import Connection
from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.holdings import DETECTIONS
from cscwidgets.archive.monitor import SILENT
from cscwidgets.archive.query import DEFAULT_COLUMNS, DETECTION_COLUMNS, quote_text
from cscwidgets.archive.service_session import body_of
from cscwidgets.archive.services import tap
from cscwidgets.errors import CscError, NotFound
from cscwidgets.sky.region import Region

from .diagnosis import fault, not_reached, too_slow
from .findings import Deviation
from .questions import Exchange
from .session import AskingSession, StepOver
from .subject import Subject

__all__ = ["Facts", "Ground", "Listed", "NothingToAsk", "Step", "Visit"]

_LARGEST = 20_000_000  # bytes of a document
_FEW = 3  # sources that details are asked of


class NothingToAsk(Exception):
    """A step has no sense here, for the reason given."""


@dataclass(frozen=True)
class Listed:
    """A column as TAP_SCHEMA lists it."""

    name: str
    datatype: str
    unit: str


@dataclass
class Facts:
    """What steps learned that others need: each is asked for once; ``status`` is what QUERY_STATUS said of ``rows``."""

    tables: Mapping[str, Mapping[str, Listed]] | None = None
    area: Region | None = None
    rows: QTable | None = None
    status: str | None = None
    sources: QTable | None = None
    detections: QTable | None = None
    files: Table | None = None


@dataclass(frozen=True)
class Step:
    """One step of the walk.

    Attributes
    ----------
    name, title : str
        What to call it for short, and in full.
    ask : callable
        Does it.
    companion : bool
        Whether it asks services of others.
    seconds : float
        How long it may take at most.
    """

    name: str
    title: str
    ask: Callable[[Visit], None]
    companion: bool = False
    seconds: float = 20.0


@dataclass
class Ground:
    """What all steps share: whom they examine, the line to it, a folder to write in, and what was learned."""

    subject: Subject
    connection: Connection
    folder: Path
    facts: Facts = field(default_factory=Facts)


class Visit:
    """One step at its archive, over a session of its own."""

    def __init__(self, step: Step, ground: Ground, session: AskingSession, seconds: float) -> None:
        self.step, self.session, self.seconds = step, session, seconds
        self.subject, self.folder, self.facts = ground.subject, ground.folder, ground.facts
        self.connection = replace(ground.connection, session=session)
        self.deviations: list[Deviation] = []
        self.remarks: list[str] = []
        self.reasons: list[str] = []  # why something that is there could not be asked
        self.absent: list[str] = []  # what is not there to be asked

    @property
    def last(self) -> Exchange:
        """The latest question, and what came of it."""
        return self.session.exchanges[-1]

    @cached_property
    def archive(self) -> Archive:
        """The client, as users have it, with an empty cache of files."""
        return Archive.over(self.connection, Cache(self.folder / "products"))

    @property
    def schema(self) -> str:
        """The archive's schema."""
        return self.connection.release.schema

    def deviates(self, what: str, *, expected: str, found: str, follows: str, do: str, matters: bool = True) -> None:
        """Say that something is not as it should be."""
        self.deviations.append(Deviation(what, expected, found, follows, do, matters))

    def remark(self, text: str) -> None:
        """Say something that is well."""
        self.remarks.append(text)

    @contextmanager
    def part(self, what: str) -> Iterator[None]:
        """A part of a step: what it fails with is a finding, and the next part begins all the same."""
        first = len(self.session.exchanges)
        try:
            yield
        except NothingToAsk as nothing:
            self.absent.append(str(nothing))
        except StepOver:
            self.deviations.append(too_slow(what, self.seconds))
            raise
        except Exception as error:
            exchanges = self.session.exchanges[first:]
            if (reason := not_reached(error)) is not None:
                self.reasons.append(f"{what}: {reason}")
            else:
                self.deviations.append(fault(what, error, exchanges, self.seconds))
            if not self.session.left:
                raise StepOver("The step was ended", "its time is over") from error

    def document(self, address: str, parameters: Mapping[str, str] | None = None) -> bytes:
        """What comes from an address; of a status that is a failure nothing is taken."""
        answer = self.session.get(address, params=parameters, stream=True)
        content = body_of(answer, _LARGEST)
        answer.raise_for_status()
        if self.last.is_page:
            raise CscError("A web page came instead of a document", self.last.page_title)
        return content

    def tap(self, adql: str, *, maxrec: int | None = None, uploads: Mapping[str, Table] | None = None) -> QTable:
        """The rows of a synchronous query."""
        return tap(self.connection, adql, table=None, maxrec=maxrec, monitor=SILENT, uploads=uploads)

    @property
    def tables(self) -> Mapping[str, Mapping[str, Listed]]:
        """The columns the archive lists, by table of the catalogue, by their names in lower case."""
        if self.facts.tables is None:
            names = [full for table in self.subject.reference.tables for full in (table, f"{self.schema}.{table}")]
            rows = self.tap(
                "SELECT table_name, column_name, datatype, unit FROM TAP_SCHEMA.columns"
                f" WHERE table_name IN ({', '.join(map(quote_text, names))})"
            )
            listed: dict[str, dict[str, Listed]] = {}
            for table, name, datatype, unit in _texts(rows, ("table_name", "column_name", "datatype", "unit")):
                plain = name.strip('"')
                listed.setdefault(table.rpartition(".")[2].strip('"'), {})[plain.lower()] = Listed(
                    plain, datatype, unit
                )
            self.facts.tables = listed
        return self.facts.tables

    def has(self, table: str, *columns: str) -> bool:
        """Whether the archive lists a table with these columns."""
        return table in self.tables and all(column in self.tables[table] for column in columns)

    @property
    def area(self) -> Region:
        """A small circle with sources."""
        if self.facts.area is None:
            reference = self.subject.reference
            centre = reference.centre or self._some_source()
            self.facts.area = Region.circle(SkyCoord(*centre, unit="deg"), reference.radius)
        return self.facts.area

    def _some_source(self) -> tuple[float, float]:
        if not self.has("master_source", "ra", "dec"):
            raise NothingToAsk("the archive has no sources with positions")
        table = f"{self.schema}.master_source"
        # Where both coordinates could stand for the other one, an exchange of them is seen.
        for where in (" WHERE ra BETWEEN 5 AND 85 AND dec BETWEEN 5 AND 85", ""):
            rows = self.tap(f"SELECT TOP 1 ra, dec FROM {table}{where}")
            if len(rows):
                ra, dec = (float(u.Quantity(rows[name], u.deg)[0].value) for name in rows.colnames[:2])
                if np.isfinite(ra + dec):
                    return round(ra, 4), round(dec, 4)
        raise NothingToAsk("the archive has no source with a position")

    @property
    def rows(self) -> QTable:
        """The sources in the small circle, with the columns of a search that the archive has."""
        if self.facts.rows is None:
            columns = [name for name in DEFAULT_COLUMNS if self.has("master_source", name)]
            area, first = self.area, len(self.session.exchanges)
            rows = self.archive.search(area.shape, columns, quiet=True)
            asked = self.session.exchanges[first:]
            searches = [one for one in asked if one.question.form.get("QUERY", "").startswith("SELECT m.name")]
            self.facts.rows, self.facts.status = rows, searches[-1].query_status if searches else None
        return self.facts.rows

    @property
    def sources(self) -> QTable:
        """The same, or where that search has not come, their names and positions alone."""
        if self.facts.rows is not None:
            return self.facts.rows
        if self.facts.sources is None:
            self.facts.sources = self.archive.search(self.area.shape, (), quiet=True)
        return self.facts.sources

    @property
    def names(self) -> list[str]:
        """A few of them, the most significant."""
        rows = self.sources
        order = np.arange(len(rows))
        if "significance" in rows.colnames:
            values = np.ma.filled(np.ma.asarray(getattr(rows["significance"], "value", rows["significance"])), np.nan)
            order = np.argsort(-np.nan_to_num(values.astype(float), nan=-np.inf), kind="stable")
        names = list(dict.fromkeys(str(rows["name"][row]) for row in order))[:_FEW]
        if not names:
            raise NothingToAsk("there are no sources in the circle that is asked about")
        return names

    @property
    def detections(self) -> QTable:
        """Their detections, with the columns that the archive has."""
        if self.facts.detections is None:
            for table, keys in DETECTIONS.items():
                if not self.has(table, *keys):
                    raise NothingToAsk(f"the archive has no {table} with {', '.join(keys)}")
            columns = [name for name in DETECTION_COLUMNS if self.has("observation_source", name)]
            try:
                self.facts.detections = self.archive.detections(self.names, columns)
            except NotFound:
                if self.subject.reference.complete:
                    raise
                raise NothingToAsk("the archive has no detections of the sources that are asked about") from None
        return self.facts.detections


def _texts(rows: QTable, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    by_lower = {name.lower(): name for name in rows.colnames}
    columns = [np.ma.filled(np.ma.asarray(rows[by_lower[name]]).astype(str), "") for name in names]
    yield from zip(*(map(str, column) for column in columns), strict=True)

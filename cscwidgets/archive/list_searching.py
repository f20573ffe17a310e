"""What the rows of a list of positions or names are in an archive: few questions, and a match here."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable, Table
from pyvo.io.vosi import parse_capabilities

from cscwidgets.arrays import Flags
from cscwidgets.errors import QueryCancelled, QueryError, RegionError
from cscwidgets.sky.names import resolve
from cscwidgets.sky.position_list import PositionList
from cscwidgets.sky.sesame import NoAnswer
from cscwidgets.sky.source_names import source_name
from cscwidgets.sky.sphere import separation

from .connection import Connection
from .holdings import STACKS
from .lists.answer import OTHER_NAME, OTHER_SOURCES, ListSources, answer_table
from .lists.asking import ListAsker, together
from .lists.boxes import shared_boxes
from .lists.matching import Errors, Nearest, nearest_within, within
from .monitor import Monitor, watched
from .query import NAMES_PER_QUERY, Query
from .stacks import STACK_RADIUS, stack_positions
from .whole_answer import require_all

__all__ = ["ListSearch"]

_MOST_LOOKED_UP = 50  # objects' names: each is a question to the name resolver
_LARGEST_ERROR = 3600  # arcsec


@dataclass(frozen=True)
class ListSearch:
    """Asks one archive what lists are.

    Attributes
    ----------
    connection : Connection
    tap : callable
        Sends ADQL: ``tap(adql, maxrec, table, uploads)``.
    columns : callable
        The columns of a table.
    members : callable
        The observations of all detect stacks.
    monitor : Monitor
        Told of progress, asked whether to stop.
    """

    connection: Connection
    tap: Callable[[str, int | None, str | None, Mapping[str, Table] | None], QTable]
    columns: Callable[[str], Sequence[str]]
    members: Callable[[], QTable]
    monitor: Monitor

    def answer(self, listed: PositionList, query: Query, radius: float | None) -> QTable:
        """A row for each of a list's; see `Archive.search_list`.

        Parameters
        ----------
        listed : PositionList
        query : Query
            Columns and conditions of the sources.
        radius : float or None
            Arcsec; within the error of each source if there is none.
        """
        simulated = self.connection.simulated
        names = [name and source_name(name, simulated=simulated) for name in listed.name]
        listed = _looked_up(replace(listed, name=names), self.monitor)
        if radius is None:
            query = self._with_errors(query)
        asker = ListAsker(query, self._ask, self._takes_uploads(len(listed)), self.monitor)
        answers = asker.named(wanted) if (wanted := list(dict.fromkeys(filter(None, listed.name)))) else []
        known = {str(name) for answer in answers for name in answer["name"]}
        by_name = np.array([name in known for name in listed.name], bool)
        stacks = self._stacks_near(listed)
        # Where no stack has looked there is no source: it is not asked for.
        near = listed.placed & ~by_name
        if query.where:  # the source of a name may be one that does not count: it is not another nearby
            near &= np.array([not name for name in listed.name], bool)
        if stacks is not None:
            near &= np.array([len(each) > 0 for each in stacks], bool)
        if near.any():
            reach = (self._largest_error() if radius is None else radius) + float(listed.blur[near].max())
            answers += asker.in_boxes(shared_boxes(listed.ra[near], listed.dec[near], reach / 3600))
        sources = together(answers or [self.tap(query.adql(), 0, query.table, None)])
        self.monitor.report("matching")
        errors = Errors.of(sources) if radius is None else Errors.circles(radius, len(sources))
        listed, nearest = _matched(listed, sources, errors, by_name, near)
        used, row = np.unique(nearest.row[nearest.row >= 0], return_inverse=True)
        nearest.row[nearest.row >= 0] = row
        kept = ListSources(sources[used], copy=False)
        table = answer_table(
            listed, nearest, list(map(str, kept["name"])), stacks, _notes(listed, by_name, conditions=bool(query.where))
        )
        notes = list(listed.notes)
        if query.where:
            notes.append(f"only sources count for which {query.where}")
        if without := int(np.count_nonzero(~np.isfinite(errors.major))):
            notes.append(f"{without:,} sources near have no error, and were not matched: give a radius for them")
        table.meta |= {"provenance": sources.meta["provenance"], "sources": kept, "notes": notes}
        return table

    def _ask(self, adql: str, uploads: Mapping[str, Table] | None) -> QTable:
        return self.tap(adql, None, "master_source", uploads)

    def _stacks_near(self, listed: PositionList) -> list[list[str]] | None:
        """The stacks whose fields may cover each position, the nearest first; None where the archive lists none."""
        if not all(set(names) <= set(self.columns(table)) for table, names in STACKS.items()):
            return None
        names = np.unique(np.asarray(self.members()["detect_stack_id"], str))
        places = stack_positions(list(names))
        ra, dec = places.ra.deg, places.dec.deg
        known = np.flatnonzero(np.isfinite(ra))
        near: list[list[str]] = [[] for _ in range(len(listed))]
        rows = np.flatnonzero(listed.placed)
        first, second = within(listed.ra[rows], listed.dec[rows], ra[known], dec[known], STACK_RADIUS)
        first, second = rows[first], known[second]
        apart = separation(listed.ra[first], listed.dec[first], ra[second], dec[second])
        for at in np.lexsort((apart, first)).tolist():
            near[first[at]].append(str(names[second[at]]))
        return near

    def _with_errors(self, query: Query) -> Query:
        there = self.columns(query.table)
        if Errors.COLUMNS[0] not in there:
            raise QueryError("The list was not searched", "the archive has no errors of positions", "Give a radius.")
        errors = [name for name in Errors.COLUMNS if name in there]
        return replace(query, columns=list(dict.fromkeys([*query.columns, *errors])))

    def _largest_error(self) -> float:
        """Of all sources, arcsec."""
        column, table = Errors.COLUMNS[0], f"{self.connection.release.schema}.master_source"
        adql = f"SELECT MAX({column}) AS n FROM {table} WHERE {column} < {_LARGEST_ERROR}"
        answer = require_all(self.tap(adql, None, None, None), ["n"])
        largest = float(u.Quantity(answer["n"][0], u.arcsec).value) if len(answer) else 0.0
        return largest if np.isfinite(largest) else 0.0

    def _takes_uploads(self, rows: int) -> bool:
        """Whether the service says that it takes tables; it is not asked for a short list."""
        if rows <= NAMES_PER_QUERY:
            return False
        try:
            with watched(self.monitor):
                # Read to its end, which TAPService leaves open; the line and who watches over it would be left too.
                answer = self.connection.session.get(f"{self.connection.release.tap}/capabilities")
            answer.raise_for_status()
            told = parse_capabilities(io.BytesIO(answer.content).read)
            return any(getattr(one, "uploadmethods", ()) for one in told)
        except QueryCancelled:
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with its capabilities, it can be asked in pieces
            return False


def _looked_up(listed: PositionList, monitor: Monitor) -> PositionList:
    """The list with the positions of objects that a name resolver knows."""
    names = dict.fromkeys(filter(None, listed.unresolved))
    asked = dict.fromkeys(list(names)[:_MOST_LOOKED_UP])
    silent: list[RegionError] = []

    def look_up(name: str) -> SkyCoord:
        monitor.check()
        if name not in asked:
            raise RegionError(
                "", f"it is no position and no source's name; {_MOST_LOOKED_UP} names are looked up at most"
            )
        if silent:
            raise silent[0]
        monitor.report(f"looking up {name}")
        try:
            return resolve(name)
        except RegionError as error:
            if isinstance(error.__cause__, NoAnswer):
                silent.append(error)  # nor would it answer to the next
            raise

    return listed.looked_up(look_up)


def _matched(
    listed: PositionList, sources: QTable, errors: Errors, by_name: Flags, near: Flags
) -> tuple[PositionList, Nearest]:
    """Which source each row is, and the list with the positions of those that were named."""
    source_ra, source_dec = (u.Quantity(sources[axis], u.deg).value for axis in ("ra", "dec"))
    row, apart = np.full(len(listed), -1), np.full(len(listed), np.nan)
    candidates = np.zeros(len(listed), int)
    place = {str(name): at for at, name in enumerate(sources["name"])}
    ra, dec = listed.ra.copy(), listed.dec.copy()
    for at in np.flatnonzero(by_name).tolist():
        row[at], candidates[at] = place[listed.name[at]], 1
        if listed.blur[at] or not listed.placed[at]:
            ra[at], dec[at] = source_ra[row[at]], source_dec[row[at]]
    apart[by_name] = 3600 * separation(ra[by_name], dec[by_name], source_ra[row[by_name]], source_dec[row[by_name]])
    rows = np.flatnonzero(near)
    found = nearest_within(ra[rows], dec[rows], listed.blur[rows], source_ra, source_dec, errors)
    row[rows], apart[rows], candidates[rows] = found.row, found.separation, found.candidates
    return replace(listed, ra=ra, dec=dec), Nearest(row, apart, candidates)


def _notes(listed: PositionList, by_name: Flags, *, conditions: bool) -> list[str]:
    rows = zip(listed.problem, listed.name, by_name.tolist(), strict=True)
    unknown = OTHER_SOURCES if conditions else OTHER_NAME
    return [problem or (unknown if name and not known else "") for problem, name, known in rows]

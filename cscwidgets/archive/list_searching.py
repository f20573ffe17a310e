"""The part of the client that answers lists of positions and names."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable, Table
from pyvo.dal import TAPService

from cscwidgets.arrays import Flags
from cscwidgets.errors import QueryCancelled, QueryError, RegionError
from cscwidgets.sky.names import resolve
from cscwidgets.sky.position_list import PositionList
from cscwidgets.sky.sesame import NoAnswer
from cscwidgets.sky.source_names import source_name
from cscwidgets.sky.sphere import separation
from cscwidgets.sky.target import Target, read_radius

from .answer_checks import require_all
from .cuts import Condition
from .holdings import CONE, STACKS
from .lists.answer import OTHER_NAME, answer_table
from .lists.asking import ListAsker, together
from .lists.boxes import shared_boxes
from .lists.matching import Errors, Nearest, nearest_within, within
from .lists.reading import Positions, is_list, read_list
from .monitor import SILENT, Monitor, watched
from .query import NAMES_PER_QUERY, Query
from .searching import SearchClient
from .stacks import STACK_RADIUS, stack_positions

__all__ = ["ListClient"]

_MOST_LOOKED_UP = 50  # objects' names: each is a question to the name resolver
_LARGEST_ERROR = 3600  # arcsec
_MASTER = "master_source"


class ListClient(SearchClient):
    """What `cscwidgets.archive.Archive` asks of a list of positions or names."""

    _stack_table: QTable | None
    _takes_tables: bool | None = None

    @abstractmethod
    def _tap(
        self,
        adql: str,
        maxrec: int | None,
        table: str | None,
        monitor: Monitor,
        uploads: Mapping[str, Table] | None = None,
    ) -> QTable: ...

    def search_list(
        self,
        positions: Positions,
        columns: Sequence[str] | str | None = None,
        where: Condition = None,
        *,
        radius: u.Quantity | str | None = None,
        monitor: Monitor = SILENT,
    ) -> QTable:
        """What each row of a list of positions or names is in the catalogue.

        Parameters
        ----------
        positions : SkyCoord, Table, DataFrame, list of str, str or path
            Coordinates of any frame; a table of astropy, pandas, polars or pyarrow with columns of a position (also
            galactic, ``l`` and ``b``) or of names; lines, in a list or one text, each a position in degrees or
            sexagesimal, a source's name or an object's; the path of a file of any of these. At most 100,000 rows.
        columns, where : optional
            As for `search`: of the sources, and what must hold for them.
        radius : Quantity or str, optional
            How far from a position its source may be; within the source's error ellipse (95 %) unless told.
        monitor : Monitor
            Told of progress, asked whether to stop.

        Returns
        -------
        QTable
            One row for each row of the list, in its order: ``line``, ``input``, ``status`` ("found"; "near a field" of
            a stack, whose outline or sensitivity map tells whether it was observed; "not observed"; "not found", where
            the archive does not tell where was observed; "not understood", with the reason in ``note``), ``name``,
            ``separation`` (arcsec), ``candidates``, ``repeats`` (the number of an earlier row that is the same),
            ``ra``, ``dec``, ``n_stacks``, ``stacks``, ``note``. ``meta["sources"]`` are the sources, once each;
            ``meta["notes"]`` what is to be said of the list.

        Raises
        ------
        CscError
            If it is no list, none of its rows can be read, or the radius is none.
        QueryError
            If the archive does not answer, or has no errors of positions.

        Examples
        --------
        >>> from cscwidgets import Archive
        >>> Archive("demo").search_list(["M33", "05:35:17.3 -05:23:28", "10 -60"])["status"]  # doctest: +SKIP
        """
        margin = None if radius is None else read_radius(radius) * 3600
        self._require(CONE, "The list was not searched", monitor)
        monitor.report("reading the list")
        connection = self._connect(monitor)
        listed = read_list(positions)
        prefixed = [name and source_name(name, simulated=connection.simulated) for name in listed.name]
        listed = _looked_up(replace(listed, name=prefixed), monitor)
        query = self._question(None, columns, where, _MASTER, monitor)
        if margin is None:
            query = self._with_errors(query, monitor)
        ask = partial(self._asked, monitor=monitor)
        asker = ListAsker(query, ask, self._takes_uploads(len(listed), monitor), monitor)
        answers = asker.named(wanted) if (wanted := list(dict.fromkeys(filter(None, listed.name)))) else []
        known = {str(name) for answer in answers for name in answer["name"]}
        by_name = np.array([name in known for name in listed.name], bool)
        stacks = self._stacks_near(listed, monitor)
        # Where no stack has looked there is no source: it is not asked for.
        near = listed.placed & ~by_name
        if stacks is not None:
            near &= np.array([len(each) > 0 for each in stacks], bool)
        if near.any():
            reach = (self._largest_error(monitor) if margin is None else margin) + float(listed.blur[near].max())
            answers += asker.in_boxes(shared_boxes(listed.ra[near], listed.dec[near], reach / 3600))
        sources = together(answers or [self._tap(query.adql(), 0, _MASTER, monitor)])
        monitor.report("matching")
        errors = Errors.of(sources) if margin is None else Errors.circles(margin, len(sources))
        listed, nearest = _matched(listed, sources, errors, by_name, near)
        used, row = np.unique(nearest.row[nearest.row >= 0], return_inverse=True)
        nearest.row[nearest.row >= 0] = row
        kept = sources[used]
        table = answer_table(listed, nearest, list(map(str, kept["name"])), stacks, _notes(listed, by_name))
        notes = list(listed.notes)
        if without := int(np.count_nonzero(~np.isfinite(errors.major))):
            notes.append(f"{without:,} sources near have no error, and were not matched: give a radius for them")
        table.meta |= {"provenance": sources.meta["provenance"], "sources": kept, "notes": notes}
        return table

    def search(
        self,
        region: Target | Positions,
        columns: Sequence[str] | str | None = None,
        where: Condition = None,
        table: str = _MASTER,
        *,
        radius: u.Quantity | str | None = None,
        maxrec: int | None = None,
        complete: bool = False,
        quiet: bool = False,
        monitor: Monitor = SILENT,
    ) -> QTable:
        """Rows of a catalogue table inside a region; or, for a list of positions, what each of them is.

        Parameters
        ----------
        region : SkyRegion, SkyCoord, str or Path
            See `cscwidgets.sky.read_region`. Several coordinates, a table, several lines, or a file of these are a
            list: `search_list` tells what is done with them.
        columns : sequence of str or "*", optional
            Columns besides the keys; a useful set of those the archive has unless told.
        where : str, Cut or iterable of them, optional
            What else must hold, in ADQL (``"flux_aper_b > 1e-14 AND var_flag = 1"``) or as
            ``Cut("powlaw_nh", ">", 2e21, "cm-2")``; see `cscwidgets.archive.Cut`.
        table : str
            "master_source", "stack_source" or "observation_source"; the latter two are joined to
            their master sources, whose position decides.
        radius : Quantity or str, optional
            Radius around a position or name; 0.5 deg unless told, of a list the error of its sources.
        maxrec : int, optional
            The most rows a single query may return; with 0 the columns come and how many rows there are.
        complete : bool
            If the service cuts an answer short, ask for the rest in smaller pieces; lists always do.
        quiet : bool
            Do not warn of an answer that was cut; the provenance tells all the same.
        monitor : Monitor
            Told of progress, asked whether to stop.

        Raises
        ------
        QueryError
            Before anything is sent, if a column or condition is none: which word, why, and what is near it.
        """
        if not is_list(region):
            return super().search(
                region,
                columns,
                where,
                table,
                radius=radius,
                maxrec=maxrec,
                complete=complete,
                quiet=quiet,
                monitor=monitor,
            )
        if table != _MASTER or maxrec is not None:
            why = f"it was to be of the table {table}" if table != _MASTER else "its answers cannot be limited"
            raise QueryError("The list was not searched", why, "Ask for the detections of what was found by name.")
        return self.search_list(region, columns, where, radius=radius, monitor=monitor)

    def _members(self, monitor: Monitor) -> QTable:
        """Which observations are in which detect stack: a row each."""
        if self._stack_table is None:
            # The table has no positions, they are in the stacks' names: fetch it whole, once.
            adql = f"SELECT detect_stack_id, obsid, obi FROM {self._connect(monitor).release.schema}.detect_stack"
            members = self._tap(adql, None, "detect_stack", monitor)
            self._stack_table = require_all(members, ("detect_stack_id", "obsid", "obi"), ("obsid", "obi"))
        return self._stack_table

    def _stacks_near(self, listed: PositionList, monitor: Monitor) -> list[list[str]] | None:
        """The stacks whose fields may cover each position, the nearest first; None where the archive lists none."""
        if not all(set(names) <= set(self.columns(table, monitor)) for table, names in STACKS.items()):
            return None
        names = np.unique(np.asarray(self._members(monitor)["detect_stack_id"], str))
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

    def _asked(self, adql: str, uploads: Mapping[str, Table] | None, monitor: Monitor) -> QTable:
        return self._tap(adql, None, _MASTER, monitor, uploads)

    def _with_errors(self, query: Query, monitor: Monitor) -> Query:
        there = self.columns(_MASTER, monitor)
        if Errors.COLUMNS[0] not in there:
            raise QueryError("The list was not searched", "the archive has no errors of positions", "Give a radius.")
        errors = [name for name in Errors.COLUMNS if name in there]
        return replace(query, columns=list(dict.fromkeys([*query.columns, *errors])))

    def _largest_error(self, monitor: Monitor) -> float:
        """Of all sources, arcsec."""
        column, schema = Errors.COLUMNS[0], self._connect(monitor).release.schema
        adql = f"SELECT MAX({column}) AS n FROM {schema}.{_MASTER} WHERE {column} < {_LARGEST_ERROR}"
        answer = require_all(self._tap(adql, None, None, monitor), ["n"])
        largest = float(u.Quantity(answer["n"][0], u.arcsec).value) if len(answer) else 0.0
        return largest if np.isfinite(largest) else 0.0

    def _takes_uploads(self, rows: int, monitor: Monitor) -> bool:
        """Whether the service says that it takes tables; asked once, and not for a short list."""
        if self._takes_tables is None and rows > NAMES_PER_QUERY:
            connection = self._connect(monitor)
            try:
                with watched(monitor):
                    self._takes_tables = bool(
                        TAPService(connection.release.tap, session=connection.session).upload_methods
                    )
            except QueryCancelled:
                raise
            except Exception:  # noqa: BLE001 - whatever is wrong with its capabilities, it can be asked in pieces
                self._takes_tables = False
        return bool(self._takes_tables)


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


def _notes(listed: PositionList, by_name: Flags) -> list[str]:
    rows = zip(listed.problem, listed.name, by_name.tolist(), listed.placed.tolist(), strict=True)
    return [problem or (OTHER_NAME if name and placed and not known else "") for problem, name, known, placed in rows]

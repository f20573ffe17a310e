"""The archive client: one way to ask the CSC, a mirror of it, or the demo."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import astropy.units as u
from astropy.table import QTable, Table
from regions import CircleSkyRegion

from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.products import Level, bands_of, kinds_of
from cscwidgets.csc.releases import Release
from cscwidgets.errors import QueryError
from cscwidgets.sky.source_names import SourceNames, names_of
from cscwidgets.sky.target import Target, read_radius, region_of

from .answer_checks import require
from .catalogues.tap_catalogue import TapCatalogue
from .catalogues.tap_columns import tables_with_positions
from .connection import Connection, archive_name, connect
from .cuts import Condition
from .detections import detections_of
from .files.cache import Cache
from .files.listing import list_products, wanted_products
from .holdings import CONE, DETECTIONS, STACKS, require_holdings
from .list_searching import ListSearch
from .lists.reading import Positions, read_list
from .monitor import SILENT, Monitor
from .query import DETECTION_COLUMNS, chosen_columns
from .repeated import once_each
from .schema import Schema
from .searching import SearchClient
from .service_session import ServiceSession
from .services import cone_search, tap
from .stacks import stacks_in
from .truncation import warn_if_cut
from .whole_answer import require_all

__all__ = ["Archive"]


class Archive(SearchClient):
    """A catalogue to ask, by release name, "demo", or the path of an archive folder or a HATS catalogue.

    Parameters
    ----------
    name : str or path
        "csc2.1", "csc2.0", "current", "demo" (a simulated sky), an archive folder, or a catalogue in the format HATS:
        its folder, or its address on a web server ("hats:https://..."), of which each question fetches what it needs.
    connect_timeout, read_timeout : float
        Seconds to wait for a connection, and for the service to send something.
    cache : Cache, optional
        Where fetched product files are kept; the user's own unless told.

    Attributes
    ----------
    cache : Cache
        The product files on this machine: ``files()``, ``size``, ``clear()``, ``limit``.
    session : ServiceSession
        All questions go through it.

    Raises
    ------
    CscError
        If the name is neither a release, "demo", nor the path of an archive folder.

    Notes
    -----
    Nothing is opened or built before the first question. All methods may be called from any thread. Ctrl-C ends them.

    Examples
    --------
    >>> from cscwidgets import Archive
    >>> table = Archive("demo").search("M33", radius="5 arcmin")  # doctest: +SKIP
    """

    def __init__(
        self,
        name: str | os.PathLike[str] = "csc2.1",
        *,
        connect_timeout: float = 10.0,
        read_timeout: float = 120.0,
        cache: Cache | None = None,
    ) -> None:
        self.name = archive_name(name)
        self.cache = cache or Cache()
        self.session = ServiceSession(connect_timeout, read_timeout)
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._schema: Schema | None = None
        self._stack_table: QTable | None = None

    @classmethod
    def over(cls, connection: Connection, cache: Cache) -> Archive:
        """The client over a line that stands already, whoever answers at its other end."""
        archive = cls(cache=cache)
        archive.name, archive.session, archive._connection = connection.release.name, connection.session, connection
        return archive

    def __repr__(self) -> str:
        return f"Archive({self.name!r})"

    def __reduce__(self) -> tuple[partial[Archive], tuple[str]]:
        # In another process (joblib, Dask) it is opened again.
        connect, read = self.session.timeout
        return partial(Archive, connect_timeout=connect, read_timeout=read, cache=self.cache), (self.name,)

    @property
    def local(self) -> bool:
        """Whether its answers come from this process: no network is used. Opens it."""
        return self._connect(SILENT).local

    @property
    def doubts(self) -> tuple[str, ...]:
        """What was not certain when the archive was made of somebody's tables. Opens it."""
        return self._connect(SILENT).doubts

    def open(self, monitor: Monitor = SILENT) -> Release:
        """Make the archive ready, building the demo if need be, and say what it is."""
        return self._connect(monitor).release

    def _connect(self, monitor: Monitor) -> Connection:
        with self._lock:
            if self._connection is None:
                self._connection = connect(self.name, monitor, self.session)
            return self._connection

    def _require(self, needed: Mapping[str, Sequence[str]], what: str, monitor: Monitor) -> None:
        require_holdings(self.open(monitor).title, lambda table: self.columns(table, monitor), needed, what)

    def catalogue(self, table: str = "master_source", *, monitor: Monitor = SILENT) -> TapCatalogue:
        """One of the archive's own tables with positions, to find counterparts in."""
        connection = self._connect(monitor)
        columns = chosen_columns(None, self.columns(table, monitor)) if table in TABLES else ()
        return TapCatalogue.own(connection, table, columns)

    def catalogues(self, *, monitor: Monitor = SILENT) -> list[TapCatalogue]:
        """The catalogues of counterparts that the archive holds besides its own sources, by title."""
        connection = self._connect(monitor)
        if not connection.local:
            return []
        tables = tables_with_positions(lambda adql: self.query(adql, quiet=True, monitor=monitor))
        return [TapCatalogue.own(connection, table, title=title) for title, table in tables if table not in TABLES]

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
        limit = None if radius is None else read_radius(radius) * 3600
        self._require(CONE, "The list was not searched", monitor)
        monitor.report("reading the list")
        listed = read_list(positions)

        def ask(adql: str, maxrec: int | None, table: str | None, uploads: Mapping[str, Table] | None) -> QTable:
            return self._tap(adql, maxrec, table, monitor, uploads)

        columns_of, members = partial(self.columns, monitor=monitor), partial(self._members, monitor)
        search = ListSearch(self._connect(monitor), ask, columns_of, members, monitor)
        return search.answer(listed, self._question(None, columns, where, "master_source", monitor), limit)

    def cone(
        self, target: Target, radius: u.Quantity | str | None = None, *, verbosity: int = 2, monitor: Monitor = SILENT
    ) -> QTable:
        """Master sources around a position through the Simple Cone Search protocol.

        Parameters
        ----------
        target : SkyCoord or str
            Position or name.
        radius : Quantity or str, optional
            0.5 deg unless told.
        verbosity : {1, 2, 3}
            1: names and positions; 2: the service's 24 standard columns; 3: all columns.
        """
        if verbosity not in {1, 2, 3}:
            raise QueryError(f"The verbosity {verbosity!r} does not exist", "the service knows 1, 2 and 3")
        area = region_of(target, radius)
        if not isinstance(area.shape, CircleSkyRegion):
            kind = type(area.shape).__name__
            raise QueryError("The cone search takes circles only", f"this is a {kind}", "Use search().")
        self._require(CONE, "The cone was not searched", monitor)
        rows = cone_search(self._connect(monitor), area, verbosity=verbosity, monitor=monitor)
        rows = once_each(require(rows, ("name", "ra", "dec"), ("ra", "dec")))
        warn_if_cut(rows)
        return rows

    def detections(
        self, names: SourceNames | Table, columns: Sequence[str] | None = None, *, monitor: Monitor = SILENT
    ) -> QTable:
        """One row per source and observation, non-detections included.

        Parameters
        ----------
        names : str, iterable of str or Table
            Source names as people write them, see `cscwidgets.sky.source_names.source_name`; or rows with ``name``.
        columns : sequence of str, optional
            Columns of ``observation_source`` besides the keys; times, fluxes, hardness and variability as
            far as the archive has them unless told.

        Returns
        -------
        QTable
            With ``match_type`` (u unique, a ambiguous, n not detected: an upper limit) and, where
            the archive has times, ``time`` (start of good time, TT).

        Raises
        ------
        NotFound
            If the archive has no detection of any of them; of some, a warning `SomeNotFound` names these.
        """
        sources = names_of(names, simulated=None)  # told at once if they are none
        self._require(DETECTIONS, "The detections were not asked for", monitor)
        if columns is None:
            available = self.columns("observation_source", monitor)
            columns = [name for name in DETECTION_COLUMNS if name in available]
        ask = partial(self._tap, maxrec=None, table="observation_source", monitor=monitor)
        connection = self._connect(monitor)
        sources = names_of(sources, simulated=connection.simulated)
        rows = detections_of(sources, columns, connection.release, ask, monitor)
        warn_if_cut(rows)
        return rows

    def stacks(self, region: Target, *, radius: u.Quantity | str | None = None, monitor: Monitor = SILENT) -> Table:
        """Every detect stack whose field of view can touch a region, also those without sources.

        See `cscwidgets.archive.stacks.stacks_touching`.
        """
        area = region_of(region, radius)
        self._require(STACKS, "The stacks were not asked for", monitor)
        return stacks_in(self._members(monitor), area)

    def _members(self, monitor: Monitor) -> QTable:
        """Which observations are in which detect stack: a row each."""
        if self._stack_table is None:
            # The table has no positions, they are in the stacks' names: fetch it whole, once.
            adql = f"SELECT detect_stack_id, obsid, obi FROM {self._connect(monitor).release.schema}.detect_stack"
            members = self._tap(adql, None, "detect_stack", monitor)
            self._stack_table = require_all(members, ("detect_stack_id", "obsid", "obi"), ("obsid", "obi"))
        return self._stack_table

    def products(
        self,
        rows: Table | SourceNames,
        kinds: str | Iterable[str],
        bands: str | Iterable[str] = ("b",),
        *,
        monitor: Monitor = SILENT,
    ) -> Table:
        """The product files there are of some sources, detections or stacks; nothing is fetched.

        Parameters
        ----------
        rows : Table, str or iterable of str
            Rows of `detections`, `search` or `stacks`, or source names as people write them.
        kinds : str or iterable of str
            Names of `cscwidgets.csc.products.KINDS`: "lc", "pha, arf, rmf", ["sensity"].
        bands : str or iterable of str
            Energy bands of the kinds that have them: "b", "bsmh", ("b", "w").

        Returns
        -------
        Table
            One row a file in its newest version; see `cscwidgets.archive.files.listing.list_products`.

        Raises
        ------
        ProductError
            If a kind or band does not exist, or the rows do not tell whose products are meant.
        NotFound
            If the archive knows none of the names; where it knows some, a warning `SomeNotFound` names the others.
        QueryError
            If the service does not answer, or not with a list.
        """
        product_kinds = kinds_of(kinds)
        table = rows if isinstance(rows, Table) else Table({"name": names_of(rows, simulated=None)}, dtype=[str])
        stacks_only = all(kind.level is Level.STACK for kind in product_kinds) and "detect_stack_id" in table.colnames
        if "name" in table.colnames and "obsid" not in table.colnames and not stacks_only:
            table = self.detections(table, columns=(), monitor=monitor)
        connection = self._connect(monitor)
        return list_products(connection, wanted_products(table, product_kinds, bands_of(bands)), monitor)

    def mirror(
        self,
        region: Target | None,
        folder: str | os.PathLike[str],
        kinds: str | Iterable[str] = (),
        bands: str | Iterable[str] = ("b",),
        *,
        radius: u.Quantity | str | None = None,
        tables: Sequence[str] = ("master_source",),
        monitor: Monitor = SILENT,
    ) -> Path:
        """Make an archive folder of a region, to be opened as ``Archive(folder)`` without a network; returns its path.

        Called again for the same region and folder, it goes on where it was stopped, or adds other kinds.
        See `cscwidgets.archive.mirror.Mirror`. With None for a region, whole ``tables`` are mirrored, without files;
        see `cscwidgets.archive.whole_mirror.WholeMirror`.
        """
        from .mirror import Mirror  # noqa: PLC0415 - Arrow and Parquet are for those who mirror
        from .whole_mirror import WholeMirror  # noqa: PLC0415

        path = Path(folder).expanduser()
        if region is None:
            WholeMirror(self, tuple(tables), path, monitor).make()
            return path
        Mirror(self, region_of(region, radius), path, kinds_of(kinds), bands_of(bands), monitor).make()
        return path

    def _tap(
        self,
        adql: str,
        maxrec: int | None,
        table: str | None,
        monitor: Monitor,
        uploads: Mapping[str, Table] | None = None,
    ) -> QTable:
        return tap(self._connect(monitor), adql, table=table, maxrec=maxrec, monitor=monitor, uploads=uploads)

"""An archive folder of one region: its rows of all tables and its product files, to be used without a network.

This is the one place that needs both sides: rows and files come through the client, the folder is the service's.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from astropy.table import QTable, Table, vstack

from cscwidgets.csc.columns import describe
from cscwidgets.csc.families import Column
from cscwidgets.csc.filenames import ProductFile
from cscwidgets.csc.products import Kind, Level
from cscwidgets.csc.releases import RELEASES, Release
from cscwidgets.errors import CscError, IncompleteFetch, ProductError, QueryError
from cscwidgets.io.atomic import write_whole
from cscwidgets.io.units import read_unit
from cscwidgets.sky.region import Region

from .answer_checks import require
from .arrow import arrow_array, arrow_table
from .files.integrity import is_intact
from .files.layout import lay_out, product_path
from .folder import ArchiveInfo, FolderError, read_info, write_folder, write_info
from .monitor import Monitor
from .query import NAMES_PER_QUERY, quote_text
from .tables_on_disk import stored_table

__all__ = ["KEYS", "Mirror", "MirroredArchive", "described", "origin_of"]

_FILES_AT_ONCE = 200

# Tables besides master_source: what joins them to the names of sources, and the key of their rows.
_STACK_JOIN = "t.detect_stack_id = a.detect_stack_id AND t.region_id = a.region_id AND "
_OBSERVATION_JOIN = (
    "b.detect_stack_id = a.detect_stack_id AND b.region_id = a.region_id"
    " AND t.obsid = b.obsid AND t.obi = b.obi AND t.region_id = b.region_id AND "
)
_TABLES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "master_stack_assoc": (
        "{schema}.master_stack_assoc t",
        "t.name IN ({names})",
        ("name", "detect_stack_id", "region_id"),
    ),
    "stack_source": (
        "{schema}.master_stack_assoc a, {schema}.stack_source t",
        f"{_STACK_JOIN}a.name IN ({{names}})",
        ("detect_stack_id", "region_id"),
    ),
    "stack_observation_assoc": (
        "{schema}.master_stack_assoc a, {schema}.stack_observation_assoc t",
        f"{_STACK_JOIN}a.name IN ({{names}})",
        ("detect_stack_id", "region_id", "obsid", "obi"),
    ),
    "observation_source": (
        "{schema}.master_stack_assoc a, {schema}.stack_observation_assoc b, {schema}.observation_source t",
        f"{_OBSERVATION_JOIN}a.name IN ({{names}})",
        ("obsid", "obi", "region_id"),
    ),
    "detect_stack": (
        "{schema}.detect_stack t",
        "t.detect_stack_id IN ({names})",
        ("detect_stack_id", "obsid", "obi"),
    ),
}

KEYS: Mapping[str, tuple[str, ...]] = {"master_source": ("name",), **{name: key for name, (*_, key) in _TABLES.items()}}
"""What tells the rows of a table apart."""


class MirroredArchive(Protocol):
    """An archive, as far as a mirror asks it; `cscwidgets.archive.Archive` says what its answers are."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def local(self) -> bool:
        """Whether its answers come from this process."""

    def open(self, monitor: Monitor) -> Release:
        """Its release."""

    def columns(self, table: str, monitor: Monitor) -> tuple[str, ...]:
        """The columns of a table."""

    def search(self, region: Region, *, columns: str, complete: bool, quiet: bool, monitor: Monitor) -> QTable:
        """Sources in a region."""

    def query(self, adql: str, *, quiet: bool, monitor: Monitor) -> QTable:
        """The answer to ADQL."""

    def detections(self, names: Sequence[str], *, columns: Sequence[str], monitor: Monitor) -> QTable:
        """The detections of sources."""

    def stacks(self, region: Region, *, monitor: Monitor) -> Table:
        """The stacks of a region."""

    def products(self, rows: Table, kinds: Sequence[str], bands: Sequence[str], *, monitor: Monitor) -> Table:
        """Which product files there are."""

    def fetch(self, products: Table, *, monitor: Monitor) -> list[Path]:
        """Product files, from the service or from the cache."""

    def pictures(self, region: Region, *, monitor: Monitor) -> QTable:
        """The pictures that reach a region."""

    def fetch_picture(self, name: str, *, monitor: Monitor) -> Path:
        """A picture, from the service or from the cache."""


@dataclass(frozen=True)
class Mirror:
    """What to mirror, and where.

    Attributes
    ----------
    archive : MirroredArchive
        Where rows and files come from.
    region : Region
        Sources inside it are taken, with all their detections; and every stack that may touch it.
    folder : Path
        A new folder, or one that an earlier call for the same region left: only what is missing is fetched then.
    kinds : sequence of Kind
        Which product files to fetch.
    bands : sequence of str
        In which energy bands.
    monitor : Monitor
        Told of progress, asked whether to stop.
    """

    archive: MirroredArchive
    region: Region
    folder: Path
    kinds: Sequence[Kind]
    bands: Sequence[str]
    monitor: Monitor

    def make(self) -> None:
        """Make the folder, or go on making it.

        Raises
        ------
        FolderError
            If something else is in the folder.
        IncompleteFetch
            If files could not be had; the folder can be used, and this be called again.
        """
        request = {"archive": self.archive.name, "region": self.region.ds9}
        if not (self.folder / "archive.json").is_file():
            self._write_tables(request)
        info = read_info(self.folder)
        earlier = info.details.get("mirror", {})
        if {key: earlier.get(key) for key in request} != request:
            raise FolderError(
                f"The mirror was not written to {self.folder}", "another archive is there", "Choose another folder."
            )
        self._describe(info, complete=False)
        paths, failed = self._fetch_pictures()
        if self.kinds:
            self._fetch_products(paths, failed)
        if failed:
            raise IncompleteFetch(paths, failed)
        self._describe(info, complete=True)
        self.monitor.report("the mirror is complete", 1.0)

    def _describe(self, info: ArchiveInfo, *, complete: bool) -> None:
        """Write down what the folder holds, for people and for the next call."""
        mirror = info.details["mirror"]
        details = mirror | {
            "kinds": sorted({*mirror.get("kinds", ()), *(kind.name for kind in self.kinds)}),
            "bands": sorted({*mirror.get("bands", ()), *self.bands}),
            "complete": complete,
        }
        write_info(self.folder, replace(info, details={**info.details, "mirror": details}))

    def _write_tables(self, products: Mapping[str, str]) -> None:
        archive, monitor = self.archive, self.monitor
        release = archive.open(monitor)
        sources = archive.search(self.region, columns="*", complete=True, quiet=True, monitor=monitor)
        provenance = sources.meta["provenance"]
        names = [str(name) for name in sources["name"]]
        tables = {"master_source": described("master_source", sources)}
        for number, table in enumerate(_TABLES, start=1):
            monitor.report(f"fetching {table}", number / (len(_TABLES) + 1))
            if not archive.columns(table, monitor):
                continue
            keys = names
            if table == "detect_stack":
                touching = [str(stack) for stack in archive.stacks(self.region, monitor=monitor)["detect_stack_id"]]
                keys = sorted({*touching, *tables["master_stack_assoc"]["detect_stack_id"].to_pylist()})
            tables[table] = _unique(described(table, self._rows(table, keys)), _TABLES[table][2])
        info = ArchiveInfo(
            title=f"{release.title}, mirrored: {self.region}",
            release=next((name for name, row in RELEASES.items() if row.schema == release.schema), "csc2.1"),
            schema=release.schema,
            origin=origin_of(release.title, provenance.time, provenance.version, provenance.origin),
            simulated=provenance.simulated,
            created=datetime.now(UTC).isoformat(),
            details={"mirror": {**products, "asked": provenance.time, "version": provenance.version}},
        )
        write_folder(self.folder, tables, info)

    def _rows(self, table: str, keys: Sequence[str]) -> Table:
        """Rows of a table that belong to some sources (or stacks), in as many queries as it takes."""
        sources, condition, _ = _TABLES[table]
        schema = self.archive.open(self.monitor).schema
        names = self.archive.columns(table, self.monitor)
        columns = ", ".join(f"t.{name}" for name in names)

        def ask(keys: Sequence[str]) -> list[Table]:
            quoted = ", ".join(map(quote_text, keys)) or "''"
            adql = f"SELECT DISTINCT {columns} FROM {sources.format(schema=schema)} WHERE "
            answer = self.archive.query(adql + condition.format(names=quoted), quiet=True, monitor=self.monitor)
            require(answer, names)
            if answer.meta["provenance"].complete:
                return [answer]
            if len(keys) < 2:
                why = f"{', '.join(keys)} has more rows in {table} than the service sends"
                raise QueryError("The mirror cannot be made", why, "Mirror a region without it.")
            middle = len(keys) // 2
            return ask(keys[:middle]) + ask(keys[middle:])

        pieces = []
        for start in range(0, max(1, len(keys)), NAMES_PER_QUERY):
            pieces += ask(keys[start : start + NAMES_PER_QUERY])
        return vstack(pieces, metadata_conflicts="silent") if len(pieces) > 1 else pieces[0]

    def _list_products(self) -> Table:
        """Files of the sources in the mirror, and of every stack that touches the region."""
        of_stacks = [kind.name for kind in self.kinds if kind.level is Level.STACK]
        of_sources = [kind.name for kind in self.kinds if kind.level is not Level.STACK]
        parts = []
        if of_sources:
            names = stored_table(self.folder, "master_source").read(["name"])["name"].to_pylist()
            detections = self.archive.detections(names, columns=(), monitor=self.monitor)
            parts.append(self.archive.products(detections, of_sources, self.bands, monitor=self.monitor))
        if of_stacks:
            stacks = self.archive.stacks(self.region, monitor=self.monitor)
            parts.append(self.archive.products(stacks, of_stacks, self.bands, monitor=self.monitor))
        return vstack(parts, metadata_conflicts="silent") if len(parts) > 1 else parts[0]

    def _fetch_pictures(self) -> tuple[dict[str, Path], dict[str, CscError]]:
        """Where the pictures are that reach the region, and why others could not be had."""
        paths: dict[str, Path] = {}
        failed: dict[str, CscError] = {}
        for name in map(str, self.archive.pictures(self.region, monitor=self.monitor)["name"]):
            path = self.folder / "pictures" / f"{name}.fits.gz"
            if not (path.is_file() and is_intact(path)):
                try:
                    fetched = self.archive.fetch_picture(name, monitor=self.monitor)
                except ProductError as error:
                    failed[path.name] = error
                    continue
                path.parent.mkdir(exist_ok=True)
                write_whole(path, partial(shutil.copyfile, fetched), overwrite=True)
            paths[path.name] = path
        return paths, failed

    def _fetch_products(self, fetched: dict[str, Path], failed: dict[str, CscError]) -> None:
        """Add to what was fetched and what could not be."""
        products = self._list_products()
        folder = self.folder / "products"
        files = {str(row["filename"]): number for number, row in enumerate(products)}
        paths = {name: folder / product_path("", ProductFile(name)) for name in files}
        missing = [number for name, number in files.items() if not (paths[name].is_file() and is_intact(paths[name]))]
        for start in range(0, len(missing), _FILES_AT_ONCE):
            batch = products[missing[start : start + _FILES_AT_ONCE]]
            part = _Part(self.monitor, start / len(missing), min(1.0, (start + _FILES_AT_ONCE) / len(missing)))
            try:
                came = dict(zip(batch["filename"], self.archive.fetch(batch, monitor=part), strict=True))
            except IncompleteFetch as incomplete:
                came = incomplete.fetched
                failed.update(incomplete.failed)
            lay_out(came, [("", ProductFile(str(name))) for name in came], folder)
        fetched.update({name: path for name, path in paths.items() if name not in failed})


def described(name: str, rows: Table) -> pa.Table:
    """Rows of a catalogue table with what their columns mean."""
    return arrow_table(
        (column, arrow_array(rows[column]), _meaning(rows[column], describe(column, name))) for column in rows.colnames
    )


def _meaning(column: Any, catalogue_column: Column | None) -> dict[str, str]:
    unit = getattr(column, "unit", None)
    if catalogue_column is None:
        return {"unit": str(unit or ""), "ucd": "", "description": column.info.description or ""}
    same = unit in (None, read_unit(catalogue_column.unit))
    return {
        "unit": catalogue_column.unit if same else str(unit),
        "ucd": catalogue_column.ucd,
        "description": catalogue_column.description,
    }


def origin_of(title: str, time: str, version: str, origin: str) -> str:
    """Where the rows come from, in which state, and when: an overlay may change rows under one release's name."""
    said = "; ".join(text for text in (version, origin) if text)
    return f"Mirrored from {title} on {time[:10]}" + (f" ({said})" if said else "")


def _unique(rows: pa.Table, key: Sequence[str]) -> pa.Table:
    """Rows once each: an ambiguous detection is found through each of its sources."""
    seen: dict[tuple[Any, ...], int] = {}
    for number, values in enumerate(zip(*(rows[name].to_pylist() for name in key), strict=True)):
        seen.setdefault(values, number)
    return rows.take(pa.array(seen.values(), pa.int64()))


class _Part:
    """A monitor of a part of the work, within the whole."""

    def __init__(self, monitor: Monitor, low: float, high: float) -> None:
        self._monitor = monitor
        self._low, self._high = low, high

    def report(self, message: str, fraction: float | None = None) -> None:
        self._monitor.report(message, self._low + (self._high - self._low) * (fraction or 0.0))

    def check(self) -> None:
        self._monitor.check()

"""CSC tables, as people have them, to an archive folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.releases import RELEASES
from cscwidgets.errors import CscError

from .column_map import KEYS, Mapped, Placement, place
from .missing_stacks import LINK, missing_stacks
from .readers import RawTable, read_tables
from .values import convert, guess

__all__ = ["FileReport", "ImportReport", "TableReport", "import_tables"]

# Numbers printed with few digits differ a little from file to file without contradicting each other.
_RELATIVE, _DEGREES = 1e-3, 2e-4

_MISSING_STACKS = (
    "{} source-detection pairs come without a detect stack: each observation stands in as one of its own"
    " (obs02282_000), with no match type."
)


@dataclass(frozen=True)
class FileReport:
    """What became of one table of a file."""

    origin: str
    rows: int
    recognised: int
    unknown: tuple[str, ...]
    left_out: dict[str, str]
    not_understood: dict[str, int]
    without_key: dict[str, int]

    def __str__(self) -> str:
        lines = [f"{self.origin}: {self.rows} rows read, {self.recognised} columns recognised"]
        if self.unknown:
            lines.append(f"  {len(self.unknown)} columns not of the catalogue: {_listed(self.unknown)}")
        by_reason: dict[str, list[str]] = {}
        for name, reason in self.left_out.items():
            by_reason.setdefault(reason, []).append(name)
        lines += [f"  NOT imported ({reason}): {_listed(names)}" for reason, names in by_reason.items()]
        lines += [f"  {count} values of {name} not understood, null now" for name, count in self.not_understood.items()]
        lines += [f"  {count} rows without the key of {table} not in it" for table, count in self.without_key.items()]
        return "\n".join(lines)


@dataclass(frozen=True)
class TableReport:
    """What one table of the folder holds: rows, rows merged into others, conflicting and null values."""

    name: str
    rows: int
    merged: int
    conflicts: dict[str, int]
    nulls: int
    cells: int

    def __str__(self) -> str:
        text = f"{self.name}: {self.rows} rows written, {self.merged} duplicate rows merged, "
        text += f"{self.nulls} of {self.cells} values null"
        if self.conflicts:
            worst = sorted(self.conflicts, key=lambda name: -self.conflicts[name])
            listed = _listed([f"{name} ({self.conflicts[name]})" for name in worst])
            text += f"\n  {sum(self.conflicts.values())} values contradict each other, the first was kept: {listed}"
        return text


@dataclass(frozen=True)
class ImportReport:
    """What was read and what was written; its text is for people."""

    folder: Path
    files: tuple[FileReport, ...] = ()
    tables: tuple[TableReport, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return "\n".join([*map(str, self.files), f"Written to {self.folder}:", *map(str, self.tables), *self.notes])


def _listed(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def import_tables(
    files: Iterable[str | Path],
    folder: str | Path,
    *,
    title: str | None = None,
    release: str = "csc2.1",
    replace: bool = False,
) -> ImportReport:
    """Make an archive folder from CSC tables.

    Parameters
    ----------
    files : iterable of path
        TSV of CSCview or ``search_csc``, VOTable, FITS or CSV; possibly gzipped. Rows of the same
        source or detection are merged over all of them.
    folder : path
        The folder to make.
    title : str, optional
        What the archive is called; the files' names if absent.
    release : {"csc2.1", "csc2.0"}
        The release the rows come from.
    replace : bool
        Replace an archive folder that is there.

    Returns
    -------
    ImportReport

    Raises
    ------
    CscError
        If a file cannot be read, or none holds catalogue rows.
    FolderError
        If the folder cannot be written.
    """
    paths = [Path(path) for path in files]
    parts, reports, notes, simulated = _read(paths)
    tables, table_reports = {}, []
    for name, pieces in parts.items():
        if pieces and any(piece.num_rows for piece in pieces):
            tables[name], table_report = _merge(name, pieces)
            table_reports.append(table_report)
    if not tables:
        raise CscError(
            "Nothing was imported",
            "\n".join(map(str, reports)),
            "A table needs the CSC's names: name, or obsid, obi and region_id, or detect_stack_id and region_id.",
        )
    master = tables.get("master_source")
    if master is None or not {"ra", "dec"} <= set(master.column_names):
        notes.append("There are no source positions: cone searches and the sky will be empty.")
    if simulated:
        notes.append("The rows are SIMULATED, and the folder says so.")
    names = ", ".join(path.name for path in paths)
    info = ArchiveInfo(
        title=title or f"Imported from {names}",
        release=release,
        schema=RELEASES[release].schema,
        origin=f"Imported from {names}",
        simulated=simulated,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        details={"files": [path.name for path in paths], "notes": notes},
    )
    write_folder(folder, tables, info, replace=replace)
    return ImportReport(Path(folder), tuple(reports), tuple(table_reports), tuple(notes))


def _read(paths: Iterable[Path]) -> tuple[dict[str, list[pa.Table]], list[FileReport], list[str], bool]:
    """The rows of all files for each catalogue table, and what is to be said of them."""
    parts: dict[str, list[pa.Table]] = {table: [] for table in KEYS}
    links: list[pa.Table] = []
    reports, notes = [], []
    simulated = False
    for raw in (table for path in paths for table in read_tables(path)):
        report, tables, links_of_file = _split(raw)
        reports.append(report)
        simulated |= raw.simulated or _has_simulated_names(tables)
        links += links_of_file
        for table, rows in tables.items():
            parts[table].append(rows)
    if links:
        real = [part.select(LINK[1:]) for part in parts["stack_observation_assoc"]]
        assumed = missing_stacks(pa.concat_tables(links), pa.concat_tables(real) if real else None)
        for table, rows in assumed.items():
            parts[table].append(rows)
        if assumed:
            notes.append(_MISSING_STACKS.format(assumed["master_stack_assoc"].num_rows))
    return parts, reports, notes, simulated


def _split(raw: RawTable) -> tuple[FileReport, dict[str, pa.Table], list[pa.Table]]:
    """Split one table of a file into catalogue tables, and links between them that no table holds."""
    placement: Placement = place(raw)
    columns: dict[str, dict[str, pa.Array]] = {}
    not_understood: dict[str, int] = {}
    for mapped in placement.columns:
        values, lost = _typed(mapped)
        columns.setdefault(mapped.table, {})[mapped.column] = values
        if lost:
            not_understood[mapped.raw.name] = lost
    tables, without_key = {}, {}
    for table, key in KEYS.items():
        if set(key) <= set(columns.get(table, ())):
            rows = pa.table(columns[table])
            complete = rows.filter(_all_present(rows, key))
            tables[table] = complete
            if complete.num_rows < rows.num_rows:
                without_key[table] = rows.num_rows - complete.num_rows
    recognised = len({id(m.raw) for m in placement.columns if m.known is not None})
    report = FileReport(
        raw.origin, raw.rows, recognised, tuple(placement.unknown), placement.left_out, not_understood, without_key
    )
    return report, tables, _links(columns)


def _links(columns: Mapping[str, Mapping[str, pa.Array]]) -> list[pa.Table]:
    """Sources and detections on one row, if the row does not name the stack that joins them."""
    names = columns.get("master_source", {}).get("name")
    detections = columns.get("observation_source", {})
    if names is None or not set(LINK[1:]) <= set(detections) or "master_stack_assoc" in columns:
        return []
    rows = pa.table({"name": names} | {name: detections[name] for name in LINK[1:]})
    return [rows.filter(_all_present(rows, LINK))]


def _typed(mapped: Mapped) -> tuple[pa.Array, int]:
    if mapped.known is None:
        return guess(mapped.raw.values), 0
    position = mapped.column.partition("_")[0] if mapped.known.unit == "deg" else ""
    if position not in ("ra", "dec"):
        position = ""
    elif _IN_DEGREES.fullmatch(mapped.raw.unit.strip(' "')):
        position = "dec"  # also of a right ascension: degrees, minutes and seconds
    return convert(mapped.raw.values, mapped.known.datatype, position=position, factor=mapped.factor)


_IN_DEGREES = re.compile("d:m:s|dms|dd:mm:ss", re.IGNORECASE)


def _all_present(rows: pa.Table, key: tuple[str, ...]) -> pa.ChunkedArray:
    present = rows[key[0]].is_valid()
    for name in key[1:]:
        present = pc.and_(present, rows[name].is_valid())
    return present


def _has_simulated_names(tables: dict[str, pa.Table]) -> bool:
    name_columns = [rows["name"] for rows in tables.values() if "name" in rows.column_names]
    return any(bool(pc.any(pc.starts_with(names, "SIM J")).as_py()) for names in name_columns)


def _merge(name: str, pieces: list[pa.Table]) -> tuple[pa.Table, TableReport]:
    """One row a key: the first value of each column there is; contradictions are counted."""
    rows = pa.concat_tables(pieces, promote_options="permissive")
    catalogue = list(TABLES[name])
    order = sorted(rows.column_names, key=lambda c: catalogue.index(c) if c in catalogue else len(catalogue))
    rows = rows.select(order)
    values = [column for column in order if column not in KEYS[name]]
    keys = ", ".join(_quote(column) for column in KEYS[name])
    connection = duckdb.connect(":memory:")
    connection.register("piece", rows.append_column("row_number", pa.array(range(rows.num_rows), pa.int64())))
    selected = ", ".join([keys, *(f"arg_min({_quote(c)}, row_number) AS {_quote(c)}" for c in values)])
    merged = connection.sql(f"SELECT {selected} FROM piece GROUP BY {keys} ORDER BY min(row_number)").to_arrow_table()
    conflicts: dict[str, int] = {}
    if values and merged.num_rows < rows.num_rows:
        tests = ", ".join(f"count_if({_differ(name, c, rows.schema.field(c).type)})" for c in values)
        spans = ", ".join(
            f"min({_quote(c)}) AS {_quote('least ' + c)}, max({_quote(c)}) AS {_quote('most ' + c)}" for c in values
        )
        counted = connection.sql(f"SELECT {tests} FROM (SELECT {spans} FROM piece GROUP BY {keys})")
        conflicts = {c: count for c, count in zip(values, counted.fetchall()[0], strict=True) if count}
    connection.close()
    merged = merged.select(order).cast(pa.schema([_described(name, rows.schema.field(c)) for c in order]))
    report = TableReport(
        name,
        merged.num_rows,
        rows.num_rows - merged.num_rows,
        conflicts,
        sum(column.null_count for column in merged.columns),
        merged.num_rows * merged.num_columns,
    )
    return merged, report


def _differ(table: str, column: str, kind: pa.DataType) -> str:
    least, most = _quote("least " + column), _quote("most " + column)
    if not pa.types.is_floating(kind):
        return f"{least} <> {most}"
    catalogue_column = TABLES[table].get(column)
    if catalogue_column is not None and catalogue_column.unit == "deg":
        return f"{most} - {least} > {_DEGREES}"
    return f"{most} - {least} > {_RELATIVE} * greatest(abs({most}), abs({least}))"


def _described(table: str, column: pa.Field) -> pa.Field:
    catalogue_column = TABLES[table].get(column.name)
    if catalogue_column is None:
        return column.with_metadata({"description": "Not a catalogue column; kept from the imported file"})
    metadata = {"unit": catalogue_column.unit, "ucd": catalogue_column.ucd, "description": catalogue_column.description}
    return column.with_metadata({key: value for key, value in metadata.items() if value})


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

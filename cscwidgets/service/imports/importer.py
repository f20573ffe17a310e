"""CSC tables, as people have them, to an archive folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.releases import RELEASES
from cscwidgets.errors import CscError
from cscwidgets.io.tables.declared_frame import other_frame
from cscwidgets.sky.position_columns import position_columns

from .agreeing import agreeing
from .column_map import place
from .merging import merge
from .missing_stacks import LINK, missing_stacks
from .name_check import misplaced
from .placement import KEYS, SURE, Mapped, Placement
from .preparing import prepare, stated_release
from .readers import RawTable, read_tables
from .report import FileReport, ImportReport
from .values import convert, guess

__all__ = ["import_tables"]

_LATEST = "csc2.1"
_CONTRADICTIONS = "contradictions"
_MISSING_STACKS = (
    "{} source-detection pairs come without a detect stack: each observation stands in as one of its own"
    " (obs02282_000), with no match type."
)


def import_tables(
    files: Iterable[str | Path],
    folder: str | Path,
    *,
    title: str | None = None,
    release: str | None = None,
    columns: Mapping[str, str] | None = None,
    replace: bool = False,
) -> ImportReport:
    """Make an archive folder from CSC tables.

    Parameters
    ----------
    files : iterable of path
        Tables of CSCview, ``search_csc``, VizieR or HEASARC, or joined, in any format that is read (TSV, CSV, VOTable,
        FITS, ECSV, Parquet), possibly compressed. Rows of the same source or detection are merged over all of them.
    folder : path
        The folder to make.
    title : str, optional
        What the archive is called; the files' names if absent.
    release : {"csc2.1", "csc2.0"}, optional
        The release the rows come from; without it what the files say, else "csc2.1".
    columns : mapping of str to str, optional
        Where columns belong, if the import would decide otherwise: ``{"flux_aper_b#2":
        "observation_source.flux_aper_b"}``, where "#2" is the second column of that name in its file.
    replace : bool
        Replace an archive folder that is there.

    Returns
    -------
    ImportReport
        Its text names each decision that was not certain; ``archive.json`` keeps it.

    Raises
    ------
    CscError
        If a file cannot be read, none holds catalogue rows, or a column is not where it was said to be.
    FolderError
        If the folder cannot be written.
    """
    paths = [Path(path) for path in files]
    told = dict(columns or {})
    _require_places(told)
    read = _Read()
    for raw in (table for path in paths for table in read_tables(path)):
        read.add(raw, told)
    read.add_missing_stacks()
    _require_used(told, read.names)
    tables, reports, contradictions = {}, [], []
    for name, pieces in read.parts.items():
        if any(piece.num_rows for piece in pieces):
            agreed, differing = agreeing(name, pieces)
            read.notes += differing
            tables[name], report, contradicting = merge(name, agreed)
            reports.append(report)
            contradictions.append(contradicting)
    if not tables and not read.foreign:
        raise CscError(
            "Nothing was imported",
            "\n".join(map(str, read.reports)),
            "A table needs the CSC's names: name, or obsid, obi and region_id, or detect_stack_id and region_id.",
        )
    if any(part.num_rows for part in contradictions):
        tables[_CONTRADICTIONS] = pa.concat_tables(contradictions)
    tables |= read.own
    notes = [*read.notes, *_missing(tables)]
    chosen, words = _release(release, read.releases)
    notes += [words] if words else []
    info = _info(paths, title, chosen, read, notes)
    write_folder(folder, tables, info, replace=replace)
    return ImportReport(Path(folder), tuple(read.reports), tuple(reports), tuple(notes))


@dataclass
class _Read:
    """What the files gave so far."""

    parts: dict[str, list[pa.Table]] = field(default_factory=lambda: {table: [] for table in KEYS})
    own: dict[str, pa.Table] = field(default_factory=dict)
    links: list[pa.Table] = field(default_factory=list)
    reports: list[FileReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    releases: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    simulated: bool = False
    foreign: bool = False

    def add(self, raw: RawTable, told: Mapping[str, str]) -> None:
        """Split one table of a file into the catalogue's, and keep what does not fit."""
        prepared = prepare(raw)
        placement = place(prepared.raw, told)
        columns, not_understood = _typed_columns(placement)
        tables, without_key = _with_keys(columns)
        kept_as = ""
        if raw.rows and (placement.left_out or not_understood or any(without_key.values()) or not tables):
            kept_as = _own_name(raw.origin, {*self.own, *TABLES, _CONTRADICTIONS})
            self.own[kept_as] = _as_it_is(raw)
        self.reports.append(
            FileReport(
                raw.origin,
                raw.rows,
                len({id(m.raw) for m in placement.columns if m.known is not None}),
                tuple(placement.unknown(kept_as)),
                placement.left_out,
                placement.repeated,
                tuple(placement.decisions),
                not_understood,
                without_key,
                kept_as,
                (*raw.notes, *prepared.notes),
                (*_cut(raw), *prepared.doubts, *_misplaced(tables)),
            )
        )
        for table, rows in tables.items():
            self.parts[table].append(rows)
        self.links += _links(columns)
        self.names |= _spellings(raw)
        self.simulated |= raw.simulated or _has_simulated_names(tables)
        self.foreign |= prepared.foreign
        declared = " ".join(column.table for column in raw.columns)
        if stated := stated_release(f"{raw.name} {dict(raw.meta)} {declared}"):
            self.releases[raw.origin] = stated

    def add_missing_stacks(self) -> None:
        """Join sources and detections of the same rows where no file names the stack between them."""
        if not self.links:
            return
        real = [part.select(LINK[1:]) for part in self.parts["stack_observation_assoc"]]
        assumed = missing_stacks(pa.concat_tables(self.links), pa.concat_tables(real) if real else None)
        for table, rows in assumed.items():
            self.parts[table].append(rows)
        if assumed:
            self.notes.append(_MISSING_STACKS.format(assumed["master_stack_assoc"].num_rows))


def _typed_columns(placement: Placement) -> tuple[dict[str, dict[str, tuple[pa.Field, pa.Array]]], dict[str, int]]:
    """The columns of each table with their types and words, and how many values were not understood."""
    columns: dict[str, dict[str, tuple[pa.Field, pa.Array]]] = {}
    not_understood: dict[str, int] = {}
    doubtful = {d.place: f"{d.certainty}: {d.reason}" for d in placement.decisions if d.certainty not in SURE}
    for mapped in placement.columns:
        values, lost = _typed(mapped)
        placed = doubtful.get(f"{mapped.table}.{mapped.column}", "")
        columns.setdefault(mapped.table, {})[mapped.column] = _field(mapped, values.type, placed), values
        if lost:
            not_understood[mapped.raw.name] = lost
    return columns, not_understood


def _field(mapped: Mapped, kind: pa.DataType, placed: str) -> pa.Field:
    words = {"placed": placed}
    if mapped.known is None:
        words |= _words(mapped.raw.unit, mapped.raw.ucd, mapped.raw.description)
        words["description"] = (
            f"{words['description'] or 'Not a column of the catalogue'} ({mapped.raw.name} as imported)"
        )
    return pa.field(mapped.column, kind, metadata={key: value for key, value in words.items() if value})


def _words(unit: str, ucd: str, description: str) -> dict[str, str]:
    return {"unit": unit, "ucd": ucd, "description": description}


def _with_keys(
    columns: Mapping[str, Mapping[str, tuple[pa.Field, pa.Array]]],
) -> tuple[dict[str, pa.Table], dict[str, int]]:
    """The rows of each table that have what identifies them, and how many have not."""
    tables, without_key = {}, {}
    for table, key in KEYS.items():
        if set(key) <= set(columns.get(table, ())):
            fields, arrays = zip(*columns[table].values(), strict=True)
            rows = pa.table(list(arrays), schema=pa.schema(list(fields)))
            tables[table] = rows.filter(_all_present(rows, key))
            if tables[table].num_rows < rows.num_rows:
                without_key[table] = rows.num_rows - tables[table].num_rows
    return tables, without_key


def _links(columns: Mapping[str, Mapping[str, tuple[pa.Field, pa.Array]]]) -> list[pa.Table]:
    """Sources and detections on one row, if the row does not name the stack that joins them."""
    detections = columns.get("observation_source", {})
    if (
        "name" not in columns.get("master_source", {})
        or not set(LINK[1:]) <= set(detections)
        or "master_stack_assoc" in columns
    ):
        return []
    names = columns["master_source"]["name"][1]
    rows = pa.table({"name": names} | {name: detections[name][1] for name in LINK[1:]})
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


def _cut(raw: RawTable) -> list[str]:
    return [] if raw.complete else [f"{raw.origin} is an answer that the service cut: rows are missing"]


def _misplaced(tables: Mapping[str, pa.Table]) -> list[str]:
    master = tables.get("master_source")
    if master is None or not {"ra", "dec"} <= set(master.column_names):
        return []
    columns = (master[name].combine_chunks() for name in ("name", "ra", "dec"))
    far, looked_at = misplaced(*columns)
    return [f"{far} of {looked_at} positions are not where the names of the sources say"] if far else []


def _has_simulated_names(tables: dict[str, pa.Table]) -> bool:
    name_columns = [rows["name"] for rows in tables.values() if "name" in rows.column_names]
    return any(bool(pc.any(pc.starts_with(names, "SIM J")).as_py()) for names in name_columns)


# What does not fit the catalogue's tables


def _own_name(origin: str, taken: Iterable[str]) -> str:
    """A name for the table of a file as it is, that needs no quotes."""
    stem = re.sub(
        r"\W+", "_", re.sub(r"\.(gz|bz2|xz|tsv|csv|txt|dat|fits?|xml|vot\w*|ecsv|parquet|pq)\b", "", origin)
    ).strip("_")
    name = f"table_{stem}".lower() if not stem[:1].isalpha() else stem.lower()
    used = {other.lower() for other in taken}
    return next(free for free in (name, *(f"{name}_{n}" for n in range(2, len(used) + 3))) if free not in used)


def _as_it_is(raw: RawTable) -> pa.Table:
    """A table with its own names, made different where they differ in nothing but capitals."""
    used: set[str] = set()
    fields, arrays = [], []
    equatorial = [column for column in raw.columns if not other_frame(column.frame, raw.meta)]
    position = position_columns((column.name, column.ucd) for column in equatorial) or ()
    main = dict(zip(position, ("pos.eq.ra;meta.main", "pos.eq.dec;meta.main"), strict=False))
    for column in raw.columns:
        name, number = column.name, 1
        while name.lower() in used:
            number += 1
            name = f"{column.name}_{number}"
        used.add(name.lower())
        values = guess(column.values)
        ucd = main.get(name, "") if pa.types.is_floating(values.type) else ""
        words = _words(column.unit, ucd or column.ucd, column.description)
        fields.append(pa.field(name, values.type, metadata={key: value for key, value in words.items() if value}))
        arrays.append(values)
    about = {"description": f"The whole of {raw.origin} as it was imported"}
    return pa.table(arrays, schema=pa.schema(fields, metadata=about))


# What is said of the folder


def _spellings(raw: RawTable) -> set[str]:
    """How the columns of a file may be called in `columns`."""
    names = [column.name for column in raw.columns]
    return {*names, *(f"{name}#{names[:number].count(name) + 1}" for number, name in enumerate(names))}


def _require_places(told: Mapping[str, str]) -> None:
    for name, where in told.items():
        table, _, column = where.rpartition(".")
        if table.rpartition(".")[2] not in KEYS or not column:
            raise CscError(
                f"The column {name} cannot go to {where!r}",
                "that is no column of a table",
                f"Write it as TABLE.COLUMN, with one of the tables {', '.join(KEYS)}.",
            )


def _require_used(told: Mapping[str, str], names: set[str]) -> None:
    if missing := [name for name in told if name not in names]:
        raise CscError(
            f"The column {missing[0]} was not placed",
            "no file has a column of that name",
            'Write it as the file does; "NAME#2" is the second column of that name.',
        )


def _release(told: str | None, stated: Mapping[str, str]) -> tuple[str, str]:
    """The release of a folder, and what is to be said of it."""
    found = set(stated.values())
    if told is not None:
        differ = [origin for origin, release in stated.items() if release != told]
        return told, f"The release is {told} as told, although {differ[0]} says {stated[differ[0]]}." if differ else ""
    if len(found) == 1:
        return found.pop(), ""
    if found:
        raise CscError(
            "Nothing was imported",
            "the files are of different releases: " + ", ".join(f"{o}: {r}" for o, r in stated.items()),
            "Import each release into a folder of its own, or say which it is with --release.",
        )
    return _LATEST, f"No file says of which release it is: {_LATEST} was taken."


def _missing(tables: Mapping[str, pa.Table]) -> list[str]:
    master = tables.get("master_source")
    if master is None:
        return ["There are no sources of the catalogue: the explorer has nothing to search; ADQL and matches have."]
    if not {"ra", "dec"} <= set(master.column_names):
        return ["There are no source positions: cone searches and the sky will be empty."]
    return []


def _info(paths: list[Path], title: str | None, release: str, read: _Read, notes: list[str]) -> ArchiveInfo:
    names = ", ".join(path.name for path in paths)
    doubts = [doubt for report in read.reports for doubt in report.doubts]
    origin = f"Imported from {names}" + ("; not everything was certain: see its archive.json" if doubts else "")
    if read.simulated:
        notes.append("The rows are SIMULATED, and the folder says so.")
    return ArchiveInfo(
        title=title or f"Imported from {names}",
        release=release,
        schema=RELEASES[release].schema,
        origin=origin,
        simulated=read.simulated,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        details={
            "files": [path.name for path in paths],
            "notes": notes,
            "doubts": doubts,
            "import": [report.as_dict() for report in read.reports],
        },
    )

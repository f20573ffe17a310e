"""How the tables of an archive folder lie on disk: small ones in one file each, large ones to be asked in place.

A table of up to `LARGE` values is one Parquet file, which is loaded. A larger one is a catalogue in the format HATS if
its rows have positions, else one Parquet file in small groups of rows; neither holds a NaN, and both are read only
where a question needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from cscwidgets.errors import CscError
from cscwidgets.io.hats import CELL, COLLECTION, ORDER, HatsLayout, read_layout, write_hats, write_rows
from cscwidgets.io.reading import Unreadable, reading
from cscwidgets.sky.healpix import cells
from cscwidgets.sky.on_sky import on_sky

__all__ = [
    "HIDDEN",
    "LARGE",
    "FolderError",
    "StoredTable",
    "catalogue_table",
    "check_catalogue",
    "has_positions",
    "is_catalogue",
    "is_stored",
    "sorted_by_cell",
    "stored_table",
    "without_nan",
    "write_large",
    "write_piece",
    "write_table",
]

LARGE = 10_000_000
"""Values of a table that is not loaded any more: 80 MB of numbers."""

_SORTED = b"csc_without_nan"


class FolderError(CscError):
    """A folder is not an archive folder, or cannot be read or written."""


@dataclass(frozen=True)
class StoredTable:
    """A table on disk.

    Attributes
    ----------
    name : str
    files : tuple of Path, or of str
        Where they lie: paths, or addresses that whoever reads them knows.
    schema : pyarrow.Schema
        Of its own columns.
    rows : int
    without_nan : bool
        Whether its nulls are nulls, so that it can be asked in place as it is.
    layout : HatsLayout or None
        Where it is a HATS catalogue.
    """

    name: str
    files: tuple[Path, ...] | tuple[str, ...]
    schema: pa.Schema
    rows: int
    without_nan: bool
    layout: HatsLayout | None = None

    @property
    def in_place(self) -> bool:
        """Whether it is asked where it lies, rather than loaded."""
        return self.layout is not None or (self.without_nan and self.rows * len(self.schema) > LARGE)

    @property
    def said(self) -> Mapping[str, str]:
        """What it says of itself."""
        return {} if self.layout is None else self.layout.properties

    @property
    def title(self) -> str:
        """What it calls itself."""
        return self.name if self.layout is None else self.layout.name

    @cached_property
    def position(self) -> tuple[str, str] | None:
        """Its columns of position, in degrees, if every row has one."""
        return None if self.layout is None else self.layout.position

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Its rows, or some columns of them, in memory."""
        return ds.dataset([*map(str, self.files)], schema=self.schema).to_table(columns=columns)


def is_catalogue(folder: Path) -> bool:
    """Whether a folder is a catalogue in the format HATS."""
    return (folder / "partition_info.csv").is_file() or (folder / COLLECTION).is_file()


def check_catalogue(folder: Path) -> None:
    """Say if a folder is no catalogue in the format HATS.

    Raises
    ------
    FolderError
    """
    if not is_catalogue(folder):
        raise FolderError(
            f"{folder} is no HATS catalogue",
            "it has no partition_info.csv" if folder.is_dir() else "there is no such folder",
            "Give the catalogue's own folder.",
        )


def is_stored(folder: Path, name: str) -> bool:
    """Whether a folder has a table."""
    return is_catalogue(folder) or is_catalogue(folder / name) or _file(folder, name).is_file()


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"


def stored_table(folder: Path, name: str) -> StoredTable:
    """A table of an archive folder, or that of a catalogue.

    Raises
    ------
    FolderError
        If it is damaged.
    """
    place = next((one for one in (folder, folder / name) if is_catalogue(one)), None)
    path = place or _file(folder, name)
    with reading(f"The archive folder cannot be opened: {path}", "Make the folder again.", error=FolderError):
        if place is not None:
            return _catalogue(place, name)
        file = pq.read_metadata(path)
        schema = file.schema.to_arrow_schema()
        return StoredTable(name, (path,), schema, file.num_rows, _SORTED in (schema.metadata or {}))


def _catalogue(place: Path, name: str) -> StoredTable:
    layout = read_layout(lambda file: (place / file).read_bytes(), str(place))
    files = tuple(place / file for file in layout.files)
    if not files:
        raise Unreadable("it lists no files")
    if missing := [file for file in files if not file.is_file()]:
        raise FolderError(f"The catalogue {place} is incomplete", f"{missing[0].name} is missing", "Get it again.")
    common = place / layout.common
    schema = pq.read_schema(common if common.is_file() else files[0])
    rows = layout.rows or sum(pq.read_metadata(file).num_rows for file in files)
    return catalogue_table(layout, files, schema, rows, name)


def catalogue_table(
    layout: HatsLayout, files: tuple[Path, ...] | tuple[str, ...], schema: pa.Schema, rows: int, name: str = ""
) -> StoredTable:
    """The table of a HATS catalogue, by the schema of its files; of sources where it has their names and positions."""
    own = pa.schema([one for one in schema if one.name not in HIDDEN], metadata=schema.metadata)
    sources = {"name", "ra", "dec"} <= set(own.names)
    called = name or ("master_source" if sources else _identifier(layout.name))
    return StoredTable(called, files, own, rows, _SORTED in (schema.metadata or {}), layout)


HIDDEN = {CELL, "Norder", "Dir", "Npix"}
"""Columns of a catalogue that say where a row lies in it."""


def _identifier(title: str) -> str:
    text = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in title.lower()).strip("_")
    return text if text[:1].isalpha() else f"table_{text}"


def write_table(folder: Path, name: str, rows: pa.Table, said: Mapping[str, str]) -> None:
    """Write a table of an archive folder, as its size demands.

    Parameters
    ----------
    folder : Path
    name : str
    rows : pyarrow.Table
    said : mapping of str to str
        What the table says of itself; see `hats.write_hats`.
    """
    if rows.num_rows * rows.num_columns <= LARGE:
        pq.write_table(rows, _file(folder, name), compression="zstd")
    else:
        write_large(folder, name, [sorted_by_cell(rows) if has_positions(rows) else rows], said)


def write_large(folder: Path, name: str, pieces: Sequence[pa.Table | Path], said: Mapping[str, str]) -> int:
    """Write a table to be asked in place, of pieces as `sorted_by_cell` makes them, or without positions.

    Returns
    -------
    int
        How many rows it has.
    """
    first = pieces[0]
    schema = pq.read_schema(first) if isinstance(first, Path) else first.schema
    if CELL in schema.names:
        return write_hats(folder / name, [_clean(piece) for piece in pieces], said)
    rows = 0
    with pq.ParquetWriter(_file(folder, name), _marked(schema), compression="lz4") as writer:
        for piece in pieces:
            part = pq.read_table(piece) if isinstance(piece, Path) else without_nan(piece)
            writer.write_table(part.cast(writer.schema), row_group_size=_GROUP)
            rows += part.num_rows
    return rows


_GROUP = 16_384


def _marked(schema: pa.Schema) -> pa.Schema:
    return schema.with_metadata({**(schema.metadata or {}), _SORTED: b"true"})


def _clean(piece: pa.Table | Path) -> pa.Table | Path:
    """A piece without NaN, which says so; files are written so by `write_piece`."""
    if isinstance(piece, Path):
        return piece
    rows = without_nan(piece)
    return rows.cast(_marked(rows.schema))


def write_piece(path: Path, rows: pa.Table, *, placed: bool) -> None:
    """Write a piece of a large table, to be handed to `write_large`; in all of them rows have positions, or in none."""
    clean = without_nan(sorted_by_cell(rows) if placed and {"ra", "dec"} <= set(rows.column_names) else rows)
    write_rows(path, clean.cast(_marked(clean.schema)))


def sorted_by_cell(rows: pa.Table, ra: str = "ra", dec: str = "dec") -> pa.Table:
    """Rows sorted by their HEALPix cell, with a first column of it; rows of one cell keep their order.

    Every row must have a position, degrees.
    """
    at = [rows[name].to_numpy().astype(float) for name in (ra, dec)]
    cell = cells(at[0] % 360.0, at[1], ORDER)
    order = np.argsort(cell, kind="stable")
    ordered = rows.drop_columns([CELL] if CELL in rows.column_names else []).take(pa.array(order))
    schema = pa.schema([pa.field(CELL, pa.int64()), *ordered.schema], metadata=ordered.schema.metadata)
    return pa.Table.from_arrays([pa.array(cell[order], pa.int64()), *ordered.columns], schema=schema)


def without_nan(rows: pa.Table) -> pa.Table:
    """A null is a null: DuckDB holds NaN to be greater than every number, and Parquet statistics leave it out."""
    columns = [
        pc.if_else(pc.is_nan(column), None, column)
        if pa.types.is_floating(column.type) and pc.any(pc.is_nan(column)).as_py()
        else column
        for column in rows.columns
    ]
    return pa.table(columns, schema=rows.schema)


def has_positions(rows: pa.Table) -> bool:
    """Whether every row has a position, in columns ra and dec."""
    if not {"ra", "dec"} <= set(rows.column_names):
        return False
    ra, dec = (rows[name] for name in ("ra", "dec"))
    if not all(pa.types.is_floating(column.type) and column.null_count == 0 for column in (ra, dec)):
        return False
    return bool(on_sky(ra.to_numpy(), dec.to_numpy()).all())

"""Tables as people have them, with the columns of the catalogue under its own names."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from cscwidgets.io.reading import reading
from cscwidgets.io.tables.raw import RawColumn, RawTable
from cscwidgets.io.tables.read import FORMATS, read_table_file

__all__ = ["RawColumn", "RawTable", "read_tables"]


def read_tables(path: Path) -> list[RawTable]:
    """Read every table of a file, whatever its format; the content decides, not the name.

    Columns of arrays are left out, with a note.

    Raises
    ------
    CscError
        If the file is missing, damaged, or of none of the formats.
    """
    with reading(f"{path.name} was not imported", f"{FORMATS}."):
        tables = read_table_file(path)
    several = len(tables) > 1
    return [_of_catalogue(_labelled(table) if several else table) for table in tables]


def _labelled(table: RawTable) -> RawTable:
    label = table.name or f"table {table.number}"
    return table if table.origin.endswith("]") else replace(table, origin=f"{table.origin} ({label})")


def _of_catalogue(table: RawTable) -> RawTable:
    arrays = [column.name for column in table.columns if pa.types.is_nested(column.values.type)]
    notes = table.notes
    if arrays:
        notes = (*notes, f"columns of arrays, which the catalogue has none of, are left out: {', '.join(arrays)}")
    columns = [column for column in table.columns if column.name not in arrays]
    return replace(table, columns=tuple(_without_prefix(columns)), notes=notes)


def _without_prefix(columns: list[RawColumn]) -> list[RawColumn]:
    """Of a joined table (``a_name``, ``b_name``), take the side that holds CSC names."""
    if any(column.name.lower() == "name" for column in columns):
        return columns
    for column in columns:
        match = re.fullmatch(r"(\w+_)name", column.name, re.IGNORECASE)
        if match and pa.types.is_string(column.values.type):
            texts = [text for text in column.values.to_pylist() if text]
            if texts and sum(text.startswith(("2CXO J", "SIM J")) for text in texts) > len(texts) / 2:
                prefix = match[1]
                return [replace(c, name=c.name.removeprefix(prefix)) for c in columns]
    return columns

"""A table of the catalogue with all its columns, typed and described as the catalogue's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from cscwidgets.archive.arrow import arrow_array, arrow_table
from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.families import Column

__all__ = ["catalogue_table"]

_TYPES = {"char": pa.string(), "double": pa.float64(), "int": pa.int32(), "boolean": pa.bool_()}


def catalogue_table(name: str, columns: Mapping[str, Any]) -> pa.Table:
    """A catalogue table with all its columns; NaN and columns not given become null.

    Raises
    ------
    KeyError
        If a column does not belong to the table.
    """
    described = TABLES[name]
    if unknown := set(columns) - set(described):
        raise KeyError(f"{name} has no columns {sorted(unknown)}")
    rows = len(next(iter(columns.values())))

    def arrays() -> Iterator[tuple[str, pa.Array, dict[str, str]]]:
        for column in described.values():
            kind = _TYPES[column.datatype]
            values = columns.get(column.name)
            yield column.name, pa.nulls(rows, kind) if values is None else arrow_array(values, kind), _meaning(column)

    return arrow_table(arrays())


def _meaning(column: Column) -> dict[str, str]:
    """What an Arrow table tells of a column."""
    return {"unit": column.unit, "ucd": column.ucd, "description": column.description}

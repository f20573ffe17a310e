"""Columns of numbers into the Arrow tables of an archive folder, typed and described as the catalogue's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.families import Column

__all__ = ["catalogue_table"]

_TYPES = {"char": pa.string(), "double": pa.float64(), "int": pa.int32(), "boolean": pa.bool_()}
_PLAIN = {"double": np.float64, "int": np.int32, "boolean": np.bool_}


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
    arrays, arrow_fields = [], []
    for column in described.values():
        arrays.append(_array(column, columns.get(column.name), rows))
        metadata = {"unit": column.unit, "ucd": column.ucd, "description": column.description}
        arrow_fields.append(pa.field(column.name, _TYPES[column.datatype], metadata=metadata))
    return pa.Table.from_arrays(arrays, schema=pa.schema(arrow_fields))


def _array(column: Column, values: Any, rows: int) -> pa.Array:
    kind = _TYPES[column.datatype]
    if values is None:
        return pa.nulls(rows, kind)
    values = np.asarray(values)
    if column.datatype == "char":
        return pa.array(values.tolist(), kind)
    missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(rows, dtype=bool)
    filled = np.where(missing, 0, values)
    return pa.array(filled.astype(_PLAIN[column.datatype]), kind, mask=missing)

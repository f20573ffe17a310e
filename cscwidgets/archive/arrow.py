"""A client's table as the Arrow table of an archive folder: same values, nulls and types, and the columns' meaning."""

from __future__ import annotations

from typing import Any

import astropy.units as u
import numpy as np
import pyarrow as pa
from astropy.table import Table

from cscwidgets.csc.columns import describe
from cscwidgets.io.units import read_unit

__all__ = ["arrow_table"]


def arrow_table(name: str, rows: Table) -> pa.Table:
    """Make the Arrow table.

    Parameters
    ----------
    name : str
        The catalogue table the rows are of.
    rows : Table
        An answer of `cscwidgets.archive.Archive`. NaN and masked values become null.
    """
    arrays, fields = [], []
    for column in rows.colnames:
        array = _array(rows[column])
        known, unit = describe(column, name), getattr(rows[column], "unit", None)
        metadata = {
            "unit": known.unit if known and unit in (None, read_unit(known.unit)) else str(unit or ""),
            "ucd": known.ucd if known else "",
            "description": (known.description if known else rows[column].info.description) or "",
        }
        arrays.append(array)
        fields.append(pa.field(column, array.type, metadata=metadata))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _array(column: Any) -> pa.Array:
    plain = np.ma.asarray(column.value if isinstance(column, u.Quantity) else column)
    values, mask = np.asarray(plain.data), np.ma.getmaskarray(plain)
    if values.dtype.kind == "f":
        mask = mask | np.isnan(values)
    if values.dtype.kind == "U":
        return pa.array(values.tolist(), pa.string(), mask=mask)
    return pa.array(values, mask=mask)

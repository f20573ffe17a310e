"""Columns of any kind as an Arrow table, with what they mean as metadata: the tables of folders and of uploads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

__all__ = ["arrow_array", "arrow_table"]


def arrow_array(values: Any, kind: pa.DataType | None = None) -> pa.Array:
    """One column.

    Parameters
    ----------
    values : array, Column, Quantity or list
        NaN and masked values of an array become null, bytes text; a list is taken as it is, None as null.
    kind : pyarrow.DataType, optional
        The type to have, instead of that of the values.
    """
    if isinstance(values, list):
        return pa.array(values, kind)
    plain = np.ma.asarray(getattr(values, "value", values))
    data, mask = np.ma.getdata(plain), np.ma.getmaskarray(plain)
    if data.dtype.kind not in "fiub":
        return pa.array([_text(item) for item in data.tolist()], pa.string(), mask=mask)
    if data.dtype.kind == "f":
        mask = mask | np.isnan(data)
    array = pa.array(data.astype(data.dtype.newbyteorder("="), copy=False), mask=mask)
    return array if kind is None else array.cast(kind)


def arrow_table(columns: Iterable[tuple[str, pa.Array, Mapping[str, str]]], description: str = "") -> pa.Table:
    """A table of columns given as name, values and meaning (``unit``, ``ucd``, ``description``)."""
    names, arrays, meanings = zip(*columns, strict=True)
    fields = [pa.field(*column) for column in zip(names, (array.type for array in arrays), strict=True)]
    fields = [field.with_metadata(meaning) for field, meaning in zip(fields, meanings, strict=True)]
    return pa.Table.from_arrays(
        list(arrays), schema=pa.schema(fields, metadata={"description": description} if description else None)
    )


def _text(item: Any) -> str | None:
    if isinstance(item, bytes):
        return item.decode("utf-8", "replace")
    return None if item is None else str(item)

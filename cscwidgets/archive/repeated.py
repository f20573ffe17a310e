"""Rows that came more than once: a service may send an answer twice, and a join the same row by several ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from astropy.table import QTable

from cscwidgets.arrays import Flags, Integers

from .provenance import Provenance

__all__ = ["first_of_each", "once_each"]


def once_each(rows: QTable, *by: str) -> QTable:
    """Rows that are the same in all columns once, the first of them; how many were left out is in the provenance.

    Parameters
    ----------
    rows : QTable
        An answer with its provenance.
    by : str
        See `first_of_each`.
    """
    first = first_of_each(rows, *by)
    if len(first) == len(rows):
        return rows
    kept = rows[first]
    provenance: Provenance = rows.meta["provenance"]
    kept.meta["provenance"] = replace(
        provenance,
        requested=len(kept) if provenance.complete else provenance.requested,
        returned=len(kept),
        repeated=provenance.repeated + len(rows) - len(kept),
    )
    return kept


def first_of_each(rows: QTable, *by: str) -> Integers:
    """Numbers of the rows that no row before them is the same as, in order.

    Parameters
    ----------
    rows : QTable
    by : str
        Columns that bring the same rows together, such as a position; all of numbers and texts unless told.
    """
    everyone = np.arange(len(rows))
    columns = {name: np.ma.asarray(getattr(rows[name], "value", rows[name])) for name in rows.colnames}
    plain = [one for one in columns.values() if one.dtype.kind in "bfiuU"]
    keys = [columns[name] for name in by] or plain
    if len(rows) < 2 or not keys:
        return everyone
    # Of a large answer few rows are at one position: only those are sorted by everything.
    order = np.lexsort(_sortable(keys, everyone))
    together = np.logical_and.reduce([_same(key[order]) for key in keys])
    alike = order[np.append(False, together) | np.append(together, False)]
    if not len(alike):
        return everyone
    alike = alike[np.lexsort([alike, *_sortable(plain, alike)])]
    repeated = np.ones(len(alike) - 1, bool)
    for column in columns.values():
        repeated &= _same(column[alike])
    return np.setdiff1d(everyone, alike[1:][repeated])


def _sortable(columns: Sequence[np.ma.MaskedArray[Any, Any]], rows: Integers) -> list[np.ndarray[Any, Any]]:
    """Values of some rows with nulls side by side."""
    hidden = [np.ma.getmaskarray(column)[rows] for column in columns]
    values = [np.ma.getdata(column)[rows] for column in columns]
    return [np.where(mask, np.zeros(1, one.dtype), one) for mask, one in zip(hidden, values, strict=True)] + hidden


def _same(column: np.ma.MaskedArray[Any, Any]) -> Flags:
    """Which values are those before them; nulls are the same, and so are numbers that are none."""
    if column.ndim > 1 or column.dtype.kind == "O":
        column = np.ma.array([repr(value) for value in column])
    this, previous = np.ma.getdata(column)[1:], np.ma.getdata(column)[:-1]
    hidden = np.ma.getmaskarray(column)
    same = (this == previous) | ((this != this) & (previous != previous))  # noqa: PLR0124 - NaN is no number
    return np.asarray(np.where(hidden[1:] | hidden[:-1], hidden[1:] & hidden[:-1], same), bool)

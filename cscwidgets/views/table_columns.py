"""Columns of an astropy table as a grid shows, sorts and filters them."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import astropy.units as u
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from astropy.time import Time
from numpy.typing import NDArray

from cscwidgets.arrays import Flags, Floats

__all__ = ["NULL", "TableColumn"]

NULL = "\N{EN DASH}"
"""How a missing value is shown: not as 0, not as nan."""

Kind = Literal["text", "number", "integer", "boolean"]


class TableColumn:
    """One column of a table, read when it is first needed.

    Parameters
    ----------
    table : QTable
        The table.
    name : str
        The column's name.
    """

    def __init__(self, table: QTable, name: str) -> None:
        self.name = name
        self._column = table[name]
        info = table[name].info
        self.description = str(info.description or "")
        self.unit = _unit(self._column)
        self._format = str(info.format or "")

    def is_of(self, table: QTable, name: str) -> bool:
        """Whether it is a column of a table, and not one that took its place."""
        return name in table.colnames and table[name] is self._column

    def __len__(self) -> int:
        return len(self._column)

    @cached_property
    def kind(self) -> Kind:
        """How the column is sorted, filtered and aligned."""
        if isinstance(self._column, (Time, SkyCoord)) or getattr(self._column, "ndim", 1) > 1:
            return "text"
        kinds: dict[str, Kind] = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}
        return kinds.get(self._column.dtype.kind, "text")

    @cached_property
    def numbers(self) -> Floats:
        """Values as plain floats, shape (n,), NaN where missing; not of text."""
        column = self._column.value if isinstance(self._column, u.Quantity) else self._column
        values = np.asarray(getattr(column, "unmasked", column), dtype=float)
        missing = _mask(self._column)
        return np.where(missing, np.nan, values) if missing.any() else values

    @cached_property
    def text(self) -> pa.Array:
        """Values of a text column, null where missing."""
        words = np.strings.strip(_words(self._column))
        return pa.array(words, pa.string(), mask=_mask(self._column) | (words == ""))

    @cached_property
    def null(self) -> Flags:
        """Which rows have no value, shape (n,)."""
        return np.asarray(self.text.is_null()) if self.kind == "text" else np.isnan(self.numbers)

    def order(self, rows: NDArray[np.intp], *, descending: bool) -> NDArray[np.intp]:
        """The rows sorted by this column; ties keep their order, missing values come last."""
        if self.kind == "text":
            words = self.text.take(pa.array(rows))
            keys = np.asarray(pc.rank(words, "descending" if descending else "ascending", tiebreaker="min"))
        else:
            keys = -self.numbers[rows] if descending else self.numbers[rows]
        order: NDArray[np.intp] = rows[np.argsort(keys, kind="stable")]
        return order

    def show(self, row: int) -> str:
        """A value in words."""
        if self.null[row]:
            return NULL
        if self.kind == "text":
            return str(self.text[row])
        if self.kind == "boolean":
            return "TRUE" if self.numbers[row] else "FALSE"
        if self.kind == "integer":
            return f"{int(self._column[row])}"
        return self._number(float(self.numbers[row]))

    def _number(self, value: float) -> str:
        if self._format:
            return format(value, self._format.strip("{:}")) if "%" not in self._format else self._format % value
        if self.unit == "deg":
            return f"{value:.5f}"
        if value and not 1e-3 <= abs(value) < 1e5:
            return f"{value:.3e}"
        return f"{value:#.4g}".rstrip(".")

    def describe(self) -> dict[str, str]:
        """What the header says."""
        return {"name": self.name, "unit": self.unit, "description": self.description, "kind": self.kind}


def _unit(column: Any) -> str:
    unit = getattr(column, "unit", None)
    # A SkyCoord's .unit does not exist and a Time's is of no use here.
    return "" if unit is None or isinstance(column, (Time, SkyCoord)) else str(u.Unit(unit).to_string())


def _mask(column: Any) -> Flags:
    mask = np.asarray(getattr(column, "mask", False), dtype=bool)
    whole = mask.reshape(len(column), -1).any(axis=1) if mask.ndim > 1 else mask
    return np.broadcast_to(np.asarray(whole), (len(column),))


def _words(column: Any) -> NDArray[np.str_]:
    """Any column as text, shape (n,)."""
    if isinstance(column, Time):
        return np.asarray(column.isot, dtype=str)
    if isinstance(column, SkyCoord):
        return np.asarray(column.to_string("hmsdms"), dtype=str)
    values = np.asarray(column)
    if values.dtype.kind == "S":
        return np.strings.decode(values, "utf-8")
    return values.astype(str) if values.ndim == 1 else np.array([str(value) for value in values])

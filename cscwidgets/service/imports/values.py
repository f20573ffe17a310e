"""Cells of other people's tables in the catalogue's types: T/F, whole numbers, sexagesimal positions."""

from __future__ import annotations

import math
from collections.abc import Callable

import astropy.units as u
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cscwidgets.io.sexagesimal import degrees_of
from cscwidgets.io.tables.cells import numbers_of, typed
from cscwidgets.io.units import read_unit, scale

__all__ = ["convert", "guess", "unit_factor"]

_TRUE, _FALSE = ("true", "t", "1", "1.0", "yes"), ("false", "f", "0", "0.0", "no")
_ARROW = {"char": pa.string(), "boolean": pa.bool_(), "int": pa.int32(), "double": pa.float64()}


def convert(column: pa.Array, datatype: str, *, position: str = "", factor: float = 1.0) -> tuple[pa.Array, int]:
    """Give a cleaned column the type the catalogue has for it.

    Parameters
    ----------
    column : pyarrow.Array
        Cleaned values.
    datatype : str
        "char", "boolean", "int" or "double".
    position : {"", "ra", "dec"}
        Whether text may be sexagesimal, and of which axis.
    factor : float
        What real numbers are multiplied with to be in the catalogue's unit; sexagesimal text is degrees without it.

    Returns
    -------
    (pyarrow.Array, int)
        The typed column, and how many values could not be understood and became null.
    """
    kind = _ARROW[datatype]
    if datatype == "char":
        typed = _words(column)
    elif pa.types.is_string(column.type):
        typed = _from_text(column, datatype, position, factor)
    elif datatype == "boolean":
        typed = _flags(column)
    else:
        numbers = pc.cast(column, pa.float64(), safe=False)  # of integers beyond 2^53 the nearest
        typed = _whole(numbers) if datatype == "int" else _present(numbers, factor)
    absent = column.null_count
    if pa.types.is_floating(column.type):
        absent += pc.sum(pc.is_nan(column)).as_py() or 0
    return pc.cast(typed, kind), typed.null_count - absent


def guess(column: pa.Array) -> pa.Array:
    """Give a cleaned column of unknown meaning the narrowest type that loses nothing; NaN is null."""
    values = typed(column)
    return pc.if_else(pc.is_nan(values), None, values) if pa.types.is_floating(values.type) else values


def unit_factor(stated: str, catalogue_unit: str) -> float | None:
    """What turns a file's numbers into the catalogue's unit; None if the units do not fit.

    No unit on either side means that the numbers are taken as they are.
    """
    if not stated or not catalogue_unit:
        return 1.0
    unit, target = read_unit(stated), read_unit(catalogue_unit)
    if unit is None or target is None:
        return None
    try:
        return scale(unit, target)
    except u.UnitConversionError:
        return None


def _from_text(column: pa.Array, datatype: str, position: str, factor: float) -> pa.Array:
    if datatype == "boolean":
        return _each(column, _truth, pa.bool_())
    numbers = numbers_of(column)
    if numbers is None:
        if position:
            return _each(column, lambda text: _degrees(text, position, factor), pa.float64())
        numbers = _each(column, _float, pa.float64())
    return _whole(numbers) if datatype == "int" else _present(numbers, factor)


def _words(column: pa.Array) -> pa.Array:
    """Text of the catalogue; the class of sources that are all TRUE comes back from pandas and others as flags."""
    text = pc.cast(column, pa.string())
    only_flags = pc.all(pc.is_in(pc.utf8_lower(text.drop_null()), value_set=pa.array(["true", "false"]))).as_py()
    return pc.utf8_upper(text) if only_flags else text


def _flags(column: pa.Array) -> pa.Array:
    """Numbers as flags: Arrow takes all but 0 for true, what stands for no number too."""
    if pa.types.is_boolean(column.type):
        return column
    numbers = pc.cast(column, pa.float64(), safe=False)
    return pc.if_else(pc.is_in(numbers, value_set=pa.array([0.0, 1.0])), pc.equal(numbers, 1.0), None)


def _present(numbers: pa.Array, factor: float) -> pa.Array:
    present = pc.if_else(pc.is_nan(numbers), None, numbers)
    return present if factor == 1.0 else pc.multiply(present, factor)


def _each(column: pa.Array, read: Callable[[str], bool | float | None], kind: pa.DataType) -> pa.Array:
    return pa.array([None if text is None else read(text) for text in column.to_pylist()], kind)


def _truth(text: str) -> bool | None:
    word = text.lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _degrees(text: str, position: str, factor: float) -> float | None:
    number = _float(text)
    if number is None:
        return degrees_of(text, hours=position == "ra")
    return None if math.isnan(number) else number * factor


def _whole(numbers: pa.Array) -> pa.Array:
    data = numbers.to_numpy(zero_copy_only=False)
    # VOTables of the CSC mark an absent integer with -2147483648.
    with np.errstate(invalid="ignore"):
        fits = np.isfinite(data) & (data == np.round(data)) & (np.abs(data) < 2147483648)
    return pa.array(np.where(fits, data, 0).astype(np.int64), mask=~fits)

"""Numbers from FITS tables and headers that are numbers: what is not finite or out of its range is named."""

from __future__ import annotations

from typing import Any

import astropy.units as u
import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from cscwidgets.arrays import Flags, Floats, Integers

from .reading import Unreadable
from .units import read_unit

__all__ = ["column_names", "first_bad", "integers", "number", "numbers", "require", "unit_factor", "whole_number"]

_TABLES = fits.BinTableHDU | fits.TableHDU
_LARGEST = 1e100  # nothing that is measured is larger, and products of such numbers stay finite


def require(good: Flags, name: str, values: NDArray[Any], why: str = "") -> None:
    """Refuse a column unless all its values are good.

    Parameters
    ----------
    good : ndarray of bool, shape (rows,) or (rows, elements)
    name : str
        Of the column.
    values : ndarray, same shape
    why : str
        What is wrong with a value that is not good, after its place.

    Raises
    ------
    Unreadable
        With the first value that is not, and its row, counted from 1.

    Examples
    --------
    >>> area = np.array([1.0, np.nan])
    >>> require(np.isfinite(area), "SPECRESP", area)
    Traceback (most recent call last):
    ...
    cscwidgets.io.reading.Unreadable: column SPECRESP is nan in row 2
    """
    if not good.all():
        index = first_bad(good)
        reason = f", {why}" if why else ""
        raise Unreadable(f"column {name} is {values[index]:.6g} in row {index[0] + 1}{reason}")


def first_bad(good: Flags) -> tuple[int, ...]:
    """Where the first value lies that is not good."""
    return tuple(int(index) for index in np.argwhere(~good)[0])


def column_names(hdu: Any) -> set[str]:
    """The names of a table's columns in upper case, as FITS tells none by its case; empty for what is no table.

    Examples
    --------
    >>> column_names(fits.BinTableHDU.from_columns([fits.Column("Quality", "J", array=[0])]))
    {'QUALITY'}
    """
    return {str(name).upper() for name in hdu.columns.names} if isinstance(hdu, _TABLES) else set()


def numbers(
    hdu: Any, name: str, unit: u.UnitBase | None = None, *, least: float = -np.inf, above: float = -np.inf
) -> Floats:
    """A column of a table as finite numbers, one in each row.

    Parameters
    ----------
    hdu : BinTableHDU
    name : str
        Of the column.
    unit : Unit, optional
        That the numbers are wanted in, and are taken to be in where the file does not tell; None for numbers as they
        stand.
    least, above : float
        What no value may be less than, and what each must be greater than.

    Returns
    -------
    ndarray of float, shape (rows,)

    Raises
    ------
    Unreadable
        If there is no such column, it has no numbers or is in another kind of unit, or one is none; the row is counted
        from 1.
    """
    values = _column(hdu, name)
    column = np.asarray(values, dtype=np.float64)
    require((np.abs(column) <= _LARGEST) & ~_null(hdu, name, values), name, column)
    require(column >= least, name, column)
    if above > -np.inf:
        require(column > above, name, column)
    if unit is None:
        return column
    converted = column * unit_factor(hdu, name, unit)
    require(np.abs(converted) <= _LARGEST, name, column, "in a unit that makes it endless")
    return converted


def unit_factor(hdu: Any, name: str, unit: u.UnitBase) -> float:
    """What the numbers of a column are multiplied with to be in a unit; 1 where the file does not tell theirs.

    Raises
    ------
    Unreadable
        If they are in another kind of unit, or in one that cannot be read.
    """
    told = str(next(one.unit for one in hdu.columns if one.name.upper() == name.upper()) or "").strip()
    own = read_unit(told) if told else unit
    if own is None or not own.is_equivalent(unit):
        raise Unreadable(f"its {name} is in {told} (TUNIT), not in {unit}")
    return 1.0 if own == unit else float(own.to(unit))


def integers(hdu: Any, name: str, unit: u.UnitBase | None = None) -> Integers:
    """The same as whole numbers, which a file may hold as real ones.

    Raises
    ------
    Unreadable
        As `numbers`, or if one is not whole.
    """
    column = numbers(hdu, name, unit)
    require((column == np.round(column)) & (np.abs(column) < 2**53), name, column, "no whole number")
    return column.astype(np.int64)


def number(
    header: fits.Header, key: str, default: float | None = None, *, least: float = -np.inf, above: float = -np.inf
) -> float:
    """A keyword's value as a finite number, which true and false are not; see `numbers`.

    Raises
    ------
    Unreadable
        If it is absent without a default, is none, or comes several times with different values.
    """
    if key not in header and default is not None:
        return default
    if key not in header:
        raise Unreadable(f"its header has no {key}")
    value = header[key]
    others = [header[key, place] for place in range(1, header.count(key))]
    if any(other != value for other in others):  # by the standard it is not determined then
        raise Unreadable(f"its {key} is there {1 + len(others)} times, with different values")
    try:
        result = float("T" if isinstance(value, bool | np.bool_) else value)
    except (TypeError, ValueError):
        raise Unreadable(f"its {key} is {str(value)[:40]!r}, no number") from None
    if not (abs(result) <= _LARGEST and result >= least and (result > above or above == -np.inf)):
        raise Unreadable(f"its {key} is {result:g}")
    return result


def whole_number(header: fits.Header, key: str, default: float | None = None, *, least: float = -np.inf) -> int:
    """The same as a whole number, which a file may hold as a real one.

    Raises
    ------
    Unreadable
        As `number`, or if it is not whole.
    """
    value = number(header, key, default, least=least)
    if value != round(value):
        raise Unreadable(f"its {key} is {value:g}, no whole number")
    return int(value)


def _column(hdu: Any, name: str) -> NDArray[Any]:
    if not isinstance(hdu, _TABLES):
        raise Unreadable(f"its part {hdu.name or 'without a name'} is no table")
    names = [column.upper() for column in hdu.columns.names]
    if name.upper() not in names:
        raise Unreadable(f"the {hdu.name} table has no column {name}")
    if names.count(name.upper()) > 1:
        raise Unreadable(f"the {hdu.name} table has {names.count(name.upper())} columns {name}")
    values: NDArray[Any] = np.asarray(hdu.data[hdu.columns.names[names.index(name.upper())]])
    if values.dtype.kind not in "fiu" or values.ndim != 1:
        raise Unreadable(f"the column {name} of the {hdu.name} table does not hold a number in each row")
    return values


def _null(hdu: Any, name: str, values: NDArray[Any]) -> Flags:
    """Where a column of integers has the value that stands for none (TNULL)."""
    null = next(column.null for column in hdu.columns if column.name.upper() == name.upper())
    if values.dtype.kind not in "iu" or not isinstance(null, int):
        return np.zeros(len(values), dtype=bool)
    return np.asarray(values == null)

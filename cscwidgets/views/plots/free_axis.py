"""An axis of the reader's choice: values of a formula, its error bars, what it spans and where it has ticks."""

from __future__ import annotations

from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.table import Table
from matplotlib.ticker import MaxNLocator

from cscwidgets.arrays import Flags, Floats
from cscwidgets.csc.families import triple

from ...science.column_expression import Expression, evaluate, numeric_columns
from ...science.masked import plain

__all__ = ["FreeAxis", "free_axis"]


_DECADES = 2.0  # from which on a physical quantity is shown by its logarithm
_MARGIN = 0.05
_TICKS = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10])
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NEVER_LOGARITHMIC = (u.mag, u.deg, u.one)
_ERROR_NAMES = ("e_{}", "{}_error", "{}_err", "err_{}")


@dataclass(frozen=True)
class FreeAxis:
    """Arrays of shape (rows,) in the coordinates of a diagram, which are logarithms where `logarithmic`.

    Attributes
    ----------
    label : str
        With the unit.
    values, low, high : ndarray
        NaN where there is no value; ends of error bars, NaN where there is no error. One that reaches zero ends where a
        logarithmic axis does.
    span : (float, float)
        What holds all values, with some room.
    ticks : dict of float to str
        Where, and the words.
    logarithmic, reverse : bool
    """

    label: str
    values: Floats
    low: Floats
    high: Floats
    span: tuple[float, float]
    ticks: dict[float, str]
    logarithmic: bool
    reverse: bool

    @property
    def quantity(self) -> Floats:
        """The numbers of the formula, no logarithms."""
        return np.asarray(10**self.values if self.logarithmic else self.values)


def free_axis(text: str, table: Table, shown: Flags, *, brighter_up: bool = False) -> FreeAxis:
    """The axis of a formula.

    Parameters
    ----------
    text : str
        See `cscwidgets.science.column_expression.evaluate`.
    table : Table
    shown : ndarray of bool, shape (rows,)
        The rows that the axis has to hold.
    brighter_up : bool
        Whether magnitudes grow downwards.
    """
    found = evaluate(text, table)
    low, high = _bounds(found, table)
    known = found.values[shown & np.isfinite(found.values)]
    logarithmic = not any(found.unit.is_equivalent(unit) for unit in _NEVER_LOGARITHMIC) and _spans_decades(known)
    values = found.values
    if logarithmic:
        to_zero = low <= 0
        values, low, high = (_logarithm(part) for part in (values, low, high))
    span = _span(values[shown])
    if logarithmic:
        low = np.where(to_zero, span[0], low)
    ticks = _decades(*span) if logarithmic else _numbers(*span)
    reverse = brighter_up and bool(found.column) and found.unit == u.mag
    return FreeAxis(found.label, values, low, high, span, ticks, logarithmic, reverse)


def _bounds(found: Expression, table: Table) -> tuple[Floats, Floats]:
    """Ends of the error bars of a column: its limits in the catalogue's manner, or its error on both sides."""
    none = np.full(len(found.values), np.nan)
    if not found.column:
        return none, none
    _, lower, upper = triple(found.column)
    known = [name for name in numeric_columns(table) if _unit(table, name, found.unit).is_equivalent(found.unit)]
    if {lower, upper} <= set(known):
        return _in_unit(table, lower, found.unit), _in_unit(table, upper, found.unit)
    for pattern in _ERROR_NAMES:
        name = pattern.format(found.column)
        if name in known:
            error = _in_unit(table, name, found.unit)
            return found.values - error, found.values + error
    return none, none


def _spans_decades(known: Floats) -> bool:
    """Whether numbers, none of them negative, differ by so much that equal steps would crowd most of them."""
    positive = known[known > 0]
    return bool(len(positive) and known.min() >= 0 and np.ptp(np.log10(positive)) > _DECADES)


def _in_unit(table: Table, name: str, unit: u.UnitBase) -> Floats:
    column = table[name]
    return np.asarray(plain(getattr(column, "value", column)) * _unit(table, name, unit).to(unit))


def _unit(table: Table, name: str, default: u.UnitBase) -> u.UnitBase:
    return getattr(table[name], "unit", None) or default


def _logarithm(values: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        logarithms = np.log10(values)
    return np.where(np.isfinite(logarithms), logarithms, np.nan)


def _span(values: Floats) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    room = _MARGIN * (high - low) or _MARGIN * abs(high) or 0.5
    return low - room, high + room


def _numbers(low: float, high: float) -> dict[float, str]:
    ticks = np.asarray(_TICKS.tick_values(low, high))
    return {float(tick): f"{tick:.10g}".replace("-", "−") for tick in ticks[(ticks >= low) & (ticks <= high)]}


def _decades(low: float, high: float) -> dict[float, str]:
    powers = np.arange(np.ceil(low), np.floor(high) + 1)
    step = max(1, -(-len(powers) // 7))
    return {float(power): f"10{str(int(power)).translate(_SUPERSCRIPT)}" for power in powers[::step]}

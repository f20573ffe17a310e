"""An axis of the reader's choice: values of a formula, their errors and limits, its span and its ticks."""

from __future__ import annotations

from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.table import Table
from matplotlib.ticker import MaxNLocator

from cscwidgets.arrays import Flags, Floats

from ...science.column_expression import errors_of, evaluate
from ...state.diagrams import Scale

__all__ = ["FreeAxis", "free_axis"]


_DECADES = 2.0  # from which on a physical quantity is shown by its logarithm
_MARGIN = 0.05
_TICKS = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10])
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NEVER_LOGARITHMIC = (u.mag, u.deg, u.one)


@dataclass(frozen=True)
class FreeAxis:
    """Arrays of shape (rows,) in the coordinates of a diagram, which are logarithms where `logarithmic`.

    Attributes
    ----------
    label : str
        With the unit.
    values, low, high : ndarray
        NaN where there is no value; ends of error bars, NaN where there is no error. One that reaches zero ends where a
        logarithmic axis does. Of a limit the value is the limit.
    upper, lower : ndarray of bool
        Which are limits.
    unplaced : ndarray of bool
        Which have a value that a logarithmic axis has no place for: not above 0.
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
    upper: Flags
    lower: Flags
    unplaced: Flags
    span: tuple[float, float]
    ticks: dict[float, str]
    logarithmic: bool
    reverse: bool

    @property
    def quantity(self) -> Floats:
        """The numbers of the formula, no logarithms."""
        return np.asarray(10**self.values if self.logarithmic else self.values)

    @property
    def parts(self) -> Floats:
        """Where the values lie along the span, from 0 to 1."""
        low, high = self.span
        return np.clip((self.values - low) / (high - low), 0, 1)


def free_axis(text: str, table: Table, shown: Flags, *, brighter_up: bool = False, scale: Scale = "usual") -> FreeAxis:
    """The axis of a formula.

    Parameters
    ----------
    text : str
        See `cscwidgets.science.column_expression.evaluate`.
    table : Table
    shown : ndarray of bool, shape (rows,)
        The rows that the axis has to hold.
    brighter_up : bool
        Whether magnitudes grow downwards on a usual scale.
    scale : {"usual", "linear", "log", "inverted"}
        A usual one is logarithmic where a physical quantity spans more than two decades.
    """
    found = evaluate(text, table)
    errors = errors_of(text, table)
    values = np.where(errors.upper, errors.high, np.where(errors.lower, errors.low, found.values))
    low, high = errors.low, errors.high
    known = values[shown & np.isfinite(values)]
    usually = not any(found.unit.is_equivalent(unit) for unit in _NEVER_LOGARITHMIC) and _spans_decades(known)
    logarithmic = scale == "log" or (scale == "usual" and usually)
    unplaced = np.zeros(len(values), bool)
    if logarithmic:
        to_zero, unplaced = low <= 0, values <= 0
        values, low, high = (_logarithm(part) for part in (values, low, high))
    span = _span(values[shown])
    low = np.where(to_zero if logarithmic else np.isneginf(low), span[0], low)
    high = np.where(np.isposinf(high), span[1], high)
    ticks = _decades(*span) if logarithmic else _numbers(*span)
    reverse = scale == "inverted" or (scale == "usual" and brighter_up and bool(found.column) and found.unit == u.mag)
    return FreeAxis(
        found.label, values, low, high, errors.upper, errors.lower, unplaced, span, ticks, logarithmic, reverse
    )


def _spans_decades(known: Floats) -> bool:
    """Whether numbers, none of them negative, differ by so much that equal steps would crowd most of them."""
    positive = known[known > 0]
    return bool(len(positive) and known.min() >= 0 and np.ptp(np.log10(positive)) > _DECADES)


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
    """Ticks at powers of ten; over less than two of them at 1, 2 and 5 of each."""
    powers = np.arange(np.ceil(low), np.floor(high) + 1)
    if len(powers) < 2:
        places = [power + np.log10(step) for power in np.arange(np.floor(low), high) for step in (1, 2, 5)]
        return {float(place): f"{10**place:.3g}" for place in places if low <= place <= high}
    step = max(1, -(-len(powers) // 7))
    return {float(power): f"10{str(int(power)).translate(_SUPERSCRIPT)}" for power in powers[::step]}

"""What people write above a column to filter it.

Numbers: ``>1e-14``, ``<= 0.5``, ``1..2``, ``=1.2`` or ``1.2`` (what rounds to it), ``!=3``. Truth values: ``TRUE``,
``=false``. Text: any part of it, in any case; ``=M 33`` for the whole; ``!M 33`` for all without it. Everywhere:
``null``, ``!null``, and several conditions joined by ``&``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pyarrow.compute as pc

from cscwidgets.arrays import Flags, Floats

from .table_columns import TableColumn

__all__ = ["FilterError", "matches"]

Mask: TypeAlias = Flags

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})", re.IGNORECASE)
_COMPARISON = re.compile(rf"(>=|<=|!=|=|>|<)?\s*({_NUMBER})", re.IGNORECASE)
_COMPARE: dict[str, Callable[[Floats, float], Mask]] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}
_TRUTH = {"true": True, "t": True, "yes": True, "1": True, "false": False, "f": False, "no": False, "0": False}


class FilterError(ValueError):
    """A filter that was not understood; its text says what could be written."""


def matches(column: TableColumn, text: str) -> Mask:
    """Which rows of a column a filter keeps.

    Parameters
    ----------
    column : TableColumn
        The column.
    text : str
        Conditions as described above; all must hold.

    Raises
    ------
    FilterError
        If a condition is not understood.
    """
    kept = np.ones(len(column), bool)
    for condition in filter(None, map(str.strip, text.split("&"))):
        kept &= _condition(column, condition)
    return kept


def _condition(column: TableColumn, text: str) -> Mask:
    if text.lower() == "null":
        return column.null
    if text.lower() in ("!null", "not null"):
        return ~column.null
    by_kind = {"text": _text, "boolean": _boolean}
    return by_kind.get(column.kind, _number)(column, text) & ~column.null


def _text(column: TableColumn, text: str) -> Mask:
    if text.startswith("="):
        found = pc.equal(column.text, text[1:].strip())
    else:
        found = pc.match_substring(column.text, text.removeprefix("!").strip(), ignore_case=True)
        if text.startswith("!"):
            found = pc.invert(found)
    return np.asarray(found.fill_null(False))


def _boolean(column: TableColumn, text: str) -> Mask:
    word = text.removeprefix("!").removeprefix("=").strip().lower()
    if word not in _TRUTH:
        raise FilterError(f"{text!r}: write TRUE, FALSE, null or !null")
    truth = _TRUTH[word] != text.startswith("!")
    return np.asarray((column.numbers != 0) == truth)


def _number(column: TableColumn, text: str) -> Mask:
    values = column.numbers
    if between := _RANGE.fullmatch(text):
        low, high = sorted(map(float, between.groups()))
        return (values >= low) & (values <= high)
    comparison = _COMPARISON.fullmatch(text)
    if comparison is None:
        raise FilterError(f"{text!r}: write >1e-14, <0.5, 1..2, =3, null or !null")
    operator, number = comparison.groups()
    if operator in _COMPARE:
        with np.errstate(invalid="ignore"):
            return _COMPARE[operator](values, float(number))
    equal = np.abs(values - float(number)) <= _half_digit(number) * (1 + 1e-9)
    return ~equal if operator == "!=" else equal


def _half_digit(number: str) -> float:
    """Half a unit of the last digit written."""
    mantissa, _, exponent = number.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals)

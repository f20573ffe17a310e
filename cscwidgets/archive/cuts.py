"""Cuts: a column, a comparison and a value with its unit, as the condition that a service understands."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, TypeAlias

import astropy.units as u
import numpy as np

from cscwidgets.csc.families import Column
from cscwidgets.errors import QueryError
from cscwidgets.io.adql.refusals import did_you_mean
from cscwidgets.io.units import read_unit, scale

from .query import quote_text

__all__ = ["COMPARISONS", "Condition", "Cut"]

_ORDERED = ("=", "<>", "<", "<=", ">", ">=")
_ALONE: Mapping[str, str] = {
    "is null": "IS NULL",
    "is not null": "IS NOT NULL",
    "is true": "= 1",
    "is false": "= 0",
}
COMPARISONS: tuple[str, ...] = (">", ">=", "<", "<=", "=", "<>", "between", "like", *_ALONE)
"""How a column can be compared; the last four take no value."""

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*(?:\.\.|,|;|\band\b|\bto\b)\s*({_NUMBER})\s*")
_NUMERIC = frozenset({"double", "float", "int", "long", "short", "unsignedByte"})


@dataclass(frozen=True, slots=True)
class Cut:
    """One condition on one column.

    Parameters
    ----------
    column : str
        Its name; with ``m.``, ``s.`` or ``o.`` before it, of the master, stack or observation table.
    comparison : str
        One of `COMPARISONS`.
    value : number, str, Quantity or pair of them, optional
        What it is compared with; two for "between", also as text: ``"1 .. 2"``; for "like" a text with % for any
        letters.
    unit : str
        Of the value; that of the column unless told. astropy converts it.

    Examples
    --------
    >>> from cscwidgets.csc.columns import TABLES
    >>> Cut("powlaw_nh", ">", 2e21, "cm-2").condition(TABLES["master_source"], "m")
    'm.powlaw_nh > 20.0'
    >>> Cut("powlaw_gamma", "between", "1.5 .. 2.5").condition(TABLES["master_source"])
    'powlaw_gamma BETWEEN 1.5 AND 2.5'
    """

    column: str
    comparison: str
    value: Any = None
    unit: str = ""

    def __str__(self) -> str:
        if self.comparison in _ALONE:
            return f"{self.column} {self.comparison}"
        value = " .. ".join(map(str, self.value)) if isinstance(self.value, tuple | list) else self.value
        return " ".join(filter(None, (self.column, self.comparison, str(value), self.unit)))

    def condition(self, columns: Mapping[str, Column], alias: str = "") -> str:
        """The cut in ADQL.

        Parameters
        ----------
        columns : mapping of str to Column
            The columns there are, by name, with the units that the service compares in.
        alias : str
            Put before the name.

        Raises
        ------
        QueryError
            Naming the word that is wrong, why, and what is near it.
        """
        column = self._known(columns)
        name = f"{alias}.{column.name}" if alias else column.name
        if self.comparison not in COMPARISONS:
            raise self._refused(f"{self.comparison!r} is no comparison", f"There are {', '.join(COMPARISONS)}.")
        if self.comparison in _ALONE:
            if self.comparison in ("is true", "is false") and column.datatype != "boolean":
                raise self._refused(f"{column.name} is no flag: it holds {_kind(column)}", "Compare it with a value.")
            return f"{name} {_ALONE[self.comparison]}"
        if column.datatype == "boolean":
            return f"{name} {self._flag(column)}"
        if column.datatype in _NUMERIC:
            return f"{name} {self._numbers(column)}"
        return f"{name} {self._text(column)}"

    def _known(self, columns: Mapping[str, Column]) -> Column:
        name = self.column.rpartition(".")[2].strip()
        found = columns.get(name) or {one.lower(): column for one, column in columns.items()}.get(name.lower())
        if found is None:
            why = f"there is no column {name!r}" if name else "it names no column"
            raise self._refused(why, did_you_mean(name, columns) or "Look for it by words of its description.")
        return found

    def _flag(self, column: Column) -> str:
        values = {"true": "1", "1": "1", "t": "1", "false": "0", "0": "0", "f": "0"}
        value = values.get(str(self.value).strip().lower())
        if self.comparison not in ("=", "<>") or value is None:
            raise self._refused(
                f"{column.name} is a flag", "Say 'is true', 'is false', 'is null' or 'is not null' of it."
            )
        return f"{self.comparison} {value}"

    def _numbers(self, column: Column) -> str:
        if self.comparison == "like":
            raise self._refused(f"{column.name} holds numbers, 'like' is for texts", "Use =, <, > or between.")
        if self.comparison == "between":
            low, high = (self._number(value, column) for value in self._two())
            if float(low) > float(high):
                raise self._refused(f"nothing lies between {low} and {high}", "Give the lower value first.")
            return f"BETWEEN {low} AND {high}"
        return f"{self.comparison} {self._number(self.value, column)}"

    def _two(self) -> tuple[Any, Any]:
        value = self.value
        if isinstance(value, str):
            match = _RANGE.fullmatch(value)
            value = match.groups() if match else ()
        elif isinstance(value, u.Quantity):
            value = tuple(np.atleast_1d(value))
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise self._refused(f"'between' takes two numbers, not {self.value!r}", "Write them as 1.5 .. 2.5.")
        return value[0], value[1]

    def _number(self, value: Any, column: Column) -> str:
        unit = self.unit.strip()
        if isinstance(value, u.Quantity):
            value, unit = value.value, str(value.unit)
        number = _plain(value)
        if number is None:
            raise self._refused(f"{column.name} holds numbers, and {value!r} is none", "Write it as 1.5 or 1.2e-14.")
        factor = self._factor(unit, column) if unit else 1.0
        return repr(number if factor == 1.0 else number * factor)

    def _factor(self, unit: str, column: Column) -> float:
        own, given = read_unit(column.unit), read_unit(unit)
        if column.unit and unit == column.unit:
            return 1.0
        if given is None:
            raise self._refused(f"{unit!r} is no unit", f"{column.name} is in {column.unit or 'no unit'}.")
        if own is None:
            raise self._refused(f"{column.name} has no unit, so {unit!r} means nothing for it", "Leave the unit out.")
        try:
            return scale(given, own)
        except u.UnitConversionError:
            raise self._refused(f"{unit!r} cannot be converted to {column.unit}, the unit of {column.name}") from None

    def _text(self, column: Column) -> str:
        if self.value is None or str(self.value) == "":
            raise self._refused(f"{column.name} is compared with nothing", "Say 'is null' of what has no value.")
        if self.unit.strip():
            raise self._refused(f"{column.name} holds texts, which have no unit like {self.unit!r}")
        if self.comparison == "between":
            raise self._refused(f"{column.name} holds texts, 'between' is for numbers", "Use = or like.")
        comparison = "LIKE" if self.comparison == "like" else self.comparison
        return f"{comparison} {quote_text(str(self.value))}"

    def _refused(self, why: str, hint: str = "") -> QueryError:
        return QueryError(f"The cut {str(self)!r} was not sent", why, hint)


Condition: TypeAlias = str | Cut | Iterable[str | Cut] | None
"""What rows are kept: ADQL, a cut, or several that must all hold."""


def _plain(value: Any) -> float | int | None:
    """A number as typed or given; None for what is none."""
    if isinstance(value, str):
        text = value.strip()
        if not re.fullmatch(_NUMBER, text):
            return None
        value = int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else float(text)
    if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        return None
    return int(value) if isinstance(value, int) else float(value)


def _kind(column: Column) -> str:
    return "numbers" if column.datatype in _NUMERIC else "texts"

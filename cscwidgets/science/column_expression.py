"""What a diagram's axis shows: a column, or a small formula of columns such as ``Jmag - Kmag``."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import Table

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError
from cscwidgets.io.units import unit_of

from .masked import plain

__all__ = ["Expression", "evaluate", "numeric_columns"]


_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
}
_LONGEST = 200  # Python's parser is not meant for more
_QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Expression:
    """A formula and its values in a table.

    Attributes
    ----------
    text : str
        As it was written.
    values : ndarray, shape (rows,)
        NaN where a column has none, or the formula has none there.
    unit : Unit
        Dimensionless for plain numbers.
    column : str
        The column's name if it is one, else empty.
    """

    text: str
    values: Floats
    unit: u.UnitBase
    column: str = ""

    @property
    def label(self) -> str:
        """With the unit, for an axis."""
        return self.text if self.unit == u.one else f"{self.text} / {self.unit:unicode}"


def numeric_columns(table: Table) -> list[str]:
    """Columns that have one number a row.

    Parameters
    ----------
    table : Table
        Of any kind of column.

    Returns
    -------
    list of str
        Their names, in the order of the table.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from cscwidgets.science import column_expression
    >>> column_expression.numeric_columns(Table({"name": ["a"], "ra": [10.0], "flux": [[1.0, 2.0]]}))
    ['ra']
    """
    return [
        name
        for name in table.colnames
        if getattr(table[name], "dtype", np.dtype(object)).kind in "iuf" and table[name].ndim == 1
    ]


def evaluate(text: str, table: Table) -> Expression:
    """A column, or a formula of columns and numbers with ``+ - * /``, parentheses and ``log10()``.

    A name with other signs than letters, digits and underscores is a column by itself (``B-V``), and stands between
    backquotes in a formula.

    Parameters
    ----------
    text : str
        The name of a column, or the formula.
    table : Table
        Whose columns it names.

    Returns
    -------
    Expression
        A number a row, NaN where a column has none, and their unit.

    Raises
    ------
    CscError
        If a column is not there or has no numbers, units do not fit, or it is no formula.

    Examples
    --------
    >>> from astropy.table import QTable
    >>> import astropy.units as u
    >>> from cscwidgets.science import column_expression
    >>> table = QTable({"Jmag": [12.5, 13.0] * u.mag, "Kmag": [11.0, 12.75] * u.mag})
    >>> colour = column_expression.evaluate("Jmag - Kmag", table)
    >>> colour.values
    array([1.5 , 0.25])
    >>> colour.label
    'Jmag - Kmag / mag'
    """
    written = text.strip()
    if written in table.colnames:
        column = _column(written, table, written)
        return Expression(written, *_apart(column), column=written)
    names: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        names.append(match.group(1))
        return f"_quoted_{len(names) - 1}"

    if len(written) > _LONGEST:
        raise _refused(f"{written[:20]}...", f"it is longer than {_LONGEST} characters")
    try:
        tree = ast.parse(_QUOTED.sub(stand_in, written), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise _refused(text, "it is no formula") from error
    quoted = {f"_quoted_{number}": name for number, name in enumerate(names)}
    with np.errstate(all="ignore"):
        try:
            column = _value(tree, table, quoted, text)
        except u.UnitsError as error:
            raise _refused(text, str(error)) from error
    values, unit = _apart(column)
    values = np.broadcast_to(np.where(np.isfinite(values), values, np.nan), len(table))
    return Expression(written, np.asarray(values, np.float64), unit)


def _value(node: ast.AST, table: Table, quoted: Mapping[str, str], text: str) -> Any:
    match node:
        case ast.Name(id=name):
            return _column(quoted.get(name, name), table, text)
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as number):
            return u.Quantity(float(number))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            first, second = (_value(part, table, quoted, text) for part in (left, right))
            return _OPERATORS[type(op)](first, second)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, table, quoted, text)
        case ast.Call(func=ast.Name(id="log10"), args=[argument], keywords=[]):
            return u.Quantity(np.log10(_value(argument, table, quoted, text).value))
    raise _refused(text, "an axis takes columns, numbers, + - * / and log10()")


def _column(name: str, table: Table, text: str) -> Any:
    if name not in table.colnames:
        raise _refused(text, f"there is no column {name}")
    column = table[name]
    if getattr(column, "dtype", np.dtype(object)).kind not in "iuf" or column.ndim != 1:
        raise _refused(text, f"column {name} does not hold numbers")
    values = plain(getattr(column, "value", column))
    return u.Quantity(np.where(np.isfinite(values), values, np.nan), unit_of(column) or u.one)


def _apart(quantity: Any) -> tuple[Floats, u.UnitBase]:
    return np.asarray(quantity.value, np.float64), quantity.unit


def _refused(text: str, why: str) -> CscError:
    return CscError(f"{text!r} cannot be drawn", why, "Write a column, or a formula like Jmag - Kmag.")

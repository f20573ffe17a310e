"""Numbers and conditions made of columns: a column, or a formula such as ``log10(flux_aper_h/flux_aper_s)``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import QTable, Table

from cscwidgets.arrays import Flags, Floats
from cscwidgets.csc.columns import describe
from cscwidgets.csc.families import triple
from cscwidgets.errors import CscError
from cscwidgets.io.units import unit_of

from .columns.formula import Formula, read_formula, refused
from .columns.functions import FUNCTIONS
from .columns.intervals import Interval, interval_of, propagated
from .columns.truth import Truth
from .masked import plain

__all__ = [
    "Expression",
    "add_column",
    "computed_columns",
    "condition",
    "drawn_columns",
    "errors_of",
    "evaluate",
    "numeric_columns",
    "quoted",
]


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
    return [name for name in table.colnames if _kind(table[name]) in "iuf"]


def evaluate(text: str, table: Table) -> Expression:
    """A column, or a formula of columns; see `cscwidgets.science.columns.read_formula` for what it may have.

    A name with other signs than letters, digits and underscores is a column by itself (``B-V``), and stands between
    backquotes in a formula. Units are astropy's; a logarithm of anything but a ratio is that of its number.

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
        column = u.Quantity(_numbers(written, table, written))
        return Expression(written, column.value, column.unit, column=written)
    formula = read_formula(written)
    found = formula.of(_values(formula, table))
    if isinstance(found, Truth):
        raise refused(written, "it is true or false, not a number")
    quantity = u.Quantity(found)
    if quantity.unit.is_equivalent(u.one):
        quantity = quantity.to(u.one)
    values = np.broadcast_to(np.where(np.isfinite(quantity.value), quantity.value, np.nan), len(table))
    return Expression(written, np.asarray(values, np.float64), quantity.unit)


def errors_of(text: str, table: Table) -> Interval:
    """The errors and limits of what `evaluate` gives; see `cscwidgets.science.columns.propagated` for the method.

    Parameters
    ----------
    text : str
        The name of a column, or the formula.
    table : Table
        Whose columns it names, with those of their errors.

    Returns
    -------
    Interval
        In the unit of `evaluate`.

    Raises
    ------
    CscError
        As `evaluate` does.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from cscwidgets.science import column_expression
    >>> table = Table({"a": [4.0], "e_a": [0.3], "b": [2.0], "e_b": [0.4]})
    >>> found = column_expression.errors_of("a + b", table)
    >>> found.low, found.high
    (array([5.5]), array([6.5]))
    """
    written = text.strip()
    if written in table.colnames:
        _numbers(written, table, written)
        return interval_of(table, written)
    formula = read_formula(written)
    values = _values(formula, table)
    intervals = {name: interval_of(table, name) for name, one in values.items() if not isinstance(one, Truth)}
    known = {name: interval for name, interval in intervals.items() if interval.of}
    return propagated(formula, values, known) if known else Interval.unknown(len(table))


def condition(text: str, table: Table) -> Flags:
    """The rows of which a condition holds: ``flux_aper_b > 1e-14 and not conf_flag``.

    Parameters
    ----------
    text : str
        The name of a column of true and false, or comparisons of what `evaluate` takes, with ``and``, ``or``, ``not``.
        A number beside a column counts in the column's unit.
    table : Table
        Whose columns it names.

    Returns
    -------
    ndarray of bool, shape (rows,)
        False where a value that decides is missing.

    Raises
    ------
    CscError
        As `evaluate` does, and if it is a number.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from cscwidgets.science import column_expression
    >>> table = Table({"flux": [1.0, 5.0, float("nan")], "variable": [True, True, False]})
    >>> column_expression.condition("1 < flux <= 6 and variable", table)
    array([False,  True, False])
    """
    written = text.strip()
    if written in table.colnames and _kind(table[written]) == "b":
        return _truth(table[written]).yes
    formula = read_formula(written)
    found = formula.of(_values(formula, table))
    if not isinstance(found, Truth):
        raise refused(written, "it is a number, not a condition: compare it with something")
    return np.array(np.broadcast_to(found.yes, len(table)))


def computed_columns(table: Table, name: str, formula: str, description: str = "") -> list[tuple[str, Any, str]]:
    """The column of a formula, and those of its ends where errors are known; or of a condition.

    Parameters
    ----------
    table : Table
        Whose columns the formula names; it is not changed.
    name : str
        Of the column; the ends are called as the catalogue does: ``NAME_lolim`` and ``NAME_hilim``.
    formula : str
        See `evaluate` and `condition`.
    description : str
        The formula itself unless told.

    Returns
    -------
    list of (str, column, str)
        Name, values and description of each column.

    Raises
    ------
    CscError
        As `evaluate` does.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from cscwidgets.science import column_expression
    >>> table = Table({"a": [4.0], "e_a": [0.3]})
    >>> [name for name, *_ in column_expression.computed_columns(table, "twice", "2 * a")]
    ['twice', 'twice_lolim', 'twice_hilim']
    """
    words = description or formula
    try:
        found = evaluate(formula, table)
    except CscError as error:
        try:
            return [(name, condition(formula, table), words)]
        except CscError:
            raise error from None
    columns: list[tuple[str, Any, str]] = [(name, u.Quantity(found.values, found.unit), words)]
    errors = errors_of(formula, table)
    if errors.of:
        of = f"68%, from the errors of {', '.join(errors.of)}"
        for end, values, which in zip(triple(name)[1:], (errors.low, errors.high), ("lower", "upper"), strict=True):
            columns.append((end, u.Quantity(values, found.unit), f"{words}; {which} confidence limit ({of})"))
    return columns


def add_column(table: Table, name: str, formula: str, description: str = "") -> None:
    """Add a column by a formula to a table, and its ends where errors are known; see `computed_columns`.

    Parameters
    ----------
    table : Table
        Changed in place.
    name, formula, description : str
        See `computed_columns`.

    Raises
    ------
    CscError
        As `evaluate` does.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from cscwidgets.science import column_expression
    >>> table = Table({"a": [4.0], "b": [2.0]})
    >>> column_expression.add_column(table, "ratio", "a / b")
    >>> table["ratio"].tolist()
    [2.0]
    """
    for one, column, words in computed_columns(table, name, formula, description):
        table[one] = column
        table[one].info.description = words


def drawn_columns(table: Table, texts: Iterable[str]) -> QTable:
    """What a diagram of columns or formulas draws: values, and the ends and limits of those that have errors.

    Parameters
    ----------
    table : Table
        With ``name``.
    texts : iterable of str
        See `evaluate`.

    Returns
    -------
    QTable
        ``name``, each column by its text, and where errors are known ``TEXT low``, ``TEXT high`` (68 %) and
        ``TEXT limit`` ("upper", "lower" or empty).

    Raises
    ------
    CscError
        As `evaluate` does.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from cscwidgets.science import column_expression
    >>> table = Table({"name": ["A"], "a": [4.0], "e_a": [0.3]})
    >>> column_expression.drawn_columns(table, ["a"]).colnames
    ['name', 'a', 'a low', 'a high', 'a limit']
    """
    drawn = QTable({"name": table["name"]})
    for text in dict.fromkeys(texts):
        found, errors = evaluate(text, table), errors_of(text, table)
        drawn[text] = u.Quantity(found.values, found.unit)
        if errors.of:
            drawn[f"{text} low"], drawn[f"{text} high"] = (
                u.Quantity(end, found.unit) for end in (errors.low, errors.high)
            )
            drawn[f"{text} limit"] = np.where(errors.upper, "upper", np.where(errors.lower, "lower", ""))
    return drawn


def quoted(name: str) -> str:
    """A column's name as it stands in a formula.

    Parameters
    ----------
    name : str
        Of any kind.

    Returns
    -------
    str
        Between backquotes where it has other signs than letters, digits and underscores.

    Examples
    --------
    >>> from cscwidgets.science import column_expression
    >>> column_expression.quoted("B-V")
    '`B-V`'
    """
    return name if name.isidentifier() else f"`{name}`"


def _values(formula: Formula, table: Table) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in formula.columns:
        is_flag = name in table.colnames and _kind(table[name]) == "b"
        values[name] = _truth(table[name]) if is_flag else _numbers(name, table, formula.text)
    return values


def _kind(column: Any) -> str:
    """Of one value a row, as numpy writes it; "-" for anything else."""
    return column.dtype.kind if getattr(column, "ndim", 0) == 1 and hasattr(column, "dtype") else "-"


def _truth(column: Any) -> Truth:
    known = ~np.broadcast_to(np.asarray(getattr(column, "mask", False), bool), len(column))
    holds = np.asarray(getattr(column, "unmasked", column), bool)
    return Truth(known & holds, known & ~holds)


def _absent(name: str, text: str) -> CscError:
    why = f"there is no column {name}"
    if describe(name, "master_source"):
        why = f"{why} in this table: the catalogue has it, but it was not fetched"
        return refused(text, why, "Add it in the panel Query, under Columns, or name it where you search.")
    is_function = "; it is a function, and takes values between brackets" if name in FUNCTIONS else ""
    return refused(text, why + is_function)


def _numbers(name: str, table: Table, text: str) -> Any:
    if name not in table.colnames:
        raise _absent(name, text)
    column = table[name]
    if _kind(column) not in "iuf":
        raise refused(text, f"column {name} does not hold numbers")
    values = plain(getattr(column, "value", column))
    values = np.where(np.isfinite(values), values, np.nan)
    unit = unit_of(column)
    # Magnitudes with a zero point, dex and dB count in their own steps.
    return values if unit is None else u.Quantity(values, getattr(unit, "function_unit", unit))

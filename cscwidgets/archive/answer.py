"""From a service's VOTable to a QTable with the catalogue's own units, types and nulls."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import astropy.units as u
import numpy as np
from astropy.io.votable.tree import TableElement, VOTableFile
from astropy.table import MaskedColumn, QTable

from cscwidgets.errors import QueryError
from cscwidgets.io.reading import reading
from cscwidgets.io.votable import all_infos, first_table, parse_votable

from .columns import describe
from .families import Column

__all__ = ["error_document", "overflowed", "read_answer", "table_of", "to_qtable"]


def read_answer(content: bytes, title: str) -> VOTableFile:
    """The document of an answer.

    Raises
    ------
    QueryError
        If it is no VOTable, or not one to be trusted.
    """
    with _understanding(title):
        return parse_votable(content)


def table_of(document: VOTableFile, title: str) -> TableElement:
    """The table of an answer: of its resource of results, or the first there is.

    Raises
    ------
    QueryError
        If it holds none.
    """
    with _understanding(title):
        results = [resource for resource in document.resources if resource.type == "results"]
        tables = [table for resource in results for table in resource.iter_tables()]
        return tables[0] if tables else first_table(document)


def _understanding(title: str) -> AbstractContextManager[None]:
    return reading(
        f"The answer of {title} could not be understood",
        "Try again; if it stays so, the service may have changed.",
        error=QueryError,
    )


_NUMBERS = ("double", "float", "int", "long", "short")
_LARGEST_TEXT = 2**30


def error_document(votable: VOTableFile) -> str | None:
    """The words of an error that came inside a successful HTTP answer, or None.

    The cone search answers a bad request with status 200 and a VOTable whose only content is an
    INFO named "Error"; TAP uses QUERY_STATUS.
    """
    for info in all_infos(votable):
        if info.name == "Error" or (str(info.name).upper() == "QUERY_STATUS" and str(info.value).upper() == "ERROR"):
            words: str = (info.content or (info.value if info.name == "Error" else "") or "").strip()
            return words or "the service gave no reason"
    return None


def overflowed(votable: VOTableFile) -> bool:
    """Whether a service says that it left rows out; one that says nothing of its success left none out."""
    statuses = [str(info.value).upper() for info in all_infos(votable) if str(info.name).upper() == "QUERY_STATUS"]
    return "OVERFLOW" in statuses


def to_qtable(element: TableElement, table: str | None = None) -> QTable:
    """Make a QTable of a VOTable's table.

    Known columns get the catalogue's unit, type and description; strings lose their padding.
    A null is NaN in a column of real numbers, masked in all others. UCDs are in the columns' ``info.meta["ucd"]``.

    Parameters
    ----------
    element : TableElement
        The parsed TABLE.
    table : str, optional
        The catalogue table the columns belong to ("master_source").
    """
    names = [field.name for field in element.fields]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise QueryError(
            "The answer cannot be read",
            f"it has several columns of one name: {', '.join(twice)}",
            "Give them different names with AS.",
        )
    result = QTable()
    for field, identifier in zip(element.fields, element.array.dtype.names or (), strict=True):
        values = np.ma.asarray(element.array[identifier])
        known = describe(field.name, table) or describe(field.name.lower(), table)
        if known is not None and known.datatype in _NUMBERS and values.dtype.kind in "OSU":
            values = _numbers(values, field.name)
        result[field.name] = _column(values, known, str(field.unit or ""))
        result[field.name].info.description = (known.description if known else "") or field.description or ""
        if field.ucd:
            result[field.name].info.meta = {"ucd": field.ucd}
    return result


def _numbers(values: np.ma.MaskedArray[Any, Any], name: str) -> np.ma.MaskedArray[Any, Any]:
    """Numbers that were sent as text."""
    texts = _text(values.data, np.ma.getmaskarray(values))
    hidden = np.ma.getmaskarray(texts)
    try:
        return np.ma.array(np.where(hidden, "nan", np.ma.getdata(texts)).astype(float), mask=hidden)
    except ValueError as error:
        raise QueryError("The answer cannot be used", f"its column {name} holds words: {error}") from None


def _column(values: np.ma.MaskedArray[Any, Any], known: Column | None, unit_text: str) -> Any:
    mask = np.ma.getmaskarray(values)
    if known is not None and known.datatype == "boolean" and values.dtype.kind in "iu":
        values = np.ma.array(values.data != 0, mask=mask)  # CSC 2.0 sends flags as integers
    if values.dtype.kind in "OSU":
        return _text(values.data, mask)
    if values.dtype.kind == "f":
        numbers = np.where(mask, np.nan, values.data) if mask.any() else np.asarray(values.data)
        unit = _unit(known.unit if known and known.unit else unit_text)
        return numbers if unit is None else u.Quantity(numbers, unit, copy=False)
    return MaskedColumn(values.data, mask=mask) if mask.any() else np.asarray(values.data)


def _text(values: np.ndarray[Any, Any], mask: np.ndarray[Any, Any]) -> Any:
    texts = ["" if hidden or value is None else _decode(value) for value, hidden in zip(values, mask, strict=True)]
    # numpy makes every cell as wide as the widest.
    if 4 * len(texts) * max(map(len, texts), default=0) > _LARGEST_TEXT:
        raise QueryError(
            "The answer cannot be read",
            f"a column of texts would take more than {_LARGEST_TEXT / 1e6:,.0f} MB of memory",
            "Ask for fewer rows, or without that column.",
        )
    text = np.array(texts, dtype=str)
    empty = mask | (text == "")
    return MaskedColumn(text, mask=empty) if empty.any() else text


def _decode(value: Any) -> str:
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()


@cache
def _unit(text: str) -> u.UnitBase | None:
    """The unit, or None for no unit and for words that are none."""
    if not text:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        unit = u.Unit(text, parse_strict="silent")
    return None if isinstance(unit, u.UnrecognizedUnit) or unit == u.dimensionless_unscaled else unit

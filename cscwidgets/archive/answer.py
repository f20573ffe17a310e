"""From a service's VOTable to a QTable with the catalogue's own units, types and nulls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import astropy.units as u
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from astropy.io.votable.tree import TableElement, VOTableFile
from astropy.table import MaskedColumn, QTable

from cscwidgets.csc.columns import describe
from cscwidgets.csc.families import Column
from cscwidgets.errors import CscWarning, QueryError, warn
from cscwidgets.io.reading import reading
from cscwidgets.io.sexagesimal import angles, are_angles
from cscwidgets.io.units import measured, read_unit, scale
from cscwidgets.io.votable import first_table
from cscwidgets.io.votable_rows import Columns, read_votable

__all__ = ["read_answer", "table_of", "to_qtable"]


def read_answer(content: bytes, title: str) -> VOTableFile:
    """The document of an answer.

    Raises
    ------
    QueryError
        If it is no VOTable, or not one to be trusted.
    """
    with _parsing(title):
        return read_votable(content)


def table_of(document: VOTableFile, title: str) -> TableElement:
    """The table of an answer: of its resource of results, or the first there is.

    Raises
    ------
    QueryError
        If it holds none.
    """
    with _parsing(title):
        results = [resource for resource in document.resources if resource.type == "results"]
        tables = [table for resource in results for table in resource.iter_tables()]
        return tables[0] if tables else first_table(document)


def _parsing(title: str) -> AbstractContextManager[None]:
    return reading(
        f"The answer of {title} could not be understood",
        "Try again; if this persists, the service may have changed.",
        error=QueryError,
    )


_NUMBERS = ("double", "float", "int", "long", "short")
_LARGEST_TEXT = 2**30


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
    if not all(names):
        raise QueryError("The answer cannot be read", "it has a column without a name", "Give it one with AS.")
    if len(set(names)) != len(names):
        duplicates = sorted({name for name in names if names.count(name) > 1})
        raise QueryError(
            "The answer cannot be read",
            f"it has several columns of one name: {', '.join(duplicates)}",
            "Give them different names with AS.",
        )
    result = QTable()
    for field, sent in zip(element.fields, _columns(element), strict=True):
        column = describe(field.name, table) or describe(field.name.lower(), table)
        unit = str(field.unit or "")
        numeric = column is not None and column.datatype in _NUMBERS
        if isinstance(sent, pa.ChunkedArray) and not numeric and not _is_angle(unit):
            result[field.name] = _arrow_text(sent)
        else:
            values = _objects(sent) if isinstance(sent, pa.ChunkedArray) else sent
            if numeric and values.dtype.kind in "OSU" and not _is_angle(unit):
                values = _numbers(values, field.name)
            result[field.name] = _column(field.name, values, column, unit)
        result[field.name].info.description = (column.description if column else "") or field.description or ""
        if field.ucd:
            result[field.name].info.meta = {"ucd": field.ucd}
    return result


def _columns(element: TableElement) -> Iterator[Any]:
    if isinstance(element.array, Columns):
        yield from element.array.arrays
    else:
        for identifier in element.array.dtype.names or ():
            yield np.ma.asarray(element.array[identifier])


def _objects(texts: pa.ChunkedArray) -> np.ma.MaskedArray[Any, Any]:
    return np.ma.array(texts.fill_null("").to_pylist(), object, mask=texts.is_null().to_numpy())


def _is_angle(unit_text: str) -> bool:
    return are_angles(read_unit(unit_text))


def _numbers(values: np.ma.MaskedArray[Any, Any], name: str) -> np.ma.MaskedArray[Any, Any]:
    """Numbers that were sent as text."""
    texts = _text(values.data, np.ma.getmaskarray(values))
    hidden = np.ma.getmaskarray(texts)
    try:
        return np.ma.array(np.where(hidden, "nan", np.ma.getdata(texts)).astype(float), mask=hidden)
    except ValueError as error:
        raise QueryError("The answer cannot be used", f"its column {name} holds words: {error}") from None


def _column(name: str, values: np.ma.MaskedArray[Any, Any], column: Column | None, unit_text: str) -> Any:
    mask = np.ma.getmaskarray(values)
    if column is not None and column.datatype == "boolean" and values.dtype.kind in "iu":
        values = np.ma.array(values.data != 0, mask=mask)  # CSC 2.0 sends flags as integers
    if values.dtype.kind in "OSU":
        text, unit = _text(values.data, mask), read_unit(unit_text)
        return u.Quantity(angles(np.ma.filled(text, ""), unit), u.deg) if are_angles(unit) else text
    if values.dtype.kind == "f":
        numbers = np.where(mask, np.nan, values.data) if mask.any() else np.asarray(values.data)
        return _measured(name, numbers, unit_text, column.unit if column else "")
    return MaskedColumn(values.data, mask=mask) if mask.any() else np.asarray(values.data)


def _measured(name: str, numbers: np.ndarray[Any, Any], declared: str, expected: str) -> Any:
    """Numbers in the catalogue's unit, converted from the one the service declares, if it does."""
    unit, catalogue_unit = read_unit(declared), read_unit(expected)
    if unit is None and catalogue_unit is not None and declared.strip() and not _MEANS_NONE.fullmatch(declared.strip()):
        _warn_of_unit(
            name, declared, f"which is no unit: its numbers are left without one, not taken for {catalogue_unit}"
        )
        return numbers
    if unit is None or catalogue_unit is None:
        unit = unit or catalogue_unit
        return numbers if unit is None else measured(numbers, unit)
    try:
        factor = scale(unit, catalogue_unit)
    except u.UnitConversionError:
        _warn_of_unit(
            name, declared, f"which is no {catalogue_unit} as in the catalogue: it keeps the unit it says it has"
        )
        return measured(numbers, unit)
    return u.Quantity(numbers if factor == 1.0 else numbers * factor, catalogue_unit, copy=False)


_MEANS_NONE = re.compile(r"-+|none|n/?a|null|1", re.IGNORECASE)


def _warn_of_unit(name: str, declared: str, consequence: str) -> None:
    warn(CscWarning(f"The service says that {name} is in {declared!r}, {consequence}."))


def _arrow_text(values: pa.ChunkedArray) -> Any:
    texts = pc.utf8_trim_whitespace(values.fill_null(""))
    longest = pc.max(pc.utf8_length(texts)).as_py() or 0
    _check_width(len(texts), longest)
    text = np.asarray(texts.to_numpy(), dtype=f"U{max(1, longest)}")
    empty = text == ""
    return MaskedColumn(text, mask=empty) if empty.any() else text


def _text(values: np.ndarray[Any, Any], mask: np.ndarray[Any, Any]) -> Any:
    texts = ["" if hidden or value is None else _decode(value) for value, hidden in zip(values, mask, strict=True)]
    _check_width(len(texts), max(map(len, texts), default=0))
    text = np.array(texts, dtype=str)
    empty = mask | (text == "")
    return MaskedColumn(text, mask=empty) if empty.any() else text


def _check_width(rows: int, longest: int) -> None:
    if 4 * rows * longest > _LARGEST_TEXT:  # numpy makes every cell as wide as the widest
        raise QueryError(
            "The answer cannot be read",
            f"a column of texts would take more than {_LARGEST_TEXT / 1e6:,.0f} MB of memory",
            "Ask for fewer rows, or without that column.",
        )


def _decode(value: Any) -> str:
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()

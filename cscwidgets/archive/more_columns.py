"""Further columns for rows that are here: asked for by name, in pieces, and put beside what there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from astropy.table import MaskedColumn, QTable
from astropy.units import Quantity

from cscwidgets.errors import NotFound, SomeNotFound, warn

from .monitor import Monitor
from .query import NAMES_PER_QUERY, Query, quote_text
from .truncation import stacked
from .whole_answer import require_all

__all__ = ["beside", "further_columns"]


def further_columns(query: Query, names: Sequence[str], ask: Callable[[str], QTable], monitor: Monitor) -> QTable:
    """Rows of the sources of some names, with the columns of a query and its keys.

    Parameters
    ----------
    query : Query
        Table and columns; its region and condition do not count.
    names : sequence of str
        Source names as the archive writes them.
    ask : callable
        Sends ADQL.
    monitor : Monitor
        Told of progress, asked whether to stop.

    Raises
    ------
    QueryError
        If the service cuts the answer to some names short: it would look as if the others had no values.
    """
    pieces = []
    for start in range(0, len(names), NAMES_PER_QUERY):
        monitor.report(f"columns of {start:,} of {len(names):,} sources", start / len(names))
        quoted = ", ".join(map(quote_text, names[start : start + NAMES_PER_QUERY]))
        piece = replace(query, boxes=(), where=f"m.name IN ({quoted})")
        pieces.append(require_all(ask(piece.adql()), piece.names))
    return stacked(pieces)


def beside(rows: QTable, answer: QTable, columns: Sequence[str], keys: Sequence[str]) -> QTable:
    """A copy of some rows, in their order, with columns of an answer that has the same keys.

    What the answer has no row for is null, and warned of. ``meta["provenance"]`` stays that of the rows, with the query
    of the answer below its own.

    Parameters
    ----------
    rows, answer : QTable
    columns : sequence of str
        Columns of the answer.
    keys : sequence of str
        Columns that tell which row is which, in both.
    """
    place = {key: row for row, key in enumerate(_keys(answer, keys))}
    wanted = list(_keys(rows, keys))
    index = np.fromiter((place.get(key, -1) for key in wanted), np.intp, len(wanted))
    absent = index < 0
    result = rows.copy(copy_data=False)
    if absent.all():
        raise NotFound([str(key[0]) for key in wanted], "the answer", what="No columns were added")
    taken = answer[np.where(absent, 0, index)]
    for name in columns:
        result[name] = _hidden(taken[name], absent) if absent.any() else taken[name]
        result[name].info.description = answer[name].info.description
        result[name].info.meta = answer[name].info.meta
    if absent.any():
        lost = list(dict.fromkeys(str(key[0]) for key, gone in zip(wanted, absent, strict=True) if gone))
        warn(SomeNotFound(lost, len(set(map(str, rows[keys[0]]))), "the answer"), stacklevel=3)
    if (own := rows.meta.get("provenance")) is not None:
        added = answer.meta["provenance"]
        result.meta["provenance"] = replace(own, query=f"{own.query}\n{added.query}")
    return result


def _keys(rows: QTable, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(np.asarray(rows[key]).tolist() for key in keys), strict=True)


def _hidden(column: Any, absent: np.ndarray[Any, Any]) -> Any:
    if isinstance(column, Quantity):
        values = column.copy()
        values[absent] = np.nan
        return values
    if column.dtype.kind == "f":
        return np.where(absent, np.nan, column)
    return MaskedColumn(column, mask=np.ma.getmaskarray(np.ma.asarray(column)) | absent)

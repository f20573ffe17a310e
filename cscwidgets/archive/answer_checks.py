"""What an answer must hold: checked where it enters, so that what follows may rely on it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from astropy.table import QTable

from cscwidgets.errors import QueryError

__all__ = ["require", "single_count", "unusable"]

_HINT = "Try again; if this persists, the service may have changed."


def require(rows: QTable, names: Iterable[str], numbers: Iterable[str] = ()) -> QTable:
    """An answer with the columns that were asked for, under the names they were asked by.

    Parameters
    ----------
    rows : QTable
        The answer; a column whose name differs in case alone gets the name it was asked by.
    names : iterable of str
        Columns it must have.
    numbers : iterable of str
        Those among them that must hold numbers.

    Returns
    -------
    QTable
        The same.

    Raises
    ------
    QueryError
        If columns are missing, or hold words.
    """
    by_lower = {name.lower(): name for name in reversed(rows.colnames)}
    missing = []
    for name in names:
        if name in rows.colnames:
            continue
        if name.lower() in by_lower:
            rows.rename_column(by_lower.pop(name.lower()), name)
        else:
            missing.append(name)
    if missing:
        present = f"it has {', '.join(rows.colnames[:8])}" if rows.colnames else "it has none"
        raise unusable(rows, f"it has no column {', '.join(missing[:8])}; {present}")
    for name in numbers:
        if getattr(rows[name], "dtype", np.dtype(object)).kind not in "fiu":
            raise unusable(rows, f"its column {name} holds no numbers")
    return rows


def single_count(rows: QTable) -> int:
    """The number that ``SELECT COUNT(*) AS n`` answers.

    Raises
    ------
    QueryError
        If it is not there.
    """
    counts = np.ma.asarray(require(rows, ["n"], ["n"])["n"])
    if counts.size != 1 or np.ma.getmaskarray(counts)[0] or not np.isfinite(counts[0]) or counts[0] < 0:
        raise unusable(rows, "it does not tell how many rows there are")
    return int(counts[0])


def unusable(rows: QTable, why: str) -> QueryError:
    """The error of an answer that is not what was asked for."""
    provenance = rows.meta.get("provenance")
    service = f" of {provenance.release}" if provenance is not None else ""
    return QueryError(f"The answer{service} cannot be used", why, _HINT)

"""Answers that others rest on, such as the columns of a table: kept for long, so that no row of them may be lost."""

from __future__ import annotations

from collections.abc import Iterable

from astropy.table import QTable

from .answer_checks import require, unusable
from .repeated import once_each

__all__ = ["require_all"]


def require_all(rows: QTable, names: Iterable[str], numbers: Iterable[str] = ()) -> QTable:
    """An answer that others rest on: with its columns, see `require`, and all its rows, each once.

    Raises
    ------
    QueryError
        If the service cut it short, too.
    """
    if not rows.meta["provenance"].complete:
        raise unusable(rows, f"the service sent {len(rows):,} rows of it, and says that there are more")
    return once_each(require(rows, names, numbers))

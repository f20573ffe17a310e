"""Warnings of libraries, left out where we call them and nowhere else.

`warnings.catch_warnings` is for all threads: what another thread warns of meanwhile is lost, and where two overlap, the
filters of one of them stay for good: nobody in the process hears a warning any more. So one filter is put in for good,
which holds only where it was asked for.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["quiet"]

_KEPT = 100  # texts; a damaged file may give a million

_left_out: ContextVar[list[str] | None] = ContextVar("cscwidgets_left_out", default=None)
_lock = threading.Lock()


class _Here:
    """Stands where a filter has its pattern: matches every text, in the contexts that are quiet."""

    def match(self, text: str) -> bool:
        texts = _left_out.get()
        if texts is None:
            return False
        if len(texts) < _KEPT:
            texts.append(text)
        return True


_FILTER: Any = ("ignore", _Here(), Warning, None, 0)


class _Nobodys(Warning):
    """Nobody warns so: a filter of it tells `warnings` to forget which warnings were shown before."""


@contextmanager
def quiet() -> Iterator[list[str]]:
    """Leave out all warnings below, in this thread and those that work for it (`archive.parallel`).

    Yields
    ------
    list of str
        The texts of what was left out, so far as they are few.

    Examples
    --------
    >>> import warnings
    >>> with quiet() as left_out:
    ...     warnings.warn("this is deprecated", DeprecationWarning)
    >>> left_out
    ['this is deprecated']
    """
    filters: Any = warnings.filters
    if not filters or filters[0] is not _FILTER:
        with _lock:
            filters[:] = [_FILTER, *(one for one in filters if one is not _FILTER)]
    warnings.simplefilter("ignore", _Nobodys, append=True)
    texts: list[str] = []
    token = _left_out.set(texts)
    try:
        yield texts
    finally:
        _left_out.reset(token)

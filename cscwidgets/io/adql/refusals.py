"""How the service says no: which word was wrong, and which one was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from cscwidgets.errors import QueryError

__all__ = ["did_you_mean", "refusal"]


def refusal(why: str, hint: str = "") -> QueryError:
    """The error for a query that is not run."""
    return QueryError("The query was refused", why[:1].upper() + why[1:], hint)


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A hint naming the known words nearest to a mistyped one, or nothing.

    >>> did_you_mean("flux_aper_bb", ["flux_aper_b", "ra"])
    'Did you mean flux_aper_b?'
    """
    by_lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(word.lower(), by_lower, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(by_lower[name] for name in near)}?" if near else ""

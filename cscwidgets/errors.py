"""The one family of errors: what happened, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = [
    "CscError",
    "CscWarning",
    "IncompleteFetch",
    "ProductError",
    "QueryCancelled",
    "QueryError",
    "RegionError",
    "ServiceUnreachable",
    "TruncatedResult",
]


class CscError(Exception):
    """An error a user can act on.

    Parameters
    ----------
    what : str
        What did not happen, in the user's terms.
    why : str
        The cause, with a service's own words where it gave some.
    hint : str
        What to do now.
    """

    def __init__(self, what: str, why: str = "", hint: str = "") -> None:
        self.what = what
        self.why = why
        self.hint = hint
        super().__init__(" ".join(_sentence(part) for part in (what, why, hint) if part))


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


class QueryError(CscError):
    """A service refused a query, or its answer could not be understood."""


class ServiceUnreachable(QueryError):
    """A service did not answer: no network, a time-out, or a server failure."""


class QueryCancelled(CscError):
    """The user cancelled a query; nothing was changed."""


class RegionError(CscError):
    """A region could not be read, resolved or used."""


class ProductError(CscError):
    """A data product does not exist, or could not be had."""


class IncompleteFetch(ProductError):
    """Some files were fetched, others not.

    Attributes
    ----------
    fetched : mapping of str to Path
        Where each file is that could be had, by file name.
    failed : mapping of str to CscError
        Why each of the others could not.
    """

    def __init__(self, fetched: Mapping[str, Path], failed: Mapping[str, CscError]) -> None:
        self.fetched = dict(fetched)
        self.failed = dict(failed)
        total = len(self.fetched) + len(self.failed)
        listed = [f"{name}: {error.why or error.what}" for name, error in list(self.failed.items())[:5]]
        more = [f"and {len(self.failed) - 5} more"] if len(self.failed) > 5 else []
        super().__init__(
            f"{len(self.failed)} of {total} files could not be had",
            "; ".join(listed + more),
            "What was had is kept: fetch again to get only the rest.",
        )


class CscWarning(UserWarning):
    """Something the user should know before trusting a result."""


class TruncatedResult(CscWarning):
    """A service returned only part of what was asked for."""

"""The one family of errors: what happened, why, and what to do about it."""

from __future__ import annotations

__all__ = [
    "CscError",
    "CscWarning",
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


class CscWarning(UserWarning):
    """Something the user should know before trusting a result."""


class TruncatedResult(CscWarning):
    """A service returned only part of what was asked for."""

"""The one family of errors: what happened, why, and what to do about it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

__all__ = [
    "CscError",
    "CscWarning",
    "IncompleteFetch",
    "NotFound",
    "ProductError",
    "QueryCancelled",
    "QueryError",
    "RegionError",
    "ServiceUnreachable",
    "SomeNotFound",
    "TruncatedResult",
    "heard",
    "sentence",
    "warn",
]

_WORD = re.compile(r"[a-z]+(?=[\s,:;]|$)")  # and no name, such as lc3.fits or flux_aper_b


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
        first = [_ended(what)] if what else []  # as it is: it may begin with a name
        super().__init__(" ".join([*first, *(sentence(part) for part in (why, hint) if part)]))


def sentence(text: str) -> str:
    """Words as a sentence: with a full stop, and a capital unless they begin with the name of a thing.

    >>> sentence("it has no energies"), sentence("lc3.fits is damaged")
    ('It has no energies.', 'lc3.fits is damaged.')
    """
    text = text.strip()
    return _ended(text[:1].upper() + text[1:] if _WORD.match(text) else text)


def _ended(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


class QueryError(CscError):
    """A service refused a query, or its answer could not be understood."""


class ServiceUnreachable(QueryError):
    """A service did not answer: no network, a time-out, or a server failure."""


_NAMED = 5  # as many of a long list are read


def _listed(names: Sequence[str]) -> str:
    more = [f"and {len(names) - _NAMED:,} more"] if len(names) > _NAMED else []
    return ", ".join([*map(repr, names[:_NAMED]), *more])


class NotFound(QueryError):
    """Nothing that was asked for by its name is there.

    Parameters
    ----------
    names : sequence of str
        What was asked for.
    where : str
        Where it is not.
    hint : str
        What to do now.
    what : str, optional
        What did not happen, where that says more than that they are not there.

    Attributes
    ----------
    names : tuple of str

    Examples
    --------
    >>> raise NotFound(["2CXO J000000.0+000000", "me"], "the table")
    Traceback (most recent call last):
    ...
    cscwidgets.errors.NotFound: None of 2 names is in the table. They are '2CXO J000000.0+000000', 'me'.
    """

    def __init__(self, names: Sequence[str], where: str, hint: str = "", what: str = "") -> None:
        self.names, self.where = tuple(names), where
        one = len(self.names) == 1
        absent = f"{self.names[0]!r} is not in {where}" if one else f"None of {len(self.names):,} names is in {where}"
        listed = "" if one else f"They are {_listed(self.names)}"
        super().__init__(what or absent, ". ".join(filter(None, (absent if what else "", listed))), hint)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.names, self.where, self.hint, self.what)


class QueryCancelled(CscError):
    """The user cancelled a query; nothing was changed."""


class RegionError(CscError):
    """A region could not be read, resolved or used."""


class ProductError(CscError):
    """A data product does not exist, or could not be fetched."""


class IncompleteFetch(ProductError):
    """Some files were fetched, others not.

    Attributes
    ----------
    fetched : mapping of str to Path
        Where each file is that could be fetched, by file name.
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
            f"{len(self.failed)} of {total} files could not be fetched",
            "; ".join(listed + more),
            "What was fetched is kept: fetch again to get only the rest.",
        )


class CscWarning(UserWarning):
    """Something the user should know before trusting a result."""


class TruncatedResult(CscWarning):
    """A service returned only part of what was asked for."""


class SomeNotFound(CscWarning):
    """Some of what was asked for by its name is not there.

    Attributes
    ----------
    names : tuple of str
        What is missing.
    asked : int
        How many were asked for.
    """

    def __init__(self, names: Sequence[str], asked: int, where: str) -> None:
        self.names, self.asked = tuple(names), asked
        verb = "is" if len(self.names) == 1 else "are"
        super().__init__(f"{len(self.names):,} of {asked:,} names {verb} not in {where}: {_listed(self.names)}.")


_heard: ContextVar[list[CscWarning] | None] = ContextVar("cscwidgets_heard", default=None)


def warn(warning: CscWarning, stacklevel: int = 2) -> None:
    """Tell whoever listens (`heard`), else warn as Python does.

    Parameters
    ----------
    warning : CscWarning
    stacklevel : int
        Whose line it is, as for `warnings.warn`: 1 is the caller's.
    """
    listening = _heard.get()
    if listening is not None:
        listening.append(warning)
    else:
        warnings.warn(warning, stacklevel=stacklevel + 1)


@contextmanager
def heard() -> Iterator[list[CscWarning]]:
    """Listen to the package's own warnings below, in this thread and those that work for it.

    A warning of a thread in the background is read by nobody: an explorer's tasks listen, and show it.

    Examples
    --------
    >>> with heard() as said:
    ...     warn(CscWarning("Half of it is missing."))
    >>> said
    [CscWarning('Half of it is missing.')]
    """
    said: list[CscWarning] = []
    token = _heard.set(said)
    try:
        yield said
    finally:
        _heard.reset(token)

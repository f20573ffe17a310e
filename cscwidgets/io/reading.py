"""One clear error for whatever a reader raises over a damaged or hostile input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cscwidgets.errors import CscError

__all__ = ["Unreadable", "reading"]


class Unreadable(ValueError):
    """Why an input is refused, in words, and a hint if not the usual; `reading` makes the user's error of it."""

    def __init__(self, why: str, hint: str | None = None) -> None:
        super().__init__(why)
        self.hint = hint


@contextmanager
def reading(
    what: str,
    hint: str = "",
    *,
    error: type[CscError] = CscError,
    passing: type[Exception] | tuple[type[Exception], ...] = (),
) -> Iterator[None]:
    """Turn whatever is raised inside into one clear error.

    Libraries raise what they like over input they did not foresee: the kinds cannot be listed.

    Parameters
    ----------
    what : str
        What did not happen ("m33.fits cannot be read").
    hint : str
        What to do now, where the cause does not say better.
    error : type
        Of the error to raise.
    passing : type, or several
        What passes as it is, besides errors of ours.

    Raises
    ------
    CscError
        With the first words of the cause. One that is raised inside passes as it is.

    Examples
    --------
    >>> with reading("m33.txt cannot be read"):
    ...     raise Unreadable("it is empty")
    Traceback (most recent call last):
    ...
    cscwidgets.errors.CscError: m33.txt cannot be read. It is empty.
    """
    try:
        yield
    except CscError:
        raise
    except passing:
        raise
    except Exception as cause:
        better = cause.hint if isinstance(cause, Unreadable) else None
        raise error(what, _message(cause), hint if better is None else better) from cause


def _message(cause: Exception) -> str:
    if isinstance(cause, MemoryError):
        return "it would take more memory than there is"
    if isinstance(cause, RecursionError):
        return "it is nested too deeply"
    lines = str((cause.strerror if isinstance(cause, OSError) else None) or cause).strip().splitlines()
    message = lines[0][:300] if lines else ""
    return message if isinstance(cause, Unreadable | OSError) else f"{message} ({type(cause).__name__})".strip()

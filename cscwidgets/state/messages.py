"""What the user should read: errors of any callback, warnings, notes.

An exception in a widget callback shows nowhere in a notebook. Every callback therefore goes
through `Messages.guard`.
"""

from __future__ import annotations

import functools
import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from traitlets import HasTraits, Tuple

from cscwidgets.errors import CscError, sentence

__all__ = ["Message", "Messages", "Offer"]

Level = Literal["error", "warning", "note"]

_log = logging.getLogger("cscwidgets")


@dataclass(frozen=True, eq=False)
class Offer:
    """What may be done about a message: a word for its button, and what that does."""

    words: str
    act: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: what happened, why, what to do, and the details for a bug report."""

    level: Level
    what: str
    why: str = ""
    hint: str = ""
    details: str = ""
    time: datetime = field(default_factory=datetime.now)
    offer: Offer | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return " ".join([self.what.rstrip(".") + ".", *(sentence(part) for part in (self.why, self.hint) if part)])


class Messages(HasTraits):
    """The messages of an explorer, oldest first.

    Parameters
    ----------
    reraise : bool
        Raise what `guard` catches again after recording it; for tests.
    """

    entries = Tuple()

    def __init__(self, *, reraise: bool = False) -> None:
        super().__init__()
        self._reraise = reraise
        self._lock = threading.Lock()

    def add(self, message: Message) -> None:
        """Append a message; a repetition of the last one only renews it."""
        with self._lock:
            kept = self.entries
            if kept and (kept[-1].what, kept[-1].why) == (message.what, message.why):
                kept = kept[:-1]
            self.entries = (*kept[-49:], message)

    def note(self, what: str, why: str = "", hint: str = "", offer: Offer | None = None) -> None:
        """Say something that is no error, with what may be done about it."""
        self.add(Message("note", what, why, hint, offer=offer))

    def take_back(self, offer: Offer) -> None:
        """Forget the messages that make an offer."""
        with self._lock:
            self.entries = tuple(one for one in self.entries if one.offer is not offer)

    def warn(self, what: str, why: str = "", hint: str = "") -> None:
        """Say something that changes how results are to be read."""
        self.add(Message("warning", what, why, hint))

    def error(self, error: BaseException) -> None:
        """Record an exception in words."""
        details = "".join(traceback.format_exception(error))
        if isinstance(error, CscError):
            self.add(Message("error", error.what, error.why, error.hint, details))
        else:
            _log.error("unexpected error", exc_info=error)
            self.add(
                Message(
                    "error",
                    "Something went wrong inside cscwidgets",
                    f"{type(error).__name__}: {error}",
                    "Please report it with the details below.",
                    details,
                )
            )

    def clear(self) -> None:
        """Forget all messages."""
        self.entries = ()

    def guard(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a callback so that its exceptions become messages."""

        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                self.error(error)
                if self._reraise:
                    raise
                return None

        return guarded

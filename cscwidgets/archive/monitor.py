"""How long work tells how far it is, and hears that it should stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

__all__ = ["SILENT", "Monitor", "current_monitor", "watched"]


class Monitor(Protocol):
    """What a client call reports to; a task of the explorer is one."""

    def report(self, message: str, fraction: float | None = None) -> None:
        """Say what is being done and, where known, how much of it is done (0 to 1)."""

    def check(self) -> None:
        """Raise `QueryCancelled` if the user has asked to stop."""


class _Silent:
    def report(self, message: str, fraction: float | None = None) -> None:
        pass

    def check(self) -> None:
        pass


SILENT: Monitor = _Silent()

_current: ContextVar[Monitor] = ContextVar("cscwidgets_monitor", default=SILENT)


def current_monitor() -> Monitor:
    """The monitor of the call this code runs in.

    The HTTP session sits below pyvo, which passes no such argument on: a context variable does.
    """
    return _current.get()


@contextmanager
def watched(monitor: Monitor) -> Iterator[None]:
    """Let everything below, in this thread, report to a monitor."""
    token = _current.set(monitor)
    try:
        yield
    finally:
        _current.reset(token)

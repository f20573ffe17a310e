"""Callbacks of a view, each behind the guard that shows its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ipyaladin.utils.call_store import CallStore

__all__ = ["Callbacks", "Guard", "WaitingCalls", "unguarded"]

Guard: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Wraps a callback; `cscwidgets.state.messages.Messages.guard` is one."""


def unguarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The guard of a view that stands alone: exceptions propagate."""
    return function


class Callbacks:
    """Functions to call when something happens in a view."""

    def __init__(self, guard: Guard = unguarded) -> None:
        self._guard = guard
        self._guarded: dict[Callable[..., Any], Callable[..., Any]] = {}

    def add(self, callback: Callable[..., Any], *, remove: bool = False) -> None:
        """Register a callback once, or forget it."""
        if remove:
            self._guarded.pop(callback, None)
        else:
            self._guarded.setdefault(callback, self._guard(callback))

    def __call__(self, *args: Any) -> None:
        for callback in tuple(self._guarded.values()):
            callback(*args)

    def __len__(self) -> int:
        return len(self._guarded)

    def clear(self) -> None:
        """Forget all callbacks."""
        self._guarded.clear()


class WaitingCalls(CallStore):  # type: ignore[misc]
    """Calls of ipyaladin's that wait for the first view, made once."""

    def run_all(self) -> None:
        """Make them."""
        waiting = list(self.calls)
        self.calls.clear()
        for function, args, kwargs in waiting:
            function(*args, **kwargs)

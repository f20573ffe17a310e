"""What an explorer is and does at present, in the few words that a list of explorers shows."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from traitlets import Dict, HasTraits

from .explorer import ExplorerState

__all__ = ["Report"]

_PAUSE = 0.1  # s between two reports, however often things change


class Report(HasTraits):
    """The report of one explorer, kept current.

    Parameters
    ----------
    explorer : ExplorerState
    variable : callable
        Tells the name of the variable that holds the explorer, empty if none does.

    Attributes
    ----------
    value : dict
        ``made`` (seconds since 1970), ``variable``, ``place``, ``archive``, ``title``, ``simulated``, ``sources`` (None
        before the first answer), ``complete``, ``selected``, ``tasks`` (each with ``label``, ``message`` and
        ``fraction``, negative where unknown) and ``errors``, their number.
    """

    value = Dict()

    def __init__(self, explorer: ExplorerState, variable: Callable[[], str] = lambda: "") -> None:
        super().__init__()
        self._explorer, self._desk, self._variable = explorer, explorer.desk, variable
        self._made = time.time()
        self._timer: threading.Timer | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._watched: tuple[HasTraits, ...] = ()
        self._desk.when(explorer, ("place", "table", "archive_title"), self.later)
        self._desk.when(self._desk.selection, "count", self.later)
        self._desk.when(self._desk.messages, "entries", self.later)
        self._desk.when(self._desk.tasks, "running", self._watch)
        self.refresh()

    def later(self) -> None:
        """Report within a tenth of a second: many changes make one report, from any thread and while a cell runs."""
        with self._lock:
            if self._timer is None and not self._closed:
                # Weakly: a kernel may keep a thread that has ended, and must not keep the explorer with it.
                self._timer = threading.Timer(_PAUSE, _refresh, [weakref.ref(self)])
                self._timer.daemon = True
                self._timer.start()

    def refresh(self) -> None:
        """Report now."""
        with self._lock:
            self._timer = None
        explorer, provenance = self._explorer, self._explorer.provenance
        self.value = {
            "made": self._made,
            "variable": self._variable(),
            "place": explorer.place,
            "archive": self._desk.archive.name,
            "title": explorer.archive_title,
            "simulated": explorer.simulated,
            "sources": None if provenance is None else len(explorer.table),
            "complete": provenance is None or provenance.complete,
            "selected": self._desk.selection.count,
            "tasks": [self._task(task) for task in self._desk.tasks.running],
            "errors": sum(message.level == "error" for message in self._desk.messages.entries),
        }

    def close(self) -> None:
        """Report no more."""
        self.unobserve_all()
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()

    def _watch(self) -> None:
        running = self._desk.tasks.running
        for task in set(running) - set(self._watched):
            self._desk.when(task, ("fraction", "message"), self.later)
        self._watched = running
        self.later()

    def refresh_guarded(self) -> None:
        """Report now; what that fails with becomes a message."""
        self._desk.messages.guard(self.refresh)()

    @staticmethod
    def _task(task: Any) -> dict[str, Any]:
        return {"label": task.label, "message": task.message, "fraction": task.fraction}


def _refresh(report: weakref.ref[Report]) -> None:
    alive = report()
    if alive is not None:
        alive.refresh_guarded()

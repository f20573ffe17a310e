"""What is running, with progress and cancel."""

from __future__ import annotations

import html

import ipywidgets

from ...state.messages import Messages
from ...state.tasks import Task, Tasks
from ..bind import Bindings
from ..disposal import close_all
from .menu import Menu

__all__ = ["TasksPanel"]


class TasksPanel:
    """A row for each running task.

    A task keeps its row while it runs. Rows stay for the next tasks: many end before a page has made their row, and
    ipywidgets errs when a box goes while its children are still on their way.

    Parameters
    ----------
    tasks : Tasks
    messages : Messages
        Where errors of the controls are shown.
    """

    def __init__(self, tasks: Tasks, messages: Messages) -> None:
        self._bind = Bindings(messages.guard)
        self._rows: list[_TaskRow] = []
        self._list = ipywidgets.VBox()
        self._menu = Menu(self._list, "tasks", "What runs, with progress and cancel", icon="refresh")
        self.widget = self._menu.widget
        self._bind.when(tasks, "running", lambda: self._show(tasks.running))
        self._show(tasks.running)

    def _show(self, running: tuple[Task, ...]) -> None:
        for row in self._rows:
            if row.task is not None and row.task not in running:
                row.follow(None)
        followed = [row.task for row in self._rows]
        for task in running:
            if task not in followed:
                self._free_row().follow(task)
        self._menu.button.description = str(len(running))
        self.widget.layout.visibility = None if running else "hidden"

    def _free_row(self) -> _TaskRow:
        for row in self._rows:
            if row.task is None:
                return row
        self._rows.append(_TaskRow(self._bind))
        self._list.children = [row.widget for row in self._rows]
        return self._rows[-1]


class _TaskRow:
    """The progress and the cancel of one task after another."""

    def __init__(self, bind: Bindings) -> None:
        self.task: Task | None = None
        self._bind = bind
        self._bar = ipywidgets.FloatProgress(min=0, max=1, layout=ipywidgets.Layout(width="160px"))
        self._words = ipywidgets.HTML()
        self._cancel: ipywidgets.Button | None = None
        self.widget = ipywidgets.HBox(layout=ipywidgets.Layout(align_items="center"))

    def follow(self, task: Task | None) -> None:
        """Show a task from now on, or nothing."""
        if self.task is not None:
            self.task.unobserve_all()
        over, self.task, self._cancel = self._cancel, task, None
        if task is not None:
            # A button for each task: a press that comes late must not stop the next one.
            self._cancel = ipywidgets.Button(description="Cancel", icon="stop", layout=ipywidgets.Layout(width="90px"))
            self._bind.when_pressed(self._cancel, task.cancel)
            self._bind.when(task, ("fraction", "message", "state"), self._show)
            self._show()
        self.widget.children = [self._bar, *filter(None, [self._cancel]), self._words]
        self.widget.layout.display = "none" if task is None else None
        if over is not None:
            close_all(over)

    def _show(self) -> None:
        task, cancel = self.task, self._cancel
        if task is None or cancel is None:
            return
        # Without a known fraction the bar stays full and pale: busy, end not known.
        self._bar.value = task.fraction if task.fraction >= 0 else 1.0
        self._bar.bar_style = "info" if task.fraction >= 0 else ""
        stopping = " (cancelled)" if task.state == "cancelled" else ""
        self._words.value = html.escape(f"{task.label}: {task.message}{stopping}")
        cancel.disabled = task.state != "running"

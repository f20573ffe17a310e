"""What is running, with progress and cancel, and the messages: no error stays unseen."""

from __future__ import annotations

import html

import ipywidgets

from ...errors import sentence
from ...state.messages import Message, Messages
from ...state.tasks import Task, Tasks
from ..bind import Bindings
from ..disposal import close_all
from .menu import Menu

__all__ = ["MessagesPanel", "TasksPanel"]

_SHOWN = 5


class TasksPanel:
    """A row for each running task.

    Parameters
    ----------
    tasks : Tasks
    messages : Messages
        Where errors of the controls are shown.
    """

    def __init__(self, tasks: Tasks, messages: Messages) -> None:
        self._bind = Bindings(messages.guard)
        self._rows: dict[Task, ipywidgets.HBox] = {}
        self._list = ipywidgets.VBox()
        self._menu = Menu(self._list, "tasks", "What runs, with progress and cancel", icon="refresh")
        self.widget = self._menu.widget
        self._bind.when(tasks, "running", lambda: self._show(tasks.running))
        self._show(tasks.running)

    def _show(self, running: tuple[Task, ...]) -> None:
        for task in running:
            if task not in self._rows:
                self._rows[task] = self._row(task)
        gone = []
        for task in [task for task in self._rows if task not in running]:
            task.unobserve_all()
            gone.append(self._rows.pop(task))
        self._list.children = [self._rows[task] for task in running]
        self._menu.button.description = str(len(running))
        self.widget.layout.visibility = None if running else "hidden"
        for row in gone:
            close_all(row)

    def _row(self, task: Task) -> ipywidgets.HBox:
        bar = ipywidgets.FloatProgress(min=0, max=1, layout=ipywidgets.Layout(width="160px"))
        words = ipywidgets.HTML()
        cancel = ipywidgets.Button(description="Cancel", icon="stop", layout=ipywidgets.Layout(width="90px"))
        self._bind.when_pressed(cancel, task.cancel)

        def show() -> None:
            # Without a known fraction the bar stays full and pale: busy, end not known.
            bar.value = task.fraction if task.fraction >= 0 else 1.0
            bar.bar_style = "info" if task.fraction >= 0 else ""
            stopping = " (cancelled)" if task.state == "cancelled" else ""
            words.value = html.escape(f"{task.label}: {task.message}{stopping}")
            cancel.disabled = task.state != "running"

        self._bind.when(task, ("fraction", "message", "state"), show)
        show()
        return ipywidgets.HBox([bar, cancel, words], layout=ipywidgets.Layout(align_items="center"))


class MessagesPanel:
    """The newest messages, with details and a way to clear them.

    Parameters
    ----------
    messages : Messages
    """

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._text = ipywidgets.HTML()
        self._clear = ipywidgets.Button(description="Clear", icon="times", tooltip="Clear the messages")
        self._menu = Menu(
            ipywidgets.VBox([self._text, self._clear]), "messages", "Messages", icon="exclamation-triangle"
        )
        self.widget = self._menu.widget
        Bindings(messages.guard).when_pressed(self._clear, messages.clear)
        messages.observe(lambda _: self._show(), "entries")
        self._show()

    def _show(self) -> None:
        newest = self._messages.entries[-_SHOWN:][::-1]
        older = len(self._messages.entries) - len(newest)
        rows = "".join(map(_row, newest))
        self._text.value = rows + (f"<div>and {older} earlier messages</div>" if older else "") or "No message."
        self._clear.layout.display = "" if newest else "none"
        grave = sum(message.level != "note" for message in self._messages.entries)
        self._menu.button.description = str(len(self._messages.entries))
        self._menu.button.button_style = "warning" if grave else ""


def _row(message: Message) -> str:
    reasons = " ".join(html.escape(sentence(part)) for part in (message.why, message.hint) if part)
    details = (
        f"<details><summary>details</summary><pre>{html.escape(message.details)}</pre></details>"
        if message.details
        else ""
    )
    return (
        f'<div class="csc-message csc-{message.level}" role="{"alert" if message.level == "error" else "status"}">'
        f"<b>{html.escape(message.what)}.</b> {reasons} <small>{message.time:%H:%M:%S}</small>{details}</div>"
    )

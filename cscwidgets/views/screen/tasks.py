"""What is running, with progress and cancel, and the messages: no error stays unseen."""

from __future__ import annotations

import html

import ipywidgets

from ...errors import sentence
from ...state.messages import Message, Messages
from ...state.tasks import Task, Tasks
from ..bind import Bindings
from ..disposal import close_all

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
        self.widget = ipywidgets.VBox()
        self._bind.when(tasks, "running", lambda: self._show(tasks.running))

    def _show(self, running: tuple[Task, ...]) -> None:
        for task in running:
            if task not in self._rows:
                self._rows[task] = self._row(task)
        gone = []
        for task in [task for task in self._rows if task not in running]:
            task.unobserve_all()
            gone.append(self._rows.pop(task))
        self.widget.children = [self._rows[task] for task in running]
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
        self._text = ipywidgets.HTML(layout=ipywidgets.Layout(flex="1 1 auto", min_width="0"))
        self._clear = ipywidgets.Button(
            icon="times", tooltip="Clear the messages", layout=ipywidgets.Layout(width="36px", flex="0 0 auto")
        )
        self.widget = ipywidgets.HBox([self._text, self._clear])
        self.widget.add_class("csc-messages")
        Bindings(messages.guard).when_pressed(self._clear, messages.clear)
        messages.observe(lambda _: self._show(), "entries")
        self._show()

    def _show(self) -> None:
        newest = self._messages.entries[-_SHOWN:][::-1]
        older = len(self._messages.entries) - len(newest)
        rows = "".join(map(_row, newest))
        self._text.value = rows + (f"<div>and {older} earlier messages</div>" if older else "")
        self.widget.layout.display = "" if newest else "none"


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

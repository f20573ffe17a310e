"""What went wrong or is worth knowing: no error stays unseen."""

from __future__ import annotations

import html

import ipywidgets

from ...errors import sentence
from ...state.messages import Message, Messages
from ..bind import Bindings
from .menu import Menu

__all__ = ["MessagesPanel"]

_SHOWN = 5


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
    role = "alert" if message.level == "error" else "status"
    return (
        f'<div class="csc-message csc-message-{message.level}" role="{role}">'
        f"<b>{html.escape(message.what)}.</b> {reasons} <small>{message.time:%H:%M:%S}</small>{details}</div>"
    )

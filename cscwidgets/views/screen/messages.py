"""What went wrong or is worth knowing: no error stays unseen."""

from __future__ import annotations

import html

import ipywidgets

from ...errors import sentence
from ...state.messages import Message, Messages, Offer
from ..bind import Bindings
from ..controls import row
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
        self._take = ipywidgets.Button(icon="download", layout={"width": "auto"})
        self._clear = ipywidgets.Button(description="Clear", icon="times", tooltip="Clear the messages")
        self._menu = Menu(
            ipywidgets.VBox([self._text, row(self._take, self._clear)]),
            "messages",
            "Messages",
            icon="exclamation-triangle",
        )
        self.widget = self._menu.widget
        bind = Bindings(messages.guard)
        bind.when_pressed(self._clear, messages.clear)
        bind.when_pressed(self._take, self._take_offer)
        messages.observe(lambda _: self._show(), "entries")
        self._show()

    @property
    def _offer(self) -> Offer | None:
        """Of the newest message that makes one."""
        return next((one.offer for one in reversed(self._messages.entries) if one.offer is not None), None)

    def _take_offer(self) -> None:
        if self._offer is not None:
            self._offer.act()

    def _show(self) -> None:
        newest = self._messages.entries[-_SHOWN:][::-1]
        older = len(self._messages.entries) - len(newest)
        rows = "".join(map(_row, newest))
        self._text.value = rows + (f"<div>and {older} earlier messages</div>" if older else "") or "No message."
        self._clear.layout.display = "" if newest else "none"
        offer = self._offer
        self._take.layout.display = "none" if offer is None else ""
        self._take.description = "" if offer is None else offer.words
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

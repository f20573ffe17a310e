"""A button that puts a text into the browser's clipboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
from traitlets import Bool, Unicode

from . import assets
from .callbacks import Guard

__all__ = ["CopyButton"]


class CopyButton(anywidget.AnyWidget):
    """Copies `text`; there is nothing to press while that is empty, unless it is asked for when it is pressed.

    A page that is not served securely has no clipboard: the text has to be in sight as well.

    Parameters
    ----------
    asked : callable, optional
        Makes the text when the button is pressed.
    guard : callable, optional
        Wraps that, so that what it fails with is shown.
    """

    _esm = assets.module("copy")

    label = Unicode("Copy").tag(sync=True)
    text = Unicode("").tag(sync=True)
    asks = Bool(False).tag(sync=True)

    def __init__(self, *, asked: Callable[[], str] | None = None, guard: Guard | None = None, **options: Any) -> None:
        super().__init__(asks=asked is not None, **options)
        if asked is not None and guard is not None:
            make = asked

            def answer(_widget: Any, message: dict[str, Any], _buffers: list[memoryview]) -> None:
                if message.get("event_type") == "text":
                    text = ""
                    try:
                        text = make()
                    finally:  # the button waits for an answer
                        self.send({"event_type": "text", "text": text})

            self.on_msg(guard(answer))

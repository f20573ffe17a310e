"""A monitor that asks to stop, as a reader who has waited long enough."""

from __future__ import annotations

import time

from cscwidgets.errors import QueryCancelled


class Cancelling:
    """Asks to stop after some seconds."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def report(self, message: str, fraction: float | None = None) -> None:
        pass

    def check(self) -> None:
        if time.monotonic() > self.end:
            raise QueryCancelled("The query was cancelled")

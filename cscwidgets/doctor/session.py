"""The session all questions of the walk go through: the client's own, but one that tells before it asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import requests

from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.errors import QueryCancelled
from cscwidgets.io.deadline import WatchedAdapter, deadline

from .questions import Exchange, Question, question_of

__all__ = ["AskingSession", "StepOver"]

_CONNECT = 8.0
_HEARD = 0.05


class StepOver(QueryCancelled):
    """The time of a step is over: nothing more is sent."""


class AskingSession(ServiceSession):
    """Tells each question before it is sent, asks none twice, pauses between two, and ends with its step.

    The client asks again where that can mend a fault; here the fault is what is looked for.

    Parameters
    ----------
    tell : callable
        Called with each question before it is sent.
    seconds : float
        After which nothing more is sent, and what has not come is given up.
    pause : float
        Seconds between two questions.
    like : requests.Session, optional
        One whose lines are used.
    """

    def __init__(
        self,
        tell: Callable[[Question], None],
        *,
        seconds: float,
        pause: float = 0.0,
        like: requests.Session | None = None,
    ) -> None:
        super().__init__(_CONNECT, seconds)
        for scheme in ("https://", "http://"):
            self.mount(scheme, WatchedAdapter())
        if like is not None:
            self.adapters = like.adapters
        self.exchanges: list[Exchange] = []
        self.hooks["response"].append(self._came)
        self.tell, self._pause = tell, pause
        self._end = time.monotonic() + seconds
        self._over = threading.Event()
        self._responses: list[requests.Response] = []

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return 0.0 if self._over.is_set() else max(0.0, self._end - time.monotonic())

    def end(self) -> None:
        """Send nothing more."""
        self._over.set()

    def release(self) -> None:
        """Let go of answers that were not read to their end."""
        for response in self._responses:
            response.close()
        self._responses.clear()

    def check(self) -> float:
        """The seconds that are left, where any are.

        Raises
        ------
        StepOver
        """
        if not (left := self.left):
            raise StepOver("The step was ended", "its time is over")
        return left

    def wait(self, seconds: float) -> None:
        """Do nothing for a while.

        Raises
        ------
        StepOver
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.check()
            time.sleep(min(_HEARD, seconds))
        self.check()

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Tell a question, then send it; see `requests.Session.send`."""
        if self.exchanges:
            self.wait(self._pause)
        left = self.check()
        question = question_of(request)
        exchange = Exchange(question)
        self.exchanges.append(exchange)
        self.tell(question)
        kwargs["timeout"] = (min(_CONNECT, left), left)
        try:
            with deadline(left, growing=False):
                return super().send(request, **kwargs)
        except Exception as error:
            self.exchanges[-1].failure = self.exchanges[-1].failure or error
            raise

    def _came(self, response: requests.Response, *_args: object, **_kwargs: object) -> None:
        exchange = self.exchanges[-1]
        exchange.status, exchange.headers = response.status_code, response.headers
        self._responses.append(response)
        read = response.raw.read

        def kept(*args: Any, **kwargs: Any) -> bytes:
            try:
                data: bytes = read(*args, **kwargs)
                self.check()
            except BaseException as error:
                exchange.failure = exchange.failure or error
                raise
            exchange.take(data)
            return data

        setattr(response.raw, "read", kept)  # noqa: B010 - a plain assignment to a method is no type

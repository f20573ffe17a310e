"""How long a service may take in all.

A time-out of a socket is that of one silence: a server that sends a byte now and then is never silent. So a request
is watched from outside, and its connection is shut down when its time is over, wherever it waits: in the headers, in
a chunk, in a redirect. Who cancels a question does not wait for its answer either.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from cscwidgets.errors import QueryCancelled

__all__ = ["Deadline", "WatchedAdapter", "current_deadline", "deadline"]

_LOOK_EVERY = 0.1  # seconds
_PACE = 1000.0  # bytes a second that a download must bring, after its time for an answer


class Deadline:
    """The time of an answer; shuts its connection when it is over, or the call that waits is cancelled.

    Parameters
    ----------
    seconds : float
        For the whole answer; that of a download grows with what arrives.
    growing : bool
        Whether this is a download.
    cancelled : callable
        Raises `QueryCancelled` where the call is to stop.
    """

    def __init__(self, seconds: float, *, growing: bool, cancelled: Callable[[], object]) -> None:
        self.seconds = seconds
        self.received = 0
        self.expired = False
        self._growing = growing
        self._cancelled = cancelled
        self._end = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, connection: socket.socket | None) -> None:
        """Take the connection the answer will come by: time begins, again after a redirect or before a further try."""
        self._socket = connection
        self._end = time.monotonic() + self.seconds
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="cscwidgets deadline", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """The answer is here."""
        self._over.set()

    def check(self) -> None:
        """Raise if the time is over, or the call was cancelled.

        Raises
        ------
        QueryCancelled, requests.ReadTimeout
        """
        self._cancelled()
        if self.expired:
            raise requests.ReadTimeout(f"the answer took longer than {self.seconds:g} s")

    def _look(self) -> None:
        while not self._over.wait(_LOOK_EVERY):
            self.expired = time.monotonic() >= self._end + (self.received / _PACE if self._growing else 0.0)
            if not self.expired and not self._given_up():
                continue
            if self._socket is not None:
                with suppress(OSError):
                    # Not SSLSocket's own, which takes the object away that the other thread reads from.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            return

    def _given_up(self) -> bool:
        try:
            self._cancelled()
        except QueryCancelled:
            return True
        return False


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def current_deadline() -> Deadline | None:
    """That of the request this thread is sending."""
    return _current.get()


@contextmanager
def deadline(seconds: float, *, growing: bool, cancelled: Callable[[], object] = lambda: None) -> Iterator[Deadline]:
    """The deadline of a request while it is sent; redirects share the one of the first."""
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    inner = Deadline(seconds, growing=growing, cancelled=cancelled)
    token = _current.set(inner)
    try:
        yield inner
    except BaseException:
        inner.end()
        inner.check()
        raise
    finally:
        _current.reset(token)


class _Watched:
    """A connection that tells the deadline which socket the answer will come by."""

    sock: Any

    def getresponse(self, *args: Any, **kwargs: Any) -> Any:
        current = _current.get()
        if current is not None:
            current.watch(self.sock)
        return super().getresponse(*args, **kwargs)  # type: ignore[misc] # of the class beside this one


class _Http(_Watched, HTTPConnection):
    pass


class _Https(_Watched, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


_POOLS = {"http": _HttpPool, "https": _HttpsPool}


class WatchedAdapter(HTTPAdapter):
    """Sends requests over connections with a deadline, and leaves the bodies of redirects unread."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request; see `requests.adapters.HTTPAdapter.send`."""
        response = super().send(*args, **kwargs)
        if response.is_redirect:
            response.close()
        return response

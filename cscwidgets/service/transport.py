"""HTTP without a port: a requests adapter that calls the archive's application in this process."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from cscwidgets.archive.monitor import current_monitor
from cscwidgets.archive.parallel import run_interruptibly
from cscwidgets.errors import QueryCancelled

from .environ import STARTED

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

__all__ = ["WsgiAdapter"]

# Headers about how a body travels: here it arrives as a whole.
_OF_THE_WIRE = ("content-length", "transfer-encoding")

# How soon a query hears that its task was cancelled.
_WATCH_SECONDS = 0.1


class WsgiAdapter(BaseAdapter):
    """Answers a session's requests by an application in this process.

    An interrupted kernel (Ctrl-C) stops the query, as it would break the connection to a server.

    Parameters
    ----------
    application : callable
        Gives the application, at each request.
    """

    def __init__(self, application: Callable[[], WSGIApplication]) -> None:
        super().__init__()
        self._application = application
        self._builder = HTTPAdapter()

    def send(  # noqa: PLR0917  # requests calls it so
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,  # noqa: ARG002
        verify: bool | str = True,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Call the application; the body streams when asked to."""
        abandoned = threading.Event()

        def answer() -> tuple[Iterable[bytes], str, Headers]:
            app = self._application()
            with _interruptible(abandoned) as environ:
                return run_wsgi_app(app, _environ(request) | environ, buffered=False)

        pieces, status, headers = run_interruptibly(answer, abandoned.set)
        code, _, reason = status.partition(" ")
        raw = HTTPResponse(
            body=_Body(pieces),
            headers=HTTPHeaderDict(headers.to_wsgi_list()),
            status=int(code),
            reason=reason,
            preload_content=False,
            request_method=request.method,
        )
        response = self._builder.build_response(request, raw)
        if not stream:
            response.content  # noqa: B018  # reads the body, as HTTPAdapter's callers expect
        return response

    def close(self) -> None:
        """Nothing is held open."""


@contextmanager
def _interruptible(abandoned: threading.Event) -> Iterator[WSGIEnvironment]:
    """Stop the query of a request when the task it belongs to is cancelled, or nobody waits for it any more.

    A server notices that nobody listens any more; in process there is no connection to lose.
    """
    monitor = current_monitor()
    over = threading.Event()

    def started(interrupt: Callable[[], None]) -> None:
        def watch() -> None:
            while not over.wait(_WATCH_SECONDS):
                try:
                    monitor.check()
                except QueryCancelled:
                    abandoned.set()
                if abandoned.is_set():
                    interrupt()  # again and again: a query that has not begun yet does not hear it

        threading.Thread(target=watch, name="cscwidgets query watch", daemon=True).start()

    try:
        yield {STARTED: started}
    finally:
        over.set()


class _Body(io.RawIOBase):
    """An iterable of bytes as a readable file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._source = pieces
        self._pieces: Iterator[bytes] = iter(pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        closer = getattr(self._source, "close", None)
        if closer is not None:
            closer()
        super().close()


def _environ(request: requests.PreparedRequest) -> WSGIEnvironment:
    address = urlsplit(request.url or "")
    body = request.body
    if not (body is None or isinstance(body, (str, bytes, bytearray)) or hasattr(body, "read")):
        body = b"".join(body)
    return EnvironBuilder(
        address.path,
        base_url=f"{address.scheme}://{address.netloc}",
        query_string=address.query,
        method=request.method or "GET",
        headers=Headers([item for item in request.headers.items() if item[0].lower() not in _OF_THE_WIRE]),
        data=body,
    ).get_environ()

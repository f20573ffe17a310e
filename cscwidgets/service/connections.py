"""A threaded HTTP server that does not wait for ever for anybody.

A request must arrive whole within a time, headers and body; only then does it reach the application. Connections are
bounded in number, the slowest to ask make room. Who hangs up while a query runs stops it.
"""

from __future__ import annotations

import io
import re
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from werkzeug.serving import DechunkedInput, ThreadedWSGIServer, WSGIRequestHandler

from .environ import STARTED
from .gate import Gate
from .limits import REQUEST_BYTES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["Server"]

MOST_CONNECTIONS = 256
REQUEST_SECONDS = 15.0  # for the headers of a request
BODY_SECONDS = 120.0  # and for what it uploads
_PATIENCE = 3.0  # seconds an unfinished request is safe from those that wait outside
_SILENCE = 60.0  # seconds of a client that takes nothing of an answer
_LOOK_EVERY = 0.25
_IN_MEMORY = 1_000_000  # bytes of a body; larger ones wait in a file
_PIECE = 1 << 16


@dataclass
class _Connection:
    """One client: when it came, until when its request must be here, and what stops its query."""

    came: float = field(default_factory=time.monotonic)
    due: float | None = field(default_factory=lambda: time.monotonic() + REQUEST_SECONDS)
    interrupt: Callable[[], None] | None = None


class _Refused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        super().__init__(reason)


class _Handler(WSGIRequestHandler):
    timeout = _SILENCE
    server: Server

    def run_wsgi(self) -> None:
        """Take the whole request, then answer it."""
        try:
            self._take_body()
        except _Refused as refused:
            self.send_error(refused.status, str(refused))
            return
        self.server.answer(self.connection)
        try:
            super().run_wsgi()
        finally:
            self.rfile.close()

    def make_environ(self) -> WSGIEnvironment:
        def started(interrupt: Callable[[], None]) -> None:
            self.server.answer(self.connection, interrupt)

        return super().make_environ() | {STARTED: started}

    def _take_body(self) -> None:
        """Read the body into a file, which is then what werkzeug hands on, and drains afterwards."""
        length = self.headers.get("Content-Length", "0").strip()
        if not re.fullmatch(r"[0-9]{1,18}", length):
            raise _Refused(400, "Content-Length is no number of bytes")
        source: Any = self.rfile
        size: int | None = int(length)
        if "Transfer-Encoding" in self.headers:
            source, size = io.BufferedReader(DechunkedInput(source)), None
        if (size or 0) > REQUEST_BYTES:
            raise _Refused(413, f"A request may have {REQUEST_BYTES} bytes")
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.server.expect_body(self.connection)
        body: Any = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it is answered
        try:
            received = _copy(source, body, size)
        except BaseException:
            body.close()
            raise
        for name in ("Transfer-Encoding", "Content-Length", "Expect"):
            del self.headers[name]
        self.headers["Content-Length"] = str(received)
        self.rfile = body

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: an address holds the token, and a query what somebody works on."""


def _copy(source: IO[bytes], body: IO[bytes], size: int | None) -> int:
    """Copy so many bytes, or all there are; returns how many."""
    received = 0
    try:
        while piece := source.read(_PIECE if size is None else min(_PIECE, size - received)):
            received += len(piece)
            if received > REQUEST_BYTES:
                raise _Refused(413, f"A request may have {REQUEST_BYTES} bytes")
            body.write(piece)
    except OSError as error:
        raise _Refused(400, "The request did not arrive") from error
    if size is not None and received < size:
        raise _Refused(400, "The request broke off")
    body.seek(0)
    return received


class Server(ThreadedWSGIServer):
    """Serves an application on a bound socket.

    Parameters
    ----------
    host, port : str, int
        What the socket is bound to.
    app : Gate
    fd : int
        The socket's descriptor.
    """

    def __init__(self, host: str, port: int, app: Gate, fd: int) -> None:
        super().__init__(host, port, app, handler=_Handler, fd=fd)
        self.base = app.base
        self._connections: dict[socket.socket, _Connection] = {}
        self._lock = threading.Lock()

    def serve_forever(self, poll_interval: float = _LOOK_EVERY) -> None:
        """Serve until shut down."""
        super().serve_forever(poll_interval)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Take a connection, when there is room."""
        while not self._has_room():
            time.sleep(0.01)
            self.service_actions()
        with self._lock:
            self._connections[request] = _Connection()
        return True

    def _has_room(self) -> bool:
        with self._lock:
            if len(self._connections) < MOST_CONNECTIONS:
                return True
            asking = [(client.came, sock) for sock, client in self._connections.items() if client.due is not None]
            came, slowest = min(asking, key=lambda pair: pair[0], default=(float("inf"), None))
        if slowest is not None and time.monotonic() - came > _PATIENCE:
            _shut_down(slowest)
        return False

    def expect_body(self, connection: socket.socket) -> None:
        """The headers are here: the body has a time of its own."""
        with self._lock:
            if client := self._connections.get(connection):
                client.due = time.monotonic() + BODY_SECONDS

    def answer(self, connection: socket.socket, interrupt: Callable[[], None] | None = None) -> None:
        """The request is here; what stops its query, once there is one."""
        with self._lock:
            if client := self._connections.get(connection):
                client.due, client.interrupt = None, interrupt

    def service_actions(self) -> None:
        """Let go of clients that are late or have gone; called between requests."""
        now = time.monotonic()
        with self._lock:
            late = [sock for sock, client in self._connections.items() if client.due is not None and client.due < now]
            running = [(sock, client) for sock, client in self._connections.items() if client.interrupt is not None]
        for sock in late:
            _shut_down(sock)
        for sock, client in running:
            interrupt = client.interrupt
            if interrupt is not None and _has_disconnected(sock):
                client.interrupt = None
                interrupt()

    def shutdown_request(self, request: Any) -> None:
        """A connection is over."""
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _has_disconnected(sock: socket.socket) -> bool:
    try:
        return sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except (BlockingIOError, TimeoutError):
        return False
    except OSError:
        return True

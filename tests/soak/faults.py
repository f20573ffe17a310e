"""The embedded service on a loopback port, with faults by chance between it and whoever asks."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from cscwidgets.demo.files.picture_store import demo_pictures
from cscwidgets.demo.files.product_store import demo_store
from cscwidgets.service.app import application

Start = Callable[..., Any]
Whole = tuple[str, list[tuple[str, str]], bytes]
Fault = Callable[["Faulty", dict[str, Any], Whole, Start], Iterable[bytes]]


class Faulty:
    """A WSGI application before another, which disturbs some of its answers.

    Parameters
    ----------
    app : WSGI application
        Who answers.
    silence : float
        Seconds to say nothing; more than whoever asks will wait.
    seed : int
        Of the chances.

    Attributes
    ----------
    rate : float
        Fraction of the requests that are disturbed; change it at any time.
    done : Counter
        How often each fault was met.
    """

    def __init__(self, app: Any, silence: float, seed: int) -> None:
        self._app = app
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.silence = silence
        self.rate = 0.0
        self.done: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        whole = self._whole(environ)
        with self._lock:
            name = self._random.choice([*FAULTS]) if self._random.random() < self.rate else "none"
            self.done[name] += 1
        if name == "none":
            status, headers, body = whole
            start(status, headers)
            return [body]
        return FAULTS[name](self, environ, whole, start)

    def _whole(self, environ: dict[str, Any]) -> Whole:
        said: list[Any] = []
        pieces = self._app(environ, lambda *args: said.append(args))
        try:
            body = b"".join(pieces)
        finally:
            with suppress(AttributeError):
                pieces.close()
        status, headers, *_ = said[-1]
        return status, [(name, value) for name, value in headers if name.lower() != "transfer-encoding"], body


def _busy(server: Faulty, environ: dict[str, Any], whole: Whole, start: Start) -> Iterable[bytes]:
    start("503 Service Unavailable", [("Retry-After", "1"), ("Content-Length", "4")])
    return [b"busy"]


def _too_many(server: Faulty, environ: dict[str, Any], whole: Whole, start: Start) -> Iterable[bytes]:
    start("429 Too Many Requests", [("Content-Length", "0")])
    return []


def _broken(server: Faulty, environ: dict[str, Any], whole: Whole, start: Start) -> Iterable[bytes]:
    start("500 Internal Server Error", [("Content-Type", "text/html"), ("Content-Length", "19")])
    return [b"<h1>java.lang</h1>\n"]


def _page(server: Faulty, environ: dict[str, Any], whole: Whole, start: Start) -> Iterable[bytes]:
    page = b"<!DOCTYPE html><html><title>Maintenance</title><p>We will be back soon.</html>"
    start("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(page)))])
    return [page]


def _nothing(server: Faulty, environ: dict[str, Any], whole: Whole, start: Start) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "0")])
    return []


def _half(server: Faulty, environ: dict[str, Any], whole: Whole, start: Start) -> Iterable[bytes]:
    """The length of the whole, then half of it and the end."""
    status, headers, body = whole
    start(status, headers)
    return [body[: len(body) // 2]]


def _reset(server: Faulty, environ: dict[str, Any], whole: Whole, start: Start) -> Iterable[bytes]:
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)
    start(*whole[:2])
    return []


def _silent(server: Faulty, environ: dict[str, Any], whole: Whole, start: Start) -> Iterable[bytes]:
    time.sleep(server.silence)
    start(*whole[:2])
    return [whole[2]]


def _slow(server: Faulty, environ: dict[str, Any], whole: Whole, start: Start) -> Iterable[bytes]:
    """In ten pieces, so slow that it is near the time-out."""
    status, headers, body = whole
    start(status, headers)
    step = len(body) // 10 + 1

    def pieces() -> Iterator[bytes]:
        for first in range(0, len(body), step):
            time.sleep(server.silence / 20)
            yield body[first : first + step]

    return pieces()


def _damaged(server: Faulty, environ: dict[str, Any], whole: Whole, start: Start) -> Iterable[bytes]:
    """Some bytes in the middle are others."""
    status, headers, body = whole
    middle = len(body) // 2
    start(status, headers)
    return [body[:middle] + b"\0<\xff" * 3 + body[middle + 9 :]][: len(body)]


FAULTS: dict[str, Fault] = {
    "busy": _busy,
    "too many requests": _too_many,
    "server error": _broken,
    "a page in place of data": _page,
    "an empty answer": _nothing,
    "half an answer": _half,
    "connection reset": _reset,
    "silence": _silent,
    "slow": _slow,
    "damaged bytes": _damaged,
}


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.0"  # each answer ends with its connection

    def log(self, *args: object) -> None:
        pass


class _Server(ThreadedWSGIServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that was reset on purpose is no error."""


@contextmanager
def faulty_demo(folder: Path, silence: float, seed: int) -> Iterator[tuple[str, Faulty]]:
    """Address of the demo, and what disturbs it."""
    faulty = Faulty(application(folder, demo_store(), demo_pictures()), silence, seed)
    server = _Server("127.0.0.1", 0, faulty, handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", faulty
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

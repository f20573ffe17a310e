"""A server on a port of this machine before real services, which does to an answer what a fault says."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from werkzeug import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from cscwidgets.archive.service_session import ServiceSession

__all__ = ["Answer", "FaultyServer", "ReroutedSession", "Talk"]

PATIENCE = 30.0  # seconds that a fault may hold a line


@dataclass(frozen=True)
class Answer:
    """What the real service says to a request."""

    status: int
    headers: dict[str, str]
    body: bytes

    def head(self, **changes: str | None) -> bytes:
        """Status line and headers; of those given here, None leaves one out."""
        named = {name.title(): value for name, value in self.headers.items()}
        named["Content-Length"] = str(len(self.body))
        named["Connection"] = "close"
        named |= {name.replace("_", "-").title(): value for name, value in changes.items()}  # type: ignore[dict-item]
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in named.items() if value)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def with_body(self, body: bytes) -> Answer:
        """The same headers with another body."""
        return replace(self, body=body)


@dataclass
class Talk:
    """A line to the client, as a fault uses it."""

    line: socket.socket
    over: threading.Event
    base: str
    path: str

    def send(self, content: bytes) -> None:
        """Send bytes."""
        self.line.sendall(content)

    def wait(self, seconds: float = PATIENCE) -> bool:
        """Say nothing for a while; whether the client has gone, or the cell is over."""
        return self.over.wait(seconds)

    def drip(self, piece: bytes) -> None:
        """Send a piece now and then, so that the line is never silent."""
        while not self.over.wait(0.1):
            self.line.sendall(piece)

    def reset(self) -> None:
        """Drop the line as a crashed server does."""
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.line.close()


Act = Callable[[Answer, Talk], None]
Hits = Callable[[Request], bool]


def _good(answer: Answer, talk: Talk) -> None:
    talk.send(answer.head() + answer.body)


@dataclass
class _Order:
    """What to do to which requests, and how often."""

    act: Act = _good
    hits: Hits = lambda _: False
    once: bool = False
    elsewhere: str = ""
    met: int = field(default=0)


class FaultyServer:
    """Serves a WSGI application; `order` says what happens to some of its answers.

    Parameters
    ----------
    application : callable
        The services: the path of a request begins with the host that the client meant.
    """

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application = application
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            self._closed = nobody.getsockname()[1]  # nobody listens there any more
        self._lock = threading.Lock()
        self._order = _Order()
        self._over = threading.Event()
        self._talks: list[threading.Thread] = []
        self._lines: list[socket.socket] = []
        self._said: dict[tuple[str, str, bytes], Answer] = {}
        self._asked: dict[tuple[str, str, bytes], Request] = {}
        self.problems: list[str] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def met(self) -> int:
        """How many requests the fault was meant for."""
        return self._order.met

    def order(self, act: Act, hits: Hits, *, once: bool, elsewhere: str, prepare: Callable[[bytes], Any]) -> None:
        """Do something to the answers of some requests, or of the first of them.

        `prepare` is called before with the answers that are known, for what takes long.

        `elsewhere` sends the client to another line: "nobody" to a port that refuses, "tls" to speak TLS to this one.
        """
        for key, request in list(self._asked.items()):
            if hits(request):
                prepare(self._said[key].body)
        self.problems = []
        self._over.clear()
        self._order = _Order(act, hits, once, elsewhere)

    def behave(self) -> None:
        """Answer as the services do, and let go of all lines."""
        self._order = _Order()
        self._over.set()
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for talk in self._talks:
            talk.join(5)
        self._talks, self._lines = [], []
        self._over.clear()

    def close(self) -> None:
        """End it."""
        self.behave()
        for request in self._asked.values():
            request.close()
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def address_of(self, request: Any) -> str:
        """Where a request goes that was meant for a service: here, with its host in the path."""
        parts = urlsplit(request.url)
        if parts.hostname == "127.0.0.1" or parts.scheme not in {"http", "https"}:
            return str(request.url)
        here = f"http://127.0.0.1:{self.port}/{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        order = self._order
        with _as_request(request, here) as same:
            meant = bool(order.elsewhere) and order.hits(same)
        if meant and self._turn(order):
            return {
                "nobody": here.replace(f":{self.port}/", f":{self._closed}/"),
                "tls": here.replace("http:", "https:"),
                "lost": here.replace("127.0.0.1", "nowhere.invalid"),
            }[order.elsewhere]
        return here

    def _turn(self, order: _Order) -> bool:
        with self._lock:
            order.met += 1
            return order.met == 1 or not order.once

    def _answer(self, received: tuple[str, str, dict[str, str], bytes], request: Request) -> Answer:
        """What the services say, or have said to the same request: they have no moods, and the machine may be busy."""
        key = (received[0], received[1], received[2].get("Range"), received[3])
        if key not in self._said:
            pieces, status, headers = run_wsgi_app(self._application, request.environ, buffered=True)
            self._said[key] = Answer(int(status.split()[0]), dict(headers), b"".join(pieces))
            self._asked[key] = _read(*received)
        return self._said[key]

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            talk = threading.Thread(target=self._talk, args=(line,), daemon=True)
            self._lines.append(line)
            self._talks.append(talk)
            talk.start()

    def _talk(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            line.settimeout(PATIENCE)
            received = _received(line)
            if received is None:
                return
            # Who reads a request uses its body up: the services and the fault have one each.
            with _read(*received) as request, _read(*received) as copy:
                answer = self._answer(received, copy)
                order, act = self._order, _good
                if not order.elsewhere and order.hits(request) and self._turn(order):
                    act = order.act
            try:
                act(answer, Talk(line, self._over, self.base, request.full_path))
            except OSError:
                raise  # the client has gone
            except Exception as error:  # noqa: BLE001 - a fault that was not done is no test
                self.problems.append(f"the fault was not done: {error!r}")
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_WR)


def _read(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    path, _, query = target.partition("?")
    made = EnvironBuilder(
        path,
        base_url="http://127.0.0.1",
        query_string=query,
        method=method,
        headers=Headers(list(headers.items())),
        data=body,
    )
    return Request(made.get_environ())


def _received(line: socket.socket) -> tuple[str, str, dict[str, str], bytes] | None:
    """Read a request from a line."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = line.recv(65536)
        if not piece:
            return None
        received += piece
        if not received[:1].isalpha():  # TLS, spoken to one who does not
            line.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            return None
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    while len(body) < int(headers.get("Content-Length", 0)):
        body += line.recv(65536)
    return method, target, headers, body


def _as_request(prepared: Any, url: str) -> Request:
    body = prepared.body or b""
    parts = urlsplit(url)
    return _read(
        prepared.method,
        f"{parts.path}?{parts.query}",
        prepared.headers,
        body.encode() if isinstance(body, str) else body,
    )


class ReroutedSession(ServiceSession):
    """The client's own session, whose requests all go to the server; it waits less between tries."""

    def __init__(self, server: FaultyServer, connect_timeout: float, read_timeout: float) -> None:
        super().__init__(connect_timeout, read_timeout)
        self._server = server
        for adapter in self.adapters.values():
            adapter.max_retries = adapter.max_retries.new(backoff_factor=0.02)  # type: ignore[attr-defined]

    def send(self, request: Any, **kwargs: Any) -> Any:
        """Send a request to the server instead."""
        request.url = self._server.address_of(request)
        return super().send(request, **kwargs)


@contextlib.contextmanager
def faulty(application: Callable[..., Any]) -> Iterator[FaultyServer]:
    """A faulty server while the context lasts."""
    server = FaultyServer(application)
    try:
        yield server
    finally:
        server.close()

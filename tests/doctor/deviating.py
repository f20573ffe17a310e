"""A relay on a port of this machine before the embedded service: it notes what it is asked, and deviates where told."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from cscwidgets.doctor.questions import question_of

__all__ = ["Answer", "Asked", "Fault", "Relay", "relaying"]

_TEXT = {"/tap/sync", "/tap/async", "/scs/coneSearch"}
_LONGEST = 60.0  # seconds that a fault may hold an answer


class _Sent:
    """A request that came, in the form of one that is sent."""

    def __init__(self, method, url, headers, body):
        self.method, self.url, self.headers, self.body = method, url, headers, body


@dataclass
class Asked:
    """What was asked; faults may change the parameters on their way to the service."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]

    @property
    def adql(self) -> str:
        return self.form.get("QUERY", "")


@dataclass(frozen=True)
class Answer:
    """What the real service says, or what comes instead."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def saying(self, body: str | bytes, status: int | None = None, **headers: str) -> Answer:
        content = body if isinstance(body, bytes) else body.encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer(status or self.status, self.headers | named, content)


@dataclass(frozen=True)
class Fault:
    """A way to deviate: with the question before it is answered, or with the answer."""

    name: str
    answer: Callable[[Asked, Answer], Answer] = lambda asked, answer: answer
    ask: Callable[[Asked], None] = lambda asked: None
    slow: Callable[[Asked], bool] = lambda asked: False


@dataclass
class Relay:
    """The WSGI application; ``questions`` are what it was asked, as the walk tells them."""

    application: Callable
    faults: tuple[Fault, ...] = ()
    questions: list = field(default_factory=list)
    agents: set = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query, path, kind = environ.get("QUERY_STRING", ""), environ["PATH_INFO"], environ.get("CONTENT_TYPE", "")
        url = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{environ['REQUEST_URI']}"
        question = question_of(_Sent(environ["REQUEST_METHOD"], url, {"Content-Type": kind}, body))
        self.questions.append(question)
        self.agents.add(environ.get("HTTP_USER_AGENT"))
        asked = Asked(question.method, path, dict(parse_qsl(query)), dict(question.form))
        for fault in self.faults:
            fault.ask(asked)
            if fault.slow(asked):
                self.over.wait(_LONGEST)
        answer = self._real(environ, asked, kind, body)
        for fault in self.faults:
            answer = fault.answer(asked, answer)
        headers = {"Content-Length": str(len(answer.body))} | answer.headers
        start_response(f"{answer.status} SAID", list(headers.items()))
        return [answer.body]

    def _real(self, environ, asked, kind, body) -> Answer:
        query = dict(asked.query)
        if asked.path in _TEXT and asked.form.get("REQUEST", "doQuery") == "doQuery":
            query["RESPONSEFORMAT"] = "votable/td"  # rows that can be read, and changed, as text
        if kind.startswith("application/x-www-form-urlencoded"):
            body = urlencode(asked.form).encode()
        changed = {
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "QUERY_STRING": urlencode(query),
        }
        pieces, status, headers = run_wsgi_app(self.application, {**environ, **changed}, buffered=True)
        named = {name: value for name, value in headers.items() if name.lower() != "content-length"}
        return Answer(int(status.split()[0]), named, b"".join(pieces))


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *args):
        pass


@contextmanager
def relaying(application, *faults: Fault, certificate=None) -> Iterator[tuple[str, Relay]]:
    """Address of the relay, and the relay."""
    relay = Relay(application, faults)
    server = make_server("127.0.0.1", 0, relay, threaded=True, request_handler=_Quiet, ssl_context=certificate)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}", relay
    finally:
        relay.over.set()
        server.shutdown()
        thread.join()
        server.server_close()

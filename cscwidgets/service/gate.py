"""Who may ask a served archive: programs of this machine that know its address, and no page of another origin.

A browser lets any page send requests to a port of this machine. What such a page cannot do is name the host as we
know it (its own name may be made to mean 127.0.0.1), hide its origin, or guess the token.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from .environ import BASE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Gate"]

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_HEADERS = [
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),  # the address holds the token
    ("X-Content-Type-Options", "nosniff"),
]


class Gate:
    """A WSGI application in front of an archive's.

    Parameters
    ----------
    app : WSGI application
        What answers those who may ask.
    port : int
        The port it is served on.
    token : str
        The first part of every path; without one, paths begin with the archive's own.
    """

    def __init__(self, app: WSGIApplication, port: int, token: str = "") -> None:
        self._app = app
        self._prefix = f"/{token}" if token else ""
        self.base = f"http://{_LOOPBACK[0]}:{port}{self._prefix}"
        hosts = {f"{host}:{port}" for host in _LOOPBACK}
        self._hosts = hosts | set(_LOOPBACK) if port == 80 else hosts

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, headers + _HEADERS, *rest)

        if refusal := self._refusal(environ):
            return Response(f"{refusal}\n", 403, content_type="text/plain; charset=utf-8")(environ, start)
        path = environ.get("PATH_INFO", "")
        if not self._knows(path):
            message = (
                "There is nothing here. The addresses of the archive are those that were printed when it started.\n"
            )
            return Response(message, 404, content_type="text/plain; charset=utf-8")(environ, start)
        inner = {"SCRIPT_NAME": self._prefix, "PATH_INFO": path[len(self._prefix) :] or "/", BASE: self.base}
        return self._app(environ | inner, start)

    def _knows(self, path: str) -> bool:
        start, rest = path[: len(self._prefix)], path[len(self._prefix) :]
        same = hmac.compare_digest(start.encode("latin-1", "replace"), self._prefix.encode())
        return same and (not rest or rest.startswith("/"))

    def _refusal(self, environ: WSGIEnvironment) -> str:
        """Why a request is not answered, or nothing."""
        if environ.get("HTTP_HOST", "").lower() not in self._hosts:
            return "This archive is served to programs of its own machine, under its own address."
        origin, site = environ.get("HTTP_ORIGIN"), environ.get("HTTP_SEC_FETCH_SITE")
        referrer = environ.get("HTTP_REFERER")
        if origin is not None:
            foreign = not self._is_own(origin)
        elif site is not None:
            foreign = site.lower() not in {"none", "same-origin"}
        else:
            foreign = bool(referrer) and not self._is_own(str(referrer))
        return "This archive does not answer pages of other origins." if foreign else ""

    def _is_own(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        return parts.scheme == "http" and parts.netloc.lower() in self._hosts

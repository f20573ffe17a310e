"""HTTP as services are asked: with time-outs, polite retries, bounded answers, and cancellation while bytes arrive."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import requests
from urllib3 import HTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import HTTPError, InvalidHeader, MaxRetryError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

from cscwidgets.errors import QueryError
from cscwidgets.io.deadline import Deadline, WatchedAdapter, current_deadline, deadline
from cscwidgets.io.http_body import read_body
from cscwidgets.io.reading import reading

from .monitor import Monitor, current_monitor

__all__ = ["LARGEST_ANSWER", "ServiceSession", "asked_to_wait", "body_of"]

CONNECT_TIMEOUT = 10.0
PATIENCE = 30.0  # seconds; a server that asks to come back later than that is not asked again
READ_TIMEOUT = 120.0  # the CSC answers its largest joins after half a minute
SILENCES = 5  # an answer may take so many time-outs in all, however often something comes
LARGEST_ANSWER = 1_000_000_000
"""Bytes of an answer, unpacked: a million rows of a kilobyte."""

_MOST_REDIRECTS = 5


class _Retry(Retry):
    """Retry what a second try can mend: a dropped connection, a busy or restarting server."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> _Retry:
        current_monitor().check()
        if isinstance(error, ReadTimeoutError):
            raise error  # a query that was too slow once will be so again, and loads the server
        watch = current_deadline()
        if watch is not None and watch.expired and _pool is not None:
            raise ReadTimeoutError(_pool, url or "", "its time-out passed")
        if response is not None and _pool is not None and (asked_to_wait(response.headers) or 0) > PATIENCE:
            raise MaxRetryError(_pool, url or "", error)  # ends in the response: what it asks for is told
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as long as the server asks, or the back-off says, or until the call is cancelled."""
        wait = asked_to_wait(response.headers) if response is not None else None
        end = time.monotonic() + (self.get_backoff_time() if wait is None else wait)
        while (left := end - time.monotonic()) > 0:
            current_monitor().check()
            time.sleep(min(0.1, left))


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds a Retry-After header asks for; None where there is none, or one that says neither seconds nor a date."""
    try:
        return max(0.0, float(Retry().parse_retry_after(headers["Retry-After"])))
    except (KeyError, InvalidHeader, ValueError, OverflowError):
        return None


class ServiceSession(requests.Session):
    """An HTTP session with time-outs, polite retries, bounded answers, and cancellation while bytes arrive.

    An answer must be whole after five read time-outs; a file that is streamed may take longer while bytes arrive.
    """

    __attrs__ = (*requests.Session.__attrs__, "timeout")  # what is pickled

    def __init__(self, connect_timeout: float = CONNECT_TIMEOUT, read_timeout: float = READ_TIMEOUT) -> None:
        super().__init__()
        self.timeout = (connect_timeout, read_timeout)
        retry = _Retry(
            total=3,
            connect=0,
            read=3,
            status=3,
            status_forcelist=(429, 502, 503, 504),
            allowed_methods=None,  # catalogue queries only read: a POST may be repeated too
            backoff_factor=0.5,
            raise_on_status=False,
        )
        for scheme in ("https://", "http://"):
            self.mount(scheme, WatchedAdapter(max_retries=retry))
        self.max_redirects = _MOST_REDIRECTS
        self.headers["User-Agent"] = "cscwidgets (https://pypi.org/project/cscwidgets)"

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a prepared request; see `requests.Session.send`."""
        monitor = current_monitor()
        monitor.check()
        kwargs["timeout"] = kwargs.get("timeout") or self.timeout
        stream = kwargs.pop("stream", False)
        with deadline(SILENCES * self.timeout[1], growing=stream, cancelled=monitor.check) as watch:
            response = super().send(request, stream=True, **kwargs)
        monitor.check()
        _watch_body(response, monitor, watch)
        if not stream:
            _read_now(response)
        return response


def body_of(response: requests.Response, largest: int) -> bytes:
    """The body of a streamed answer, unpacked.

    Raises
    ------
    QueryError
        If it is larger than so many bytes, or packed in a way that is not read.
    requests.RequestException
        If it breaks off, or its time is over.
    """
    with reading(
        "The answer was not taken",
        "Ask for less, or in parts.",
        error=QueryError,
        passing=(requests.RequestException, HTTPError),
    ):
        content = read_body(response, largest)
    if b"VOTABLE" in content[:500] and b"VOTABLE>" not in content[-50:]:
        # astropy reads what there is of a broken document without a word.
        raise requests.exceptions.ChunkedEncodingError("the answer broke off before its end")
    return content


def _read_now(response: requests.Response) -> None:
    # The adapter leaves the bodies of redirects unread, also of one that is not followed.
    content = b"" if response.is_redirect else body_of(response, LARGEST_ANSWER)
    response.raw = HTTPResponse(io.BytesIO(content), status=response.status_code, preload_content=False)


def _watch_body(response: requests.Response, monitor: Monitor, watch: Deadline) -> None:
    read = response.raw.read
    close = response.raw.close

    def watched_read(amt: int | None = None, *args: Any, **kwargs: Any) -> bytes:
        monitor.check()
        try:
            data: bytes = read(amt, *args, **kwargs)
        except BaseException:
            watch.check()
            raise
        watch.check()
        watch.received += len(data)
        if not data:
            watch.end()
        monitor.report(f"receiving: {watch.received / 1e6:.1f} MB")
        return data

    def watched_close() -> None:
        watch.end()
        close()

    setattr(response.raw, "read", watched_read)  # noqa: B010 - a plain assignment to a method is no type
    setattr(response.raw, "close", watched_close)  # noqa: B010

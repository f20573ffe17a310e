"""A line to one archive: the CXC's services, or the same protocols over a folder.

A folder is served in process: the WSGI application is mounted on the HTTP session under a
reserved host name, so everything above this file is the same for both.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
from urllib3 import HTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import HTTPError, InvalidHeader, MaxRetryError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

from cscwidgets.csc.filenames import source_folder
from cscwidgets.csc.releases import RELEASES, Release
from cscwidgets.errors import CscError, QueryError
from cscwidgets.io.deadline import Deadline, WatchedAdapter, current_deadline, deadline
from cscwidgets.io.http_body import read_body
from cscwidgets.io.reading import reading

from .folder import ArchiveInfo, read_info
from .monitor import Monitor, current_monitor
from .openers import FOLDER, opener, openers
from .tables_on_disk import check_catalogue

__all__ = [
    "LARGEST_ANSWER",
    "Connection",
    "ServiceSession",
    "archive_name",
    "asked_to_wait",
    "body_of",
    "check_archive",
    "connect",
    "connect_to",
    "known_title",
    "remote_address",
]

CONNECT_TIMEOUT = 10.0
PATIENCE = 30.0  # seconds; a server that asks to come back later than that is not asked again
READ_TIMEOUT = 120.0  # the CSC answers its largest joins after half a minute
SILENCES = 5  # an answer may take so many time-outs in all, however often something comes
LARGEST_ANSWER = 1_000_000_000
"""Bytes of an answer, unpacked: a million rows of a kilobyte."""

_MOST_REDIRECTS = 5
_HATS = "hats:"
_HATS_HINT = 'A HATS catalogue on a web server is "hats:https://...".'


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


@dataclass(frozen=True)
class Connection:
    """Where the services are and the session to speak to them with.

    ``local`` tells whether its answers come without a network, ``embedded`` whether its service is in this process:
    what it lists is at hand, and is what its maker put into it. ``key`` names the archive in the cache of its files: no
    two archives share one, nor does one that was made again.
    ``doubts`` is what was not certain when a folder was made of somebody's tables.
    """

    release: Release
    session: ServiceSession
    local: bool
    key: str
    simulated: bool = False
    origin: str = ""
    doubts: tuple[str, ...] = ()
    embedded: bool = False


def archive_name(name: str | os.PathLike[str]) -> str:
    """What an archive is known by: after "hats:" stands a path, which is known without it, or an address.

    Raises
    ------
    CscError
        If there is no such archive; nothing is opened, and the network not asked.

    Examples
    --------
    >>> archive_name("hats: https://example.org/hats/csc/")
    'hats:https://example.org/hats/csc'
    """
    check_archive(name)
    called = os.fspath(name)
    if (address := remote_address(called)) is not None:
        return f"{_HATS}{address}"
    return called[len(_HATS) :].strip() if called.lower().startswith(_HATS) else called


def remote_address(name: str) -> str | None:
    """The address of an archive that is a catalogue in the format HATS on a web server; of others None."""
    place = name[len(_HATS) :].strip().rstrip("/")
    return place if name.lower().startswith(_HATS) and re.match(r"https?://[^/\s]\S*$", place) else None


def check_archive(name: str | os.PathLike[str]) -> None:
    """Say at once if there is no such archive; nothing is opened.

    Raises
    ------
    CscError
        If the name is neither a release, "demo", the path of an archive folder, nor of a HATS catalogue.
    """
    if not isinstance(name, str | os.PathLike) or not isinstance(os.fspath(name), str):
        raise CscError(
            "There is no such archive",
            f"{name!r:.60} is of type {type(name).__name__}",
            f"Use one of {', '.join(_names())}, or the path of an archive folder.",
        )
    called = os.fspath(name)
    if called.lower().startswith(_HATS) and remote_address(called) is None:
        if "://" in called:
            raise CscError(f"There is no archive {called!r}", "this is no address", _HATS_HINT)
        check_catalogue(Path(called[len(_HATS) :].strip()).expanduser())
    elif called not in _names() and remote_address(called) is None:
        _read_folder(name)


def known_title(name: str | os.PathLike[str]) -> str:
    """What an archive calls itself, as far as that is known before it is opened; else the name it is opened by."""
    called = os.fspath(name)
    if called in RELEASES:
        return RELEASES[called].title
    if (address := remote_address(called)) is not None:
        return address.rpartition("/")[2]
    return called if called in _names() else _read_folder(called)[1].title


def _read_folder(name: str | os.PathLike[str]) -> tuple[Path, ArchiveInfo]:
    try:
        folder = Path(name).expanduser()
    except RuntimeError:  # the home of a user who does not exist
        folder = Path(name)
    if not os.fspath(name).strip() or not folder.is_dir():  # an empty name would be the path of "."
        raise CscError(
            f"There is no archive {os.fspath(name)!r}",
            "it is neither a release nor a folder",
            f"Use one of {', '.join(_names())}, or the path of an archive folder."
            + (f" {_HATS_HINT}" if "://" in os.fspath(name) else ""),
        )
    return folder, read_info(folder)


def _names() -> list[str]:
    """Of the archives that have one."""
    return [*RELEASES, *(name for name in openers() if name != FOLDER)]


def connect(name: str | os.PathLike[str], monitor: Monitor, session: ServiceSession) -> Connection:
    """Open the line to a release, the demo, an archive folder, or a HATS catalogue behind an address.

    Raises
    ------
    CscError
        If the name is neither a release, "demo", an archive folder, nor a HATS catalogue.
    """
    called = os.fspath(name)
    if called in RELEASES:
        return Connection(RELEASES[called], session, local=False, key=called)
    remote = remote_address(called)
    if called not in _names() and remote is None:
        _read_folder(called)  # what is wrong with it is said before its service is loaded
    place, base = opener(called if called in _names() else FOLDER)(session, called, monitor)
    info = place if isinstance(place, ArchiveInfo) else read_info(place)
    template = RELEASES.get(info.release, RELEASES["current"])
    release = replace(
        template,
        name=called,
        title=info.title,
        tap=f"{base}/tap",
        cone=f"{base}/scs/coneSearch",
        csccli=f"{base}/csccli",
        pictures=f"{base}/pictures",
        schema=info.schema,
        advice="Make the archive folder again.",
    )
    where = place.resolve() if isinstance(place, Path) else Path(called)
    version = hashlib.sha256(f"{where}|{info.created}".encode()).hexdigest()[:12]
    return Connection(
        release,
        session,
        local=remote is None,
        embedded=True,
        key=f"folder-{source_folder(where.name)}-{version}",
        simulated=info.simulated,
        origin=info.origin,
        doubts=tuple(map(str, info.details.get("doubts", ()))),
    )


def connect_to(address: str, title: str, session: ServiceSession) -> Connection:
    """The line to any TAP or cone search service."""
    if not re.match(r"https?://[^/]", address):
        raise CscError(f"{title} cannot be asked", f"{address!r} is no address", "Give one that begins with https://")
    service = Release(
        name=address,
        title=title,
        tap=address,
        cone=address,
        csccli="",
        schema="",
        version="",
        advice="Check the address and the network. Without one, use a table of this machine, or a file.",
    )
    return Connection(service, session, local=False, key=address)

"""A line to one archive: the CXC's services, or the same protocols over a folder.

A folder is served in process: the WSGI application is mounted on the HTTP session under a
reserved host name, so everything above this file is the same for both.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

from cscwidgets.errors import CscError

from .filenames import source_folder
from .monitor import Monitor, current_monitor
from .parallel import aside
from .releases import RELEASES, Release

if TYPE_CHECKING:  # it is above
    from cscwidgets.service.folder import ArchiveInfo

__all__ = ["Connection", "ServiceSession", "asked_to_wait", "check_archive", "connect", "connect_to"]

CONNECT_TIMEOUT = 10.0
PATIENCE = 30.0  # seconds; a server that asks to come back later than that is not asked again
READ_TIMEOUT = 120.0  # the CSC answers its largest joins after half a minute


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
        if isinstance(error, ReadTimeoutError):
            raise error  # a query that was too slow once will be so again, and loads the server
        if response is not None and _pool is not None and (asked_to_wait(response.headers) or 0) > PATIENCE:
            raise MaxRetryError(_pool, url or "", error)  # ends in the response: what it asks for is told
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as long as the server asks, or the back-off says, or until the call is cancelled."""
        wait = self.get_retry_after(response) if response is not None else None
        end = time.monotonic() + (self.get_backoff_time() if wait is None else wait)
        while (left := end - time.monotonic()) > 0:
            current_monitor().check()
            time.sleep(min(0.1, left))


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds a Retry-After header asks for, or None."""
    try:
        return Retry().parse_retry_after(headers["Retry-After"])
    except (KeyError, InvalidHeader):
        return None


class ServiceSession(requests.Session):
    """An HTTP session with time-outs, polite retries, and cancellation while bytes arrive."""

    def __init__(self, connect_timeout: float = CONNECT_TIMEOUT, read_timeout: float = READ_TIMEOUT) -> None:
        super().__init__()
        self._timeout = (connect_timeout, read_timeout)
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
            self.mount(scheme, HTTPAdapter(max_retries=retry))
        self.headers["User-Agent"] = "cscwidgets (https://pypi.org/project/cscwidgets)"

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a prepared request; see `requests.Session.send`."""
        monitor = current_monitor()
        monitor.check()
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout
        # Stream always: the body is then read through the watched file object below.
        stream = kwargs.pop("stream", False)
        response = super().send(request, stream=True, **kwargs)
        monitor.check()
        _watch_body(response, monitor)
        if not stream:
            _ = response.content
        return response


def _watch_body(response: requests.Response, monitor: Monitor) -> None:
    read = response.raw.read
    received = 0
    head = tail = b""

    def watched_read(amt: int | None = None, *args: Any, **kwargs: Any) -> bytes:
        nonlocal received, head, tail
        monitor.check()
        data: bytes = read(amt, *args, **kwargs)
        received += len(data)
        head = (head + data)[:500] if len(head) < 500 else head
        tail = (tail + data)[-50:]
        monitor.report(f"receiving: {received / 1e6:.1f} MB")
        at_end = amt is None or len(data) < amt
        if at_end and b"VOTABLE" in head and b"VOTABLE>" not in tail:
            # astropy reads what there is of a broken document without a word.
            raise requests.exceptions.ChunkedEncodingError("the answer broke off before its end")
        return data

    setattr(response.raw, "read", watched_read)  # noqa: B010 - a plain assignment to a method is no type


@dataclass(frozen=True)
class Connection:
    """Where the services are and the session to speak to them with.

    ``key`` names the archive in the cache of its files: no two archives share one, nor does one that was made again.
    """

    release: Release
    session: ServiceSession
    local: bool
    key: str
    simulated: bool = False
    origin: str = ""


def check_archive(name: str | os.PathLike[str]) -> None:
    """Say at once if there is no such archive; nothing is opened.

    Raises
    ------
    CscError
        If the name is neither a release, "demo", nor the path of an archive folder.
    """
    if not isinstance(name, str | os.PathLike) or not isinstance(os.fspath(name), str):
        raise CscError(
            "There is no such archive",
            f"{name!r:.60} is of type {type(name).__name__}",
            f"Use one of {', '.join(RELEASES)}, demo, or the path of an archive folder.",
        )
    if name not in RELEASES and name != "demo":
        _read_folder(name)


def _read_folder(name: str | os.PathLike[str]) -> tuple[Path, ArchiveInfo]:
    from cscwidgets.service.folder import read_info  # noqa: PLC0415 - see connect

    try:
        folder = Path(name).expanduser()
    except RuntimeError:  # the home of a user who does not exist
        folder = Path(name)
    if not os.fspath(name).strip() or not folder.is_dir():  # an empty name would be the path of "."
        raise CscError(
            f"There is no archive {os.fspath(name)!r}",
            "it is neither a release nor a folder",
            f"Use one of {', '.join(RELEASES)}, demo, or the path of an archive folder.",
        )
    return folder, read_info(folder)


def connect(name: str | os.PathLike[str], monitor: Monitor, session: ServiceSession) -> Connection:
    """Open the line to a release, the demo, or an archive folder.

    Raises
    ------
    CscError
        If the name is neither a release, "demo", nor an archive folder.
    """
    if isinstance(name, str) and name in RELEASES:
        return Connection(RELEASES[name], session, local=False, key=name)
    # The only way up from here: the local service, and the demo, are loaded when they are opened, not before.
    from cscwidgets.service.transport import mount  # noqa: PLC0415

    products = None
    if name == "demo":
        from cscwidgets.demo.build import demo_folder  # noqa: PLC0415
        from cscwidgets.demo.products import demo_store  # noqa: PLC0415

        products = demo_store()
        stop = threading.Event()
        asked = _asks_to_stop(monitor)
        folder = aside(
            lambda: demo_folder(
                lambda fraction, words: monitor.report(words, fraction), lambda: stop.is_set() or asked()
            ),
            stop.set,
        )
    folder, info = _read_folder(folder if name == "demo" else name)
    base = mount(session, folder, products)
    template = RELEASES.get(info.release, RELEASES["current"])
    release = replace(
        template,
        name="demo" if name == "demo" else os.fspath(name),
        title=info.title,
        tap=f"{base}/tap",
        cone=f"{base}/scs/coneSearch",
        csccli=f"{base}/csccli",
        schema=info.schema,
        advice="Make the archive folder again.",
    )
    made = hashlib.sha256(f"{folder.resolve()}|{info.created}".encode()).hexdigest()[:12]
    return Connection(
        release,
        session,
        local=True,
        key=f"folder-{source_folder(folder.name)}-{made}",
        simulated=info.simulated,
        origin=info.origin,
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


def _asks_to_stop(monitor: Monitor) -> Callable[[], bool]:
    def cancelled() -> bool:
        try:
            monitor.check()
        except CscError:
            return True
        return False

    return cancelled

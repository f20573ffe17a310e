"""What lies at an address, whole, unpacked and no more than allowed: files of this machine, HTTP and HTTPS."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests

from .deadline import WatchedAdapter, deadline
from .files import read_file
from .http_body import read_body
from .reading import Unreadable
from .unpacking import unpack

__all__ = ["http_content", "url_content"]

_HERE = ("", "localhost", "127.0.0.1")
_SECONDS = 120.0  # for the whole of an answer
_MOST_REDIRECTS = 5


def url_content(url: str, largest: int, cancelled: Callable[[], object] = lambda: None) -> bytes:
    """The bytes at an address, unpacked if they are packed with gzip, bzip2 or xz.

    Parameters
    ----------
    url : str
        "file:" without another machine's name, "http:" or "https:".
    largest : int
        Bytes it may have, unpacked.
    cancelled : callable
        Raises when nobody waits any more; asked while an answer is awaited.

    Raises
    ------
    Unreadable
        If the address is of another kind, or what is there is larger or no file.
    OSError
        If it cannot be had; the errors of ``requests`` are of this kind.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a table.csv"
    ...     _ = path.write_text("ra,dec")
    ...     url_content(path.as_uri(), 100)
    b'ra,dec'
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc.lower() not in _HERE:
            raise Unreadable(f"it is a file of another machine, {parts.netloc:.60}")
        return read_file(url2pathname(parts.path), largest)
    if parts.scheme in {"http", "https"}:
        return unpack(http_content(url, largest, _SECONDS, cancelled), largest)
    raise Unreadable(f"addresses of the kind {parts.scheme!r:.20} are not read, but file, http and https")


def http_content(address: str, largest: int, seconds: float, cancelled: Callable[[], object] = lambda: None) -> bytes:
    """The body of what a server answers, of no more than five redirects.

    Parameters
    ----------
    address : str
    largest : int
        Bytes it may have, unpacked.
    seconds : float
        For the whole answer.
    cancelled : callable
        See `url_content`.

    Raises
    ------
    requests.RequestException, urllib3.exceptions.HTTPError
        If none comes in time, or one that says that it failed.
    Unreadable
        If it is larger, or packed in a way that is not read.
    """
    with requests.Session() as session, deadline(seconds, growing=False, cancelled=cancelled) as watch:
        session.max_redirects = _MOST_REDIRECTS
        for scheme in ("https://", "http://"):
            session.mount(scheme, WatchedAdapter())
        try:
            response = session.get(address, timeout=seconds, stream=True)
            content = read_body(response, largest)
            watch.check()
        finally:
            watch.end()
    response.raise_for_status()
    return content

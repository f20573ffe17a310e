"""What lies at an address, whole, unpacked and no more than allowed: files of this machine, HTTP and HTTPS.

A server of the internet does not lead to one of this machine or its network: by a redirect it could have whatever is
there asked in our name.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit
from urllib.request import url2pathname

import requests
import urllib3.exceptions

from .deadline import WatchedAdapter, deadline
from .files import read_file
from .hosts import is_inside
from .http_body import read_body
from .reading import Unreadable
from .unpacking import unpack

__all__ = ["http_content", "url_content"]

_HERE = ("", "localhost", "127.0.0.1")
_SECONDS = 120.0  # for the whole of an answer
_MOST_REDIRECTS = 5


def url_content(url: str, largest: int, cancelled: Callable[[], object] = lambda: None) -> bytes:
    """The bytes at an address that another program gave, unpacked if they are packed with gzip, bzip2 or xz.

    Neither proxies nor passwords of the environment are used.

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
        If the address is of another kind, no server answers well, or what is there is larger or no file.
    OSError
        If there is no such file, or it may not be read.

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
        return unpack(http_content(url, largest, _SECONDS, cancelled, environment=False), largest)
    raise Unreadable(f"addresses of the kind {parts.scheme!r:.20} are not read, but file, http and https")


def http_content(
    address: str,
    largest: int,
    seconds: float,
    cancelled: Callable[[], object] = lambda: None,
    *,
    environment: bool = True,
) -> bytes:
    """The body of what a server answers, after no more than five redirects.

    Parameters
    ----------
    address : str
    largest : int
        Bytes it may have, unpacked.
    seconds : float
        For the whole answer.
    cancelled : callable
        See `url_content`.
    environment : bool
        Whether proxies and passwords of the environment are used.

    Raises
    ------
    Unreadable
        If none comes in time, or one that says that it failed, is larger or packed in a way that is not read, or leads
        from the internet to this machine or its network.
    """
    try:
        with _Outward() as session, deadline(seconds, growing=False, cancelled=cancelled) as watch:
            session.trust_env = environment
            session.max_redirects = _MOST_REDIRECTS
            for scheme in ("https://", "http://"):
                session.mount(scheme, WatchedAdapter())
            try:
                with session.get(address, timeout=seconds, stream=True) as response:
                    response.raise_for_status()
                    content = read_body(response, largest)
                watch.check()
            finally:
                watch.end()
    except requests.HTTPError as error:
        raise Unreadable(f"HTTP status {error.response.status_code}") from error
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:  # of the deadline too
        raise Unreadable("nothing whole came in time") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise Unreadable("it could not be reached, or broke off") from error
    return content


class _Outward(requests.Session):
    """Follows redirects, but for those from outside to inside."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is not None and not is_inside(_host(resp.url)) and is_inside(_host(urljoin(resp.url, target))):
            raise Unreadable("the server leads to this machine or its network, where it has no business")
        return target


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""

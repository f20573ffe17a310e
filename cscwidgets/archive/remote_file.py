"""A file behind an address, of which parts are fetched: by ranges of bytes, or whole from a server that has none."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import requests

from cscwidgets.io.reading import Unreadable

from .service_session import ServiceSession, body_of

__all__ = ["RemoteFile", "whole_file"]

_TAIL = 65_536  # bytes that come with the first request: Parquet has its contents at the end
_LARGEST_WHOLE = 256_000_000
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_UNPACKED = {"Accept-Encoding": "identity"}  # ranges are counted in what is sent


def whole_file(address: str, session: ServiceSession, largest: int) -> bytes:
    """A file of up to so many bytes.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    requests.RequestException
        If the server does not answer, or not with a file.
    """
    response = session.get(address, stream=True)
    content = body_of(response, largest)
    if response.status_code == requests.codes.not_found:
        raise FileNotFoundError(address)
    response.raise_for_status()
    return content


class RemoteFile(io.RawIOBase):
    """Reads what it has, and fetches what it has not.

    Parameters
    ----------
    address : str
    session : ServiceSession

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    Unreadable
        If the server sends something else than was asked for, here or later.
    requests.RequestException
        If it does not answer, here or later.
    """

    def __init__(self, address: str, session: ServiceSession) -> None:
        super().__init__()
        self._address, self._session = address, session
        self._at = 0
        self.size, self._mark = 0, ""
        self._start, self._held = self._ask(f"bytes=-{_TAIL}", _TAIL)

    def fetch(self, start: int, stop: int) -> None:
        """Have these bytes here, in place of those before."""
        if not (self._start <= start and stop <= self._start + len(self._held)):
            self._start, self._held = self._ask(f"bytes={start}-{stop - 1}", stop - start)
            if self._start > start or self._start + len(self._held) < stop:
                raise Unreadable("the server sent another part of the file than was asked for")

    @property
    def held(self) -> int:
        """How many bytes are here."""
        return len(self._held)

    def _ask(self, asked: str, largest: int) -> tuple[int, bytes]:
        response = self._get({"Range": asked})
        if response.status_code == requests.codes.requested_range_not_satisfiable and not self.size:
            response = self._get({})  # some servers have no end of a file that is shorter than was asked for
        if response.status_code == requests.codes.not_found:
            raise FileNotFoundError(self._address)
        response.raise_for_status()
        in_parts = response.status_code == requests.codes.partial_content
        content = body_of(response, largest if in_parts else _LARGEST_WHOLE)
        told = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip()) if in_parts else None
        if in_parts and told is None:
            raise Unreadable("the server does not say which part of the file it sent")
        start, size = (int(told[1]), int(told[3])) if told else (0, len(content))
        mark = response.headers.get("ETag", "")
        if self.size and (size, mark) != (self.size, self._mark):
            raise Unreadable("the file was written again meanwhile", "Try again.")
        self.size, self._mark = size, mark
        return start, content

    def _get(self, headers: Mapping[str, str]) -> requests.Response:
        response = self._session.get(self._address, headers={**_UNPACKED, **headers}, stream=True)
        if not response.ok:
            response.close()
        return response

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of any file."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence])
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """As of any file."""
        stop = self.size if size is None or size < 0 else min(self.size, self._at + size)
        if self._at >= stop:
            return b""
        self.fetch(self._at, stop)
        content = self._held[self._at - self._start : stop - self._start]
        self._at = stop
        return content

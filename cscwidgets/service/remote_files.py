"""Files behind an address as DuckDB reads them: parts of them, when a query needs them."""

from __future__ import annotations

import io
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from fsspec import AbstractFileSystem
from urllib3.exceptions import HTTPError

from cscwidgets.archive.connection import Connection
from cscwidgets.archive.failures import explained
from cscwidgets.archive.monitor import Monitor, watched
from cscwidgets.archive.remote_file import RemoteFile
from cscwidgets.errors import CscError, QueryCancelled, QueryError
from cscwidgets.io.reading import Unreadable, reading

__all__ = ["PROTOCOL", "RemoteFiles"]

PROTOCOL = "hats"

_AT_LEAST = 262_144  # bytes that are fetched at once: columns of a group of rows lie side by side
_MOST_HELD = 256_000_000  # bytes that are kept between two queries
_HINT = "Try again; else get the catalogue anew."
_WRITTEN = datetime(2000, 1, 1, tzinfo=UTC)


class RemoteFiles(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Some files below an address.

    Any number of threads may read.

    Parameters
    ----------
    line : Connection
        To the address.
    names : collection of str
        The files, within it; there are no others.
    """

    protocol = PROTOCOL
    cachable = False

    def __init__(self, line: Connection, names: Collection[str]) -> None:
        super().__init__()
        self._line, self._names = line, frozenset(names)
        self._files: dict[str, _Shared] = {}
        self._askers: list[Monitor] = []
        self._lock = threading.Lock()
        self._failure: CscError | None = None
        self._failures = 0

    @contextmanager
    def asked_by(self, monitor: Monitor) -> Iterator[None]:
        """Let what is read meanwhile be told to a monitor, which may stop it; what fails is raised as it is."""
        with self._lock:
            self._askers.append(monitor)
        try:
            yield
        except Exception:
            with self._lock:
                failure, self._failure = self._failure, None
            if failure is not None:
                raise failure from None  # of which DuckDB makes an error of its own
            raise
        finally:
            with self._lock:
                self._askers.remove(monitor)
                if not self._askers and sum(file.held for file in self._files.values()) > _MOST_HELD:
                    self._files.clear()

    def report(self, message: str, fraction: float | None = None) -> None:
        """Tell all that wait."""
        for monitor in self._askers[:]:
            monitor.report(message, fraction)

    def check(self) -> None:
        """Stop if nobody waits any more."""
        askers = self._askers[:]
        for monitor in askers:
            try:
                monitor.check()
            except QueryCancelled:
                continue
            return
        if askers:
            raise QueryCancelled("The query was cancelled")

    def open(self, path: str, mode: str = "rb", **_: Any) -> io.RawIOBase:  # noqa: ARG002
        """A file to read, in any number of places."""
        return _Reader(self._shared(path))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Its size."""
        return {"name": path, "size": self._shared(path).size, "type": "file"}

    def exists(self, path: str, **_: Any) -> bool:
        """Whether it is one of the files."""
        return self._name(path) in self._names

    def glob(self, path: str, **_: Any) -> list[str]:
        """The file itself: their names are no patterns."""
        return [path] if self.exists(path) else []

    def modified(self, path: str) -> datetime:  # noqa: ARG002
        """The same time until something fails: then DuckDB, too, looks anew what each file says of itself."""
        return _WRITTEN + timedelta(seconds=self._failures)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Whatever goes wrong is one clear error, which the query fails with, and is told to who asks for the files."""
        why = f"{self._line.release.title} cannot be read"
        network = (requests.RequestException, HTTPError)
        try:
            with watched(self), explained(self._line.release), reading(why, _HINT, error=QueryError, passing=network):
                yield
        except CscError as error:
            with self._lock:
                self._failure = error
                self._failures += 1
                self._files.clear()
            raise

    def _name(self, path: str) -> str:
        return path.removeprefix(f"{PROTOCOL}://")

    def _shared(self, path: str) -> _Shared:
        name = self._name(path)
        with self._lock:
            if name not in self._names:
                raise FileNotFoundError(path)
            return self._files.setdefault(name, _Shared(self, name, self._line))


class _Shared:
    """One file, that is asked for when its size is, and read by one thread at a time."""

    def __init__(self, files: RemoteFiles, name: str, line: Connection) -> None:
        self._files, self._name, self._line = files, name, line
        self._file: RemoteFile | None = None
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        return 0 if self._file is None else self._file.held

    @property
    def size(self) -> int:
        with self._lock:
            return self._opened().size

    def read(self, start: int, stop: int) -> bytes:
        with self._lock, self._files.reading():
            file = self._opened()
            file.fetch(start, min(file.size, max(stop, start + _AT_LEAST)))
            file.seek(start)
            return file.read(stop - start)

    def _opened(self) -> RemoteFile:
        if self._file is None:
            with self._files.reading():
                try:
                    self._file = RemoteFile(f"{self._line.release.tap}/{self._name}", self._line.session)
                except FileNotFoundError:
                    raise Unreadable(f"it lists {self._name}, which is not there") from None
        return self._file


class _Reader(io.RawIOBase):
    """A place in a file, one for each thread: DuckDB seeks and reads in two steps, in several threads at once."""

    def __init__(self, file: _Shared) -> None:
        super().__init__()
        self._file, self._place = file, threading.local()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return getattr(self._place, "at", 0)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.tell()}.get(whence)
        self._place.at = offset + (self._file.size if base is None else base)
        return self.tell()

    def read(self, size: int | None = -1) -> bytes:
        start, end = self.tell(), self._file.size
        stop = end if size is None or size < 0 else min(end, start + size)
        content = self._file.read(start, stop) if stop > start else b""
        self._place.at = start + len(content)
        return content

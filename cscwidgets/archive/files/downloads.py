"""Fetching product files: several at a time, each whole or not at all, each with an outcome of its own."""

from __future__ import annotations

import tarfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, cast

import numpy as np
import requests
import urllib3.exceptions
from astropy.table import Table

from cscwidgets.csc.filenames import ProductFile
from cscwidgets.errors import CscError, ProductError, QueryCancelled, ServiceUnreachable

from ..connection import Connection
from ..failures import explained
from ..monitor import Monitor, current_monitor
from ..parallel import for_each
from .cache import Cache
from .integrity import Damaged, NotTheFile, pieces_of

__all__ = ["Item", "Outcomes", "download", "items_of"]

_PER_TAR = 20  # files in one tar: a request stays small, and little is lost with it
_TRIES = 3
_BACK_OFF = 0.5  # seconds before the second try, twice that before the third
_SILENT_AFTER = 4  # files in a row that the service did not answer for, after which no more are asked for
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Item:
    """A file to fetch, the csccli id of the product it is a file of, and the source it was listed for."""

    file: ProductFile
    product: str
    source: str = ""


def items_of(products: Table) -> list[Item]:
    """The items of a table that `cscwidgets.archive.files.listing.list_products` made."""
    columns = (products[name] for name in ("filename", "size", "product", "name"))
    return [
        Item(ProductFile(str(filename), None if size is np.ma.masked else int(size)), str(product), str(name))
        for filename, size, product, name in zip(*columns, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of each file, by name: where it is, or why it could not be had."""

    fetched: Mapping[str, Path]
    failed: Mapping[str, CscError]


def download(connection: Connection, items: Sequence[Item], cache: Cache, monitor: Monitor) -> Outcomes:
    """Fetch files that the cache does not have.

    Parameters
    ----------
    connection : Connection
    items : sequence of Item
    cache : Cache
        Where whole files go; a file that is there is not fetched again.
    monitor : Monitor
        Told the bytes and the time left, asked whether to stop.

    Raises
    ------
    QueryCancelled
        If the monitor said so; what had arrived whole is kept.
    """
    unique = list({item.file.filename: item for item in items}.values())
    work = _Download(connection, cache, _Progress(unique, monitor))
    missing = work.look_up(unique)
    for_each(work.run, _plan(missing, local=connection.local), monitor, tell=work.progress.tell)
    cache.trim(keep=set(work.fetched.values()))
    return Outcomes(work.fetched, work.failed)


def _plan(items: Sequence[Item], *, local: bool) -> list[list[Item]]:
    """Small files of a distant service in batches, the files of whole fields one by one."""
    if local:
        return [[item] for item in items]
    small = [item for item in items if not item.file.name.kind.level.full_field]
    large = [item for item in items if item.file.name.kind.level.full_field]
    return [small[start : start + _PER_TAR] for start in range(0, len(small), _PER_TAR)] + [[item] for item in large]


@dataclass
class _Progress:
    """Files and bytes so far, and from them the time left."""

    items: Sequence[Item]
    monitor: Monitor
    started: float = field(default_factory=time.monotonic)
    settled: int = 0
    received: int = 0
    kept: int = 0

    def tell(self) -> None:
        total = len(self.items)
        if not total:
            return
        sizes = [item.file.size for item in self.items]
        to_come = sum(filter(None, sizes)) if None not in sizes else None
        # Bytes say more than files, where all sizes are known.
        fraction = min(1.0, (self.kept + self.received) / to_come) if to_come else self.settled / total
        message = f"{self.settled:,} of {total:,} files, {self.received / 1e6:.1f} MB received"
        elapsed = time.monotonic() - self.started
        if 0 < fraction < 1 and elapsed > 1:
            message += f", about {_duration(elapsed * (1 - fraction) / fraction)} left"
        self.monitor.report(message, fraction)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


class _Download:
    """The state that the threads of one fetch share."""

    def __init__(self, connection: Connection, cache: Cache, progress: _Progress) -> None:
        self.connection = connection
        self.cache = cache
        self.progress = progress
        self.fetched: dict[str, Path] = {}
        self.failed: dict[str, CscError] = {}
        self._lock = threading.Lock()
        self._silent = 0
        self._release = connection.release

    def look_up(self, items: Iterable[Item]) -> list[Item]:
        """Take what the cache has; the rest is returned."""
        missing = []
        for item in items:
            self.progress.monitor.check()
            path = self.cache.find(self.connection.key, item.file.filename)
            if path is None:
                missing.append(item)
            else:
                self.fetched[item.file.filename] = path
                self.progress.settled += 1
                self.progress.kept += item.file.size or 0
        return missing

    def run(self, batch: Sequence[Item]) -> None:
        """Fetch a batch: as one tar if it has several files, and singly what that did not bring."""
        try:
            if len(batch) > 1 and self._answers():
                self._take_tar(batch)
        except CscError as error:
            if isinstance(error, QueryCancelled):
                raise
            if isinstance(error, ServiceUnreachable):
                for item in batch:
                    self._settle(item, error)
        for item in batch:
            if item.file.filename not in self.fetched and item.file.filename not in self.failed:
                self._take_single(item)

    def _answers(self) -> bool:
        return self._silent < _SILENT_AFTER

    def _settle(self, item: Item, outcome: Path | CscError) -> None:
        with self._lock:
            if item.file.filename in self.fetched:
                return
            self.progress.settled += 1
            if isinstance(outcome, Path):
                self.fetched[item.file.filename] = outcome
                self._silent = 0
            else:
                self.failed[item.file.filename] = outcome
                self._silent += isinstance(outcome, ServiceUnreachable)

    def _take_single(self, item: Item) -> None:
        if not self._answers():
            self._settle(item, ServiceUnreachable("The file was not asked for", "the service no longer answers"))
            return
        problem: CscError | None = None
        for attempt in range(_TRIES):
            if attempt:
                _pause(_BACK_OFF * 2 ** (attempt - 1))
            try:
                self._settle(item, self._fetch(item))
                return
            except _Again as again:
                problem = self._error(item, str(again), "It was tried again; try once more later.")
            except QueryCancelled:
                raise
            except CscError as error:
                problem = error
                break
            except OSError as error:  # the cache steps aside where it cannot be written: tried again, it goes there
                problem = self._error(item, f"it cannot be written: {error}", "Make room, or choose another folder.")
        if problem is not None:
            self._settle(item, problem)

    def _fetch(self, item: Item) -> Path:
        release = self._release
        with explained(release):
            parameters = {"filetype": item.file.name.kind.filetype, "filename": item.file.filename}
            answer = self._get("retrieveFile", parameters)
            try:
                if answer.status_code == 500:
                    raise _Again(f"HTTP status 500 from {release.title}")
                if answer.status_code in {404, 410}:
                    raise self._error(item, f"{release.title} does not have it", "List the products again.")
                answer.raise_for_status()
                return self._store(item, self._pieces(answer))
            finally:
                answer.close()

    def _take_tar(self, batch: Sequence[Item]) -> None:
        """Store what a tar of many brings whole; what it does not bring is for single requests."""
        by_name = {item.file.filename: item for item in batch}
        with explained(self._release):
            products = dict.fromkeys(item.product for item in batch)
            answer = self._get("retrieve", {"packageset": ",".join(products)})
            try:
                if answer.status_code == 500:
                    return  # single requests will tell which file it is that the service stumbles over
                answer.raise_for_status()
                reader = _Reader(self._pieces(answer))
                try:
                    with tarfile.open(fileobj=cast("IO[bytes]", reader), mode="r|") as tar:
                        for member in tar:
                            self._take_member(tar, member, by_name)
                except (tarfile.TarError, EOFError, OSError, _Again):
                    current_monitor().check()
            finally:
                answer.close()

    def _take_member(self, tar: tarfile.TarFile, member: tarfile.TarInfo, items: Mapping[str, Item]) -> None:
        # Members go where their names, as parsed, say; a path of their own is not followed, nor is a strange one taken.
        path = PurePosixPath(member.name)
        item = items.get(path.name.removesuffix(".gz"))
        if item is None or not member.isfile() or path.is_absolute() or ".." in path.parts:
            return
        content = tar.extractfile(member)
        if content is None or item.file.filename in self.fetched:
            return
        try:
            self._settle(item, self._store(item, pieces_of(content)))
        except (ProductError, _Again):
            return

    def _get(self, what: str, parameters: dict[str, str]) -> requests.Response:
        # A proxy that zips what is zipped already would be undone by nobody.
        return self.connection.session.get(
            f"{self._release.csccli}/{what}",
            params=parameters | {"version": self._release.version},
            headers={"Accept-Encoding": "identity"},
            stream=True,
        )

    def _pieces(self, answer: requests.Response) -> Iterator[bytes]:
        try:
            while piece := answer.raw.read(_PIECE, decode_content=False):
                with self._lock:
                    self.progress.received += len(piece)
                yield piece
        except (urllib3.exceptions.ProtocolError, requests.exceptions.ChunkedEncodingError):
            raise _Again("the answer broke off before its end") from None

    def _store(self, item: Item, pieces: Iterator[bytes]) -> Path:
        try:
            return self.cache.store(self.connection.key, item.file.filename, pieces)
        except Damaged as damage:
            raise _Again(f"it arrived damaged: {damage}") from None
        except NotTheFile as other:
            raise self._error(item, str(other), "Try again later; if it stays so, report it.") from None

    @staticmethod
    def _error(item: Item, why: str, hint: str) -> ProductError:
        return ProductError(f"{item.file.filename} could not be fetched", why, hint)


class _Again(Exception):
    """Something another try can mend."""


class _Reader:
    """Pieces as the file that tarfile reads from; a document that is no tar is left unread."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int) -> bytes:
        parts, left = [self._rest], size - len(self._rest)
        while left > 0 and (piece := next(self._pieces, b"")):
            parts.append(piece)
            left -= len(piece)
        content = b"".join(parts)
        self._rest = content[size:]
        return content[:size]


def _pause(seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        current_monitor().check()
        time.sleep(min(0.1, left))

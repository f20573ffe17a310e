"""Product files on this machine: stored whole or not at all, checked at every use, within a limit.

Files lie at ``products/ARCHIVE/OWNER/NAME.fits.gz`` below the cache's folder; what is there counts. ``index.sqlite``
adds what the files do not say themselves: their checksum, and when they were last used. It can be lost without harm.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp, mkstemp
from typing import Any

from astropy.table import Table
from astropy.time import Time

from cscwidgets.csc.filenames import ProductFile, owner_folder
from cscwidgets.errors import CscWarning, warn

from ..cache_folder import MOVE, cache_root, unwritable
from .integrity import Digest, check, digest, is_intact

__all__ = ["LIMIT", "Cache"]

LIMIT = 20_000_000_000
"""Bytes of product files to keep unless told."""

_ABANDONED = 3600.0  # seconds after which a file nobody writes to any more was left by a process that died
_SCHEMA = """CREATE TABLE IF NOT EXISTS files (
    archive TEXT, filename TEXT, size INTEGER, sha256 TEXT, stored REAL, used REAL, PRIMARY KEY (archive, filename))"""


class Cache:
    """Product files that were fetched, of all archives.

    Any number of threads and processes may use it at once, and any of them may be killed at any moment.

    Parameters
    ----------
    folder : path, optional
        Where to keep the files; ``products`` in `cache_root` unless told.
    limit : int or None
        Bytes above which the files used longest ago go; None for no limit.
    in_use : float
        Seconds after its last use for which a file stays all the same: whoever asked for it, here or in another
        process, reads it next.
    """

    def __init__(
        self, folder: str | os.PathLike[str] | None = None, limit: int | None = LIMIT, *, in_use: float = 60.0
    ) -> None:
        self.folder = Path(folder) if folder is not None else cache_root() / "products"
        self.limit = limit
        self.in_use = in_use
        self._lock = threading.Lock()
        self._swept = False
        self._substitute: Path | None = None

    def __repr__(self) -> str:
        return f"Cache({str(self.folder)!r}, limit={self.limit})"

    def __reduce__(self) -> tuple[partial[Cache], tuple[Path, int | None]]:
        return partial(Cache, in_use=self.in_use), (self.folder, self.limit)

    def path(self, archive: str, filename: str) -> Path:
        """Where a file is, or would be."""
        return self.folder / _place(archive, filename)

    def find(self, archive: str, filename: str) -> Path | None:
        """A file that is here and whole; a damaged one is removed."""
        path = self._find(self.path(archive, filename), archive, filename)
        if path is None and self._substitute is not None:
            path = self._find(self._substitute / _place(archive, filename), archive, filename)
        return path

    def _find(self, path: Path, archive: str, filename: str) -> Path | None:
        try:
            present = digest(path)
        except OSError:
            return None
        recorded = self._ask("SELECT size, sha256 FROM files WHERE archive = ? AND filename = ?", archive, filename)
        # A process killed before it wrote the index, or a lost index, leave a file that speaks for itself.
        intact = Digest(*recorded[0]) == present if recorded else is_intact(path)
        if not intact:
            self._ask("DELETE FROM files WHERE archive = ? AND filename = ?", archive, filename)
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        if recorded:
            self._ask("UPDATE files SET used = ? WHERE archive = ? AND filename = ?", time.time(), archive, filename)
        else:
            self._remember(archive, filename, present)
        return path

    def store(self, archive: str, filename: str, pieces: Iterable[bytes]) -> Path:
        """Take a file in as it arrives.

        Where the folder cannot be written, files are kept elsewhere until Python ends, with a warning.

        Raises
        ------
        Damaged, NotTheFile
            If it is not a whole product; nothing is kept then.
        OSError
            If it cannot be written: the next file, or this one tried again, goes elsewhere. Or what the pieces raise.
        """
        try:
            return self._store(self._writable(), archive, filename, _as_they_come(pieces))
        except _NotSent as failure:
            raise failure.why from failure.why.__cause__
        except OSError as error:
            self._step_aside(error)
            raise

    def _writable(self) -> Path:
        """The folder to write to, made sure of before the first file is read: its bytes come only once."""
        if self._substitute is None and not self._swept:
            try:
                self._incoming(self.folder)
                with TemporaryFile(dir=self.folder):
                    pass
            except OSError as error:
                self._step_aside(error)
        return self._substitute or self.folder

    def _step_aside(self, error: OSError) -> None:
        with self._lock:
            if self._substitute is not None:
                return
            self._substitute = Path(mkdtemp(prefix="cscwidgets-"))
            atexit.register(shutil.rmtree, self._substitute, ignore_errors=True)
        warn(CscWarning(f"Files are kept only until Python ends: {unwritable(self.folder, error)}. {MOVE}"))

    def _store(self, folder: Path, archive: str, filename: str, pieces: Iterable[bytes]) -> Path:
        path = folder / _place(archive, filename)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = mkstemp(dir=self._incoming(folder), prefix=f"{filename}-")
        incoming = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                stored = check(pieces, file)
                file.flush()
                os.fsync(file.fileno())
            incoming.replace(path)
        except BaseException:
            incoming.unlink(missing_ok=True)
            raise
        self._remember(archive, filename, stored)
        return path

    def files(self) -> Table:
        """Every file: archive, filename, size (bytes), stored and used (UTC), path; last used first."""
        rows = sorted(self._files(), key=lambda row: -row[4])
        columns = ("archive", "filename", "size", "stored", "used", "path")
        if not rows:
            return Table(names=columns, dtype=[str, str, int, str, str, str])
        table = Table(rows=[(*row[:5], str(row[5])) for row in rows], names=columns, units={"size": "byte"})
        for name in ("stored", "used"):
            table[name] = Time(table[name], format="unix").strftime("%Y-%m-%d %H:%M:%S")
        return table

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(row[2] for row in self._files())

    def clear(self, archive: str | None = None) -> None:
        """Remove all files, or those of one archive."""
        for folder in [self.folder / archive] if archive else [*self._archives()]:
            shutil.rmtree(folder, ignore_errors=True)
        if archive:
            self._ask("DELETE FROM files WHERE archive = ?", archive)
        else:
            self._ask("DELETE FROM files")

    def trim(self, keep: Collection[Path] = ()) -> None:
        """Remove the files used longest ago until the rest is within the limit; none in use, nor those to ``keep``."""
        if self.limit is None:
            return
        rows = sorted(self._files(), key=lambda row: row[4])
        total = sum(row[2] for row in rows)
        now = time.time()
        for archive, filename, size, _, used, path in rows:
            if total <= self.limit:
                return
            if path not in keep and not 0 <= now - used < self.in_use:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
                self._ask("DELETE FROM files WHERE archive = ? AND filename = ?", archive, filename)
                total -= size

    def _archives(self) -> Iterator[Path]:
        if self.folder.is_dir():
            yield from (folder for folder in self.folder.iterdir() if folder.is_dir() and folder.name != ".incoming")

    def _files(self) -> Iterator[tuple[str, str, int, float, float, Path]]:
        rows = self._ask("SELECT archive, filename, stored, used FROM files")
        times = {(archive, filename): (stored, used) for archive, filename, stored, used in rows}
        for folder in self._archives():
            for path in folder.glob("*/*"):
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue
                filename = path.name.removesuffix(".gz")
                stored, used = times.get((folder.name, filename), (status.st_mtime, status.st_mtime))
                yield folder.name, filename, status.st_size, stored, used, path

    def _incoming(self, folder: Path) -> Path:
        """The folder of files on their way, without what dead processes left there."""
        incoming = folder / ".incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        if not self._swept:
            self._swept = True
            for remnant in incoming.iterdir():
                with suppress(FileNotFoundError):  # others are at work here too
                    if time.time() - remnant.stat().st_mtime > _ABANDONED:
                        remnant.unlink()
        return incoming

    def _remember(self, archive: str, filename: str, stored: Digest) -> None:
        now = time.time()
        self._ask("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", archive, filename, *stored, now, now)

    def _ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask or change the index; a damaged one is begun anew, and one that cannot be written is done without."""
        path = self.folder / "index.sqlite"
        with self._lock, suppress(OSError, sqlite3.OperationalError):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                return _execute(path, sql, values)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                for part in (path, path.with_name(f"{path.name}-journal")):
                    part.unlink(missing_ok=True)
                return _execute(path, sql, values)
        return []


class _NotSent(Exception):
    """The pieces of a file did not come: many errors of a network are those of a disk in Python."""

    def __init__(self, why: OSError) -> None:
        super().__init__(str(why))
        self.why = why


def _as_they_come(pieces: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except OSError as error:
        raise _NotSent(error) from error


def _place(archive: str, filename: str) -> Path:
    if filename.endswith("_picture.fits"):
        return Path(archive, "pictures", f"{filename}.gz")
    name = ProductFile(filename).name
    ending = "" if name.kind.suffix == "jpg" else ".gz"
    return Path(archive, owner_folder(name.owner), f"{name}{ending}")


def _execute(path: Path, sql: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        # Killing the process cannot harm it so; losing power can, and then it is begun anew.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(_SCHEMA)
        return connection.execute(sql, values).fetchall()

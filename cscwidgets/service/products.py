"""Where an archive's product files come from: a folder of them, or whatever else answers the same two questions."""

from __future__ import annotations

import gzip
import threading
import time
from dataclasses import dataclass, field
from os import DirEntry, scandir
from pathlib import Path
from typing import Protocol

from cscwidgets.csc.filenames import ProductFile, newest
from cscwidgets.csc.products import ProductId
from cscwidgets.errors import ProductError

__all__ = ["FolderStore", "ProductStore"]

_LOOK_AGAIN = 1.0  # seconds between two looks for new files


class ProductStore(Protocol):
    """Product files by id and by name. Any number of threads may ask at once."""

    def browse(self, product: ProductId) -> list[ProductFile]:
        """The newest version of each file of a product; none is no error.

        The owner is what the kind's level says: an observation (with the region, where the kind has one), a stack
        likewise, or a source.
        """

    def read(self, filetype: str, filename: str) -> bytes:
        """A file's content, gzipped (a picture: as it is), by the name ``browse`` gave.

        Raises
        ------
        KeyError
            If there is none.
        """


@dataclass
class _Index:
    """What lies in a folder: paths by file name, names by product, and when each sub-folder was read."""

    paths: dict[str, Path] = field(default_factory=dict)
    names: dict[ProductId, list[str]] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)

    def add(self, entry: DirEntry[str]) -> None:
        name = entry.name.removesuffix(".gz")
        if name in self.paths:
            return  # search_csc keeps an ambiguous detection's files once for each of its sources
        try:
            product = ProductFile(name).name.product
        except ProductError:
            return
        self.paths[name] = Path(entry.path)
        self.names.setdefault(product, []).append(name)


class FolderStore:
    """The product files below a folder, however it is divided: ``search_csc``'s way, or not at all.

    Files are known by their names; those that are no product's are left alone. The folder is read when first asked,
    and again when its directories have changed.

    Parameters
    ----------
    folder : path or None
        Files ``*.fits.gz``, ``*.fits`` or ``*.jpg``; it may be missing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._known = _Index()
        self._looked = float("-inf")

    def browse(self, product: ProductId) -> list[ProductFile]:
        """The newest version of each file of a product."""
        index = self._index()
        files = newest([ProductFile(name) for name in index.names.get(product, ())])
        sizes = [(file, _sent_size(index.paths[file.filename])) for file in files]
        return [file._replace(size=size or None) for file, size in sizes if size is not None]

    def read(self, filetype: str, filename: str) -> bytes:
        """A file's content, gzipped.

        Raises
        ------
        KeyError
            If there is no such file, or it is of another type.
        """
        path = self._index().paths[filename]
        if ProductFile(filename).name.kind.filetype != filetype:
            raise KeyError(filename)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise KeyError(filename) from None
        return content if _as_sent(path) else gzip.compress(content, 6, mtime=0)

    def _index(self) -> _Index:
        with self._lock:
            now = time.monotonic()
            if now - self._looked > _LOOK_AGAIN:
                if not self._known.folders or any(_changed(*known) for known in self._known.folders.items()):
                    self._known = _read(self.folder)
                self._looked = time.monotonic()
            return self._known


def _as_sent(path: Path) -> bool:
    return path.suffix in {".gz", ".jpg"}


def _sent_size(path: Path) -> int | None:
    """Bytes that will be sent, 0 for what is only zipped then, None for a file that has gone."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return None
    return size if _as_sent(path) else 0


def _changed(folder: str, read_at: int) -> bool:
    try:
        return Path(folder).stat().st_mtime_ns != read_at
    except OSError:
        return True


def _read(folder: Path | None) -> _Index:
    index = _Index()
    waiting = [str(folder)] if folder is not None and folder.is_dir() else []
    while waiting:
        current = waiting.pop()
        index.folders[current] = Path(current).stat().st_mtime_ns
        with scandir(current) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir():
                    waiting.append(entry.path)
                else:
                    index.add(entry)
    return index

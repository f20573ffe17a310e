"""The pictures of an archive: those that lie in its folder, or whatever else answers the same two questions."""

from __future__ import annotations

import gzip
import json
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from cscwidgets.archive.files.picture_format import Picture, is_picture_name, read_picture
from cscwidgets.errors import CscError

__all__ = ["FolderPictures", "PictureStore", "picture_list"]

_ENDINGS = (".fits.gz", ".fits")


class PictureStore(Protocol):
    """Pictures by name. Any number of threads may ask at once."""

    def browse(self) -> list[tuple[Picture | CscError, int | None]]:
        """All pictures, or what is wrong with one, and their bytes as sent, None where that is not known yet."""

    def read(self, name: str) -> bytes:
        """A picture's file, gzipped.

        Raises
        ------
        KeyError
            If there is none.
        """


class FolderPictures:
    """The files ``NAME.fits.gz`` and ``NAME.fits`` in a folder, which may be missing; others are left alone.

    Links that lead out of the folder are not followed.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._known: dict[tuple[Path, int, int], Picture | CscError] = {}

    def browse(self) -> list[tuple[Picture | CscError, int | None]]:
        """All pictures, by name, or what is wrong with one."""
        with self._lock:
            known = {}
            for name, path in sorted(self._paths().items()):
                status = path.stat()
                key = (path, status.st_mtime_ns, status.st_size)
                known[key] = self._known.get(key) or _described(path, name)
            self._known = known
            return [(what, key[2] if key[0].suffix == ".gz" else None) for key, what in known.items()]

    def read(self, name: str) -> bytes:
        """A picture's file, gzipped.

        Raises
        ------
        KeyError
            If there is none.
        """
        path = self._paths()[name]
        content = path.read_bytes()
        return content if path.suffix == ".gz" else gzip.compress(content, 6, mtime=0)

    def _paths(self) -> dict[str, Path]:
        """Files by the names of pictures; of two of one name the packed one."""
        paths: dict[str, Path] = {}
        if self.folder is None:
            return paths
        for ending in reversed(_ENDINGS):
            for path in self.folder.glob(f"*{ending}"):
                name = path.name.removesuffix(ending)
                if is_picture_name(name) and path.is_file() and path.resolve().parent == self.folder.resolve():
                    paths[name] = path
        return paths


def picture_list(store: PictureStore) -> bytes:
    """All pictures as JSON: name, title, credit, ra, dec, radius (degrees) and size (bytes); or a problem."""
    entries: list[dict[str, Any]] = []
    for what, size in store.browse():
        entries.append({"problem": str(what)} if isinstance(what, CscError) else {**asdict(what), "size": size})
    return json.dumps(entries).encode()


def _described(path: Path, name: str) -> Picture | CscError:
    try:
        return read_picture(path, name)
    except CscError as error:
        return error

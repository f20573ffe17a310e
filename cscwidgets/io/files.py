"""A file as bytes, unpacked, and no more of them than allowed."""

from __future__ import annotations

import os
from pathlib import Path

from cscwidgets.errors import CscError

from .reading import Unreadable
from .unpacking import unpack

__all__ = ["file_name", "read_file"]


def file_name(path: str | os.PathLike[str]) -> str:
    """A path as text.

    Raises
    ------
    CscError
        If it is none, as a list of paths or a file that is open already.

    Examples
    --------
    >>> file_name(Path("evt3.fits"))
    'evt3.fits'
    """
    try:
        name = os.fspath(path)
    except TypeError:
        name = None
    if not isinstance(name, str):
        raise CscError(
            f"A {type(path).__name__} is no file to read",
            "one file is read at a time, by its path",
            "Give the path as a str or a pathlib.Path.",
        )
    return name


def read_file(path: str | os.PathLike[str], largest: int) -> bytes:
    """The content of a file, unpacked if it is packed with gzip, bzip2 or xz.

    Parameters
    ----------
    path : path
    largest : int
        Bytes it may have, unpacked.

    Raises
    ------
    Unreadable
        If it is no file but a pipe or the like, larger, or damaged.
    OSError
        If it is not there, or may not be read.
    """
    file = Path(path)
    size = file.stat().st_size
    if not file.is_file():
        raise Unreadable("it is no file")
    if size > largest:
        raise Unreadable(f"it is larger than {largest / 1e6:,.0f} MB")
    return unpack(file.read_bytes(), largest)

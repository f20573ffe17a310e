"""Images in FITS files, larger than one wants in memory: a part at a time, looked at as any file is before."""

from __future__ import annotations

import io
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astropy.io import fits

from .files import read_file
from .fits_headers import FITS, FitsWalker
from .fits_meaning import require_one_meaning
from .fits_tables import check_unit
from .reading import Unreadable

__all__ = ["LARGEST_IMAGE", "open_fits_images"]

LARGEST_IMAGE = 4_000_000_000
"""Bytes of a file of images."""

_LARGEST_UNPACKED = 1_000_000_000  # of one that is packed, and so is unpacked into memory
_PIECE = 1 << 20


@contextmanager
def open_fits_images(path: str | os.PathLike[str]) -> Iterator[fits.HDUList]:
    """A FITS file whose images can be read in parts, by their ``section``.

    Parameters
    ----------
    path : path
        As it is, it is read where it lies; packed with gzip, bzip2 or xz, it is unpacked into memory.

    Raises
    ------
    Unreadable
        If it is no FITS file, is not whole, or contradicts itself.
    OSError
        If it is not there, or may not be read.
    """
    with Path(path).open("rb") as file:
        plain = file.read(len(FITS)) == FITS
        size = os.fstat(file.fileno()).st_size
        if plain and size > LARGEST_IMAGE:
            raise Unreadable(f"it is larger than {LARGEST_IMAGE / 1e6:,.0f} MB")
        if plain:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                _check(content, LARGEST_IMAGE)
                file.seek(0)
                with fits.open(file, memmap=False, lazy_load_hdus=False) as hdus:
                    yield _clear(hdus)
            return
    content_in_memory = read_file(path, _LARGEST_UNPACKED)
    _check(content_in_memory, _LARGEST_UNPACKED)
    with fits.open(io.BytesIO(content_in_memory), memmap=False, lazy_load_hdus=False) as hdus:
        yield _clear(hdus)


def _clear(hdus: fits.HDUList) -> fits.HDUList:
    for hdu in hdus:
        require_one_meaning(hdu.header)
    return hdus


def _check(content: bytes | mmap.mmap, largest: int) -> None:
    if content[: len(FITS)] != FITS:
        raise Unreadable("no intact FITS file: it does not start as FITS does")
    walker = FitsWalker(largest)
    for start in range(0, len(content), _PIECE):
        walker.feed(content[start : start + _PIECE])
    walker.finish()
    for unit in walker.units:
        check_unit(unit, content, largest)

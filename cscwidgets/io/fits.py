"""FITS files from outside, opened in one way: sizes are checked before astropy makes room for anything."""

from __future__ import annotations

import io

from astropy.io import fits
from astropy.io.fits.hdu.base import _CorruptedHDU

from .fits_headers import FITS, FitsWalker
from .fits_meaning import require_one_meaning
from .fits_tables import check_unit
from .reading import Unreadable

__all__ = ["LARGEST", "open_fits"]

LARGEST = 256_000_000
"""Bytes of a file, unpacked, unless told."""


def open_fits(content: bytes, *, largest: int = LARGEST, images: bool = False) -> fits.HDUList:
    """Open a FITS file that is in memory.

    Parameters
    ----------
    content : bytes
        The file, unpacked; see `cscwidgets.io.files.read_file`.
    largest : int
        Bytes it may have, and a table or image in it.
    images : bool
        Whether images that are packed in a table are shown as images.

    Returns
    -------
    astropy.io.fits.HDUList

    Raises
    ------
    Unreadable
        If it is no FITS file, is not whole, or contradicts itself.
    Exception
        Whatever astropy raises over a damaged file, also later when columns are asked for: call it, and use what it
        returns, inside `cscwidgets.io.reading.reading`.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU([[1, 2]], name="COUNTS")]).writeto(buffer)
    >>> open_fits(buffer.getvalue())["COUNTS"].shape
    (1, 2)
    """
    if not content.startswith(FITS):
        raise Unreadable("no intact FITS file: it does not start as FITS does")
    walker = FitsWalker(largest)
    walker.feed(content)
    walker.finish()
    for unit in walker.units:
        check_unit(unit, content, largest)
    hdus = fits.open(io.BytesIO(content), memmap=False, lazy_load_hdus=False, disable_image_compression=not images)
    # Of a part that it cannot read astropy warns only, and goes on without it.
    if len(hdus) != len(walker.units) or any(isinstance(hdu, _CorruptedHDU) for hdu in hdus):
        raise Unreadable("the header of one of its parts cannot be read")
    for hdu in hdus:
        require_one_meaning(hdu.header)
    return hdus

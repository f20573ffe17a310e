"""The pictures an archive may carry: their format, and what one says of itself.

A picture is a FITS file whose primary array has three planes of bytes, red, green and blue, as ``ds9 -rgbcube`` reads
them, with a tangent projection in ICRS on its first two axes. It is 0, 0, 0 where nothing was observed. ``TITLE`` (or
``OBJECT``) says what it shows, ``CREDIT`` (or ``ORIGIN``) whose it is; the title of a simulated one says SIMULATED.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import numpy as np
from astropy.coordinates import angular_separation
from astropy.io import fits
from astropy.wcs import WCS

from cscwidgets.errors import ProductError
from cscwidgets.io.files import read_file
from cscwidgets.io.fits import open_fits
from cscwidgets.io.reading import Unreadable, reading

__all__ = ["LARGEST", "Picture", "describe_picture", "is_picture_name", "picture_file", "read_picture"]

LARGEST = 500_000_000
"""Bytes a picture may have, unpacked."""

_NAME = re.compile(r"[A-Za-z0-9][\w+-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture says of itself.

    Attributes
    ----------
    name : str
        By which it is asked for: its file's name before the suffix.
    title, credit : str
    ra, dec : float
        Its centre, ICRS degrees.
    radius : float
        Of the circle about the centre that holds it, degrees.
    """

    name: str
    title: str
    credit: str
    ra: float
    dec: float
    radius: float


def is_picture_name(name: str) -> bool:
    """Whether a picture can be called so: letters, digits, and ``_+-`` between; no part of a path."""
    return _NAME.fullmatch(name) is not None


def picture_file(name: str) -> str:
    """The name of a picture's file in the cache, which is no product's.

    Raises
    ------
    ProductError
        If no picture can be called so.
    """
    if not is_picture_name(name):
        raise ProductError(f"There is no picture {name[:100]!r}", "", "Archive.pictures() lists those there are.")
    return f"{name}_picture.fits"


def read_picture(path: str | os.PathLike[str], name: str) -> Picture:
    """Read and check a picture's file.

    Raises
    ------
    ProductError
        If it is damaged, or of another form.
    """
    with (
        reading(f"The picture {name} cannot be used", "Make or fetch it again.", error=ProductError),
        open_fits(read_file(path, LARGEST), largest=LARGEST) as hdus,
    ):
        return describe_picture(hdus[0].header, name)


def describe_picture(header: fits.Header, name: str) -> Picture:
    """What a header says.

    Raises
    ------
    Unreadable
        If it is not that of a picture.
    """
    axes = [header.get(f"NAXIS{number}") for number in range(1, int(header["NAXIS"]) + 1)]
    if header["BITPIX"] != 8 or len(axes) != 3 or axes[2] != 3 or 0 in axes:
        shape = " x ".join(map(str, axes)) or "nothing"
        raise Unreadable(f"it holds {shape} of {header['BITPIX']} bits, not three planes of bytes")
    frame = str(header.get("RADESYS", "ICRS")).strip()
    kinds = [str(header.get(f"CTYPE{axis}", "")).strip() for axis in (1, 2)]
    if kinds != ["RA---TAN", "DEC--TAN"] or frame != "ICRS":
        raise Unreadable(f"its axes are {kinds[0]!r} and {kinds[1]!r} in {frame}, not a tangent plane in ICRS")
    wcs = WCS(header, naxis=2, fix=False)
    width, height = axes[:2]
    columns, rows = np.array(
        [
            [(width - 1) / 2, -0.5, width - 0.5, -0.5, width - 0.5],
            [(height - 1) / 2, -0.5, -0.5, height - 0.5, height - 0.5],
        ]
    )
    ra, dec = wcs.wcs_pix2world(columns, rows, 0)
    corners = angular_separation(*(np.radians(angle) for angle in (ra[0], dec[0], ra[1:], dec[1:])))
    radius = float(np.degrees(corners).max())
    if not (np.isfinite([*ra, *dec]).all() and radius > 0):
        raise Unreadable("its coordinates are none")
    title, credit = (_said(header, *keys) for keys in (("TITLE", "OBJECT"), ("CREDIT", "ORIGIN")))
    return Picture(name, title or name, credit, float(ra[0]) % 360, float(dec[0]), float(radius))


def _said(header: fits.Header, *keys: str) -> str:
    """The first of some keywords that is there."""
    return next((str(header[key]).strip() for key in keys if key in header), "")

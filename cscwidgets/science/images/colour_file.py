"""Pictures of the sky in files: three planes of bytes, red, green and blue."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from cscwidgets.io.files import file_name
from cscwidgets.io.fits_images import open_fits_images
from cscwidgets.io.reading import Unreadable, reading

from ..celestial import celestial_wcs
from .display import SkyPicture
from .reprojection import is_plain

__all__ = ["read_picture"]

_MOST_PIXELS = 1 << 24
_SIMULATED = "SIMULATED"


def read_picture(path: str | os.PathLike[str]) -> SkyPicture:
    """Read a picture as an archive may carry it, and as ``ds9 -rgbcube`` reads it.

    Parameters
    ----------
    path : path
        A FITS file with three planes of bytes on a tangential projection in ICRS; black is nothing.

    Returns
    -------
    SkyPicture
        Titled as the file says.

    Raises
    ------
    CscError
        Naming the file: if it is not there, damaged, of another form, or of more than 2**24 pixels.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from astropy.io import fits
    >>> from astropy.wcs import WCS
    >>> from cscwidgets.science import images
    >>> wcs = WCS(naxis=2)
    >>> wcs.wcs.ctype, wcs.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [-0.1, 0.1]
    >>> cube = fits.PrimaryHDU(np.full((3, 2, 2), 9, np.uint8), wcs.to_header())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cube.writeto(f"{folder}/cube.fits")
    ...     images.read_picture(f"{folder}/cube.fits").rgba[0, 0]
    array([  9,   9,   9, 255], dtype=uint8)
    """
    name = file_name(path)
    with reading(f"{name} is no usable picture", "Fetch or make it again."):
        if not Path(name).exists():
            raise Unreadable("no such file")
        with open_fits_images(name) as hdus:
            header, shape = hdus[0].header, hdus[0].shape
            if len(shape) != 3 or shape[0] != 3 or header["BITPIX"] != 8:
                raise Unreadable(
                    f"it holds {' x '.join(map(str, reversed(shape))) or 'nothing'}, not three planes of bytes"
                )
            if shape[1] * shape[2] > _MOST_PIXELS:
                raise Unreadable(f"it has {shape[2]} x {shape[1]} pixels")
            wcs = celestial_wcs(header)
            if not is_plain(wcs):
                raise Unreadable("its coordinates are not those of a tangential projection in ICRS")
            planes = np.asarray(hdus[0].data, np.uint8)
    rgba = np.empty((*shape[1:], 4), np.uint8)
    rgba[..., :3] = np.moveaxis(planes, 0, -1)
    rgba[..., 3] = np.where(rgba[..., :3].any(axis=-1), 255, 0)
    title = str(header.get("TITLE") or header.get("OBJECT") or Path(name).name).strip()
    said = title.upper().startswith(_SIMULATED)
    simulated = said or str(header.get("ORIGIN", "")).strip() == "cscwidgets-sim"
    if said:
        title = title[len(_SIMULATED) :].lstrip(" :.")
    return SkyPicture(rgba, wcs, (), title, str(header.get("CREDIT", "")).strip(), simulated)

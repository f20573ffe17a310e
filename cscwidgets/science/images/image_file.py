"""Images of the sky in FITS files, Chandra's and anybody's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from cscwidgets.arrays import Pixels
from cscwidgets.errors import CscError
from cscwidgets.io.fits_images import open_fits_images
from cscwidgets.io.fits_meaning import require_one_meaning
from cscwidgets.io.reading import Unreadable, reading
from cscwidgets.io.units import read_unit

from ..celestial import celestial_wcs
from .coarser import block_means, coarser_wcs
from .sky_image import SkyImage

__all__ = ["read_image"]

_SIDE = 4096
_MOST_PIXELS = 1 << 30
_STRIPE = 1 << 24  # pixels that are held at once while an image is made smaller


def read_image(
    image: str | os.PathLike[str] | fits.PrimaryHDU | fits.ImageHDU | fits.CompImageHDU,
    extension: str | int | None = None,
    *,
    side: int = _SIDE,
) -> SkyImage:
    """Read an image with its place on the sky.

    Of one that is larger than wanted, each pixel is the mean of a square block of the file's, unless it is distorted;
    it is read in stripes, so that only the result, a stripe and the content of a packed file are in memory.

    Parameters
    ----------
    image : path or HDU
        A FITS file, or one of its units.
    extension : str or int, optional
        Which of a file's images; needed where there are several.
    side : int
        Pixels to a side that the result may have.

    Returns
    -------
    SkyImage
        With NaN where a pixel has no value.

    Raises
    ------
    CscError
        Naming the file: if it is not there, damaged, holds several images or none, an image with more axes than two,
        without celestial coordinates, without any value, or of more than 2**30 pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from astropy.io import fits
    >>> from astropy.wcs import WCS
    >>> from cscwidgets.science import images
    >>> wcs = WCS(naxis=2)
    >>> wcs.wcs.ctype, wcs.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [-0.1, 0.1]
    >>> image = images.read_image(fits.PrimaryHDU(np.eye(4, dtype=np.float32), wcs.to_header()))
    >>> image.values.shape, image.unit
    ((4, 4), '')
    """
    if isinstance(image, str | os.PathLike):
        name = os.fspath(image)
        with reading(f"{name} cannot be shown as an image", "Give a FITS file with an image of the sky."):
            if not Path(name).exists():
                raise Unreadable("no such file")
            with open_fits_images(name) as hdus:
                chosen = _chosen(hdus, extension)
                return _image(chosen, chosen.section, Path(name).name, side, hdus[0].header)
    if isinstance(image, fits.HDUList):
        raise CscError("It is not said which image is meant", "an open file has several parts", "Give one of them.")
    with reading("This cannot be shown as an image", "Give a FITS image of the sky."):
        require_one_meaning(image.header)
        return _image(image, image.data, image.name or "image", side, image.header)


def _chosen(hdus: fits.HDUList, extension: str | int | None) -> Any:
    images = [hdu for hdu in hdus if hdu.is_image and hdu.header.get("NAXIS", 0) > 0]
    names = ", ".join(f"{hdus.index_of(hdu)} ({hdu.name or 'without a name'}: {_size(hdu)})" for hdu in images)
    if extension is not None:
        try:
            chosen = hdus[extension]
        except (KeyError, IndexError):
            raise Unreadable(f"it has no extension {extension!r}; its images are {names or 'none'}") from None
        if chosen not in images:
            raise Unreadable(f"its extension {extension!r} is no image; its images are {names or 'none'}")
        return chosen
    if not images:
        raise Unreadable("there is no image in it")
    if len(images) > 1:
        raise CscError(
            "It is not said which image is meant", f"there are {len(images)}: {names}", "Name one by `extension`."
        )
    return images[0]


def _size(hdu: Any) -> str:
    return " x ".join(str(length) for length in reversed(hdu.shape))


def _image(hdu: Any, pixels: Any, name: str, side: int, first: fits.Header) -> SkyImage:
    shape = hdu.shape
    if len(shape) < 2 or any(length > 1 for length in shape[:-2]):
        raise Unreadable(f"it has {len(shape)} axes ({_size(hdu)}), an image of the sky has two")
    rows, columns = shape[-2:]
    if rows * columns > _MOST_PIXELS:
        raise Unreadable(f"it has {_size(hdu)} pixels, more than {_MOST_PIXELS:,}")
    wcs = celestial_wcs(hdu.header)
    block = 1 if wcs.has_distortion else max(1, -(-max(rows, columns) // side))
    values = _values(pixels, hdu.shape, block)
    if not np.isfinite(values).any():
        raise Unreadable("none of its pixels has a value")
    return SkyImage(
        values,
        wcs if block == 1 else coarser_wcs(wcs, block),
        name,
        _unit(hdu.header),
        block,
        simulated=_simulated(hdu.header) or _simulated(first),
    )


def _values(pixels: Any, shape: tuple[int, ...], block: int) -> Pixels:
    """The values, or their means in blocks, a stripe at a time."""
    rows, columns = shape[-2:]
    many = -(-columns // block)
    stripe = max(block, _STRIPE // columns // block * block)
    means = np.full((-(-rows // block), many), np.nan, np.float32)
    leading = (0,) * (len(shape) - 2)
    for start in range(0, rows, stripe):
        part = np.array(pixels[(*leading, slice(start, start + stripe), slice(None))], np.float32)
        part[~np.isfinite(part)] = np.nan
        if block > 1:
            part = block_means(part, block)
        means[start // block : start // block + len(part)] = part
    return means


def _unit(header: fits.Header) -> str:
    said = str(header.get("BUNIT", "")).strip()
    unit = read_unit(said) if said else None
    return said if unit is None else unit.to_string()


def _simulated(header: fits.Header) -> bool:
    return str(header.get("ORIGIN", "")).strip() == "cscwidgets-sim"

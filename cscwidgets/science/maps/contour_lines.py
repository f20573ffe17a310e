"""Contour lines of limiting flux."""

from __future__ import annotations

from collections.abc import Iterable

import contourpy
import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats

from .mosaic_image import ImageMosaic

__all__ = ["contours", "sky_contours"]


_GAP = np.full((1, 2), np.nan)


def contours(limit: ArrayLike, levels: Iterable[float]) -> Floats:
    """Lines along which an image has some values, by the logarithm between pixels.

    Parameters
    ----------
    limit : array, shape (ny, nx)
        Positive; NaN where there is none. No line goes through a cell with NaN at a corner.
    levels : iterable of float

    Returns
    -------
    ndarray, shape (2, n)
        x and y in pixels from 0, NaN between a line and the next.
    """
    image = np.ma.masked_invalid(np.log(np.asarray(limit, float)))
    generator = contourpy.contour_generator(z=image, line_type=contourpy.LineType.Separate)
    lines = [np.asarray(line) for level in levels for line in generator.lines(np.log(level))]
    parts = [part for line in lines for part in (line, _GAP)][:-1]
    return np.concatenate(parts).T if parts else np.empty((2, 0))


def sky_contours(image: ImageMosaic, levels: Iterable[float]) -> tuple[Floats, Floats]:
    """Lines of equal limiting flux on the sky.

    Parameters
    ----------
    image : ImageMosaic
        Of limits.
    levels : iterable of float
        In photon s**-1 cm**-2.

    Returns
    -------
    ra, dec : ndarray, shape (n,)
        ICRS degrees, NaN between a line and the next.

    Examples
    --------
    >>> import astropy.units as u
    >>> from cscwidgets.science import maps
    >>> image = maps.image_mosaic(["stack1_sens3.fits"], resolution=60 * u.arcsec)
    >>> ra, dec = maps.sky_contours(image, [1e-6])
    >>> ra.shape == dec.shape
    True
    """
    x, y = contours(image.limit, levels)
    on_line = np.isfinite(x)
    ra, dec = np.full((2, len(x)), np.nan)
    if on_line.any():
        ra[on_line], dec[on_line] = image.wcs.wcs_pix2world(x[on_line], y[on_line], 0)
    return ra, dec

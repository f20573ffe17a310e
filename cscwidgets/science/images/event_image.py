"""Photons counted on pixels."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from astropy.wcs import WCS

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

from .sky_image import SkyImage

__all__ = ["count_photons"]

_MOST_PIXELS = 64_000_000
_SAME_PLACE = 1e-9  # degrees


def count_photons(
    photons: Iterable[tuple[Floats, Floats, WCS]], wcs: WCS, shape: tuple[int, int], *, title: str = ""
) -> SkyImage:
    """Count photons on a grid of pixels; those outside are not.

    Parameters
    ----------
    photons : iterable of (ndarray, ndarray, WCS)
        Of each observation: positions x and y in its sky pixels, shape (n,), and where these lie.
    wcs : WCS
        Of the grid.
    shape : (int, int)
        Rows and columns of the grid.
    title : str
        What the image is of.

    Returns
    -------
    SkyImage
        Counts.

    Raises
    ------
    CscError
        If the grid has too many pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from astropy.wcs import WCS
    >>> from cscwidgets.science import images
    >>> wcs = WCS(naxis=2)
    >>> x, y = np.array([1.0, 2.2, 2.4, 9.0]), np.ones(4)
    >>> images.count_photons([(x, y, wcs)], wcs, (1, 3)).values
    array([[1., 2., 0.]], dtype=float32)
    """
    rows, columns = shape
    if rows * columns > _MOST_PIXELS:
        raise CscError(
            "The photons were not counted", f"there would be {columns:,} x {rows:,} pixels", "Take larger pixels."
        )
    counts = np.zeros(rows * columns, np.int64)
    for x, y, own in photons:
        column, row = (np.floor(axis + 0.5) for axis in _on(x, y, own, wcs))
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        flat = row[inside].astype(np.int64) * columns + column[inside].astype(np.int64)
        counts += np.bincount(flat, minlength=rows * columns)
    return SkyImage(counts.reshape(shape).astype(np.float32), wcs, title, "ct")


def _on(x: Floats, y: Floats, own: WCS, wcs: WCS) -> tuple[Floats, Floats]:
    """Pixels of the grid, counted from 0, of sky pixels, which are counted from 1."""
    if _shares_tangent_point(own, wcs):
        # On one plane two coordinates differ by a scale and a shift.
        axes = zip((x, y), own.wcs.crpix, own.wcs.cdelt, wcs.wcs.crpix, wcs.wcs.cdelt, strict=True)
        column, row = ((at - pixel) * (step / size) + middle - 1 for at, pixel, step, middle, size in axes)
        return column, row
    sky = own.wcs_pix2world(x, y, 1)
    column, row = wcs.wcs_world2pix(*sky, 0)
    return column, row


def _shares_tangent_point(one: WCS, other: WCS) -> bool:
    upright = all(not wcs.wcs.has_cd() and (wcs.wcs.get_pc() == np.eye(2)).all() for wcs in (one, other))
    same = list(one.wcs.ctype) == list(other.wcs.ctype) and np.allclose(
        one.wcs.crval, other.wcs.crval, rtol=0, atol=_SAME_PLACE
    )
    return upright and same

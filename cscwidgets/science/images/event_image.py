"""Photons counted on pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from astropy.wcs import WCS

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

from .sky_image import SkyImage

__all__ = ["count_photons", "photon_grid"]

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


def photon_grid(
    photons: Sequence[tuple[Floats, Floats, WCS]], size: float, *, side: int = 2048
) -> tuple[WCS, tuple[int, int]]:
    """Pixels that hold all photons, on the plane of the first observation.

    Parameters
    ----------
    photons : sequence of (ndarray, ndarray, WCS)
        As for `count_photons`.
    size : float
        Side of a pixel, arcsec; larger ones are taken where these would be too many.
    side : int
        Pixels to a side that there may be.

    Returns
    -------
    wcs : WCS
        With the first observation's tangent point.
    shape : (int, int)
        Rows and columns.

    Raises
    ------
    CscError
        If there is no photon.

    Examples
    --------
    >>> import numpy as np
    >>> from astropy.wcs import WCS
    >>> from cscwidgets.science import images
    >>> wcs = WCS(naxis=2)
    >>> wcs.wcs.ctype, wcs.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [-1 / 3600, 1 / 3600]
    >>> images.photon_grid([(np.array([1.0, 9.0]), np.array([1.0, 5.0]), wcs)], size=2.0)[1]
    (3, 5)
    """
    first = photons[0][2] if photons else None
    places = [_on(x, y, own, first) for x, y, own in photons if len(x)] if first is not None else []
    if first is None or not places:
        raise CscError("There is no picture of photons", "there is no photon")
    step = float(abs(first.wcs.cdelt[1])) * 3600
    ends = [(np.min(axis), np.max(axis)) for axis in map(np.concatenate, zip(*places, strict=True))]
    extent = max(high - low for low, high in ends) + 1
    pixels = max(size / step, extent / side)
    wcs = first.deepcopy()
    # From the outer edge of the lowest pixel.
    wcs.wcs.crpix = [(pixel - 0.5 - low) / pixels + 0.5 for pixel, (low, _) in zip(first.wcs.crpix, ends, strict=True)]
    wcs.wcs.cdelt = first.wcs.cdelt * pixels
    wcs.wcs.set()
    columns, rows = (int((high - low + 1) / pixels) + 1 for low, high in ends)
    return wcs, (min(rows, side + 1), min(columns, side + 1))


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

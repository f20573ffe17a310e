"""A mosaic as a picture of a part of the sky: each pixel has the limit at its centre."""

from __future__ import annotations

import astropy.units as u
import numpy as np
from astropy.wcs import WCS

from cscwidgets.arrays import Floats

from .mosaic_image import ImageMosaic
from .sky_clip import Inside
from .sky_mosaic import Mosaic

__all__ = ["Grid", "clipped", "grid_around", "picture"]

Grid = tuple[WCS, tuple[int, int]]
"""Coordinates of pixels, and how many there are: (ny, nx)."""

_MARGIN = 1.04  # of the outline's reach


def grid_around(
    lon: float, lat: float, outline: tuple[Floats, Floats], *, pixels: int = 0, resolution: u.Quantity | None = None
) -> Grid:
    """A square of pixels, north up, that holds an outline.

    Parameters
    ----------
    lon, lat : float
        Centre in ICRS degrees.
    outline : (ndarray, ndarray), shape (n,)
        Positions in ICRS degrees, less than 80 degrees from the centre.
    pixels : int
        Number along each side, unless a resolution is given.
    resolution : Quantity, optional
        Side of a pixel.
    """
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [lon, lat]
    wcs.wcs.cdelt = [-1.0, 1.0]
    wcs.wcs.radesys = "ICRS"
    reach = _MARGIN * float(np.abs(wcs.wcs_world2pix(*outline, 1)).max())
    if resolution is not None:
        pixels = int(np.ceil(2 * reach / resolution.to_value(u.deg)))
    scale = 2 * reach / pixels if resolution is None else resolution.to_value(u.deg)
    wcs.wcs.cdelt = [-scale, scale]
    wcs.wcs.crpix = [(pixels + 1) / 2] * 2
    return wcs, (pixels, pixels)


def picture(mosaic: Mosaic, grid: Grid, inside: Inside) -> ImageMosaic:
    """The limits in a region, from the mosaic's cells.

    Parameters
    ----------
    mosaic : Mosaic
    grid : Grid
        See `grid_around`.
    inside : callable
        Which positions (RA, Dec in ICRS degrees) lie in the region; the others have no limit.
    """
    wcs, shape = grid
    lon, lat = _centres(grid)
    limit, stack = mosaic.at(lon, lat)
    image = ImageMosaic(
        limit.astype(np.float32).reshape(shape),
        stack.astype(np.int16).reshape(shape),
        wcs,
        mosaic.band,
        mosaic.threshold,
        mosaic.stacks,
        simulated=mosaic.simulated,
    )
    return clipped(image, inside)


def clipped(image: ImageMosaic, inside: Inside) -> ImageMosaic:
    """The image without limits outside a region, changed in place: there, other stacks may see fainter sources."""
    outside = ~inside(*_centres((image.wcs, image.limit.shape))).reshape(image.limit.shape)
    image.limit[outside] = np.nan
    image.stack[outside] = -1
    return image


def _centres(grid: Grid) -> tuple[Floats, Floats]:
    wcs, shape = grid
    y, x = np.indices(shape)
    lon, lat = wcs.wcs_pix2world(x.ravel(), y.ravel(), 0)
    return lon, lat

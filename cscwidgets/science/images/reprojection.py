"""Images brought to the same pixels: undistorted, tangential, in ICRS, as a page can draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import astropy.units as u
import numpy as np
from astropy.wcs import WCS

from cscwidgets.arrays import Pixels

from .coarser import block_means, coarser_wcs
from .sky_image import SkyImage

__all__ = ["is_plain", "on_one_grid"]

_TILE = 1024  # pixels of a side that are worked on at once
_LATTICE = 9
_SAME = 0.02  # of a pixel


def is_plain(wcs: WCS) -> bool:
    """Whether a page can draw pixels with these coordinates: tangential, without distortions, in ICRS or FK5 (2000)."""
    plain = [str(kind) for kind in wcs.wcs.ctype] == ["RA---TAN", "DEC--TAN"] and not wcs.has_distortion
    frame = str(wcs.wcs.radesys or "ICRS")
    return plain and (frame == "ICRS" or (frame == "FK5" and wcs.wcs.equinox in (2000.0, 0.0)))


def on_one_grid(
    images: Sequence[SkyImage], *, side: int = 2048, progress: Callable[[float], None] = lambda _: None
) -> list[SkyImage]:
    """The images on the same pixels; as they are where they have the same already, and a page can draw them.

    Others are interpolated (bilinear, by reproject) on a grid around all of them, as fine as the finest image if that
    has no more pixels than allowed; images that are finer are averaged first. Tiles are made one at a time.

    Parameters
    ----------
    images : sequence of SkyImage
    side : int
        Pixels to a side that the grid may have.
    progress : callable
        Called with the fraction done; what it raises ends the work.

    Returns
    -------
    list of SkyImage
        All of one shape, with one WCS.

    Examples
    --------
    >>> import numpy as np
    >>> from astropy.wcs import WCS
    >>> from cscwidgets.science import images
    >>> wcs = WCS(naxis=2)
    >>> wcs.wcs.ctype, wcs.wcs.cdelt = ["GLON-TAN", "GLAT-TAN"], [-0.01, 0.01]
    >>> galactic = images.SkyImage(np.ones((40, 40), np.float32), wcs)
    >>> images.on_one_grid([galactic])[0].values.shape
    (55, 55)
    """
    from reproject.mosaicking import find_optimal_celestial_wcs  # noqa: PLC0415 (slow to import)

    first = images[0]
    if is_plain(first.wcs) and all(_same_pixels(first, image) for image in images[1:]):
        return list(images)
    finest = min(image.pixel for image in images)
    wcs, shape = find_optimal_celestial_wcs(
        [(image.values.shape, image.wcs) for image in images], frame="icrs", resolution=finest * u.deg
    )
    if max(shape) > side:
        finest *= max(shape) / side
        wcs, shape = find_optimal_celestial_wcs(
            [(image.values.shape, image.wcs) for image in images], frame="icrs", resolution=finest * u.deg
        )
    made = []
    for number, image in enumerate(images):

        def tell(fraction: float, number: int = number) -> None:
            progress((number + fraction) / len(images))

        made.append(_interpolated(_coarsened(image, finest), wcs, shape, tell))
    return made


def _same_pixels(one: SkyImage, other: SkyImage) -> bool:
    if one.values.shape != other.values.shape:
        return False
    rows, columns = one.values.shape
    x, y = (axis.ravel() for axis in np.meshgrid(*(np.linspace(0, size, _LATTICE) for size in (columns, rows))))
    there = np.array(other.wcs.world_to_pixel(one.wcs.pixel_to_world(x, y)))
    return bool((np.abs(there - [x, y]) < _SAME).all())


def _coarsened(image: SkyImage, pixel: float) -> SkyImage:
    """Block means where the grid's pixels are much larger: what lies between its nodes would be lost."""
    block = int(pixel / image.pixel + 0.25)
    if block < 2 or image.wcs.has_distortion:
        return image
    values, wcs = block_means(image.values, block), coarser_wcs(image.wcs, block)
    return replace(image, values=values, wcs=wcs, block=image.block * block)


def _interpolated(image: SkyImage, wcs: WCS, shape: tuple[int, int], progress: Callable[[float], None]) -> SkyImage:
    from reproject import reproject_interp  # noqa: PLC0415 (slow to import)

    values: Pixels = np.full(shape, np.nan, np.float32)
    tiles = [(y, x) for y in range(0, shape[0], _TILE) for x in range(0, shape[1], _TILE)]
    for number, (y, x) in enumerate(tiles):
        part = (slice(y, min(y + _TILE, shape[0])), slice(x, min(x + _TILE, shape[1])))
        source: Any = (image.values, image.wcs)
        values[part] = reproject_interp(
            source,
            wcs[part],
            shape_out=tuple(axis.stop - axis.start for axis in part),
            roundtrip_coords=False,
            return_footprint=False,
        )
        progress((number + 1) / len(tiles))
    return replace(image, values=values, wcs=wcs)

"""Images of the same part of the sky, put together band by band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from .reprojection import on_one_grid
from .sky_image import SkyImage

__all__ = ["combined"]


def combined(
    images: Sequence[tuple[str, SkyImage]],
    bands: str = "",
    *,
    side: int = 2048,
    progress: Callable[[float], None] = lambda _: None,
) -> list[SkyImage]:
    """The mean of all images of each band, on one grid; each pixel of those images that have a value there.

    Parameters
    ----------
    images : sequence of (str, SkyImage)
        At least one; each with the letter of its band, empty where there are no bands.
    bands : str
        Those wanted, in this order; a band without an image becomes one without values.
    side : int
        Pixels to a side that the grid may have.
    progress : callable
        Called with the fraction done; what it raises ends the work.

    Returns
    -------
    list of SkyImage
        One for each band.

    Examples
    --------
    >>> import numpy as np
    >>> from astropy.wcs import WCS
    >>> from cscwidgets.science import images
    >>> wcs = WCS(naxis=2)
    >>> wcs.wcs.ctype, wcs.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [-0.01, 0.01]
    >>> one, other = (images.SkyImage(np.full((4, 4), value, np.float32), wcs) for value in (1, 3))
    >>> [image.values[0, 0].item() for image in images.combined([("s", one), ("s", other)], "sm")]
    [2.0, nan]
    """
    grid = on_one_grid([image for _, image in images], side=side, progress=progress)
    by_band: dict[str, list[SkyImage]] = {}
    for (band, _), image in zip(images, grid, strict=True):
        by_band.setdefault(band, []).append(image)
    return [_mean(by_band[band], grid[0]) if band in by_band else _nothing(grid[0]) for band in bands or [""]]


def _mean(images: list[SkyImage], first: SkyImage) -> SkyImage:
    if len(images) == 1:
        return images[0]
    total, number = np.zeros((2, *first.values.shape), np.float32)
    for image in images:
        known = np.isfinite(image.values)
        np.add(total, image.values, out=total, where=known)
        number += known
    with np.errstate(invalid="ignore"):
        values = total / number
    title = f"{images[0].title} and {len(images) - 1} more"
    return replace(first, values=values, title=title, simulated=any(image.simulated for image in images))


def _nothing(first: SkyImage) -> SkyImage:
    return replace(first, values=np.full_like(first.values, np.nan))

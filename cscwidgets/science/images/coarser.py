"""Larger pixels: each is the mean of a square block, those at the far edges of what there is of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.wcs import WCS
from numpy.typing import NDArray

from cscwidgets.arrays import Pixels

__all__ = ["block_means", "coarser_wcs"]


def block_means(values: Pixels, block: int) -> Pixels:
    """Means of blocks, of the values that are finite; NaN where a block has none."""
    known = np.isfinite(values)
    total = _sums(np.where(known, values, np.float32(0)), block, np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / _sums(known, block, np.int32), np.float32)


def _sums(terms: NDArray[Any], block: int, kind: type[np.generic]) -> NDArray[Any]:
    """Sums of blocks: whole rows are added to rows and then columns to columns, much faster than `reduceat`."""
    for axis in (0, 1):
        shape = list(terms.shape)
        shape[axis] = -(-shape[axis] // block)
        total = np.zeros(shape, kind)
        sums, parts = np.moveaxis(total, axis, 0), np.moveaxis(terms, axis, 0)
        for offset in range(block):
            part = parts[offset::block]
            sums[: len(part)] += part
        terms = total
    return terms


def coarser_wcs(wcs: WCS, block: int) -> WCS:
    """Coordinates of the blocks of an image without distortions."""
    coarser = wcs.deepcopy()
    coarser.wcs.crpix = (coarser.wcs.crpix - 0.5) / block + 0.5
    if coarser.wcs.has_cd():
        coarser.wcs.cd = coarser.wcs.cd * block
    else:
        coarser.wcs.cdelt = coarser.wcs.cdelt * block
    coarser.wcs.set()
    return coarser

"""Larger pixels: each is the mean of a square block, those at the far edges of what there is of them."""

from __future__ import annotations

import numpy as np
from astropy.wcs import WCS

from cscwidgets.arrays import Pixels

__all__ = ["block_means", "coarser_wcs"]


def block_means(values: Pixels, block: int) -> Pixels:
    """Means of blocks, of the values that are finite; NaN where a block has none."""
    rows, columns = (np.arange(0, length, block) for length in values.shape)
    known = np.isfinite(values)

    def summed(terms: Pixels, kind: type[np.generic]) -> Pixels:
        return np.add.reduceat(np.add.reduceat(terms, columns, axis=1, dtype=kind), rows, axis=0)

    total = summed(np.where(known, values, np.float32(0)), np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / summed(known, np.int64), np.float32)


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

"""How much of each HEALPix cell of a tile lies in a region."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy

from cscwidgets.arrays import Flags, Floats

from .healpix_tiles import BITS, SIDE, positions

__all__ = ["Inside", "inside_fraction"]

Inside = Callable[[Floats, Floats], Flags]
"""Which positions, RA and Dec in ICRS degrees of one shape (n,), lie in a region."""

_PARTS = 64  # of a cell at the edge
# The same grid in every cell would have its places on few lines of latitude near a pole, where an edge may run along
# them: here they are spread by the golden ratio, and shifted from cell to cell and tile to tile (the four tiles about a
# pole lie alike).
_ALONG = (np.arange(_PARTS) + 0.5) / _PARTS
_ACROSS = np.mod(np.arange(_PARTS) * (np.sqrt(5) - 1) / 2, 1)
_SHIFTS = np.array([[0.7549, 0.5698, 0.6180], [0.8192, 0.6711, 0.5497]])  # of row, column, tile: no simple fractions


def inside_fraction(tile: int, depth: int, inside: Inside) -> Floats | None:
    """Fraction of each cell that lies in a region, shape (SIDE, SIDE); None where all of the tile does.

    Cells with corners on both sides of the edge, and those beside them, are looked at in 64 places; others are taken
    as a whole.

    Parameters
    ----------
    tile : int
        A cell of the depth ``depth - BITS``.
    depth : int
        Of the cells.
    inside : callable
        See `Inside`.
    """
    above = depth - BITS
    corners = np.linspace(0, 1, SIDE + 1)
    number = np.array([[tile]])
    lon, lat = positions(number, above, corners[None, :], corners[:, None])
    held = inside(lon.ravel(), lat.ravel()).reshape(lon.shape)
    if held.all():
        return None
    count = held[:-1, :-1].astype(np.int8) + held[1:, :-1] + held[:-1, 1:] + held[1:, 1:]
    fraction: Floats = (count == 4).astype(np.float64)
    # With the cells beside them, which an edge may enter between two corners.
    row, column = np.nonzero(scipy.ndimage.binary_dilation((count > 0) & (count < 4), np.ones((3, 3), bool)))
    if len(row):
        shifts = _SHIFTS @ [row, column, np.full(len(row), tile)]
        along, across = (
            np.mod(part + shift[:, None], 1) for part, shift in zip((_ALONG, _ACROSS), shifts, strict=True)
        )
        lon, lat = positions(number, above, (column[:, None] + across) / SIDE, (row[:, None] + along) / SIDE)
        fraction[row, column] = inside(lon.ravel(), lat.ravel()).reshape(lon.shape).mean(axis=1)
    return fraction

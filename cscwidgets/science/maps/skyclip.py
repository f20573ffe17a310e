"""How much of each HEALPix cell of a tile lies in a region."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from .healpixtiles import BITS, SIDE, positions

__all__ = ["Inside", "inside_fraction"]

Floats = NDArray[np.float64]
Inside = Callable[[Floats, Floats], NDArray[np.bool_]]
"""Which positions, RA and Dec in ICRS degrees of one shape (n,), lie in a region."""

_PARTS = 8  # along each side of a cell at the edge


def inside_fraction(tile: int, depth: int, inside: Inside) -> Floats | None:
    """Fraction of each cell that lies in a region, shape (SIDE, SIDE); None where all of the tile does.

    Cells with corners on both sides of the edge, and those beside them, are divided into 64 parts; others are taken as
    a whole.

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
    row, column = np.nonzero(binary_dilation((count > 0) & (count < 4), np.ones((3, 3), bool)))
    if len(row):
        part = (np.arange(_PARTS) + 0.5) / _PARTS
        along, across = (one.ravel() for one in np.meshgrid(part, part, indexing="ij"))
        lon, lat = positions(number, above, (column[:, None] + across) / SIDE, (row[:, None] + along) / SIDE)
        fraction[row, column] = inside(lon.ravel(), lat.ravel()).reshape(lon.shape).mean(axis=1)
    return fraction

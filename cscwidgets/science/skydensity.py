"""Local density of a catalogue on the sky, from counts in the HEALPix quadtree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .healpix import cells as healpix_cells

__all__ = ["SKY", "local_density"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SKY = 4 * np.pi * np.degrees(1) ** 2 * 3600**2
"""Area of the sky, arcsec**2."""

_DEEPEST = 16  # cells of 3.2 arcsec
_OCCUPANCY = 1.5  # objects in an occupied part of a cell: so small are the parts that trace what is covered


def local_density(lon: Floats, lat: Floats, lon_of: Floats, lat_of: Floats, least: int = 100) -> Floats:
    """Objects per arcsec**2 of a catalogue around each of some positions.

    Each position takes the smallest HEALPix cell about it with enough objects. The density is that within the part of
    the cell which the catalogue covers: the cell is divided until its occupied parts hold one and a half objects on
    average, and that average follows a Poisson distribution without its zeros. So what lies outside a catalogue's
    edge does not count. Where no cell has enough, the density of the whole catalogue is taken.

    Parameters
    ----------
    lon, lat : ndarray, shape (n,)
        Finite positions, degrees.
    lon_of, lat_of : ndarray, shape (m,)
        Finite positions of the catalogue, degrees.
    least : int
        How many objects are enough.

    Returns
    -------
    ndarray, shape (n,)
        Zero for an empty catalogue.
    """
    if not len(lon_of):
        return np.zeros(len(lon))
    objects, cells = np.sort(healpix_cells(lon_of, lat_of, _DEEPEST)), healpix_cells(lon, lat, _DEEPEST)
    occupied = [_distinct(objects)]
    for _ in range(_DEEPEST):
        occupied.insert(0, _distinct(occupied[0] >> 2))
    order = np.argsort(cells)
    cells = cells[order]
    density = np.full(len(lon), _in_parts(occupied, -1, np.zeros(1, np.int64), np.array([len(objects)])))
    for depth in range(_DEEPEST):
        above = cells >> 2 * (_DEEPEST - depth)
        new = np.diff(above, prepend=-1) > 0
        cell, here = above[new], np.cumsum(new) - 1
        number = _count(objects, cell, _DEEPEST - depth)
        enough = number >= least
        if not enough.any():
            break
        found = np.zeros(len(cell))
        found[enough] = _in_parts(occupied, depth, cell[enough], number[enough])
        inside = enough[here]
        density[order[inside]] = found[here[inside]]
    return density


def _distinct(cells: Integers) -> Integers:
    """Of sorted cells."""
    return cells[np.diff(cells, prepend=-1) > 0]


def _count(cells: Integers, ancestors: Integers, steps: int) -> Integers:
    """How many of some sorted cells lie in each ancestor, some steps up the tree."""
    ends = [np.searchsorted(cells, (ancestors + step) << 2 * steps) for step in (0, 1)]
    return np.asarray(ends[1] - ends[0])


def _in_parts(occupied: list[Integers], depth: int, cells: Integers, number: Integers) -> Floats:
    """Density in cells (of depth -1: the whole sky) with a number of objects each."""
    mean, size = np.zeros(len(cells)), np.zeros(len(cells))
    rest = np.arange(len(cells))
    for finer in range(max(depth, 0), _DEEPEST + 1):
        parts = _count(occupied[finer], cells[rest], finer - depth) if depth >= 0 else np.array([len(occupied[finer])])
        here = number[rest] / parts
        dense = (here >= _OCCUPANCY) | (size[rest] == 0)
        rest, here = rest[dense], here[dense]
        if not len(rest):
            break
        mean[rest], size[rest] = here, SKY / 12 / 4.0**finer
    return _without_zeros(mean) / size


def _without_zeros(mean: Floats) -> Floats:
    """The mean of a Poisson distribution from its mean without zeros (Newton's steps)."""
    poisson = np.where(mean > 2, mean, np.maximum(2 * (mean - 1), 1e-9))
    for _ in range(20):
        empty = np.exp(-poisson)
        excess = poisson - mean * (1 - empty)
        poisson = np.maximum(poisson - excess / (1 - mean * empty), 1e-9)
    return poisson

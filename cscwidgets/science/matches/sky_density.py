"""Local density of a catalogue on the sky, from counts in the HEALPix quadtree about each position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cdshealpix
import numpy as np

from cscwidgets.arrays import Floats, Integers
from cscwidgets.sky.healpix import cells as healpix_cells
from cscwidgets.sky.healpix import places as healpix_places

__all__ = ["SKY", "local_density"]


SKY = 4 * np.pi * np.degrees(1) ** 2 * 3600**2
"""Area of the sky, arcsec**2."""

_DEEPEST = 16  # cells of 3.2 arcsec
# Objects in an occupied part: so small are the parts that trace what is covered. Smaller ones would trace the shape of
# a small catalogue better, but take the thin side of a slope for not covered.
_IN_PART, _IN_PART_OF_WINDOW = 1.5, 3.0
_WINDOWS = 5  # enough objects for so many windows, or the catalogue is taken as a whole


def local_density(lon: Floats, lat: Floats, lon_of: Floats, lat_of: Floats, least: float = 20) -> tuple[Floats, Floats]:
    """Objects per arcsec**2 of a catalogue around each of some positions.

    Each position is the middle of a window two HEALPix cells wide, of the smallest cells with which it holds enough
    objects. Of cells that lie partly in the window, that part of their objects counts: so a slope of the density
    cancels, as it does not where the position lies at the edge of a cell. The density is that within the part of the
    window which the catalogue covers: the cells are divided until the occupied parts hold three objects on average,
    and that average follows a Poisson distribution without its zeros. So what lies outside a catalogue's edge does
    not count. Where no window has enough, and for a catalogue of less than five windows' objects, the density of the
    whole catalogue is taken.

    Parameters
    ----------
    lon, lat : ndarray, shape (n,)
        Finite positions, degrees.
    lon_of, lat_of : ndarray, shape (m,)
        Finite positions of the catalogue, degrees.
    least : float
        How many objects are enough: few ones follow steep slopes, and many ones scatter less.

    Returns
    -------
    density : ndarray, shape (n,)
        Zero for an empty catalogue.
    number : ndarray, shape (n,)
        Of objects that each density rests on.

    Examples
    --------
    >>> import numpy as np
    >>> from cscwidgets.science import matches
    >>> ra, dec = np.meshgrid(np.linspace(10, 10.1, 50), np.linspace(0, 0.1, 50))
    >>> density, number = matches.local_density(np.array([10.05]), np.array([0.05]), ra.ravel(), dec.ravel())
    >>> f"{density[0] * 3600**2:.1e} a square degree"
    '2.3e+05 a square degree'
    """
    density, number = np.zeros(len(lon)), np.zeros(len(lon))
    if not len(lon_of):
        return density, number
    occupied = _Occupied.of(healpix_cells(lon_of, lat_of, _DEEPEST))
    cells, x, y = healpix_places(lon, lat, _DEEPEST)
    order = np.argsort(cells)
    cells, x, y = cells[order], x[order], y[order]
    depth, rest = np.full(len(lon), -1), np.arange(len(lon))
    for deeper in range(_DEEPEST + 1 if len(lon_of) >= _WINDOWS * least else 0):
        enough = occupied.around(cells[rest], deeper) >= least
        unsure = rest[~enough]
        enough[~enough] = _Windows.about(cells[unsure], x[unsure], y[unsure], occupied, deeper).objects() >= least
        rest = rest[enough]
        if not len(rest):
            break
        depth[rest] = deeper
    for at in np.unique(depth).tolist():
        rows = np.flatnonzero(depth == at)
        if at < 0:
            number[order[rows]] = len(lon_of)
            density[order[rows]] = _covered(
                np.array([float(len(lon_of))]), 0, lambda finer: np.array([float(len(occupied.cells[finer]))]), _IN_PART
            )
        else:
            windows = _Windows.about(cells[rows], x[rows], y[rows], occupied, at)
            number[order[rows]] = objects = windows.objects()
            density[order[rows]] = _covered(objects, at, windows.parts, _IN_PART_OF_WINDOW)
    return density, number


@dataclass(frozen=True, slots=True)
class _Occupied:
    """Occupied cells of each depth, sorted, and how many objects each has."""

    cells: list[Integers]
    objects: list[Integers]

    @classmethod
    def of(cls, cells: Integers) -> _Occupied:
        levels = [np.unique(cells, return_counts=True)]
        for _ in range(_DEEPEST):
            finer, objects = levels[0]
            start = np.flatnonzero(np.diff(finer >> 2, prepend=-1))
            levels.insert(0, (finer[start] >> 2, np.add.reduceat(objects, start)))
        return cls(*(list(column) for column in zip(*levels, strict=True)))

    def parts(self, depth: int, finer: int) -> Integers:
        """How many occupied cells of a finer depth each occupied cell has."""
        start = np.flatnonzero(np.diff(self.cells[finer] >> 2 * (finer - depth), prepend=-1))
        return np.diff(start, append=len(self.cells[finer]))

    def around(self, cells: Integers, depth: int) -> Integers:
        """How many objects there are in the cells of some depth that hold sorted deepest ones."""
        home = cells >> 2 * (_DEEPEST - depth)
        new = np.diff(home, prepend=-1) > 0
        objects = np.append(self.objects[depth], 0)[self.rows(home[new], depth)]
        return np.asarray(objects[np.cumsum(new) - 1])

    def rows(self, cells: Integers, depth: int) -> Integers:
        """Which of the occupied cells of a depth some cells are; one too far for the others."""
        occupied = self.cells[depth]
        at = np.searchsorted(occupied, cells)
        at[occupied[np.minimum(at, len(occupied) - 1)] != cells] = len(occupied)
        return at


@dataclass(frozen=True, slots=True)
class _Windows:
    """What part of three by three cells each window covers along x and y, and their rows among the occupied ones."""

    occupied: _Occupied
    depth: int
    across: Floats
    along: Floats
    rows: Integers

    @classmethod
    def about(cls, cells: Integers, x: Floats, y: Floats, occupied: _Occupied, depth: int) -> _Windows:
        """Windows two cells of some depth wide about places in sorted deepest cells."""
        steps = _DEEPEST - depth
        home = cells >> 2 * steps
        new = np.diff(home, prepend=-1) > 0
        nine = cdshealpix.nested.neighbours(home[new].astype(np.uint64), depth).astype(np.int64)
        rows = occupied.rows(nine, depth).reshape(-1, 3, 3)
        inside = (np.mod(axis / 2.0**steps, 1) for axis in (x, y))
        across, along = (np.stack([1 - axis, np.ones(len(axis)), axis], axis=1) for axis in inside)
        return cls(occupied, depth, across, along, rows[np.cumsum(new) - 1])

    def objects(self) -> Floats:
        return self._sum(self.occupied.objects[self.depth])

    def parts(self, finer: int) -> Floats:
        """Occupied cells of a finer depth."""
        return self._sum(self.occupied.parts(self.depth, finer))

    def _sum(self, of_cells: Integers) -> Floats:
        return np.asarray(np.einsum("ij,ik,ijk->i", self.along, self.across, np.append(of_cells, 0)[self.rows]))


def _covered(number: Floats, depth: int, parts: Callable[[int], Floats], least: float) -> Floats:
    """Density of a number of objects in the finest occupied parts that hold enough of them on average."""
    mean, size, dense = np.zeros(len(number)), np.zeros(len(number)), np.ones(len(number), bool)
    for finer in range(depth, _DEEPEST + 1):
        occupied = number / parts(finer)
        dense &= (occupied >= least) | (finer == depth)
        if not dense.any():
            break
        mean[dense], size[dense] = occupied[dense], SKY / 12 / 4.0**finer
    return _without_zeros(mean) / size


def _without_zeros(mean: Floats) -> Floats:
    """The mean of a Poisson distribution from its mean without zeros (Newton's steps)."""
    poisson = np.where(mean > 2, mean, np.maximum(2 * (mean - 1), 1e-9))
    for _ in range(20):
        empty = np.exp(-poisson)
        excess = poisson - mean * (1 - empty)
        poisson = np.maximum(poisson - excess / (1 - mean * empty), 1e-9)
    return poisson

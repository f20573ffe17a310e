"""HEALPix in square tiles of cells: dense arrays where there is something, and no positions cell by cell.

A tile is one cell of a coarse depth. Its 256 x 256 cells of the fine depth are an array, whose axes are those along
which HEALPix numbers cells in bits: the last axis from the tile's southern corner to its eastern one.

Within a tile the pixel of an image is a smooth function of the place, so a polynomial through a few exact positions
gives it for all cells. Where that is not good enough, as next to a pole, all positions are computed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import astropy.units as u
import cdshealpix
import numpy as np
from astropy.coordinates import ICRS, Latitude, Longitude, SkyCoord
from astropy.wcs import WCS
from astropy.wcs.utils import wcs_to_celestial_frame

from cscwidgets.arrays import Flags, Floats, Integers, Pixels
from cscwidgets.sky.healpix import cells
from cscwidgets.sky.sphere import right_ascension

__all__ = ["BITS", "SIDE", "TilePixels", "cell_area", "cell_to_pixel", "positions", "tiles_touching", "zorder"]


BITS = 8
SIDE = 1 << BITS
"""Cells along each side of a tile."""

_NODES = 5
_TOLERANCE = 0.01  # pixels


def cell_area(depth: int) -> float:
    """Area of a cell, deg**2."""
    return float(4 * np.pi * np.degrees(1) ** 2 / 12 / 4.0**depth)


def positions(tiles: Integers, depth: int, across: Floats, along: Floats) -> tuple[Floats, Floats]:
    """ICRS degrees of places in tiles (cells of `depth`), in fractions, 0 to 1, of their two sides; all broadcast.

    Source: Gorski et al. (2005), ApJ 622, 759, equations 4, 5 and 8 with continuous ring numbers.
    """
    face, within = np.asarray(tiles) >> 2 * depth, np.asarray(tiles) & ((1 << 2 * depth) - 1)
    x = (_every_other_bit(within) + across) / (1 << depth)
    y = (_every_other_bit(within >> 1) + along) / (1 << depth)
    ring = face // 4 + 2 - x - y  # from 0 at the north pole to 4 at the south pole
    turns = np.where(face // 4 == 1, 2 * (face % 4), 2 * (face % 4) + 1)
    to_pole = np.minimum(np.minimum(ring, 4 - ring), 1.0)
    polar = 90 - 2 * np.degrees(np.arcsin(to_pole / np.sqrt(6)))
    lat = np.where(to_pole < 1, np.copysign(polar, 2 - ring), np.degrees(np.arcsin(np.clip((2 - ring) * 2 / 3, -1, 1))))
    lon = 45 * (turns + (x - y) / np.maximum(to_pole, np.finfo(float).tiny))
    return right_ascension(lon), lat


def cell_to_pixel(cell: Integers) -> tuple[Integers, Integers]:
    """Row and column of cells in their tiles, from the cells' numbers."""
    within = np.asarray(cell) & (SIDE * SIDE - 1)
    return _every_other_bit(within >> 1), _every_other_bit(within)


def _every_other_bit(number: Integers) -> Integers:
    gathered = number & 0x55555555
    for shift, mask in ((1, 0x33333333), (2, 0x0F0F0F0F), (4, 0x00FF00FF), (8, 0x0000FFFF)):
        gathered = (gathered | gathered >> shift) & mask
    return gathered


def zorder() -> Integers:
    """Where in a raveled tile its cells are, in the order of their numbers; shape (SIDE**2,)."""
    row, column = cell_to_pixel(np.arange(SIDE * SIDE))
    return row * SIDE + column


def tiles_touching(wcs: WCS, shape: tuple[int, int], depth: int) -> Integers:
    """Tiles (cells of `depth`) on which an image may lie: those of a lattice of its pixels, and their neighbours."""
    side = np.degrees(np.sqrt(np.pi / 3)) / 2**depth
    step = 0.5 * side / np.sqrt(abs(np.linalg.det(wcs.pixel_scale_matrix)))
    x, y = (np.linspace(-0.5, size - 0.5, 2 + int(size / step)) for size in shape[::-1])
    sky = wcs.pixel_to_world(*(one.ravel() for one in np.meshgrid(x, y))).icrs
    on_sky = np.isfinite(sky.ra.deg)
    own = np.unique(cells(sky.ra.deg[on_sky], sky.dec.deg[on_sky], depth))
    around = cdshealpix.nested.neighbours(own.astype(np.uint64), depth).astype(np.int64)
    return np.unique(around[around >= 0])


@dataclass(frozen=True, slots=True)
class TilePixels:
    """Where the cells of some tiles lie in an image; `x` and `y` at the nodes of the polynomials, zero-based pixels.

    The arrays have the shape (tiles, nodes, nodes); `smooth` says in which tiles the polynomials hold.
    """

    tiles: Integers
    depth: int
    wcs: WCS
    x: Floats
    y: Floats
    smooth: Flags
    # Before astropy 8 two threads must not compute with one WCS: numbers are wrong, or Python dies.
    _projecting: Lock = field(default_factory=Lock, repr=False, compare=False)

    @classmethod
    def of(cls, tiles: Integers, depth: int, wcs: WCS) -> TilePixels:
        """Project the nodes of tiles (cells of `depth`)."""
        x, y = _project(wcs, *_lattice(tiles, depth, _CHEBYSHEV))
        exact = _project(wcs, *_lattice(tiles, depth, _BETWEEN))
        smooth = np.ones(len(tiles), bool)
        for sampled, fresh in zip((x, y), exact, strict=True):
            with np.errstate(invalid="ignore"):
                smooth &= (np.abs(np.einsum("ik,tkl,jl->tij", _CHECK, sampled, _CHECK) - fresh) < _TOLERANCE).all(
                    axis=(1, 2)
                )
        return cls(tiles, depth, wcs, x, y, smooth)

    def bounds(self, index: int) -> tuple[float, float, float, float]:
        """Least and greatest x, then y, that any cell of a tile can have."""
        if not self.smooth[index]:
            return -np.inf, np.inf, -np.inf, np.inf
        edges = []
        for one in (self.x[index], self.y[index]):
            margin = 0.15 * np.ptp(one)  # the outermost nodes lie within the tile
            edges += [float(one.min() - margin), float(one.max() + margin)]
        return edges[0], edges[1], edges[2], edges[3]

    def pixels(self, index: int) -> tuple[Pixels, Pixels]:
        """Where all cells of a tile lie, x and y of shape (SIDE, SIDE); -inf where the projection does not reach."""
        if self.smooth[index]:
            return _everywhere(self.x[index]), _everywhere(self.y[index])
        centres = (np.arange(SIDE) + 0.5) / SIDE
        with self._projecting:
            exact = _project(self.wcs, *_lattice(self.tiles[index : index + 1], self.depth, centres))
        beyond = np.isnan(exact[0][0]) | np.isnan(exact[1][0])
        x, y = (np.where(beyond, -np.inf, one[0]).astype(np.float32) for one in exact)
        return x, y


def _everywhere(nodes: Floats) -> Pixels:
    """A polynomial at all cells; without ``@``, as BLAS has threads of its own, which get in the way of ours."""
    along = np.einsum("kl,jl->kj", nodes, _CELLS).astype(np.float32)
    pixels: Pixels = np.multiply.outer(_WEIGHTS[0], along[0])
    term = np.empty_like(pixels)
    for weight, values in zip(_WEIGHTS[1:], along[1:], strict=True):
        pixels += np.multiply.outer(weight, values, out=term)
    return pixels


def _lattice(tiles: Integers, depth: int, along: Floats) -> tuple[Floats, Floats]:
    return positions(tiles[:, None, None], depth, along[None, None, :], along[None, :, None])


def _project(wcs: WCS, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    frame = wcs_to_celestial_frame(wcs)
    if not isinstance(frame, ICRS):
        moved = SkyCoord(Longitude(lon, u.deg), Latitude(lat, u.deg)).transform_to(frame).spherical
        lon, lat = moved.lon.deg, moved.lat.deg
    order = (lon, lat) if wcs.wcs.lng == 0 else (lat, lon)
    x, y = wcs.all_world2pix(*(one.ravel() for one in order), 0)
    return x.reshape(lon.shape), y.reshape(lon.shape)


def _interpolation(to: Floats) -> Floats:
    """Matrix from values at the nodes to those at other places: Lagrange's polynomials, in barycentric form."""
    weight = (-1.0) ** np.arange(_NODES) * np.sin(np.pi * (np.arange(_NODES) + 0.5) / _NODES)
    terms = weight / (to[:, None] - _CHEBYSHEV)
    return np.asarray(terms / terms.sum(axis=1, keepdims=True))


_CHEBYSHEV = (1 - np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)) / 2
_BETWEEN = np.array([0.02, 0.33, 0.77, 0.98])
_CELLS = _interpolation((np.arange(SIDE) + 0.5) / SIDE)
_CHECK = _interpolation(_BETWEEN)
_WEIGHTS = np.ascontiguousarray(_CELLS.T, np.float32)

"""The lowest of the limits of many stacks at each place, on HEALPix."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from numpy.typing import NDArray

from cscwidgets.arrays import Flags, Floats, Integers, Pixels
from cscwidgets.errors import CscError
from cscwidgets.sky.healpix import cells

from .coverage_curve import AreaByLimit, CoverageCurve
from .flux_calibration import FluxCalibration
from .healpix_tiles import BITS, SIDE, TilePixels, cell_area, cell_to_pixel, tiles_touching, zorder
from .sensitivity_map import PHOTON_FLUX, SensitivityMap
from .sky_clip import Inside, inside_fraction

if TYPE_CHECKING:
    from mocpy import MOC

__all__ = ["Mosaic", "Tile", "depth_for"]


NOT_OBSERVED = "not observed"
SENSITIVITY_LIMIT = "sensitivity limit"

_DEEPEST = 18  # cells of 0.8 arcsec
_NO_STACK = -1


def depth_for(pixel: float) -> int:
    """The least depth whose cells are not larger than pixels of a size in degrees, from 12 to 18."""
    side = np.degrees(np.sqrt(np.pi / 3))
    return int(np.clip(np.ceil(np.log2(side / pixel)), 12, _DEEPEST))


@dataclass(slots=True)
class Tile:
    """Cells of a part of the sky, shape (SIDE, SIDE) each.

    `limit` in photon/s/cm**2 is infinite where nothing was observed; `stack` counts the mosaic's stacks;
    `background` is there if a map brought one.
    """

    limit: Pixels
    stack: NDArray[np.int16]
    background: Pixels | None = None

    @classmethod
    def empty(cls) -> Tile:
        return cls(np.full((SIDE, SIDE), np.inf, np.float32), np.full((SIDE, SIDE), _NO_STACK, np.int16))

    def copy(self) -> Tile:
        background = None if self.background is None else self.background.copy()
        return Tile(self.limit.copy(), self.stack.copy(), background)

    @property
    def observed(self) -> Flags:
        return self.stack >= 0


@dataclass
class Mosaic:
    """Stacks' limits in one band, combined; made by `coverage.mosaic`.

    Parameters
    ----------
    band, threshold : str
        Of all limits.
    depth : int
        HEALPix depth of its cells.
    stacks : list of str
        Names, in the order of the numbers in tiles.
    areas : list of float
        Area that each stack observed, deg**2.
    files : dict of str to str
        The stack of each file (or stack without one) that was added.
    unknown : dict of str to CscError
        Files and stacks whose area is unknown, and why.
    simulated : bool
        Whether any of the maps is.
    tiles : dict of int to Tile
        By HEALPix cell of the depth that is 8 less.
    """

    band: str
    threshold: str
    depth: int
    stacks: list[str] = field(default_factory=list)
    areas: list[float] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, CscError] = field(default_factory=dict)
    simulated: bool = False
    tiles: dict[int, Tile] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not BITS <= self.depth <= _DEEPEST:
            raise CscError(f"No mosaic of depth {self.depth}", f"it must be from {BITS} to {_DEEPEST}")

    def add(self, one: SensitivityMap, pool: Executor) -> None:
        """Add a map; the tiles it touches are worked on side by side in the pool's threads.

        Raises
        ------
        CscError
            If the map is of another band or threshold, or its stack is there already.
        """
        if (one.band, one.threshold) != (self.band, self.threshold):
            raise CscError(
                f"The map {one.file or one.stack} is not added",
                f"it is of band {one.band} and threshold {one.threshold}, not {self.band} and {self.threshold}",
            )
        if one.stack in self.stacks:
            raise CscError(f"The map {one.file or one.stack} is not added", f"the stack {one.stack} is there already")
        image = _Padded.of(one)
        tiles = tiles_touching(one.wcs, one.limit.shape, self.depth - BITS)
        pixels = TilePixels.of(tiles, self.depth - BITS, one.wcs)
        met = [index for index in range(len(tiles)) if image.meets(pixels.bounds(index))]
        number = len(self.stacks)
        work = {}
        for index in met:
            tile = self.tiles.get(int(tiles[index])) or Tile.empty()
            work[int(tiles[index])] = tile, pool.submit(image.sample, pixels, index, tile, number)
        counts = {place: count.result() for place, (_, count) in work.items()}
        self.tiles |= {place: tile for place, (tile, _) in work.items() if counts[place]}
        self.stacks.append(one.stack)
        self.areas.append(sum(counts.values()) * cell_area(self.depth))
        self.files[one.file or one.stack] = one.stack
        self.simulated |= one.simulated
        for name in (one.file, one.stack):  # it may have been damaged, or absent, before
            self.unknown.pop(name, None)

    def copy(self) -> Mosaic:
        """Another with the same maps, to add to while this one is in use; its `unknown` is empty."""
        tiles = {number: tile.copy() for number, tile in self.tiles.items()}
        members = [*self.stacks], [*self.areas], {**self.files}
        return Mosaic(self.band, self.threshold, self.depth, *members, simulated=self.simulated, tiles=tiles)

    @property
    def area(self) -> u.Quantity:
        """Area that any stack observed, deg**2."""
        return sum(int(tile.observed.sum()) for tile in self.tiles.values()) * cell_area(self.depth) * u.deg**2

    def curve(self, inside: Inside | None = None, calibration: FluxCalibration | None = None) -> CoverageCurve:
        """The area in which a source of a flux would be detected, against the flux.

        Parameters
        ----------
        inside : callable, optional
            Which positions (RA, Dec in ICRS degrees) lie in a region; cells at its edge count by their part inside.
        calibration : FluxCalibration, optional
            For areas at energy fluxes.

        Raises
        ------
        CscError
            If no map covers any of the region, or the calibration is for another band.
        """
        if calibration is not None and calibration.band != self.band:
            raise CscError(
                "No calibrated sky coverage", f"{calibration.words} is for band {calibration.band}, not {self.band}"
            )
        areas = AreaByLimit()
        for tile, fraction in self.clipped(inside):
            areas.add(*_counted(tile, fraction, cell_area(self.depth)))
        limit, area = areas.steps
        if not len(limit):
            raise CscError(
                "The region has no sky coverage",
                f"none of the {len(self.stacks)} sensitivity maps reaches into it",
                "Choose a region that a stack observed.",
            )
        return CoverageCurve(limit, np.cumsum(area), self.band, self.threshold, calibration=calibration)

    def clipped(self, inside: Inside | None) -> Iterator[tuple[Tile, Floats | None]]:
        """Tiles that meet a region, with each cell's fraction inside, or None where that is 1 for all."""
        for number, tile in self.tiles.items():
            fraction = None if inside is None else inside_fraction(number, self.depth, inside)
            if fraction is None or fraction.any():
                yield tile, fraction

    def limit_at(self, coords: SkyCoord, calibration: FluxCalibration | None = None) -> QTable:
        """The limits at positions: what a source there would need, not what was measured of one.

        Parameters
        ----------
        coords : SkyCoord
            Rows of the answer are in the order of its raveled positions.
        calibration : FluxCalibration, optional
            Adds a column ``energy_limit``.

        Returns
        -------
        QTable
            ``limit`` (photon/s/cm**2, NaN where not observed), ``stack``, ``threshold``, ``band``, and ``status``: that
            it is a sensitivity limit, or that the position was not observed.
        """
        sky = coords.icrs
        limit, stack = self.at(*(np.atleast_1d(one.deg).ravel().astype(float) for one in (sky.ra, sky.dec)))
        names = np.array([*self.stacks, ""])
        answer = QTable({"limit": limit * PHOTON_FLUX, "stack": names[stack]})
        if calibration is not None:
            answer["energy_limit"] = calibration.energy_flux(answer["limit"])
        answer["threshold"], answer["band"] = self.threshold, self.band
        answer["status"] = np.where(stack >= 0, SENSITIVITY_LIMIT, NOT_OBSERVED)
        return answer

    def at(self, lon: Floats, lat: Floats) -> tuple[Floats, Integers]:
        """Limits as bare numbers, for many positions.

        Parameters
        ----------
        lon, lat : ndarray, shape (n,)
            ICRS degrees; NaN is nowhere.

        Returns
        -------
        limit : ndarray, shape (n,)
            Photon/s/cm**2, NaN where not observed.
        stack : ndarray of int, shape (n,)
            Number in `stacks`, -1 where not observed.
        """
        limit, stack = np.full(len(lon), np.nan), np.full(len(lon), _NO_STACK)
        valid = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        if not len(valid):
            return limit, stack
        cell = cells(lon[valid], lat[valid], self.depth)
        row, column = cell_to_pixel(cell)
        tile, which = np.unique(cell >> 2 * BITS, return_inverse=True)
        order = np.argsort(which, kind="stable")
        for number, at in zip(tile, np.split(order, np.cumsum(np.bincount(which))[:-1]), strict=True):
            if (held := self.tiles.get(int(number))) is not None:
                limit[valid[at]] = held.limit[row[at], column[at]]
                stack[valid[at]] = held.stack[row[at], column[at]]
        limit[stack < 0] = np.nan
        return limit, stack

    def moc(self, flux: u.Quantity | None = None) -> MOC:
        """The sky that was observed, or where a source with a photon flux would be detected."""
        from mocpy import MOC  # noqa: PLC0415 (slow to import)

        greatest = np.inf if flux is None else flux.to_value(PHOTON_FLUX)
        order, ranges = zorder(), []
        for number, tile in self.tiles.items():
            held = (tile.observed & (tile.limit <= greatest)).ravel()[order]
            ends = np.flatnonzero(np.diff(held, prepend=False, append=False)).reshape(-1, 2)
            ranges.append(ends + (number << 2 * BITS))
        joined = np.concatenate([np.zeros((0, 2), np.int64), *ranges]).astype(np.uint64)
        return MOC.from_depth29_ranges(self.depth, joined << np.uint64(2 * (29 - self.depth)))

    def table(self) -> QTable:
        """One row for each stack asked for: its area, and that in which its limit is lowest; NaN is unknown."""
        best = np.zeros(len(self.stacks) + 1)
        for tile in self.tiles.values():
            best += np.bincount(tile.stack.ravel() + 1, minlength=len(best))
        rows = len(self.stacks), len(self.unknown)
        return QTable(
            {
                "stack": np.array([*self.stacks, *self.unknown], str),
                "area": np.array([*self.areas, *[np.nan] * rows[1]]) * u.deg**2,
                "lowest_in": np.array([*(best[1:] * cell_area(self.depth)), *[np.nan] * rows[1]]) * u.deg**2,
                "status": np.array(["used"] * rows[0] + ["area unknown"] * rows[1], str),
                "why": np.array([""] * rows[0] + [error.why or error.what for error in self.unknown.values()], str),
            }
        )


def _counted(tile: Tile, fraction: Floats | None, area: float) -> tuple[Pixels, float | Floats]:
    observed = tile.observed
    if fraction is None:
        return tile.limit[observed], area
    observed = observed & (fraction > 0)
    return tile.limit[observed], fraction[observed] * area


@dataclass(frozen=True, slots=True)
class _Padded:
    """A map with one more pixel, of no limit, around it: what lies outside is found there."""

    limit: Pixels
    background: Pixels | None
    good: Flags

    @classmethod
    def of(cls, one: SensitivityMap) -> _Padded:
        limit = np.pad(one.limit, 1, constant_values=np.nan)
        good = np.isfinite(limit)
        limit[~good] = np.inf
        return cls(limit, None if one.background is None else np.pad(one.background, 1, constant_values=np.nan), good)

    def meets(self, bounds: tuple[float, float, float, float]) -> bool:
        """Whether any observed pixel lies between bounds in x and y (of the map without its margin)."""
        if not np.isfinite(bounds).all():
            return True
        x, y = (slice(max(int(low), 0), max(int(high) + 3, 0)) for low, high in (bounds[:2], bounds[2:]))
        return bool(self.good[y, x].any())

    def sample(self, pixels: TilePixels, index: int, tile: Tile, number: int) -> int:
        """Lower the limits of a tile to those of the map; how many cells the map covers."""
        x, y = pixels.pixels(index)
        rows, columns = self.limit.shape
        flat = self._nearest(y, rows)
        flat *= columns
        flat += self._nearest(x, columns)
        limit = self.limit.ravel().take(flat)
        better = limit < tile.limit
        np.copyto(tile.limit, limit, where=better)
        np.copyto(tile.stack, np.int16(number), where=better)
        if self.background is not None or tile.background is not None:
            if tile.background is None:
                tile.background = np.full((SIDE, SIDE), np.nan, np.float32)
            fresh = np.float32(np.nan) if self.background is None else self.background.ravel().take(flat)
            np.copyto(tile.background, fresh, where=better)
        return int(np.count_nonzero(np.isfinite(limit)))

    @staticmethod
    def _nearest(at: Pixels, size: int) -> NDArray[np.int32]:
        """Nearest pixel of the padded map along one axis; `at` is overwritten."""
        at += 1.5
        np.clip(at, 0, size - 0.5, out=at)
        return at.astype(np.int32)

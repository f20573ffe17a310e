"""What the sky view is sent to draw, as packed arrays cut to what a browser draws at once, and what was drawn there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from regions import SkyRegion

from cscwidgets.arrays import Floats
from cscwidgets.sky.shapes import boundary
from cscwidgets.sky.sphere import separation
from cscwidgets.sky.usable import circle, polygon
from cscwidgets.state.rows import RowIndex

from .density import Density

if TYPE_CHECKING:
    from mocpy import MOC

__all__ = ["MAX_DRAWN", "Layer", "coverage_cells", "drawn_region", "region_outline"]

MAX_DRAWN = 10_000
"""Most sources drawn at once; the view says so when there are more."""

Ellipses = tuple[Floats, Floats, Floats]


class Layer:
    """The sources of a sky view and which of them are drawn.

    Parameters
    ----------
    names : sequence of str or RowIndex, shape (n,)
        Unique names.
    ra, dec : array, shape (n,)
        ICRS degrees. Sources without a position are never drawn.
    ellipses : tuple of three arrays, shape (n,), optional
        Semi-axes in arcsec and the first one's angle in degrees east of north.
    rank : array, shape (n,), optional
        The highest ranks are drawn where there are too many; the first sources unless told.
    """

    def __init__(
        self,
        names: Sequence[str] | RowIndex = (),
        ra: Floats | Sequence[float] = (),
        dec: Floats | Sequence[float] = (),
        ellipses: Ellipses | None = None,
        rank: Floats | None = None,
    ) -> None:
        self._index = names if isinstance(names, RowIndex) else RowIndex(names)
        self.ra, self.dec = _plain(ra), _plain(dec)
        if not len(self._index) == len(self.ra) == len(self.dec):
            raise ValueError(f"{len(self._index)} names, {len(self.ra)} RA and {len(self.dec)} Dec are not one table")
        self._line = self._queue(rank)
        self._drawn = np.sort(self._line[:MAX_DRAWN])
        self.density = Density(self.ra, self.dec) if len(self._line) > MAX_DRAWN else None
        self._ellipses = None if ellipses is None else [_plain(axis) for axis in ellipses]

    def _queue(self, rank: Floats | None) -> NDArray[np.intp]:
        """Rows that have a position, those to draw first in front."""
        rows = np.flatnonzero(np.isfinite(self.ra) & np.isfinite(self.dec))
        if rank is None:
            return rows
        return rows[np.argsort(-np.nan_to_num(_plain(rank)[rows], nan=-np.inf), kind="stable")]

    @property
    def names(self) -> NDArray[np.object_]:
        """Names of all sources, shape (n,)."""
        return self._index.names

    def position(self, name: str | None) -> tuple[float, float] | None:
        """Where a source is, ICRS degrees."""
        row = self._index.row(name)
        return None if row is None else (float(self.ra[row]), float(self.dec[row]))

    def positions(self, names: Collection[str]) -> tuple[Floats, Floats]:
        """Where some sources are, as far as they are here; ICRS degrees."""
        marked = self._index.marks(names)
        return self.ra[marked], self.dec[marked]

    def look(self, ra: float, dec: float, radius: float) -> bool:
        """Draw the sources around a place rather than the highest ranks of all; returns whether all there are drawn.

        Of those within the radius (deg), if they are too many, those with the highest ranks are drawn.
        """
        if self.density is None:
            return True
        near = self._line[separation(self.ra[self._line], self.dec[self._line], ra, dec) <= radius]
        self._drawn = np.sort(near[:MAX_DRAWN])
        return len(near) <= MAX_DRAWN

    def cells(self, ra: float, dec: float, radius: float, names: Collection[str]) -> dict[str, Any]:
        """How many sources, and how many of those selected, are in each cell around a place, as sent to the browser."""
        return {} if self.density is None else self.density.around(ra, dec, radius, self._index.marks(names))

    def sources(self) -> dict[str, Any]:
        """The layer as sent to the browser."""
        drawn = self._drawn
        state: dict[str, Any] = {
            "total": len(self._index),
            "positions": np.concatenate([self.ra[drawn], self.dec[drawn]]).tobytes(),
            "names": "\0".join(map(str, self.names[drawn])).encode(),
        }
        if self._ellipses is not None:
            state["ellipses"] = np.concatenate([axis[drawn] for axis in self._ellipses]).tobytes()
        return state

    def highlighted(self, names: Collection[str]) -> dict[str, Any]:
        """A selection as sent to the browser: slots of drawn sources, positions of others, and how many there are."""
        marked = self._index.marks(names)
        slots = np.flatnonzero(marked[self._drawn])
        chosen = self._line[marked[self._line]]
        hidden = chosen[~np.isin(chosen, self._drawn)]
        shown = hidden[:MAX_DRAWN]
        return {
            "slots": slots.astype(np.uint32).tobytes(),
            "positions": np.concatenate([self.ra[shown], self.dec[shown]]).tobytes(),
            "total": len(slots) + len(hidden),
        }


def region_outline(region: SkyRegion | None) -> dict[str, Any]:
    """The outline of a region as sent to the browser: points on the sphere, 2 arrays of degrees."""
    return {} if region is None else {"positions": np.concatenate(boundary(region)).astype(float).tobytes()}


def coverage_cells(moc: MOC) -> Floats:
    """Corners (RA and Dec, shape (2, n)) of the cells of a coverage map, NaN between one and the next.

    A map of more than `MAX_DRAWN` / 2 cells is shown with larger ones, which hold the same and a little more.
    """
    from cdshealpix.nested import vertices  # noqa: PLC0415 (slow to import)

    while len(moc.uniq_hpx) > MAX_DRAWN // 2 and moc.max_order > 0:
        moc = moc.degrade_to_order(moc.max_order - 1)
    numbers = np.asarray(moc.uniq_hpx, dtype=np.uint64)
    orders = (np.log2(numbers / 4) / 2 + 1e-9).astype(np.uint8)
    parts = [np.empty((2, 0))]
    for order in np.unique(orders):
        cells = numbers[orders == order] - np.uint64(4 ** (int(order) + 1))
        lon, lat = vertices(cells, int(order))
        corners = np.stack([lon.deg, lat.deg])  # of each cell four
        gap = np.full((2, len(cells), 1), np.nan)
        parts.append(np.concatenate([corners, corners[..., :1], gap], axis=2).reshape(2, -1))
    return np.concatenate(parts, axis=1)


def _plain(values: Any) -> Floats:
    """Plain floats, NaN where masked."""
    return np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)


def drawn_region(message: dict[str, Any]) -> SkyRegion:
    """A drawn shape on the sky. A box is its four corners: true in any projection, at any angle, at the pole."""
    if message["shape"] == "circle":
        ra, dec = message["center"]
        return circle(ra, dec, message["radius"])
    return polygon(*np.transpose(message["vertices"]))

"""What the sky view is sent to draw: packed arrays, cut to what a browser draws at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from regions import SkyRegion

from ..archive.region import boundary

__all__ = ["MAX_DRAWN", "Layer", "region_outline"]

MAX_DRAWN = 10_000
"""Most sources drawn at once; the view says so when there are more."""

Ellipses = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


class Layer:
    """The sources of a sky view and which of them are drawn.

    Parameters
    ----------
    names : sequence of str, shape (n,)
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
        names: Sequence[str] = (),
        ra: NDArray[np.float64] | Sequence[float] = (),
        dec: NDArray[np.float64] | Sequence[float] = (),
        ellipses: Ellipses | None = None,
        rank: NDArray[np.float64] | None = None,
    ) -> None:
        self.names = np.asarray(names, dtype=object)
        self.ra, self.dec = _plain(ra), _plain(dec)
        if not len(self.names) == len(self.ra) == len(self.dec):
            raise ValueError(f"{len(self.names)} names, {len(self.ra)} RA and {len(self.dec)} Dec are not one table")
        self._row = {name: row for row, name in enumerate(self.names)}
        self._drawn = self._choose(rank)
        self._slot = np.full(len(self.names), -1)
        self._slot[self._drawn] = np.arange(len(self._drawn))
        self._ellipses = None if ellipses is None else [_plain(axis) for axis in ellipses]

    def _choose(self, rank: NDArray[np.float64] | None) -> NDArray[np.intp]:
        rows = np.flatnonzero(np.isfinite(self.ra) & np.isfinite(self.dec))
        if len(rows) <= MAX_DRAWN:
            return rows
        order = np.arange(len(rows)) if rank is None else np.argsort(-np.nan_to_num(_plain(rank)[rows], nan=-np.inf))
        return np.sort(rows[order[:MAX_DRAWN]])

    def position(self, name: str | None) -> tuple[float, float] | None:
        """Where a source is, ICRS degrees."""
        row = self._row.get(name)
        return None if row is None else (float(self.ra[row]), float(self.dec[row]))

    def sources(self) -> dict[str, Any]:
        """The layer as sent to the browser."""
        drawn = self._drawn
        state: dict[str, Any] = {
            "total": len(self.names),
            "positions": np.concatenate([self.ra[drawn], self.dec[drawn]]).tobytes(),
            "names": "\0".join(map(str, self.names[drawn])).encode(),
        }
        if self._ellipses is not None:
            state["ellipses"] = np.concatenate([axis[drawn] for axis in self._ellipses]).tobytes()
        return state

    def highlighted(self, names: Iterable[str]) -> dict[str, Any]:
        """A selection as sent to the browser: slots of drawn sources, positions of the others."""
        rows = np.fromiter((self._row[name] for name in names if name in self._row), dtype=np.intp)
        slots = self._slot[rows]
        hidden = rows[slots < 0][:MAX_DRAWN]
        return {
            "slots": slots[slots >= 0].astype(np.uint32).tobytes(),
            "positions": np.concatenate([self.ra[hidden], self.dec[hidden]]).tobytes(),
        }


def region_outline(region: SkyRegion | None) -> dict[str, Any]:
    """The outline of a region as sent to the browser: points on the sphere, 2 arrays of degrees."""
    return {} if region is None else {"positions": np.concatenate(boundary(region)).astype(float).tobytes()}


def _plain(values: Any) -> NDArray[np.float64]:
    """Plain floats, NaN where masked."""
    return np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)

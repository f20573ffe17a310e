"""How many sources are in each cell of the sky, where they are too many to be drawn."""

from __future__ import annotations

from typing import Any

import astropy.units as u
import numpy as np
from astropy.coordinates import Latitude, Longitude

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.sky.healpix import cells

__all__ = ["Density"]

_FINEST = 13  # order of the cells that sources are put into: 26 arcsec
_ACROSS = 130  # cells across a view
_COARSEST = 5
_SIDE = 58.6  # degrees of a cell of order nought


class Density:
    """Counts of positions in HEALPix cells of the size that a view asks for.

    Parameters
    ----------
    ra, dec : array, shape (n,)
        ICRS degrees; those without a position are not counted.
    """

    def __init__(self, ra: Floats, dec: Floats) -> None:
        rows = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
        cell = cells(ra[rows] % 360.0, dec[rows], _FINEST)
        order = np.argsort(cell, kind="stable")
        self._rows, self._cell = rows[order], cell[order]

    def around(self, ra: float, dec: float, radius: float, selected: Flags) -> dict[str, Any]:
        """Cells within a radius (deg) of a place, as sent to the browser.

        Returns
        -------
        dict
            ``positions``: the four corners of each cell, RA and Dec in degrees; ``levels`` and ``selected``: the
            logarithm of the number of all and of the selected sources in each, 0 for none to 255 for the most.
        """
        from cdshealpix.nested import cone_search, vertices  # noqa: PLC0415 (slow to import)

        order = int(np.clip(np.ceil(np.log2(_SIDE * _ACROSS / (2 * radius))), _COARSEST, _FINEST))
        cell = self._cell >> 2 * (_FINEST - order)
        number, first, count = np.unique(cell, return_index=True, return_counts=True)
        chosen = np.add.reduceat(selected[self._rows].astype(np.int64), first) if len(first) else count
        if radius < 180:
            within, _, _ = cone_search(Longitude(ra * u.deg), Latitude(dec * u.deg), radius * u.deg, order, flat=True)
            seen = np.isin(number, np.asarray(within, np.int64))
            number, count, chosen = number[seen], count[seen], chosen[seen]
        lon, lat = vertices(number.astype(np.uint64), order)
        return {
            "positions": np.concatenate([lon.deg.ravel(), lat.deg.ravel()]).tobytes(),
            "levels": _levels(count, count).tobytes(),
            "selected": _levels(chosen, count).tobytes(),
            "total": int(count.sum()),
            "most": int(count.max()) if len(count) else 0,
            "side": float(_SIDE / 2**order),
        }


def _levels(count: Integers, most: Integers) -> Any:
    scale = np.log1p(max(1, int(most.max()) if len(most) else 1))
    return np.where(count > 0, np.clip(255 * np.log1p(count) / scale, 1, 255), 0).astype(np.uint8)

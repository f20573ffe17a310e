"""Few boxes that hold the surroundings of many positions."""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Floats
from cscwidgets.sky.boxes import Box

__all__ = ["shared_boxes"]

_MARGIN = 1e-6  # degrees; keeps rounding from cutting what lies on an edge
_FEW = 2000  # positions, up to which boxes are small
_SMALL, _LARGE = 0.1, 0.5  # degrees, of a side


def shared_boxes(ra: Floats, dec: Floats, margin: float) -> list[Box]:
    """Boxes that together hold everything within a margin of some positions; near positions share one.

    Of many positions the boxes are about as large as a field of view, so that there are no more of them than fields.

    Parameters
    ----------
    ra, dec : ndarray, shape (n,)
        ICRS degrees, finite; right ascensions from 0 to 360.
    margin : float
        Degrees.
    """
    if not len(ra):
        return []
    side = max(_SMALL if len(ra) <= _FEW else _LARGE, 4 * margin)
    zone = np.floor(dec / side)
    # As long in right ascension as they are high, at the edge of the zone that is nearer to the equator.
    equator = np.radians(np.minimum(np.abs(zone), np.abs(zone + 1)) * side)
    around = np.maximum(1.0, np.floor(360 * np.cos(np.minimum(equator, np.pi / 2)) / side))
    order = np.lexsort((np.floor(ra / 360 * around), zone))
    cells = np.stack([zone, np.floor(ra / 360 * around)])[:, order]
    starts = np.flatnonzero(np.any(np.diff(cells, axis=1, prepend=np.nan), axis=0))
    low, high = (
        np.stack([each.reduceat(axis[order], starts) for axis in (ra, dec)]) for each in (np.minimum, np.maximum)
    )
    boxes: list[Box] = []
    for (ra_low, dec_low), (ra_high, dec_high) in zip(low.T.tolist(), high.T.tolist(), strict=True):
        boxes += _opened(ra_low, ra_high, dec_low, dec_high, margin + _MARGIN)
    return boxes


def _opened(ra_low: float, ra_high: float, dec_low: float, dec_high: float, margin: float) -> list[Box]:
    """One box, or two at right ascension 0, that hold a range of positions and their surroundings."""
    south, north = max(-90.0, dec_low - margin), min(90.0 + _MARGIN, dec_high + margin)
    farthest = max(abs(dec_low), abs(dec_high))
    if farthest + margin >= 90:  # a pole lies within the margin
        return [Box(0.0, 360.0, south, north)]
    # A circle reaches farther in right ascension than its radius over the cosine at its middle.
    reach = float(np.degrees(np.arcsin(min(1.0, np.sin(np.radians(margin)) / np.cos(np.radians(farthest))))))
    west, east = ra_low - reach, ra_high + reach
    if east - west >= 360:
        return [Box(0.0, 360.0, south, north)]
    if west < 0:
        return [Box(0.0, east, south, north), Box(west + 360, 360.0, south, north)]
    if east > 360:
        return [Box(west, 360.0, south, north), Box(0.0, east - 360, south, north)]
    return [Box(west, east, south, north)]

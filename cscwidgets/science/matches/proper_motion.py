"""Positions at another epoch."""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Floats
from cscwidgets.sky.sphere import right_ascension

__all__ = ["moved"]


_RADIANS = np.radians(1 / 3_600_000)  # of a mas


def moved(ra: Floats, dec: Floats, pmra: Floats, pmdec: Floats, years: Floats) -> tuple[Floats, Floats]:
    """Positions after some years of straight motion in space, seen from far away.

    Parameters
    ----------
    ra, dec : ndarray
        Degrees.
    pmra, pmdec : ndarray
        Proper motions, with cos dec, mas/yr; parallax and radial velocity count as 0.
    years : ndarray
        Julian years, negative into the past.

    Returns
    -------
    ra, dec : ndarray
        Degrees; exactly the given ones where nothing moves.
    """
    east, north = pmra * years * _RADIANS, pmdec * years * _RADIANS
    moves = np.flatnonzero((east != 0) | (north != 0))
    lon, lat, x, y = np.radians(ra[moves]), np.radians(dec[moves]), east[moves], north[moves]
    away = np.cos(lat) - y * np.sin(lat)  # from the axis of the sphere, along the meridian
    height = np.sin(lat) + y * np.cos(lat)
    new_ra, new_dec = np.array(ra, np.float64), np.array(dec, np.float64)
    new_ra[moves] = right_ascension(np.degrees(lon + np.arctan2(x, away)))
    new_dec[moves] = np.degrees(np.arctan2(height, np.hypot(away, x)))
    return new_ra, new_dec

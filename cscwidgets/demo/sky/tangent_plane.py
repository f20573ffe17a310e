"""Positions on the plane that touches the sky at a point."""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Floats

__all__ = ["offsets", "on_other_plane"]


_FAR = 1e6


def offsets(ra0: float, dec0: float, ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
    """Offsets to the east and north on the tangent plane, arcmin; far away on the other side of the sky."""
    a, d, d0 = np.radians(np.asarray(ra) - ra0), np.radians(dec), np.radians(dec0)
    depth = np.sin(d) * np.sin(d0) + np.cos(d) * np.cos(d0) * np.cos(a)
    near = depth > 0.5
    scale = np.degrees(60) / np.where(near, depth, 1.0)
    east = np.where(near, scale * np.cos(d) * np.sin(a), _FAR)
    north = np.where(near, scale * (np.sin(d) * np.cos(d0) - np.cos(d) * np.sin(d0) * np.cos(a)), _FAR)
    return east, north


def on_other_plane(
    touching: tuple[float, float], other: tuple[float, float], east: Floats, north: Floats
) -> tuple[Floats, Floats]:
    """Offsets on the plane that touches the sky at one place, as offsets on another near it; all in arcmin.

    Parameters
    ----------
    touching, other : (float, float)
        Where the planes touch the sky: RA and Dec in degrees.
    east, north : ndarray
        Offsets on the first plane.
    """
    turn = _axes(*other) @ _axes(*touching).T
    radius = np.degrees(60)
    x, y, z = (row[0] * east + row[1] * north + row[2] * radius for row in turn)
    return x * (radius / z), y * (radius / z)


def _axes(ra: float, dec: float) -> Floats:
    """Unit vectors to the east, to the north, and to a place itself."""
    a, d = np.radians(ra), np.radians(dec)
    return np.array(
        [
            [-np.sin(a), np.cos(a), 0],
            [-np.sin(d) * np.cos(a), -np.sin(d) * np.sin(a), np.cos(d)],
            [np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)],
        ]
    )

"""Positions on the plane that touches the sky at a point."""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Floats

__all__ = ["offsets"]


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

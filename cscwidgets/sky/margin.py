"""Positions within a distance of a region."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import scipy
from numpy.typing import ArrayLike
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, SkyRegion

from cscwidgets.arrays import Flags, Floats

from .shapes import boundary, centre, contains
from .sphere import separation

__all__ = ["enclosing_radius", "within"]

_ELLIPSE_POINTS = 1440
_AT_ONCE = 4_000_000  # pairs of positions and edges, for memory


def within(region: SkyRegion, degrees: float, ra: ArrayLike, dec: ArrayLike) -> Flags:
    """Which positions lie in a region or within a distance of its edge.

    Parameters
    ----------
    region : SkyRegion
        Circle, ellipse, rectangle or polygon, in ICRS.
    degrees : float
        The distance, 0 to 30.
    ra, dec : array, shape (n,)
        ICRS degrees; a missing position (NaN) lies nowhere.

    Notes
    -----
    Exact on the sphere for circles and for shapes with straight sides, which are great circles. The edge of an ellipse
    is followed by 1440 chords, and the distance widened by what lies between (0.009 arcsec for a semi-axis of 1 deg):
    no position is missed.
    """
    ra, dec = np.asarray(ra, float), np.asarray(dec, float)
    if isinstance(region, CircleSkyRegion):
        return np.asarray(separation(ra, dec, *centre(region)) <= region.radius.to_value(u.deg) + degrees)
    kept = contains(region, ra, dec)
    if degrees == 0:
        return kept
    points = _ELLIPSE_POINTS if isinstance(region, EllipseSkyRegion) else _corners(region)
    edge = boundary(region, points)
    if isinstance(region, EllipseSkyRegion):
        degrees += float(separation(*edge, *centre(region)).max()) * (2 * np.pi / points) ** 2 / 8
    outside = np.flatnonzero(~kept & (separation(ra, dec, *centre(region)) <= enclosing_radius(region) + degrees))
    outside = outside[_perhaps_near(region, degrees, ra[outside], dec[outside])]
    kept[outside] = _near_edges(ra[outside], dec[outside], *edge, degrees)
    return kept


def enclosing_radius(region: SkyRegion) -> float:
    """Radius (degrees) of a circle about the region's centre that holds all of it."""
    if isinstance(region, CircleSkyRegion):
        return float(region.radius.to_value(u.deg))
    points = _ELLIPSE_POINTS if isinstance(region, EllipseSkyRegion) else _corners(region)
    return float(separation(*boundary(region, points), *centre(region)).max()) * 1.00001


def _corners(region: SkyRegion) -> int:
    return len(region.vertices) if isinstance(region, PolygonSkyRegion) else 4


def _perhaps_near(region: SkyRegion, degrees: float, ra: Floats, dec: Floats) -> Flags:
    """Positions within a distance of a point of the edge and a step to the next: all that can be near it."""
    edge = boundary(region, _ELLIPSE_POINTS)
    step = float(separation(*edge, *(np.roll(axis, -1) for axis in edge)).max())
    reach = 2 * np.sin(np.radians(min(180.0, degrees + step)) / 2)
    nearest, _ = scipy.spatial.KDTree(_directions(*edge)).query(_directions(ra, dec), distance_upper_bound=reach)
    return np.asarray(np.isfinite(nearest))


def _near_edges(ra: Floats, dec: Floats, edge_ra: Floats, edge_dec: Floats, degrees: float) -> Flags:
    """Which positions lie within a distance of a closed chain of great circles."""
    start = _directions(edge_ra, edge_dec)
    end = np.roll(start, -1, axis=0)
    normal = np.cross(start, end)
    length = np.linalg.norm(normal, axis=1)
    start, end, normal = (vectors[length > 1e-15] for vectors in (start, end, normal))
    normal /= length[length > 1e-15, None]
    forwards, backwards = np.cross(normal, start), np.cross(end, normal)
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    near = np.zeros(len(ra), bool)
    step = max(1, _AT_ONCE // max(1, len(start)))
    for first in range(0, len(ra), step):
        block = slice(first, first + step)
        points = _directions(ra[block], dec[block])
        beside = (points @ forwards.T >= 0) & (points @ backwards.T >= 0) & (np.abs(points @ normal.T) <= sine)
        near[block] = (beside | (points @ start.T >= cosine)).any(axis=1)
    return near


def _directions(ra: Floats, dec: Floats) -> Floats:
    lon, lat = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)

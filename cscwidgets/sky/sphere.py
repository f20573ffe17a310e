"""Plane geometry of the tangent plane: where great circles are straight lines.

A region smaller than a hemisphere is tested in the gnomonic projection about its own centre.
There, great-circle edges are straight, so the plane test is exact on the sphere: at the poles,
across RA = 0, for any concave polygon.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Flags, Floats

__all__ = ["deproject", "destination", "inside_polygon", "project", "right_ascension", "separation"]


def right_ascension(angle: ArrayLike) -> Floats:
    """An angle in degrees as a right ascension, in [0, 360).

    The remainder of a tiny negative number is 360 itself, which no box from 0 to 360 holds.
    """
    turned = np.mod(np.asarray(angle, float), 360.0)
    return np.where(turned == 360.0, 0.0, turned)


def separation(ra: ArrayLike, dec: ArrayLike, ra0: ArrayLike, dec0: ArrayLike) -> Floats:
    """Great-circle distance, accurate at all distances (Vincenty's formula).

    Parameters
    ----------
    ra, dec : array_like
        Positions, degrees.
    ra0, dec0 : array_like
        Others, degrees, of a shape that goes with the first.

    Returns
    -------
    ndarray
        Degrees.

    Examples
    --------
    >>> from cscwidgets import sky
    >>> sky.separation([0.0, 10.0], [0.0, 0.0], 0.0, 90.0)
    array([90., 90.])
    """
    lon = np.radians(np.asarray(ra, float) - np.asarray(ra0, float))
    lat, lat0 = np.radians(np.asarray(dec, float)), np.radians(dec0)
    y = np.hypot(
        np.cos(lat) * np.sin(lon),
        np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(lon),
    )
    x = np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(lon)
    result: Floats = np.degrees(np.arctan2(y, x))
    return result


def project(ra: ArrayLike, dec: ArrayLike, ra0: float, dec0: float) -> tuple[Floats, Floats]:
    """Gnomonic coordinates (xi to the east, eta to the north) in units of the sphere's radius.

    Points 90 degrees and more from the centre have none and come back as NaN.
    """
    lon = np.radians(np.asarray(ra, float) - ra0)
    lat, lat0 = np.radians(np.asarray(dec, float)), np.radians(dec0)
    depth = np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(lon)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.where(depth > 1e-9, depth, np.nan)
        xi = np.cos(lat) * np.sin(lon) / depth
        eta = (np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(lon)) / depth
    return xi, eta


def deproject(xi: ArrayLike, eta: ArrayLike, ra0: float, dec0: float) -> tuple[Floats, Floats]:
    """Sky position in degrees, RA in [0, 360), of gnomonic coordinates."""
    xi, eta = np.asarray(xi, float), np.asarray(eta, float)
    lat0 = np.radians(dec0)
    denominator = np.cos(lat0) - eta * np.sin(lat0)
    ra = right_ascension(ra0 + np.degrees(np.arctan2(xi, denominator)))
    dec = np.degrees(np.arctan2(np.sin(lat0) + eta * np.cos(lat0), np.hypot(xi, denominator)))
    return ra, dec


def destination(ra0: float, dec0: float, position_angle: ArrayLike, distance: ArrayLike) -> tuple[Floats, Floats]:
    """Position at a distance along a position angle (east of north), all in degrees."""
    angle, arc = np.radians(position_angle), np.radians(distance)
    lat0 = np.radians(dec0)
    sin_dec = np.sin(lat0) * np.cos(arc) + np.cos(lat0) * np.sin(arc) * np.cos(angle)
    dec = np.arcsin(np.clip(sin_dec, -1.0, 1.0))
    # In a form that holds at the poles too, where the cosine of the latitude is nothing but rounding.
    lon = np.arctan2(
        np.sin(angle) * np.sin(arc), np.cos(lat0) * np.cos(arc) - np.sin(lat0) * np.sin(arc) * np.cos(angle)
    )
    return right_ascension(ra0 + np.degrees(lon)), np.degrees(dec)


def inside_polygon(x: ArrayLike, y: ArrayLike, vertex_x: ArrayLike, vertex_y: ArrayLike) -> Flags:
    """Which points of a plane lie inside a polygon (even-odd rule); NaN lies nowhere.

    Parameters
    ----------
    x, y : array, shape (n,)
        The points.
    vertex_x, vertex_y : array, shape (m,)
        The polygon's vertices in order, not repeated at the end.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    vx, vy = np.asarray(vertex_x, float), np.asarray(vertex_y, float)
    near = np.flatnonzero((x >= vx.min()) & (x <= vx.max()) & (y >= vy.min()) & (y <= vy.max()))
    # Points in the order of y: an edge meets a slice of them, not all.
    near = near[np.argsort(y[near])]
    px, py = x[near], y[near]
    odd = np.zeros(near.shape, bool)
    first = np.searchsorted(py, vy)
    for x1, y1, n1, x2, y2, n2 in zip(*(vx, vy, first), *(np.roll(v, -1) for v in (vx, vy, first)), strict=True):
        if n1 != n2:
            met = slice(min(n1, n2), max(n1, n2))
            odd[met] ^= px[met] < x1 + (py[met] - y1) * ((x2 - x1) / (y2 - y1))
    inside = np.zeros(x.shape, bool)
    inside[near] = odd
    return inside

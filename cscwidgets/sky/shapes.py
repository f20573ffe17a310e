"""The geometry of regions on the sphere: their centre, their edge, and what lies inside.

A region is a ``regions`` sky object in ICRS. Rectangle and ellipse follow that package's convention: in the tangent
plane at their centre, width along right ascension at angle 0, turned counter-clockwise as seen with north up and east
left.
"""

from __future__ import annotations

from functools import singledispatch

import astropy.units as u
import numpy as np
from numpy.typing import ArrayLike
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, RectangleSkyRegion, SkyRegion

from cscwidgets.arrays import Flags, Floats
from cscwidgets.errors import RegionError

from .sphere import deproject, destination, inside_polygon, project, right_ascension, separation

__all__ = ["boundary", "centre", "contains"]


def centre(region: SkyRegion) -> tuple[float, float]:
    """Centre of a region; of a polygon the mean direction of its corners.

    Parameters
    ----------
    region : SkyRegion
        In ICRS.

    Returns
    -------
    ra, dec : float
        ICRS degrees.

    Examples
    --------
    >>> from cscwidgets import sky
    >>> sky.centre(sky.read_region("10 41", "30 arcmin"))
    (10.0, 41.0)
    """
    if not isinstance(region, PolygonSkyRegion):
        return float(region.center.ra.deg), float(region.center.dec.deg)
    x, y, z = region.vertices.cartesian.xyz.to_value(u.one).mean(axis=1)
    return float(right_ascension(np.degrees(np.arctan2(y, x)))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


@singledispatch
def contains(region: SkyRegion, ra: ArrayLike, dec: ArrayLike) -> Flags:  # noqa: ARG001
    """Which positions lie inside the region, on the sphere.

    Parameters
    ----------
    region : SkyRegion
        Circle, ellipse, rectangle or polygon.
    ra, dec : array, shape (n,)
        ICRS degrees; a missing position (NaN) lies nowhere.

    Returns
    -------
    ndarray of bool, of the shape of the positions
        False where a position is no number.

    Examples
    --------
    >>> from cscwidgets import sky
    >>> sky.contains(sky.read_region("10 41", "30 arcmin"), [10.0, 11.0], [41.4, 41.4])
    array([ True, False])
    """
    raise RegionError(f"A {type(region).__name__} cannot be searched", "its shape is not supported")


@contains.register
def _(region: CircleSkyRegion, ra: ArrayLike, dec: ArrayLike) -> Flags:
    inside: Flags = separation(ra, dec, *centre(region)) <= region.radius.to_value(u.deg)
    return inside


@contains.register
def _(region: PolygonSkyRegion, ra: ArrayLike, dec: ArrayLike) -> Flags:
    at = centre(region)
    return inside_polygon(*project(ra, dec, *at), *project(region.vertices.ra.deg, region.vertices.dec.deg, *at))


@contains.register
def _(region: RectangleSkyRegion, ra: ArrayLike, dec: ArrayLike) -> Flags:
    across, along = _own_axes(region, ra, dec)
    return (np.abs(across) <= 1) & (np.abs(along) <= 1)


@contains.register
def _(region: EllipseSkyRegion, ra: ArrayLike, dec: ArrayLike) -> Flags:
    across, along = _own_axes(region, ra, dec)
    return across**2 + along**2 <= 1


def _half_sizes(region: RectangleSkyRegion | EllipseSkyRegion) -> tuple[float, float]:
    """Half width and height in the tangent plane, where an angle is its tangent."""
    return float(np.tan(region.width / 2)), float(np.tan(region.height / 2))


def _own_axes(region: RectangleSkyRegion | EllipseSkyRegion, ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
    xi, eta = project(ra, dec, *centre(region))
    turn = region.angle.to_value(u.rad)
    half_width, half_height = _half_sizes(region)
    across = (-xi * np.cos(turn) + eta * np.sin(turn)) / half_width
    along = (xi * np.sin(turn) + eta * np.cos(turn)) / half_height
    return across, along


def boundary(region: SkyRegion, points: int = 180) -> tuple[Floats, Floats]:
    """The outline of a region, not closed.

    Straight sides are great circles and are sampled too, so that the outline is right in any
    projection.

    Parameters
    ----------
    region : SkyRegion
        In ICRS.
    points : int
        About how many are wanted.

    Returns
    -------
    ra, dec : ndarray, shape (about `points`,)
        ICRS degrees.

    Examples
    --------
    >>> from cscwidgets import sky
    >>> ra, dec = sky.boundary(sky.read_region("10 41", "30 arcmin"), points=4)
    >>> dec.round(3)
    array([41.5  , 40.998, 40.5  , 40.998])
    """
    at = centre(region)
    if isinstance(region, CircleSkyRegion):
        angles = np.linspace(0, 360, points, endpoint=False)
        return destination(*at, angles, region.radius.to_value(u.deg))
    if isinstance(region, PolygonSkyRegion):
        return deproject(*_sample(*project(region.vertices.ra.deg, region.vertices.dec.deg, *at), points), *at)
    half_width, half_height = _half_sizes(region)
    if isinstance(region, EllipseSkyRegion):
        angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
        across, along = half_width * np.cos(angles), half_height * np.sin(angles)
    else:
        corners = np.array([-1, 1, 1, -1]) * half_width, np.array([-1, -1, 1, 1]) * half_height
        across, along = _sample(*corners, points)
    turn = region.angle.to_value(u.rad)
    xi = -across * np.cos(turn) + along * np.sin(turn)
    eta = across * np.sin(turn) + along * np.cos(turn)
    return deproject(xi, eta, *at)


def _sample(x: Floats, y: Floats, points: int) -> tuple[Floats, Floats]:
    steps = np.arange(max(1, points // len(x))) / max(1, points // len(x))
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    return (
        (x[:, None] + (next_x - x)[:, None] * steps).ravel(),
        (y[:, None] + (next_y - y)[:, None] * steps).ravel(),
    )

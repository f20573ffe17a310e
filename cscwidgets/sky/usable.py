"""Shapes that can be searched: on the sky, in ICRS, finite, and smaller than half of it."""

from __future__ import annotations

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from numpy.typing import ArrayLike
from regions import (
    CircleSkyRegion,
    CircleSphericalSkyRegion,
    EllipseSkyRegion,
    PolygonSkyRegion,
    PolygonSphericalSkyRegion,
    RectangleSkyRegion,
    Region,
    SkyRegion,
    SphericalSkyRegion,
)

from cscwidgets.errors import RegionError

from .positions import in_icrs
from .shapes import centre
from .sphere import separation

__all__ = ["circle", "icrs", "polygon"]

_SHAPES = (CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, RectangleSkyRegion)


def circle(ra: float, dec: float, radius_deg: float) -> CircleSkyRegion:
    """A circle from plain degrees."""
    return icrs(CircleSkyRegion(SkyCoord(ra, dec, unit="deg"), radius_deg * u.deg))


def polygon(ra: ArrayLike, dec: ArrayLike) -> PolygonSkyRegion:
    """A polygon from vertices in degrees, shape (n,)."""
    return icrs(PolygonSkyRegion(SkyCoord(ra, dec, unit="deg")))


def icrs(region: Region) -> SkyRegion:
    """The same region in ICRS, checked to be usable.

    Raises
    ------
    RegionError
        If its shape is not a circle, ellipse, rectangle or polygon, if it is an exclusion, if its coordinates or sizes
        are not finite, or a size not positive, or if it spans half the sky or more.
    """
    if isinstance(region, SphericalSkyRegion):
        region = _flat(region)
    if not isinstance(region, _SHAPES):
        raise RegionError(
            f"A {type(region).__name__} cannot be searched",
            "the catalogue can be asked for circles, ellipses, rectangles and polygons on the sky",
            "Convert the region to one of these shapes.",
        )
    if str(region.meta.get("include", True)).lower() in {"false", "0", "-"}:
        raise RegionError(
            "The region cannot be searched",
            "it is an exclusion: what lies outside of a shape",
            "Leave it included, and cut the table afterwards.",
        )
    moved = region if _frame(region).name == "icrs" else _to_icrs(region)
    _check_size(moved)
    return moved


def _flat(region: SphericalSkyRegion) -> Region:
    """A spherical region as the same shape among the others; our shapes have great circles for edges too."""
    if isinstance(region, CircleSphericalSkyRegion):
        return CircleSkyRegion(region.center, region.radius, meta=region.meta)
    if not isinstance(region, PolygonSphericalSkyRegion):
        return region
    polygon = PolygonSkyRegion(region.vertices, meta=region.meta)
    ra, dec = centre(_to_icrs(polygon))
    if region.contains(SkyCoord((ra + 180) % 360, -dec, unit="deg").transform_to(_frame(polygon))):
        raise RegionError(
            "The region cannot be searched",
            "the order of its corners makes it the larger part of the sky",
            "Turn the order of the corners round.",
        )
    return polygon


def _frame(region: SkyRegion) -> SkyCoord:
    return (region.vertices if isinstance(region, PolygonSkyRegion) else region.center).frame


def _to_icrs(region: SkyRegion) -> SkyRegion:
    if isinstance(region, PolygonSkyRegion):
        return PolygonSkyRegion(in_icrs(region.vertices))
    if isinstance(region, CircleSkyRegion):
        return CircleSkyRegion(in_icrs(region.center), region.radius)
    # A turned frame turns the axes: follow a point due north of the centre in the old frame.
    ahead = region.center.directional_offset_by(0 * u.deg, 1 * u.arcsec)
    turn = in_icrs(region.center).position_angle(in_icrs(ahead))
    return type(region)(in_icrs(region.center), region.width, region.height, region.angle + turn)


def _check_size(region: SkyRegion) -> None:
    turn = 0.0 if not hasattr(region, "angle") else float(region.angle.to_value(u.deg))
    if not np.isfinite([*centre(region), turn]).all():
        raise RegionError(
            "The region cannot be searched", "its coordinates are not finite numbers", "Check where they come from."
        )
    if isinstance(region, PolygonSkyRegion):
        vertices = region.vertices
        if len(vertices) < 3:
            raise RegionError("The polygon cannot be searched", "it has fewer than three corners", "Add corners.")
        ra0, dec0 = centre(region)
        largest = float(separation(vertices.ra.deg, vertices.dec.deg, ra0, dec0).max())
        smallest = largest
    else:
        sizes = [region.radius] if isinstance(region, CircleSkyRegion) else [region.width / 2, region.height / 2]
        degrees = [float(size.to_value(u.deg)) for size in sizes]
        largest, smallest = max(degrees), min(degrees)
    if not np.isfinite([largest, smallest]).all() or smallest <= 0:
        raise RegionError("The region cannot be searched", "its size is not a positive angle", "Give a larger region.")
    limit = 180.0 if isinstance(region, CircleSkyRegion) else 80.0
    if largest > limit:
        raise RegionError(
            "The region cannot be searched",
            f"it reaches {largest:.0f} degrees from its centre; the limit for this shape is {limit:.0f}",
            "Split it, or use a circle.",
        )

"""Sky regions: what people write down, and in which words they are told.

A region is always a ``regions`` sky object in ICRS. Rectangle and ellipse follow that package's
convention: in the tangent plane at their centre, width along right ascension at angle 0, turned
counter-clockwise as seen with north up and east left.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import astropy.units as u
import numpy as np
from astropy.coordinates import Angle, SkyCoord
from numpy.typing import ArrayLike
from regions import (
    CircleSkyRegion,
    CircleSphericalSkyRegion,
    EllipseSkyRegion,
    PolygonSkyRegion,
    PolygonSphericalSkyRegion,
    RectangleSkyRegion,
    Region,
    Regions,
    SkyRegion,
    SphericalSkyRegion,
)

from cscwidgets.errors import RegionError
from cscwidgets.io.typed import plain_text

from .names import known_position, resolve
from .positions import in_icrs, position_of
from .region_text import looks_like_file, looks_like_region, read_region_file, read_region_text
from .shapes import centre
from .sphere import separation

__all__ = [
    "Around",
    "Target",
    "describe_region",
    "from_ds9",
    "icrs",
    "polygon",
    "read_radius",
    "read_region",
    "to_ds9",
    "understood",
]

Target: TypeAlias = (
    "SkyRegion | SphericalSkyRegion | Regions | SkyCoord | str | os.PathLike[str]"
    " | Sequence[SkyRegion] | Sequence[float | u.Quantity]"
)

_LONGEST_NAME = 200  # characters of a name or a position
_SHAPES = (CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, RectangleSkyRegion)


@dataclass(frozen=True, slots=True)
class Around:
    """A circle around an object whose position is yet to be looked up.

    Attributes
    ----------
    name : str
    radius : float
        Degrees.
    """

    name: str
    radius: float

    def look_up(self) -> SkyRegion:
        """The circle; see `names.resolve`."""
        at = resolve(self.name)
        return circle(at.ra.deg, at.dec.deg, self.radius)


def read_region(target: Target, radius: u.Quantity | str | None = None) -> SkyRegion:
    """Make a region of whatever names one.

    Parameters
    ----------
    target : SkyRegion, SkyCoord, str, path or sequence
        A ``regions`` sky region, spherical ones included, or a list of one; a position, or two numbers of degrees
        (ICRS); an object name ("M33") or a source's ("2CXO J002404.2-720457", whose position needs no look-up);
        coordinates as people write them ("23.46 30.66", "01h33m51s +30d39m37s", "l=133.6 b=-31.3"); text of DS9, CASA
        or STC-S, or the path of a file of these or of a FITS region. Only what looks like the name of an object is sent
        to a name resolver.
    radius : Quantity or str, optional
        Radius of the circle around a position or a name; 0.5 deg unless told.

    Returns
    -------
    SkyRegion
        In ICRS: a circle, rectangle, ellipse or polygon.

    Raises
    ------
    RegionError
        If it cannot be understood, resolved or used, with the reason. Exclusions and several shapes are refused.

    Examples
    --------
    >>> from cscwidgets import sky
    >>> sky.read_region("10.68 41.27", "12 arcmin").radius
    <Quantity 0.2 deg>
    >>> sky.read_region("icrs; box(23.5, 30.65, 20', 10', 30)").width
    <Quantity 20. arcmin>
    """
    found = understood(target, radius)
    return found.look_up() if isinstance(found, Around) else found


def understood(target: Target, radius: u.Quantity | str | None = None) -> SkyRegion | Around:
    """The region a target means, as far as it can be told without asking a service; see `read_region`.

    Raises
    ------
    RegionError
        If it cannot be understood or used, with the reason.
    """
    degrees = read_radius(radius)
    if isinstance(target, Regions | list | tuple) and any(isinstance(one, Region) for one in target):
        if len(target) != 1:
            raise RegionError("The region was not used", f"there are {len(target)}, one is needed", "Give one of them.")
        target = target[0]
    if isinstance(target, Region):
        return icrs(target)
    if isinstance(target, bytes):
        target = target.decode("utf-8", "replace")
    if isinstance(target, str):
        text = plain_text(target)
        if looks_like_file(text):
            target = Path(target.strip().strip("'\"").removeprefix("file://"))
        elif looks_like_region(text):
            return from_ds9(text)
        else:
            if len(text) > _LONGEST_NAME:
                why = f"it has {len(text):,} characters, and is no region"
                raise RegionError(f"The target {text[:40]!r}... was not understood", why, "Give a name or a position.")
            at = known_position(text)
            return Around(text, degrees) if at is None else circle(at.ra.deg, at.dec.deg, degrees)
    if isinstance(target, os.PathLike):
        return icrs(read_region_file(Path(target)))
    at = position_of(target)
    return circle(at.ra.deg, at.dec.deg, degrees)


def circle(ra: float, dec: float, radius_deg: float) -> CircleSkyRegion:
    """A circle from plain degrees."""
    return icrs(CircleSkyRegion(SkyCoord(ra, dec, unit="deg"), radius_deg * u.deg))


def polygon(ra: ArrayLike, dec: ArrayLike) -> PolygonSkyRegion:
    """A polygon from vertices in degrees, shape (n,)."""
    return icrs(PolygonSkyRegion(SkyCoord(ra, dec, unit="deg")))


def read_radius(radius: u.Quantity | str | None) -> float:
    """A radius in degrees, 0.5 unless told.

    Raises
    ------
    RegionError
        If it is no angle, or not between 0 and 180 degrees.
    """
    if radius is None:
        return 0.5
    try:
        degrees = float(Angle(plain_text(radius) if isinstance(radius, str) else radius).to_value(u.deg))
    except Exception as error:  # Angle raises what it likes over types and texts it does not know
        raise RegionError(
            f"The radius {radius!r} was not understood", str(error), 'Write an angle with a unit: "12 arcmin".'
        ) from error
    if not 0 < degrees <= 180:
        raise RegionError(
            f"The radius {radius!r} cannot be searched", "it is not between 0 and 180 degrees", "Give a positive angle."
        )
    return degrees


def from_ds9(text: str) -> SkyRegion:
    """The one region that a text holds, in ICRS; see `region_text.read_region_text`.

    Raises
    ------
    RegionError
        If there is no usable sky region, or more than one.
    """
    return icrs(read_region_text(text))


def to_ds9(region: SkyRegion) -> str:
    """DS9 text of a region, in ICRS degrees."""
    text: str = Regions([icrs(region)]).serialize(format="ds9", precision=9)
    return text


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


def describe_region(region: SkyRegion) -> str:
    """One line for people: shape, centre, size.

    Parameters
    ----------
    region : SkyRegion
        In ICRS.

    Returns
    -------
    str
        What a reader sees.

    Examples
    --------
    >>> from cscwidgets import sky
    >>> sky.describe_region(sky.read_region("M33", "1 deg"))
    'circle 23.46210 +30.65990, radius 1 deg'
    """
    ra, dec = centre(region)
    at = f"{ra:.5f} {dec:+.5f}"
    if isinstance(region, CircleSkyRegion):
        return f"circle {at}, radius {_angle(region.radius)}"
    if isinstance(region, PolygonSkyRegion):
        return f"polygon of {len(region.vertices)} corners around {at}"
    shape = "ellipse" if isinstance(region, EllipseSkyRegion) else "box"
    return (
        f"{shape} {at}, {_angle(region.width)} x {_angle(region.height)}, angle {region.angle.to_value(u.deg):.1f} deg"
    )


def _angle(value: u.Quantity) -> str:
    degrees = value.to_value(u.deg)
    for unit, factor in (("deg", 1), ("arcmin", 60), ("arcsec", 3600)):
        if degrees * factor >= 1 or unit == "arcsec":
            return f"{degrees * factor:.4g} {unit}"
    raise AssertionError

"""Sky regions: what people write down, what the archive can be asked, what lies inside.

A region is always a ``regions`` sky object in ICRS. Rectangle and ellipse follow that package's
convention: in the tangent plane at their centre, width along right ascension at angle 0, turned
counter-clockwise as seen with north up and east left.
"""

from __future__ import annotations

from functools import singledispatch
from pathlib import Path
from typing import TypeAlias

import astropy.units as u
import numpy as np
from astropy.coordinates import Angle, SkyCoord
from numpy.typing import ArrayLike, NDArray
from regions import (
    CircleSkyRegion,
    EllipseSkyRegion,
    PolygonSkyRegion,
    RectangleSkyRegion,
    Regions,
    SkyRegion,
)

from cscwidgets.errors import RegionError
from cscwidgets.io.files import read_file
from cscwidgets.io.reading import reading

from .names import resolve
from .sphere import deproject, destination, inside_polygon, project, separation

__all__ = [
    "Target",
    "boundary",
    "centre",
    "contains",
    "describe_region",
    "from_ds9",
    "icrs",
    "polygon",
    "read_region",
    "to_ds9",
]

Target: TypeAlias = "SkyRegion | SkyCoord | str | Path"

_SHAPES = (CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, RectangleSkyRegion)
_LARGEST_FILE = 10_000_000  # bytes, for one shape
_LONGEST_LINE = 50_000  # characters: a polygon of 1,000 corners has 25,000
_DS9_WORDS = ("circle", "ellipse", "box", "polygon")


def read_region(target: Target, radius: u.Quantity | str | None = None) -> SkyRegion:
    """Make a region of whatever names one.

    Parameters
    ----------
    target : SkyRegion, SkyCoord, str or Path
        A ``regions`` sky region, a position, an object name ("M33"), coordinates
        ("23.46 30.66", "01h33m51s +30d39m37s"), DS9 text or the path of a DS9 file.
    radius : Quantity or str, optional
        Radius of the circle around a position or a name; 0.5 deg unless told.

    Raises
    ------
    RegionError
        If it cannot be understood, resolved or used, with the reason.
    """
    if isinstance(target, SkyRegion):
        return icrs(target)
    if isinstance(target, Path) or (isinstance(target, str) and target.strip().endswith(".reg")):
        return from_ds9(_read_file(Path(str(target).strip()).expanduser()))
    if isinstance(target, str) and _looks_like_ds9(target):
        return from_ds9(target)
    if not isinstance(target, str | SkyCoord):
        raise RegionError(
            "The region was not understood",
            f"it is a {type(target).__name__}",
            "Give a regions object, a SkyCoord, a name, coordinates or DS9 text.",
        )
    position = resolve(target) if isinstance(target, str) else target.icrs
    if not position.isscalar:
        raise RegionError("The region was not understood", "the SkyCoord holds several positions", "Give one position.")
    return circle(position.ra.deg, position.dec.deg, _radius(radius))


def circle(ra: float, dec: float, radius_deg: float) -> CircleSkyRegion:
    """A circle from plain degrees."""
    return icrs(CircleSkyRegion(SkyCoord(ra, dec, unit="deg"), radius_deg * u.deg))


def polygon(ra: ArrayLike, dec: ArrayLike) -> PolygonSkyRegion:
    """A polygon from vertices in degrees, shape (n,)."""
    return icrs(PolygonSkyRegion(SkyCoord(ra, dec, unit="deg")))


def _radius(radius: u.Quantity | str | None) -> float:
    if radius is None:
        return 0.5
    try:
        degrees = float(Angle(radius).to_value(u.deg))
    except (ValueError, TypeError, u.UnitsError) as error:
        raise RegionError(
            f"The radius {radius!r} was not understood", str(error), 'Write an angle with a unit: "12 arcmin".'
        ) from error
    if not 0 < degrees <= 180:
        raise RegionError(
            f"The radius {radius!r} cannot be searched", "it is not between 0 and 180 degrees", "Give a positive angle."
        )
    return degrees


def _read_file(path: Path) -> str:
    with reading(f"The region file {path} cannot be read", "Check its path.", error=RegionError):
        return read_file(path, _LARGEST_FILE).decode("utf-8")


def _looks_like_ds9(text: str) -> bool:
    head = text.lower().split("(")[0]
    return "(" in text and any(word in head for word in _DS9_WORDS)


def from_ds9(text: str) -> SkyRegion:
    """Read the one region that a DS9 text holds.

    Raises
    ------
    RegionError
        If there is no usable sky region, or more than one.
    """
    # DS9 itself takes a bare "circle(...)" in sky units as FK5 degrees.
    if not any(frame in text.lower() for frame in ("icrs", "fk5", "fk4", "galactic", "ecliptic", "j2000", "image")):
        text = f"icrs; {text}"
    if max(map(len, text.splitlines()), default=0) > _LONGEST_LINE:  # the parser's time grows with its square
        raise RegionError("The DS9 region was not understood", f"a line has more than {_LONGEST_LINE} characters")
    try:
        found = list(Regions.parse(text, format="ds9"))
    except Exception as error:  # the parser raises whatever its sub-parsers raise
        raise RegionError(
            "The DS9 region was not understood", str(error), 'Write e.g. "icrs; circle(10.5, 41.2, 60\\")".'
        ) from error
    if len(found) != 1:
        raise RegionError(
            "The DS9 text was not used",
            f"it holds {len(found)} regions that can be read, one is needed",
            "Keep one circle, ellipse, box or polygon in sky coordinates.",
        )
    return icrs(found[0])


def to_ds9(region: SkyRegion) -> str:
    """DS9 text of a region, in ICRS degrees."""
    text: str = Regions([icrs(region)]).serialize(format="ds9", precision=9)
    return text


def icrs(region: SkyRegion) -> SkyRegion:
    """The same region in ICRS, checked to be usable.

    Raises
    ------
    RegionError
        If its shape is not a circle, ellipse, rectangle or polygon, if a size is not positive,
        or if it spans half the sky or more.
    """
    if not isinstance(region, _SHAPES):
        raise RegionError(
            f"A {type(region).__name__} cannot be searched",
            "the catalogue can be asked for circles, ellipses, rectangles and polygons on the sky",
            "Convert the region to one of these shapes.",
        )
    moved = region if _frame(region).name == "icrs" else _to_icrs(region)
    _check_size(moved)
    return moved


def _frame(region: SkyRegion) -> SkyCoord:
    return (region.vertices if isinstance(region, PolygonSkyRegion) else region.center).frame


def _to_icrs(region: SkyRegion) -> SkyRegion:
    if isinstance(region, PolygonSkyRegion):
        return PolygonSkyRegion(region.vertices.icrs)
    if isinstance(region, CircleSkyRegion):
        return CircleSkyRegion(region.center.icrs, region.radius)
    # A turned frame turns the axes: follow a point due north of the centre in the old frame.
    ahead = region.center.directional_offset_by(0 * u.deg, 1 * u.arcsec)
    turn = region.center.icrs.position_angle(ahead.icrs)
    return type(region)(region.center.icrs, region.width, region.height, region.angle + turn)


def _check_size(region: SkyRegion) -> None:
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


def centre(region: SkyRegion) -> tuple[float, float]:
    """Centre in ICRS degrees; of a polygon the mean direction of its corners."""
    if not isinstance(region, PolygonSkyRegion):
        return float(region.center.ra.deg), float(region.center.dec.deg)
    x, y, z = region.vertices.cartesian.xyz.to_value(u.one).mean(axis=1)
    return float(np.degrees(np.arctan2(y, x)) % 360.0), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


@singledispatch
def contains(region: SkyRegion, ra: ArrayLike, dec: ArrayLike) -> NDArray[np.bool_]:  # noqa: ARG001
    """Which positions lie inside the region, on the sphere.

    Parameters
    ----------
    region : SkyRegion
        Circle, ellipse, rectangle or polygon.
    ra, dec : array, shape (n,)
        ICRS degrees; a missing position (NaN) lies nowhere.
    """
    raise RegionError(f"A {type(region).__name__} cannot be searched", "its shape is not supported")


@contains.register
def _(region: CircleSkyRegion, ra: ArrayLike, dec: ArrayLike) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = separation(ra, dec, *centre(region)) <= region.radius.to_value(u.deg)
    return inside


@contains.register
def _(region: PolygonSkyRegion, ra: ArrayLike, dec: ArrayLike) -> NDArray[np.bool_]:
    at = centre(region)
    return inside_polygon(*project(ra, dec, *at), *project(region.vertices.ra.deg, region.vertices.dec.deg, *at))


@contains.register
def _(region: RectangleSkyRegion, ra: ArrayLike, dec: ArrayLike) -> NDArray[np.bool_]:
    across, along = _own_axes(region, ra, dec)
    return (np.abs(across) <= 1) & (np.abs(along) <= 1)


@contains.register
def _(region: EllipseSkyRegion, ra: ArrayLike, dec: ArrayLike) -> NDArray[np.bool_]:
    across, along = _own_axes(region, ra, dec)
    return across**2 + along**2 <= 1


def _half_sizes(region: RectangleSkyRegion | EllipseSkyRegion) -> tuple[float, float]:
    """Half width and height in the tangent plane, where an angle is its tangent."""
    return float(np.tan(region.width / 2)), float(np.tan(region.height / 2))


def _own_axes(
    region: RectangleSkyRegion | EllipseSkyRegion, ra: ArrayLike, dec: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    xi, eta = project(ra, dec, *centre(region))
    turn = region.angle.to_value(u.rad)
    half_width, half_height = _half_sizes(region)
    across = (-xi * np.cos(turn) + eta * np.sin(turn)) / half_width
    along = (xi * np.sin(turn) + eta * np.cos(turn)) / half_height
    return across, along


def boundary(region: SkyRegion, points: int = 180) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The outline as ICRS degrees, RA and Dec of shape (about ``points``,), not closed.

    Straight sides are great circles and are sampled too, so that the outline is right in any
    projection.
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


def _sample(
    x: NDArray[np.float64], y: NDArray[np.float64], points: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    steps = np.arange(max(1, points // len(x))) / max(1, points // len(x))
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    return (
        (x[:, None] + (next_x - x)[:, None] * steps).ravel(),
        (y[:, None] + (next_y - y)[:, None] * steps).ravel(),
    )


def describe_region(region: SkyRegion) -> str:
    """One line for people: shape, centre, size."""
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

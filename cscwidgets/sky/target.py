"""What people write down to say where to look: regions, positions, names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import astropy.units as u
from astropy.coordinates import Angle, SkyCoord
from regions import Region as Shape
from regions import Regions, SkyRegion, SphericalSkyRegion

from cscwidgets.errors import RegionError
from cscwidgets.io.typed import plain_text

from .names import known_position, resolve
from .positions import position_of
from .region import Region, angle_text
from .region_text import looks_like_file, looks_like_region, read_region_file, read_region_text

__all__ = [
    "Around",
    "Target",
    "as_typed",
    "as_written",
    "in_words",
    "read_radius",
    "read_region",
    "region_of",
    "understood",
]

Target: TypeAlias = (
    "Region | SkyRegion | SphericalSkyRegion | Regions | SkyCoord | str | os.PathLike[str]"
    " | Sequence[SkyRegion] | Sequence[float | u.Quantity]"
)

_LONGEST_NAME = 200  # characters of a name or a position


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

    def look_up(self) -> Region:
        """The circle; see `names.resolve`."""
        return Region.circle(resolve(self.name), self.radius)


def as_written(target: Target, meant: Region | Around) -> str:
    """A target as somebody can type it, given what it was understood as."""
    if isinstance(target, str):
        return target
    if isinstance(meant, Around):
        return meant.name
    told = "; ".join(line for line in meant.ds9.splitlines() if not line.startswith(("#", "global")))
    return re.sub(r"(\.\d*?)0+\b", lambda number: number[1].rstrip("."), told)


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
    return region_of(target, radius).shape


def region_of(target: Target, radius: u.Quantity | str | None = None) -> Region:
    """The region that a target means, names looked up; see `read_region`."""
    region = understood(target, radius)
    return region.look_up() if isinstance(region, Around) else region


def understood(target: Target, radius: u.Quantity | str | None = None) -> Region | Around:
    """The region a target means, as far as it can be told without asking a service; see `read_region`.

    Raises
    ------
    RegionError
        If it cannot be understood or used, with the reason.
    """
    degrees = read_radius(radius)
    if isinstance(target, Regions | list | tuple) and any(isinstance(item, Shape) for item in target):
        if len(target) != 1:
            raise RegionError("The region was not used", f"there are {len(target)}, one is needed", "Give one of them.")
        target = target[0]
    if isinstance(target, Region):
        return target
    if isinstance(target, Shape):
        return Region.of(target)
    if isinstance(target, bytes):
        target = target.decode("utf-8", "replace")
    if isinstance(target, str) and looks_like_file(plain_text(target)):
        target = Path(target.strip().strip("'\"").removeprefix("file://"))
    if isinstance(target, str):
        return _written(plain_text(target), degrees)
    if isinstance(target, os.PathLike):
        return Region.of(read_region_file(Path(target)))
    return Region.circle(position_of(target), degrees)


def in_words(target: Target, region: Region) -> str:
    """The region of a target for people: the name or position as it was typed with the radius, or else its shape."""
    if isinstance(target, str):
        text = plain_text(target)
        if not region.is_all_sky and not looks_like_file(text) and not looks_like_region(text):
            return f"{text}, {angle_text(region.radius * u.deg)}"
    return str(region)


def as_typed(words: str, region: Region) -> tuple[str, str]:
    """What to type for a region: the target and, beside a name or a position, its radius; of `in_words` the reverse.

    Examples
    --------
    >>> circle = Region.of(read_region("23.46 30.66", "6 arcmin"))
    >>> as_typed("M33, 6 arcmin", circle)
    ('M33', '6 arcmin')
    >>> as_typed(str(circle), circle)
    ('icrs; circle(23.46,30.66,0.1)', '')
    """
    radius = angle_text(region.radius * u.deg)
    named, comma, beside = words.rpartition(", ")
    if comma and beside == radius and in_words(named, region) == words and words != str(region):
        return named, radius
    return "all sky" if region.is_all_sky else as_written(region, region), ""


def _written(text: str, degrees: float) -> Region | Around:
    """What a text names: a region, a position, or else an object."""
    if text.lower().replace("-", " ") in {"all sky", "allsky", "whole sky"}:
        return Region.all_sky()
    if looks_like_region(text):
        return Region.of(read_region_text(text))
    if len(text) > _LONGEST_NAME:
        why = f"it has {len(text):,} characters, and is no region"
        raise RegionError(f"The target {text[:40]!r}... was not understood", why, "Give a name or a position.")
    at = known_position(text)
    return Around(text, degrees) if at is None else Region.circle(at, degrees)


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

"""A region of the sky as the package knows it: read and checked once, then asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import astropy.units as u
from astropy.coordinates import SkyCoord
from numpy.typing import ArrayLike
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, Regions, SkyRegion
from regions import Region as Shape

from cscwidgets.arrays import Flags, Floats

from . import shapes
from .boxes import Box, boxes_around
from .margin import enclosing_radius, within
from .usable import circle, icrs

__all__ = ["Region", "angle_text"]


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the sky. Make one by `of` or `circle`; see `cscwidgets.sky.read_region` for what people write.

    Attributes
    ----------
    shape : SkyRegion
        Circle, ellipse, rectangle or polygon of the ``regions`` package, in ICRS.

    Examples
    --------
    >>> from cscwidgets.sky import Region, read_region
    >>> region = Region.of(read_region("23.46 30.66", "12 arcmin"))
    >>> print(region)
    circle 23.46000 +30.66000, radius 12 arcmin
    >>> region.contains([23.4, 25.0], [30.7, 30.7])
    array([ True, False])
    """

    shape: SkyRegion

    @classmethod
    def of(cls, shape: Shape) -> Region:
        """The region of a shape in any frame.

        Raises
        ------
        RegionError
            If it cannot be searched, with the reason; see `usable.icrs`.
        """
        return cls(icrs(shape))

    @classmethod
    def circle(cls, at: SkyCoord, degrees: float) -> Region:
        """The circle around a position."""
        return cls(circle(at.ra.deg, at.dec.deg, degrees))

    @classmethod
    def all_sky(cls) -> Region:
        """All of the sky: a circle of 180 degrees."""
        return cls(CircleSkyRegion(SkyCoord(0, 0, unit="deg"), 180 * u.deg))

    @property
    def is_all_sky(self) -> bool:
        """Whether no position lies outside."""
        return isinstance(self.shape, CircleSkyRegion) and bool(self.shape.radius >= 180 * u.deg)

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Right ascension and declination, degrees."""
        return shapes.centre(self.shape)

    @cached_property
    def radius(self) -> float:
        """Of a circle about the centre that holds all of it, degrees."""
        return enclosing_radius(self.shape)

    def boundary(self, points: int = 180) -> tuple[Floats, Floats]:
        """Right ascension and declination of points of its edge, degrees."""
        return shapes.boundary(self.shape, points)

    def contains(self, ra: ArrayLike, dec: ArrayLike, margin: float = 0.0) -> Flags:
        """Which positions (ICRS degrees) lie in it or, with a margin, within so many degrees of it."""
        margin = 0.0 if self.is_all_sky else margin
        return within(self.shape, margin, ra, dec) if margin else shapes.contains(self.shape, ra, dec)

    def boxes(self, margin: float = 0.0) -> tuple[Box, ...]:
        """One or two ranges of right ascension and declination that hold it and a margin (degrees)."""
        return (Box(0.0, 360.0, -90.0, 90.0 + 1e-6),) if self.is_all_sky else boxes_around(self.shape, margin)

    @cached_property
    def ds9(self) -> str:
        """Its DS9 text, in ICRS degrees."""
        text: str = Regions([self.shape]).serialize(format="ds9", precision=9)
        return text

    def __str__(self) -> str:
        """One line for people: shape, centre, size."""
        if self.is_all_sky:
            return "all sky"
        ra, dec = self.centre
        shape, at = self.shape, f"{ra:.5f} {dec:+.5f}"
        if isinstance(shape, CircleSkyRegion):
            return f"circle {at}, radius {angle_text(shape.radius)}"
        if isinstance(shape, PolygonSkyRegion):
            return f"polygon of {len(shape.vertices)} corners around {at}"
        kind = "ellipse" if isinstance(shape, EllipseSkyRegion) else "box"
        size = f"{angle_text(shape.width)} x {angle_text(shape.height)}"
        return f"{kind} {at}, {size}, angle {shape.angle.to_value(u.deg):.1f} deg"


def angle_text(value: u.Quantity) -> str:
    """An angle with its most fitting unit."""
    degrees = value.to_value(u.deg)
    for unit, factor in (("deg", 1), ("arcmin", 60), ("arcsec", 3600)):
        if degrees * factor >= 1 or unit == "arcsec":
            return f"{degrees * factor:.4g} {unit}"
    raise AssertionError

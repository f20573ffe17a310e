"""Where the pixels of a simulated image lie: blocks of sky pixels on the tangent plane about the aim point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cscwidgets.arrays import Floats, Integers
from cscwidgets.csc.bands import BANDS

from ..telescope.instrument import REACH
from .keywords import Keywords

if TYPE_CHECKING:
    from ..telescope.observations import SimulatedObservation

__all__ = ["ImageFrame", "band_keywords"]


@dataclass(frozen=True, slots=True)
class ImageFrame:
    """A square of `size` x `size` blocks of sky pixels, whose lower left corner is at the sky pixel (`x`, `y`).

    Observations of a stack have one aim point, so their sky pixels are the same.
    """

    observation: SimulatedObservation
    block: int
    x: float
    y: float
    size: int

    @classmethod
    def whole(cls, observation: SimulatedObservation, block: int) -> ImageFrame:
        """The whole field of view."""
        half = int(np.ceil(REACH[observation.instrument] * 60 / (observation.pixel_size * block)))
        corner = observation.middle_pixel - half * block
        return cls(observation, block, corner, corner, 2 * half)

    @classmethod
    def around(
        cls, observation: SimulatedObservation, centre: tuple[float, float], radius: float, block: int
    ) -> ImageFrame:
        """The blocks that hold a circle: its centre in sky pixels, its radius in arcsec."""
        reach = radius / observation.pixel_size
        middle = observation.middle_pixel
        x, y = (middle + np.floor((place - reach - middle) / block) * block for place in centre)
        size = int(np.ceil(2 * reach / block)) + 1
        return cls(observation, block, float(x), float(y), size)

    @property
    def pixel_size(self) -> float:
        """Side of a block, arcsec."""
        return self.observation.pixel_size * self.block

    def offsets(self) -> tuple[Floats, Floats]:
        """Offsets of all blocks' centres from the aim point to the east and north, arcmin."""
        steps = (np.arange(self.size) + 0.5) * self.block
        middle, scale = self.observation.middle_pixel, self.observation.pixel_size / 60
        east, north = np.meshgrid((middle - self.x - steps) * scale, (self.y + steps - middle) * scale)
        return east, north

    def counts(self, x: Floats, y: Floats) -> Integers:
        """How many of some sky pixels lie in each block."""
        column, row = (
            np.floor((np.float64(places) - corner) / self.block).astype(int)
            for places, corner in ((x, self.x), (y, self.y))
        )
        inside = (column >= 0) & (column < self.size) & (row >= 0) & (row < self.size)
        flat = row[inside] * self.size + column[inside]
        return np.bincount(flat, minlength=self.size**2).reshape(self.size, self.size)

    def keywords(self) -> Keywords:
        """World coordinates and, as system P, the sky pixels."""
        middle, step = self.observation.middle_pixel, self.pixel_size / 3600
        cards: dict[str, tuple[str | float | int | bool, str]] = {"WCSNAMEP": ("PHYSICAL", "sky pixels")}
        for axis, kind, value, delta, name, corner in (
            (1, "RA---TAN", self.observation.ra, -step, "x", self.x),
            (2, "DEC--TAN", self.observation.dec, step, "y", self.y),
        ):
            cards |= {
                f"CTYPE{axis}": (kind, ""),
                f"CUNIT{axis}": ("deg", ""),
                f"CRVAL{axis}": (value, ""),
                f"CRPIX{axis}": ((middle - corner) / self.block + 0.5, ""),
                f"CDELT{axis}": (delta, ""),
                f"CTYPE{axis}P": (name, ""),
                f"CRVAL{axis}P": (corner, ""),
                f"CRPIX{axis}P": (0.5, ""),
                f"CDELT{axis}P": (float(self.block), ""),
            }
        return cards


def band_keywords(content: str, band: str) -> Keywords:
    """Keywords of an image in an energy band."""
    limits = BANDS[band]
    return {
        "CONTENT": (content, "What data product"),
        "HDUCLASS": ("OGIP", ""),
        "HDUCLAS1": ("IMAGE", ""),
        "BAND": (limits.name, "Energy band"),
        "ENERG_LO": (limits.low_kev, "[keV] Lower energy"),
        "ENERG_HI": (limits.high_kev, "[keV] Upper energy"),
    }

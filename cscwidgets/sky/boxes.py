"""Ranges of right ascension and declination that hold a region: what services are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from regions import SkyRegion

from .shapes import boundary, centre, contains
from .sphere import separation

__all__ = ["Box", "boxes_around", "halved"]

_MARGIN = 1e-6  # degrees; keeps rounding from cutting sources on a box edge


@dataclass(frozen=True, slots=True)
class Box:
    """A range of right ascension and declination in degrees, without its upper edges."""

    ra_low: float
    ra_high: float
    dec_low: float
    dec_high: float

    def halves(self) -> tuple[Box, Box]:
        """Two boxes that share no position and leave none out, cut across the longer side."""
        width = (self.ra_high - self.ra_low) * np.cos(np.radians((self.dec_low + self.dec_high) / 2))
        if width > self.dec_high - self.dec_low:
            middle = (self.ra_low + self.ra_high) / 2
            return replace(self, ra_high=middle), replace(self, ra_low=middle)
        middle = (self.dec_low + self.dec_high) / 2
        return replace(self, dec_high=middle), replace(self, dec_low=middle)


def halved(boxes: tuple[Box, ...]) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    """Two sets of boxes that together hold what these do, and share nothing."""
    if (half := len(boxes) // 2) > 0:
        return boxes[:half], boxes[half:]
    first, second = boxes[0].halves()
    return (first,), (second,)


def boxes_around(region: SkyRegion, border: float = 0.0) -> tuple[Box, ...]:
    """One or two boxes that hold a region and a border (degrees): RA = 0 splits it, a pole opens all of RA."""
    ra, dec = boundary(region, 720)
    ra0, _ = centre(region)
    # Between two boundary points the edge strays by less than half their distance.
    margin = border + _MARGIN + float(separation(ra, dec, np.roll(ra, -1), np.roll(dec, -1)).max()) / 2
    poles = contains(region, [0.0, 0.0], [-90.0, 90.0])
    dec_low = -90.0 if poles[0] else max(-90.0, float(dec.min()) - margin)
    dec_high = 90.0 + _MARGIN if poles[1] else min(90.0 + _MARGIN, float(dec.max()) + margin)
    offset = (ra - ra0 + 180.0) % 360.0 - 180.0
    stretch = margin / max(1e-9, float(np.cos(np.radians(min(90.0, max(abs(dec_low), abs(dec_high)))))))
    low, high = ra0 + float(offset.min()) - stretch, ra0 + float(offset.max()) + stretch
    if poles.any() or high - low >= 359.0:
        return (Box(0.0, 360.0, dec_low, dec_high),)
    if low < 0:
        return Box(0.0, high, dec_low, dec_high), Box(low + 360.0, 360.0, dec_low, dec_high)
    if high > 360:
        return Box(low, 360.0, dec_low, dec_high), Box(0.0, high - 360.0, dec_low, dec_high)
    return (Box(low, high, dec_low, dec_high),)

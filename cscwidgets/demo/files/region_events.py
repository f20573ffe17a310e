"""Rows of the simulation as product files see them: whose they are, where, and the events with their positions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cscwidgets.arrays import Floats

from ..sky.population import population
from ..telescope.events import Events, PlacedEvents
from ..telescope.instrument import psf_radius, region_radius
from ..telescope.observations import SimulatedObservation, SimulatedStack, stacks
from ..telescope.region_counts import RegionCounts
from ..telescope.responses import in_band

if TYPE_CHECKING:
    from ..telescope.exposures import Exposure

__all__ = ["RegionRow", "region_rows"]


_GAUSSIAN_90 = 2.146  # radius with 90 % of a two-dimensional normal distribution, in its sigma


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region in one observation: a circle, and around it a ring for the background."""

    number: int
    records: RegionCounts = field(repr=False, compare=False)

    @property
    def exposure(self) -> Exposure:
        """The observation's counts of all sources."""
        return self.records.exposure_of(self.number)

    @property
    def exposure_row(self) -> int:
        """Row in the exposure."""
        return int(self.records.exposure_row[self.number])

    @property
    def observation(self) -> SimulatedObservation:
        return self.exposure.observation

    @property
    def region_id(self) -> int:
        return int(self.records.region_id[self.records.region[self.number]])

    @property
    def stack(self) -> SimulatedStack:
        return stacks()[int(self.records.stack[self.records.region[self.number]])]

    @property
    def radius(self) -> float:
        """Radius of the source region, arcsec."""
        source = self.exposure.source[self.exposure_row]
        return float(region_radius(self.exposure.theta[self.exposure_row], population().extent[source]))

    @property
    def ratio(self) -> float:
        """Area of the background region over that of the source region."""
        return float(self.exposure.ratio[self.exposure_row])

    @property
    def outer_radius(self) -> float:
        """Outer radius of the background ring, which begins where the source region ends, arcsec."""
        return self.radius * math.sqrt(1 + self.ratio)

    @property
    def backscal(self) -> float:
        """Area of the source region as a fraction of the square of sky pixels."""
        side = 2 * (self.observation.middle_pixel - 0.5) * self.observation.pixel_size
        return math.pi * self.radius**2 / side**2

    @property
    def chip(self) -> int:
        """The chip under the region's centre."""
        x, y = (np.array([middle]) for middle in self.centre)
        return int(self.observation.chips(x, y)[0])

    @property
    def detected(self) -> bool:
        """Whether the region is a detection's, not only a place where a source was looked for."""
        return bool(self.records.detected[self.records.region[self.number]])

    @property
    def centre(self) -> tuple[float, float]:
        """Sky pixels of the source."""
        source = self.exposure.source[self.exposure_row : self.exposure_row + 1]
        x, y = self.observation.sky_pixels(population().ra[source], population().dec[source])
        return float(x[0]), float(y[0])

    def arrivals(self, band: int) -> Floats:
        """Arrival times in the source region, in one band."""
        time, part = self.records.times(self.number)
        return np.asarray(time[in_band(part, band)])

    def background_arrivals(self, band: int) -> Floats:
        """Arrival times in the background ring, in one band."""
        time, part = self.exposure.background_times(self.exposure_row)
        return np.asarray(time[in_band(part, band)])

    def events(self) -> PlacedEvents:
        """Events of the source region: those of the tables' counts, and those above all bands."""
        events = self.records.events(self.number)
        sigma = float(psf_radius(self.exposure.theta[self.exposure_row])) / _GAUSSIAN_90
        extent = float(population().extent[self.exposure.source[self.exposure_row]])
        share, angle = self.exposure.stream(self.exposure_row, 17).random((2, len(events.time)))
        # Light as a normal distribution cut at the region's edge, background evenly.
        spread = math.hypot(sigma, extent)
        edge = -math.expm1(-0.5 * (self.radius / spread) ** 2)
        light = spread * np.sqrt(-2 * np.log1p(-share * edge))
        return self._placed(events, np.where(events.source, light, self.radius * np.sqrt(share)), angle)

    def background_events(self) -> PlacedEvents:
        """Events of the background ring."""
        events = self.exposure.background_events(self.exposure_row)
        share, angle = self.exposure.stream(self.exposure_row, 18).random((2, len(events.time)))
        return self._placed(events, self.radius * np.sqrt(1 + share * self.ratio), angle)

    def _placed(self, events: Events, distance: Floats, phase: Floats) -> PlacedEvents:
        distance = distance / self.observation.pixel_size
        x, y = self.centre
        return PlacedEvents(events, x + distance * np.cos(2 * np.pi * phase), y + distance * np.sin(2 * np.pi * phase))


def region_rows(records: RegionCounts) -> dict[tuple[int, int, int], RegionRow]:
    """Every row by obsid, obi and region id."""
    rows = {}
    for number in range(len(records.region)):
        row = RegionRow(number, records)
        rows[row.observation.obsid, row.observation.obi, row.region_id] = row
    return rows

"""Rows of the simulation as product files see them: whose they are, where, and the events with their positions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cscwidgets.arrays import Floats

from ..telescope.events import PlacedEvents
from ..telescope.observations import SimulatedObservation, SimulatedStack, stacks
from ..telescope.region_counts import RegionCounts
from ..telescope.responses import in_band
from .source_circle import SourceCircle

if TYPE_CHECKING:
    from ..telescope.exposures import Exposure

__all__ = ["RegionRow", "region_rows"]


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
    def circle(self) -> SourceCircle:
        """The source region."""
        return SourceCircle(self.exposure, self.exposure_row)

    @property
    def radius(self) -> float:
        """Radius of the source region, arcsec."""
        return self.circle.radius

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
    def blended(self) -> tuple[int, ...]:
        """Rows in the exposure of the other sources whose light it holds."""
        return self.records.others(self.number)

    @property
    def detected(self) -> bool:
        """Whether the region is a detection's, not only a place where a source was looked for."""
        return bool(self.records.detected[self.records.region[self.number]])

    @property
    def centre(self) -> tuple[float, float]:
        """Sky pixels of the source."""
        return self.circle.centre

    def arrivals(self, band: int) -> Floats:
        """Arrival times in the source region, in one band."""
        events = self.records.events(self.number, energies=False)
        return np.asarray(events.time[in_band(events.part, band)])

    def background_arrivals(self, band: int) -> Floats:
        """Arrival times in the background ring, in one band."""
        events = self.exposure.background_events(self.exposure_row, energies=False)
        return np.asarray(events.time[in_band(events.part, band)])

    def events(self, *, energies: bool = True) -> PlacedEvents:
        """Events of the source region: those of the tables' counts, and those above all bands."""
        return self.circle.filled(self.records.events(self.number, energies=energies))

    def background_events(self, *, energies: bool = True) -> PlacedEvents:
        """Events of the background ring."""
        return self.circle.surrounded(self.exposure.background_events(self.exposure_row, energies=energies))


def region_rows(records: RegionCounts) -> dict[tuple[int, int, int], RegionRow]:
    """Every row by obsid, obi and region id."""
    rows = {}
    for number in range(len(records.region)):
        row = RegionRow(number, records)
        rows[row.observation.obsid, row.observation.obi, row.region_id] = row
    return rows

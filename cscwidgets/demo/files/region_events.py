"""Rows of the simulation as product files see them: whose they are, where, and the events with their positions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..sky.population import population
from ..tables.measurements import in_band
from ..telescope.exposures import Events, Exposure, region_radius
from ..telescope.instrument import psf_radius
from ..telescope.observations import Observation, Stack, offsets, stacks
from ..telescope.region_counts import Book, book

__all__ = ["PlacedEvents", "RegionRow", "middle_pixel", "pixel_size", "region_rows", "sky_pixels"]

Floats = NDArray[np.float64]

_GAUSSIAN_90 = 2.146  # radius with 90 % of a two-dimensional normal distribution, in its sigma


@dataclass(frozen=True, slots=True)
class PlacedEvents:
    """Events with sky pixels, in the order of time."""

    events: Events
    x: Floats
    y: Floats

    @classmethod
    def joined(cls, parts: list[PlacedEvents]) -> PlacedEvents:
        """All events of all parts."""
        columns = zip(*((p.events.time, p.events.energy, p.events.source, p.x, p.y) for p in parts), strict=True)
        time, energy, source, x, y = (np.concatenate(column) for column in columns)
        order = np.argsort(time, kind="stable")
        return cls(Events(time[order], energy[order], source[order]), x[order], y[order])


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region in one observation: a circle, and around it a ring for the background."""

    number: int

    @property
    def _records(self) -> Book:
        return book()

    @property
    def exposure(self) -> Exposure:
        """The observation's counts of all sources."""
        return self._records.exposure_of(self.number)

    @property
    def place(self) -> int:
        """Row in the exposure."""
        return int(self._records.place[self.number])

    @property
    def observation(self) -> Observation:
        return self.exposure.observation

    @property
    def region_id(self) -> int:
        return int(self._records.region_id[self._records.region[self.number]])

    @property
    def stack(self) -> Stack:
        return stacks()[int(self._records.stack[self._records.region[self.number]])]

    @property
    def radius(self) -> float:
        """Radius of the source region, arcsec."""
        source = self.exposure.source[self.place]
        return float(region_radius(self.exposure.theta[self.place], population().extent[source]))

    @property
    def ratio(self) -> float:
        """Area of the background region over that of the source region."""
        return float(self.exposure.ratio[self.place])

    @property
    def outer_radius(self) -> float:
        """Outer radius of the background ring, which begins where the source region ends, arcsec."""
        return self.radius * math.sqrt(1 + self.ratio)

    @property
    def backscal(self) -> float:
        """Area of the source region as a fraction of the square of sky pixels."""
        side = 2 * (middle_pixel(self.observation) - 0.5) * pixel_size(self.observation)
        return math.pi * self.radius**2 / side**2

    @property
    def detected(self) -> bool:
        """Whether the region is a detection's, not only a place where a source was looked for."""
        return bool(self._records.detected[self._records.region[self.number]])

    @property
    def centre(self) -> tuple[float, float]:
        """Sky pixels of the source."""
        source = self.exposure.source[self.place : self.place + 1]
        x, y = sky_pixels(self.observation, population().ra[source], population().dec[source])
        return float(x[0]), float(y[0])

    def arrivals(self, band: int) -> Floats:
        """Arrival times in the source region, in one band."""
        time, part = self._records.times(self.number)
        return np.asarray(time[in_band(part, band)])

    def background_arrivals(self, band: int) -> Floats:
        """Arrival times in the background ring, in one band."""
        time, part = self.exposure.background_times(self.place)
        return np.asarray(time[in_band(part, band)])

    def events(self) -> PlacedEvents:
        """Events of the source region: those of the tables' counts, and those above all bands."""
        found = self.exposure.events(self.place, self._records.others(self.number))
        sigma = float(psf_radius(self.exposure.theta[self.place])) / _GAUSSIAN_90
        extent = float(population().extent[self.exposure.source[self.place]])
        share, angle = self.exposure.stream(self.place, 17).random((2, len(found.time)))
        # Light as a normal distribution cut at the region's edge, background evenly.
        spread = math.hypot(sigma, extent)
        edge = -math.expm1(-0.5 * (self.radius / spread) ** 2)
        light = spread * np.sqrt(-2 * np.log1p(-share * edge))
        return self._placed(found, np.where(found.source, light, self.radius * np.sqrt(share)), angle)

    def background_events(self) -> PlacedEvents:
        """Events of the background ring."""
        found = self.exposure.background_events(self.place)
        share, angle = self.exposure.stream(self.place, 18).random((2, len(found.time)))
        return self._placed(found, self.radius * np.sqrt(1 + share * self.ratio), angle)

    def _placed(self, events: Events, distance: Floats, turn: Floats) -> PlacedEvents:
        distance = distance / pixel_size(self.observation)
        x, y = self.centre
        return PlacedEvents(events, x + distance * np.cos(2 * np.pi * turn), y + distance * np.sin(2 * np.pi * turn))


@cache
def region_rows() -> dict[tuple[int, int, int], RegionRow]:
    """Every row by obsid, obi and region id."""
    records = book()
    rows = {}
    for number in range(len(records.region)):
        row = RegionRow(number)
        rows[row.observation.obsid, row.observation.obi, row.region_id] = row
    return rows


def pixel_size(observation: Observation) -> float:
    """Side of a sky pixel, arcsec."""
    return 0.492 if observation.instrument == "ACIS" else 0.13175


def middle_pixel(observation: Observation) -> float:
    """Sky pixel, in x and y, of the pointing."""
    return 4096.5 if observation.instrument == "ACIS" else 16384.5


def sky_pixels(observation: Observation, ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
    """Sky pixels of positions: tangent plane about the pointing, x to the west, y to the north."""
    middle = middle_pixel(observation)
    east, north = offsets(observation.ra, observation.dec, ra, dec)
    scale = 60 / pixel_size(observation)
    return middle - east * scale, middle + north * scale

"""The circle around a simulated source in an observation, and where in the image its events fall."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cscwidgets.arrays import Floats

from ..sky.population import population
from ..telescope.events import Events, PlacedEvents
from ..telescope.instrument import psf_radius, region_radius

if TYPE_CHECKING:
    from ..telescope.exposures import Exposure

__all__ = ["SourceCircle"]

_GAUSSIAN_90 = 2.146  # radius with 90 % of a two-dimensional normal distribution, in its sigma


@dataclass(frozen=True, slots=True)
class SourceCircle:
    """The region of a source: a row of an exposure. All its light falls into it, the rest is never recorded."""

    exposure: Exposure
    row: int

    @property
    def _source(self) -> slice:
        number = int(self.exposure.source[self.row])
        return slice(number, number + 1)

    @property
    def radius(self) -> float:
        """In arcsec."""
        return float(region_radius(self.exposure.theta[self.row], population().extent[self._source])[0])

    @property
    def centre(self) -> tuple[float, float]:
        """Sky pixels of the source."""
        truth = population()
        x, y = self.exposure.observation.sky_pixels(truth.ra[self._source], truth.dec[self._source])
        return float(x[0]), float(y[0])

    def filled(self, events: Events) -> PlacedEvents:
        """Events of the circle: light as a normal distribution cut at the edge, background evenly."""
        share, angle = self.exposure.stream(self.row, 17).random((2, len(events)))
        sigma = float(psf_radius(self.exposure.theta[self.row])) / _GAUSSIAN_90
        spread = math.hypot(sigma, float(population().extent[self._source][0]))
        edge = -math.expm1(-0.5 * (self.radius / spread) ** 2)
        light = spread * np.sqrt(-2 * np.log1p(-share * edge))
        return self._placed(events, np.where(events.source, light, self.radius * np.sqrt(share)), angle)

    def surrounded(self, events: Events) -> PlacedEvents:
        """Events of the ring around it."""
        share, angle = self.exposure.stream(self.row, 18).random((2, len(events)))
        return self._placed(events, self.radius * np.sqrt(1 + share * self.exposure.ratio[self.row]), angle)

    def _placed(self, events: Events, distance: Floats, phase: Floats) -> PlacedEvents:
        distance = distance / self.exposure.observation.pixel_size
        x, y = self.centre
        return PlacedEvents(events, x + distance * np.cos(2 * np.pi * phase), y + distance * np.sin(2 * np.pi * phase))

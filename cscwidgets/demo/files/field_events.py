"""All events of a simulated observation: the light of every source, and background, each photon once.

What the regions' own files hold is drawn for each region alone. Every source's light belongs to one region at most, so
it is here as it is there; light of sources without a region falls around their own places. Background where regions
overlap is in the files of all of them, and here that of the first one only. A ring's background is its own file's
alone: the field has other events there, of the same rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import KDTree

from cscwidgets.arrays import Flags, Floats, Integers

from ..sky.fields import SEED
from ..sky.population import population
from ..telescope.events import Events, PlacedEvents
from ..telescope.instrument import REACH, background_rate, in_field_of_view
from ..telescope.responses import PARTS, background_shape, drawn, shares
from .source_circle import SourceCircle

if TYPE_CHECKING:
    from ..telescope.exposures import Exposure
    from ..telescope.observations import SimulatedObservation, SimulatedStack
    from .region_events import RegionRow

__all__ = ["FieldExposure"]


@dataclass(frozen=True, eq=False)
class FieldExposure:
    """One exposure of a stack, with all regions in it."""

    stack: SimulatedStack
    exposure: Exposure
    rows: Sequence[RegionRow]

    @property
    def observation(self) -> SimulatedObservation:
        return self.exposure.observation

    def events(self, *, energies: bool = True) -> PlacedEvents:
        """All its events; the same ones come without energies, which take longest."""
        sources = self.exposure.source[[row.exposure_row for row in self.rows]]
        truth = population()
        centres = np.column_stack(self.observation.sky_pixels(truth.ra[sources], truth.dec[sources]))
        radii = np.array([row.radius for row in self.rows]) / self.observation.pixel_size
        background = _background(self.stack, self.observation, energies=energies)
        free = _first_circle(background, centres, radii) == len(radii)
        regions = [row.events(energies=energies) for row in self.rows]
        return PlacedEvents.joined(
            [*_once(regions, centres, radii), *self._unclaimed(energies=energies), background[free]]
        )

    def _unclaimed(self, *, energies: bool) -> Iterable[PlacedEvents]:
        """The light of sources that is in no region."""
        claimed = {row.exposure_row for row in self.rows}.union(*(row.blended for row in self.rows))
        for number in np.flatnonzero(self.exposure.light.any(axis=1) | (self.exposure.above[:, 0] > 0)):
            if number not in claimed:
                events = self.exposure.events(int(number), sky=False, energies=energies)
                yield SourceCircle(self.exposure, int(number)).filled(events)


def _once(regions: Sequence[PlacedEvents], centres: Floats, radii: Floats) -> Iterable[PlacedEvents]:
    """Events of regions without the background that lies in one before."""
    if regions:
        number = np.repeat(np.arange(len(regions)), [len(placed) for placed in regions])
        placed = PlacedEvents.chained(regions)
        dark = np.flatnonzero(~placed.events.source)
        keep = np.ones(len(placed), dtype=bool)
        keep[dark] = _first_circle(placed[dark], centres, radii) >= number[dark]
        yield placed[keep]


def _first_circle(placed: PlacedEvents, centres: Floats, radii: Floats) -> Integers:
    """The number of the first circle each event is in; as many as there are circles where it is in none."""
    first = np.full(len(placed), len(radii))
    if len(radii) and len(placed):
        inside = KDTree(np.column_stack([placed.x, placed.y])).query_ball_point(centres, radii)
        for number in reversed(range(len(radii))):
            first[inside[number]] = number
    return first


def _background(stack: SimulatedStack, observation: SimulatedObservation, *, energies: bool) -> PlacedEvents:
    """Background as if there were no regions: even, and with the glow of the target's centre."""
    rng = np.random.default_rng([SEED, 19, observation.obsid, observation.obi])
    instrument = observation.instrument
    per_area = np.where(shares(instrument), background_rate(instrument), 0.0) * observation.exposure
    reach = REACH[instrument] * 60
    factor, scale = stack.glow_profile
    even = np.repeat(np.arange(len(PARTS)), rng.poisson(per_area * (2 * reach) ** 2))
    glowing = np.repeat(np.arange(len(PARTS)), rng.poisson(per_area * factor * 2 * np.pi * (60 * scale) ** 2))
    east, north = rng.uniform(-reach, reach, (2, len(even)))
    # The radius of an exponential disc follows a gamma distribution.
    distance, angle = rng.gamma(2, 60 * scale, len(glowing)), rng.uniform(0, 2 * np.pi, len(glowing))
    east = np.concatenate([east, distance * np.cos(angle)]) / observation.pixel_size
    north = np.concatenate([north, distance * np.sin(angle)]) / observation.pixel_size
    part = np.concatenate([even, glowing])
    time = rng.uniform(observation.start, observation.stop, len(part))
    x, y = observation.middle_pixel - east, observation.middle_pixel + north
    inside: Flags = in_field_of_view(observation.detector, *observation.detector_of_pixels(x, y))
    shape = background_shape(instrument)
    energy = drawn(rng, part, shape, instrument) if energies else np.full(len(part), np.nan)
    return PlacedEvents(Events(time, part, energy, np.zeros(len(part), dtype=bool)), x, y)[inside]

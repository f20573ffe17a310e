"""The field of view of a simulated observation: its chips, and the background outside all source regions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ..sky.population import SEED
from ..telescope.exposures import Events
from ..telescope.instrument import background_rate, in_field_of_view
from ..telescope.observations import Observation
from ..telescope.responses import PARTS, background_shape, drawn, shares
from .region_events import PlacedEvents, RegionRow, middle_pixel, pixel_size

__all__ = ["REACH", "chips_of", "field_background"]

Floats = NDArray[np.float64]

REACH = {"ACIS": 12.0, "HRC": 22.0}
"""Arcmin from the pointing that hold every field of view."""


def chips_of(observation: Observation, x: Floats, y: Floats) -> NDArray[np.int64]:
    """Chip at sky pixels: ACIS-I 0 to 3 in quarters, ACIS-S 6 and 7 side by side, HRC 0."""
    across, along = _detector(observation, x, y)
    if observation.instrument == "HRC":
        return np.zeros(len(across), dtype=np.int64)
    if observation.detector == "ACIS-235678":
        return np.where(across > -2.1, 7, 6)
    return np.where(along < 0, 2, 0) + np.where(across >= 0, 1, 0)


def field_background(rows: list[RegionRow]) -> PlacedEvents:
    """Background events of an observation outside the source regions of these rows, all of that observation."""
    observation = rows[0].observation
    rng = np.random.default_rng([SEED, 19, observation.obsid, observation.obi])
    reach = REACH[observation.instrument] * 60 / pixel_size(observation)
    box = (2 * reach * pixel_size(observation)) ** 2
    instrument = observation.instrument
    mean = np.where(shares(instrument), background_rate(instrument), 0.0) * box * observation.exposure
    part = np.repeat(np.arange(len(PARTS)), rng.poisson(mean))
    x, y = middle_pixel(observation) + rng.uniform(-reach, reach, (2, len(part)))
    time = rng.uniform(observation.start, observation.stop, len(part))
    energy = drawn(rng, part, background_shape(instrument), instrument)
    kept = in_field_of_view(observation.detector, *_detector(observation, x, y))
    radii = [row.radius / pixel_size(observation) for row in rows]
    for near in KDTree(np.column_stack([x, y])).query_ball_point([row.centre for row in rows], radii):
        kept[near] = False
    events = Events(time[kept], energy[kept], np.zeros(np.count_nonzero(kept), dtype=bool))
    return PlacedEvents(events, x[kept], y[kept])


def _detector(observation: Observation, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Detector x and y, arcmin from the aim point, of sky pixels."""
    scale = pixel_size(observation) / 60
    return observation.on_detector((middle_pixel(observation) - x) * scale, (y - middle_pixel(observation)) * scale)

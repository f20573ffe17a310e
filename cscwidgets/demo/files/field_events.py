"""The background of a simulated observation outside all source regions."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from ..sky.fields import SEED
from ..telescope.events import Events, PlacedEvents
from ..telescope.instrument import REACH, background_rate, in_field_of_view
from ..telescope.observations import SimulatedObservation
from ..telescope.responses import PARTS, background_shape, drawn, shares

__all__ = ["field_background"]


def field_background(
    observation: SimulatedObservation, centres: list[tuple[float, float]], radii: list[float]
) -> PlacedEvents:
    """Background events of an observation outside some circles: centres in sky pixels, radii in arcsec."""
    rng = np.random.default_rng([SEED, 19, observation.obsid, observation.obi])
    reach = REACH[observation.instrument] * 60 / observation.pixel_size
    box = (2 * reach * observation.pixel_size) ** 2
    instrument = observation.instrument
    mean = np.where(shares(instrument), background_rate(instrument), 0.0) * box * observation.exposure
    photon_part = np.repeat(np.arange(len(PARTS)), rng.poisson(mean))
    x, y = observation.middle_pixel + rng.uniform(-reach, reach, (2, len(photon_part)))
    time = rng.uniform(observation.start, observation.stop, len(photon_part))
    energy = drawn(rng, photon_part, background_shape(instrument), instrument)
    inside = in_field_of_view(observation.detector, *observation.detector_of_pixels(x, y))
    in_pixels = np.array(radii) / observation.pixel_size
    for near in KDTree(np.column_stack([x, y])).query_ball_point(centres, in_pixels):
        inside[near] = False
    events = Events(time[inside], energy[inside], np.zeros(np.count_nonzero(inside), dtype=bool))
    return PlacedEvents(events, x[inside], y[inside])

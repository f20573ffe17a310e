"""What can be wrong with a simulated detection: pile-up, saturation, readout streaks, crowding, the dither."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from cscwidgets.arrays import Flags, Floats, Integers

from ..sky.population import population
from ..sky.source_spectra import BAND
from ..sky.tangent_plane import offsets
from ..telescope.instrument import in_field_of_view, psf_radius
from ..telescope.region_counts import RegionCounts

__all__ = ["RowFlags", "confusion_codes", "row_flags"]

_FRAME = 3.2  # s
_PILED = 0.25  # counts in a frame, on axis
_SATURATED = 1.2
_STREAKING = 0.12
_STREAK_WIDTH = 3.0 / 60  # arcmin
_EDGE = 0.35  # arcmin: the dither carries these sources over the chip's edge

OVERLAP, BLEND = 1, 256
"""Bits of the confusion code: the region overlaps another's; it holds the light of other sources."""


@dataclass(frozen=True, slots=True)
class RowFlags:
    """Flags of each region in each observation."""

    piled: Flags
    saturated: Flags
    streaked: Flags
    edge: Flags


def row_flags(records: RegionCounts) -> RowFlags:
    """Flag all rows."""
    flags = RowFlags(*(np.zeros(len(records.region), dtype=bool) for _ in range(4)))
    for number in np.unique(records.exposure):
        rows = np.flatnonzero(records.exposure == number)
        exposure = records.exposure_of(int(rows[0]))
        if exposure.observation.instrument == "HRC":
            continue
        truth = population()
        source = exposure.source[records.exposure_row[rows]]
        x, y = exposure.observation.detector_position(truth.ra[source], truth.dec[source])
        rate = records.aperture.counts[rows, BAND["b"]] / exposure.observation.exposure
        rate -= records.aperture.background[rows] / exposure.observation.exposure
        frame = rate * _FRAME / psf_radius(exposure.theta[records.exposure_row[rows]]) ** 1.5
        flags.piled[rows] = frame > _PILED
        flags.saturated[rows] = frame > _SATURATED
        bright = np.flatnonzero(frame > _STREAKING)
        along = (np.abs(x[:, None] - x[bright]) < _STREAK_WIDTH) & (np.sign(y[:, None]) == np.sign(y[bright]))
        apart = np.abs(y[:, None] - y[bright]) > 4 * _STREAK_WIDTH
        flags.streaked[rows] = (along & apart).any(axis=1)
        flags.edge[rows] = ~_well_inside(exposure.observation.detector, x, y)
    return flags


def _well_inside(detector: str, x: Floats, y: Floats) -> Flags:
    steps = ((_EDGE, 0), (-_EDGE, 0), (0, _EDGE), (0, -_EDGE))
    return np.asarray(np.all([in_field_of_view(detector, x + dx, y + dy) for dx, dy in steps], axis=0))


def confusion_codes(records: RegionCounts, centres: Iterable[tuple[float, float]]) -> Integers:
    """Confusion code of each region; `centres` are the aim points of the stacks, ICRS degrees."""
    truth = population()
    codes = np.zeros(len(records.source), dtype=np.int64)
    for number, (ra, dec) in enumerate(centres):
        regions = np.flatnonzero((records.stack == number) & records.detected)
        if len(regions) < 2:
            continue
        source = records.source[regions]
        positions = np.column_stack(offsets(ra, dec, truth.ra[source], truth.dec[source]))
        radius = psf_radius(records.region_theta[regions]) / 60
        pairs = KDTree(positions).query_pairs(2 * float(radius.max()), output_type="ndarray")
        apart = np.hypot(*(positions[pairs[:, 0]] - positions[pairs[:, 1]]).T)
        touching = pairs[apart < radius[pairs].sum(axis=1)]
        codes[regions[np.unique(touching)]] |= OVERLAP
        blended = list(records.blended[number])
        codes[regions[blended]] |= BLEND
    return codes

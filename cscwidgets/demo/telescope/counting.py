"""What the regions of all detections hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cscwidgets.arrays import Integers

from ..sky.source_spectra import BAND
from .effective_area import mean_area
from .instrument import vignetting
from .region_counts import ApertureCounts, RegionCounts

if TYPE_CHECKING:
    from .detections import Detections, Regions
    from .exposures import Exposure

__all__ = ["count"]


def count(exposures: Sequence[tuple[Exposure, ...]], detections: Detections) -> RegionCounts:
    """Count in every region, in every observation of its stack; exposures are in the order of the stacks."""
    lengths = [len(regions) for regions in detections.regions]
    first = np.concatenate([[0], np.cumsum(lengths)])
    rows: list[tuple[Integers, Integers, Integers]] = []
    apertures: list[ApertureCounts] = []
    matches: list[tuple[Integers, Integers, NDArray[np.str_]]] = []
    number = 0
    for stack, regions in enumerate(detections.regions):
        for exposure in exposures[stack]:
            exposure_row = np.searchsorted(exposure.source, regions.source)
            exposure_row = np.minimum(exposure_row, len(exposure.source) - 1)
            covered = (
                np.flatnonzero(exposure.source[exposure_row] == regions.source) if len(regions) else np.empty(0, int)
            )
            rows.append((first[stack] + covered, np.full(len(covered), number), exposure_row[covered]))
            apertures.append(_counts_in(exposure, regions, covered, exposure_row[covered]))
            number += 1
        matches.append(_matches(regions, detections.masters, int(first[stack])))
    region, exposure_number, exposure_row = (np.concatenate(column) for column in zip(*rows, strict=True))
    match_master, match_region, match_type = (np.concatenate(column) for column in zip(*matches, strict=True))
    return RegionCounts(
        stack=np.repeat(np.arange(len(lengths)), lengths),
        region_id=np.concatenate([np.arange(1, length + 1) for length in lengths]),
        source=np.concatenate([regions.source for regions in detections.regions]),
        detected=np.concatenate([regions.detected for regions in detections.regions]),
        likelihood=np.concatenate([regions.likelihood for regions in detections.regions]),
        region_theta=np.concatenate([regions.theta for regions in detections.regions]),
        region=region,
        exposure=exposure_number,
        exposure_row=exposure_row,
        aperture=ApertureCounts.joined(apertures),
        match_master=match_master,
        match_region=match_region,
        match_type=match_type,
        masters=detections.masters,
        exposures=tuple(exposure for stack in exposures for exposure in stack),
        blended=tuple(regions.blended for regions in detections.regions),
    )


def _counts_in(exposure: Exposure, regions: Regions, covered: Integers, exposure_row: Integers) -> ApertureCounts:
    light, light90 = exposure.light.astype(float), exposure.light90.astype(float)
    for index, blended in regions.blended.items():
        others = exposure.places(blended)
        home = exposure_row[covered == index]
        if others and len(home):
            light[home] += exposure.light[list(others)].sum(axis=0)
            light90[home] += exposure.light90[list(others)].sum(axis=0)
    observation = exposure.observation
    area = mean_area(observation.instrument, observation.area) * vignetting(exposure.theta[exposure_row])[:, None]
    return ApertureCounts(
        counts=light[exposure_row] + exposure.sky[exposure_row],
        counts90=light90[exposure_row] + exposure.sky90[exposure_row],
        off=exposure.off[exposure_row].astype(float),
        ratio=exposure.ratio[exposure_row],
        area_time=area * observation.exposure,
        livetime=np.full(len(exposure_row), observation.exposure),
        background=exposure.background[exposure_row][:, [BAND["b"], BAND["w"]]].sum(axis=1),
    )


def _matches(regions: Regions, masters: Integers, first: int) -> tuple[Integers, Integers, NDArray[np.str_]]:
    kind = np.where(regions.detected, "u", "n")
    master_sources = set(masters.tolist())
    extra: list[tuple[int, int]] = []
    for index, blended in regions.blended.items():
        shared = [number for number in blended if number in master_sources]
        if shared:
            kind[index] = "a"
            extra += [(number, index) for number in shared]
    source = np.concatenate([regions.source, np.array([number for number, _ in extra], dtype=np.int64)])
    region = np.concatenate([np.arange(len(regions)), np.array([index for _, index in extra], dtype=np.int64)])
    return np.searchsorted(masters, source), first + region, np.concatenate([kind, ["a"] * len(extra)]).astype("U1")

"""The simulated counts, flat: one row for each region and observation, ready to be measured or summed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cscwidgets.csc.bands import BANDS

from ..sky.source_spectra import ENERGY, IN_BAND, absorption, powerlaw
from .detections import Regions, detections
from .exposures import Events, Exposure, exposures
from .instrument import vignetting
from .observations import Observation, Stack, stacks
from .responses import recorded

__all__ = ["PHOTON_ENERGY", "REFERENCE_INDEX", "REFERENCE_NH", "Book", "Tally", "book", "mean_area", "region_events"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

BAND = {suffix: number for number, suffix in enumerate(BANDS)}

REFERENCE_INDEX, REFERENCE_NH = 1.7, 0.1
"""Photon index and column (1e22 cm**-2) of what the catalogue takes for the spectrum inside a band."""

_REFERENCE = powerlaw(np.array([REFERENCE_INDEX])) * absorption(np.array([REFERENCE_NH]))
PHOTON_ENERGY: Floats = (IN_BAND * _REFERENCE * ENERGY).sum(axis=1) / (IN_BAND * _REFERENCE).sum(axis=1)
"""Mean photon energy of each band in keV."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of regions and what they are worth; first axes of all arrays run over the regions.

    `counts`, `counts90` and `off`, of shape (regions, bands), are those of the source region, of its part
    with 90% of the light, and of the background region, which is `ratio` times as large. `area_time`
    (regions, bands) is effective area x live time in cm**2 s, 0 in bands the instrument does not have.
    `background` is the expected number of broad- or wide-band background counts, the weight of `ratio`.
    """

    counts: Floats
    counts90: Floats
    off: Floats
    ratio: Floats
    area_time: Floats
    livetime: Floats
    background: Floats

    def __len__(self) -> int:
        return len(self.ratio)

    def __getitem__(self, rows: Indices | NDArray[np.bool_] | slice) -> Tally:
        return Tally(*(getattr(self, f.name)[rows] for f in fields(Tally)))

    def summed(self, group: Indices, number: int) -> Tally:
        """Sums over the rows of each group, 0 to number - 1; a group without rows has no exposure."""
        totals = []
        weighted = {"ratio": self.ratio * self.background}
        for f in fields(Tally):
            values = weighted.get(f.name, getattr(self, f.name))
            total = np.zeros((number, *values.shape[1:]))
            np.add.at(total, group, values)
            totals.append(total)
        result = Tally(*totals)
        np.divide(result.ratio, result.background, out=result.ratio, where=result.background > 0)
        return result

    @staticmethod
    def joined(tallies: list[Tally]) -> Tally:
        return Tally(*(np.concatenate([getattr(tally, f.name) for tally in tallies]) for f in fields(Tally)))


@dataclass(frozen=True, slots=True)
class Book:
    """All regions, their observations, and their matches to master sources, flat.

    Regions: `stack`, `region_id`, `source` (number in the population), `detected`. Rows, one for each region
    and observation that sees it: `region`, `exposure` (number in observing order), `place` (row in that
    exposure), `tally`. Matches: `match_master` (index into the sorted master sources), `match_region`,
    `match_type` (u, a or n).
    """

    stack: Indices
    region_id: Indices
    source: Indices
    detected: NDArray[np.bool_]
    likelihood: Floats
    region_theta: Floats
    region: Indices
    exposure: Indices
    place: Indices
    tally: Tally
    match_master: Indices
    match_region: Indices
    match_type: NDArray[np.str_]

    def others(self, row: int) -> tuple[int, ...]:
        """Rows, in the same exposure, of the sources whose light is blended into a region."""
        region = self.region[row]
        blended = detections().regions[self.stack[region]].blended.get(int(self.region_id[region]) - 1, ())
        return _places(self.exposure_of(row), blended)

    def exposure_of(self, row: int) -> Exposure:
        return _flat_exposures()[int(self.exposure[row])]

    def times(self, row: int) -> tuple[Floats, Indices]:
        """Arrival times of a row's events, and the number of each one's part of `PARTS`."""
        return self.exposure_of(row).times(int(self.place[row]), self.others(row))


@cache
def book() -> Book:
    """Count everything."""
    found = detections()
    lengths = [len(regions) for regions in found.regions]
    first = np.concatenate([[0], np.cumsum(lengths)])
    rows: list[tuple[Indices, Indices, Indices]] = []
    tallies: list[Tally] = []
    matches: list[tuple[Indices, Indices, NDArray[np.str_]]] = []
    number = 0
    for stack, regions in enumerate(found.regions):
        for exposure in exposures()[stack]:
            place = np.searchsorted(exposure.source, regions.source)
            place = np.minimum(place, len(exposure.source) - 1)
            seen = np.flatnonzero(exposure.source[place] == regions.source) if len(regions) else np.empty(0, int)
            rows.append((first[stack] + seen, np.full(len(seen), number), place[seen]))
            tallies.append(_tally(exposure, regions, seen, place[seen]))
            number += 1
        matches.append(_matches(regions, found.masters, int(first[stack])))
    region, exposure_number, place = (np.concatenate(column) for column in zip(*rows, strict=True))
    match_master, match_region, match_type = (np.concatenate(column) for column in zip(*matches, strict=True))
    return Book(
        stack=np.repeat(np.arange(len(lengths)), lengths),
        region_id=np.concatenate([np.arange(1, length + 1) for length in lengths]),
        source=np.concatenate([regions.source for regions in found.regions]),
        detected=np.concatenate([regions.detected for regions in found.regions]),
        likelihood=np.concatenate([regions.likelihood for regions in found.regions]),
        region_theta=np.concatenate([regions.theta for regions in found.regions]),
        region=region,
        exposure=exposure_number,
        place=place,
        tally=Tally.joined(tallies),
        match_master=match_master,
        match_region=match_region,
        match_type=match_type,
    )


def region_events(stack_id: str, region_id: int, obsid: int, obi: int = 0) -> Events:
    """Events of one region in one observation: what its light curve and spectrum are made of.

    Raises
    ------
    KeyError
        If the simulated sky has no such region, or the observation does not see it.
    """
    all_stacks: tuple[Stack, ...] = stacks()
    records: Book = book()
    for row in np.flatnonzero(records.region_id[records.region] == region_id):
        exposure = records.exposure_of(int(row))
        observation = exposure.observation
        same_stack = all_stacks[records.stack[records.region[row]]].stack_id == stack_id
        if same_stack and (observation.obsid, observation.obi) == (obsid, obi):
            return exposure.events(int(records.place[row]), records.others(int(row)))
    raise KeyError((stack_id, region_id, obsid, obi))


@cache
def _flat_exposures() -> tuple[Exposure, ...]:
    return tuple(exposure for stack in exposures() for exposure in stack)


def _places(exposure: Exposure, sources: tuple[int, ...]) -> tuple[int, ...]:
    place = np.searchsorted(exposure.source, sources)
    return tuple(
        int(p) for p, s in zip(place, sources, strict=True) if p < len(exposure.source) and exposure.source[p] == s
    )


def _tally(exposure: Exposure, regions: Regions, seen: Indices, place: Indices) -> Tally:
    light, light90 = exposure.light.astype(float), exposure.light90.astype(float)
    for index, blended in regions.blended.items():
        others = _places(exposure, blended)
        home = place[seen == index]
        if others and len(home):
            light[home] += exposure.light[list(others)].sum(axis=0)
            light90[home] += exposure.light90[list(others)].sum(axis=0)
    observation = exposure.observation
    return Tally(
        counts=light[place] + exposure.sky[place],
        counts90=light90[place] + exposure.sky90[place],
        off=exposure.off[place].astype(float),
        ratio=exposure.ratio[place],
        area_time=mean_area(observation) * vignetting(exposure.theta[place])[:, None] * observation.exposure,
        livetime=np.full(len(place), observation.exposure),
        background=exposure.background[place][:, [BAND["b"], BAND["w"]]].sum(axis=1),
    )


def mean_area(observation: Observation) -> Floats:
    """Effective area on axis in each band, cm**2: counts over photons of the reference spectrum."""
    chance = recorded(observation.instrument)[: len(BANDS)]
    return np.asarray((chance * _REFERENCE * observation.area).sum(axis=1) / (IN_BAND * _REFERENCE).sum(axis=1))


def _matches(regions: Regions, masters: Indices, first: int) -> tuple[Indices, Indices, NDArray[np.str_]]:
    kind = np.where(regions.detected, "u", "n")
    known = set(masters.tolist())
    extra: list[tuple[int, int]] = []
    for index, blended in regions.blended.items():
        shared = [number for number in blended if number in known]
        if shared:
            kind[index] = "a"
            extra += [(number, index) for number in shared]
    source = np.concatenate([regions.source, np.array([number for number, _ in extra], dtype=np.int64)])
    region = np.concatenate([np.arange(len(regions)), np.array([index for _, index in extra], dtype=np.int64)])
    return np.searchsorted(masters, source), first + region, np.concatenate([kind, ["a"] * len(extra)]).astype("U1")

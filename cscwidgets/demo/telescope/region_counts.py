"""The simulated counts, flat: one row for each region and observation, ready to be measured or summed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cscwidgets.arrays import Flags, Floats, Integers

if TYPE_CHECKING:
    from .events import Events
    from .exposures import Exposure

__all__ = ["ApertureCounts", "RegionCounts"]


@dataclass(frozen=True, slots=True)
class ApertureCounts:
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

    def __getitem__(self, rows: Integers | Flags | slice) -> ApertureCounts:
        return ApertureCounts(*(getattr(self, f.name)[rows] for f in fields(ApertureCounts)))

    def summed(self, group: Integers, number: int) -> ApertureCounts:
        """Sums over the rows of each group, 0 to number - 1; a group without rows has no exposure."""
        totals = []
        weighted = {"ratio": self.ratio * self.background}
        for f in fields(ApertureCounts):
            values = weighted.get(f.name, getattr(self, f.name))
            total = np.zeros((number, *values.shape[1:]))
            np.add.at(total, group, values)
            totals.append(total)
        result = ApertureCounts(*totals)
        np.divide(result.ratio, result.background, out=result.ratio, where=result.background > 0)
        return result

    @classmethod
    def joined(cls, parts: list[ApertureCounts]) -> ApertureCounts:
        """The regions of all parts."""
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))


@dataclass(frozen=True, slots=True)
class RegionCounts:
    """All regions, their observations, and their matches to master sources, flat.

    Regions: `stack`, `region_id`, `source` (number in the population), `detected`. Rows, one for each region
    and observation that sees it: `region`, `exposure` (number in observing order), `exposure_row` (row in that
    exposure), `aperture`. Matches: `match_master` (index into the sorted master sources), `match_region`,
    `match_type` (u, a or n). `masters` are the master sources' numbers in the population, sorted; `exposures` the
    observations in order; `blended`, for each stack, which other sources a region (its index) holds the light of.
    """

    stack: Integers
    region_id: Integers
    source: Integers
    detected: Flags
    likelihood: Floats
    region_theta: Floats
    region: Integers
    exposure: Integers
    exposure_row: Integers
    aperture: ApertureCounts
    match_master: Integers
    match_region: Integers
    match_type: NDArray[np.str_]
    masters: Integers
    exposures: tuple[Exposure, ...]
    blended: tuple[dict[int, tuple[int, ...]], ...]

    def others(self, row: int) -> tuple[int, ...]:
        """Rows, in the same exposure, of the sources whose light is blended into a region."""
        region = self.region[row]
        blended = self.blended[self.stack[region]].get(int(self.region_id[region]) - 1, ())
        return self.exposure_of(row).places(blended) if blended else ()

    def exposure_of(self, row: int) -> Exposure:
        return self.exposures[int(self.exposure[row])]

    def events(self, row: int, *, energies: bool = True) -> Events:
        """Events of a row: what its light curve and spectrum are made of."""
        return self.exposure_of(row).events(int(self.exposure_row[row]), self.others(row), energies=energies)

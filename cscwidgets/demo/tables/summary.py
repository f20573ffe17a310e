"""Everything measured from the counts, at the three levels of the catalogue, ready to be written as columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.science.hardness import Hardness
from cscwidgets.science.photometry import Flux
from cscwidgets.science.variability import constancy

from ..sky.source_spectra import BAND
from ..telescope.likelihood import log_likelihood
from ..telescope.observations import stacks
from ..telescope.region_counts import ApertureCounts, RegionCounts
from .flags import RowFlags, confusion_codes, row_flags
from .measurements import PAIRS, Photometry, Timing, hardness, photometry, timing

__all__ = ["Level", "Summary", "summarise"]

Step = Callable[[float, str], None]

_CHANGING = 0.95  # probability from which observations are split into blocks of like flux


@dataclass(frozen=True, slots=True)
class Level:
    """Counts of one level and what follows from them."""

    aperture: ApertureCounts
    photometry: Photometry
    hardness: dict[str, Hardness]


@dataclass(frozen=True, slots=True)
class Summary:
    """The measured sky. `row_master` is the master source of each row matched to one alone, or -1.

    `inter` and `stack_inter` hold probability and spread between observations, shape (2, sources,
    bands); `inter_hardness` the same for the hardness ratios, shape (2, sources, 3).
    """

    records: RegionCounts
    row_master: Integers
    likelihood: Floats
    flags: RowFlags
    confusion: Integers
    timing: Timing
    observed: Level
    stacked: Level
    master: Level
    average: Level
    master90: Photometry
    average90: Photometry
    inter: Floats
    inter_hardness: Floats
    stack_inter: Floats


def summarise(records: RegionCounts, step: Step) -> Summary:
    """Measure all regions; `step` is told the fraction done and may raise."""
    flags, confusion = row_flags(records), confusion_codes(records, [(stack.ra, stack.dec) for stack in stacks()])
    counts = records.aperture
    likelihood = log_likelihood(counts.counts, counts.off / counts.ratio[:, None])
    timed = timing(records, likelihood, lambda done: step(0.05 + 0.55 * done, "Testing sources for variability"))

    step(0.6, "Measuring fluxes")
    row_master = _row_masters(records)
    stack_counts = counts.summed(records.region, len(records.source))
    both = photometry(ApertureCounts.joined([counts, stack_counts]))
    rows = len(counts)
    row_photometry = _part(both, slice(None, rows))
    sources = len(records.masters)
    inter = _between(row_photometry.photons, row_master, sources)
    stack_inter = _between(row_photometry.photons, records.region, len(records.source))
    used = row_master >= 0
    best = used & _longest_block(records, row_photometry, row_master, inter[0])
    best_counts = counts[best].summed(row_master[best], sources)
    average_counts = counts[used].summed(row_master[used], sources)
    master_counts = ApertureCounts.joined([best_counts, average_counts])
    masters, masters90 = photometry(master_counts), photometry(master_counts, ninety=True)

    step(0.7, "Measuring hardness ratios")
    everything = ApertureCounts.joined([counts, stack_counts, master_counts])
    ratios = hardness(everything, _join([both, masters]))
    cuts = np.cumsum([0, rows, len(stack_counts), sources, sources])
    levels = [
        Level(part_counts, part, {pair: _cut(ratios[pair], slice(*cuts[n : n + 2])) for pair in PAIRS})
        for n, (part_counts, part) in enumerate(
            (
                (counts, row_photometry),
                (stack_counts, _part(both, slice(rows, None))),
                (best_counts, _part(masters, slice(None, sources))),
                (average_counts, _part(masters, slice(sources, None))),
            )
        )
    ]
    colours = Flux(*(np.stack([getattr(levels[0].hardness[pair], end) for pair in PAIRS], axis=1) for end in _ENDS))
    return Summary(
        records=records,
        row_master=row_master,
        likelihood=likelihood,
        flags=flags,
        confusion=confusion,
        timing=timed,
        observed=levels[0],
        stacked=levels[1],
        master=levels[2],
        average=levels[3],
        master90=_part(masters90, slice(None, sources)),
        average90=_part(masters90, slice(sources, None)),
        inter=inter,
        inter_hardness=_between(colours, row_master, sources),
        stack_inter=stack_inter,
    )


_ENDS = ("mode", "lower", "upper")


def _row_masters(records: RegionCounts) -> Integers:
    """Master source of each row: unambiguous matches, or the ambiguous ones of sources that have no other."""
    masters = records.masters
    region_master = np.full(len(records.source), -1)
    own = masters[records.match_master] == records.source[records.match_region]
    clear = own & (records.match_type != "a")
    region_master[records.match_region[clear]] = records.match_master[clear]
    without = np.setdiff1d(np.arange(len(masters)), records.match_master[clear & (records.match_type == "u")])
    rest = own & np.isin(records.match_master, without)
    region_master[records.match_region[rest]] = records.match_master[rest]
    return region_master[records.region]


def _between(values: Flux, group: Integers, number: int) -> Floats:
    """Probability and spread of variability between the rows of each group, shape (2, groups, columns)."""
    keep = np.flatnonzero(group >= 0)
    order = keep[np.argsort(group[keep], kind="stable")]
    lengths = np.bincount(group[order], minlength=number)
    slot = np.arange(len(order)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    columns = values.value.shape[1]
    result = np.empty((2, number, columns))
    for column in range(columns):
        table = np.full((3, number, int(lengths.max())), np.nan)
        for numbers, padded in zip((values.value, values.lower, values.upper), table, strict=True):
            padded[group[order], slot] = numbers[order, column]
        result[:, :, column] = constancy(Flux(*table))
    return result


def _longest_block(records: RegionCounts, measured: Photometry, row_master: Integers, probability: Floats) -> Flags:
    """Rows whose observations make up each source's longest block of like broad-band (or wide-band) flux."""
    keep = np.ones(len(row_master), dtype=bool)
    flux = measured.photons
    order = np.argsort(row_master, kind="stable")
    starts = np.searchsorted(row_master[order], np.arange(len(probability) + 1))
    for master in np.flatnonzero(np.nan_to_num(probability[:, [BAND["b"], BAND["w"]]]).max(axis=1) > _CHANGING):
        rows = order[starts[master] : starts[master + 1]]
        for band in (BAND["b"], BAND["w"]):
            used = rows[np.isfinite(flux.value[rows, band])]
            if len(used) > 1:
                keep[used] = _in_longest(
                    flux.value[used, band],
                    flux.spread[used, band],
                    records.aperture.livetime[used],
                )
    return keep


def _in_longest(flux: Floats, spread: Floats, livetime: Floats) -> Flags:
    order = np.argsort(flux, kind="stable")
    block = np.zeros(len(flux), dtype=int)
    first = order[0]
    for previous, current in pairwise(order):
        apart = flux[current] - flux[first] > 3 * np.hypot(spread[current], spread[first])
        block[current] = block[previous] + apart
        first = current if apart else first
    return np.asarray(block == np.bincount(block, livetime).argmax())


def _part(photometry: Photometry, rows: slice) -> Photometry:
    net = Flux(photometry.net.value[rows], photometry.net.lower[rows], photometry.net.upper[rows])
    return Photometry(net, photometry.response[rows], photometry.energy[rows])


def _join(parts: list[Photometry]) -> Photometry:
    net = Flux(*(np.concatenate([getattr(part.net, name) for part in parts]) for name in ("value", "lower", "upper")))
    return Photometry(
        net, np.concatenate([part.response for part in parts]), np.concatenate([part.energy for part in parts])
    )


def _cut(ratio: Hardness, rows: slice) -> Hardness:
    return Hardness(ratio.mode[rows], ratio.lower[rows], ratio.upper[rows])

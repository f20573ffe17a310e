"""From counts to detections: which sources each stack finds, which it blends, and which master sources exist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import KDTree

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.csc.bands import BANDS

from ..sky.population import SourceClass, population
from ..sky.tangent_plane import offsets
from .instrument import psf_radius
from .likelihood import FEWEST_COUNTS, MARGINAL, log_likelihood
from .observations import stacks

if TYPE_CHECKING:
    from .exposures import Exposure

__all__ = ["Detections", "Regions", "detect"]


@dataclass(frozen=True, slots=True)
class Regions:
    """The source regions of one stack, detections first, numbered from 1 in this order.

    `source` is the number in the population of the source a region belongs to, `detected` tells
    detections from places where a master source was looked for and not found. `blended` maps a region
    (its index) to the other sources whose light it holds. `likelihood` has shape (regions, bands).
    """

    source: Integers
    detected: Flags
    blended: dict[int, tuple[int, ...]]
    likelihood: Floats
    theta: Floats

    def __len__(self) -> int:
        return len(self.source)


@dataclass(frozen=True, slots=True)
class Detections:
    """Regions of every stack, and the numbers in the population of the master sources, in no special order."""

    regions: tuple[Regions, ...]
    masters: Integers


@dataclass(frozen=True, slots=True)
class _Field:
    """All sources in a stack's field of view: summed net counts, mean off-axis angle, likelihood in each band."""

    source: Integers
    net: Floats
    theta: Floats
    likelihood: Floats


def detect(exposures: Iterable[tuple[Exposure, ...]]) -> Detections:
    """Detect sources in every stack, given by its exposures, and match them between stacks."""
    fields = [_stacked_field(stack) for stack in exposures]
    sources = [_detected(number, field) for number, field in enumerate(fields)]
    masters = np.unique(np.concatenate(sources))
    return Detections(
        tuple(_regions(number, field, sources[number], masters) for number, field in enumerate(fields)), masters
    )


def _stacked_field(stack: tuple[Exposure, ...]) -> _Field:
    source = np.unique(np.concatenate([exposure.source for exposure in stack]))
    counts, background = np.zeros((2, len(source), len(BANDS)))
    theta, time = np.zeros((2, len(source)))
    for exposure in stack:
        row = np.searchsorted(source, exposure.source)
        counts[row] += exposure.light + exposure.sky
        background[row] += exposure.background
        theta[row] += exposure.theta * exposure.observation.exposure
        time[row] += exposure.observation.exposure
    likelihood = log_likelihood(counts, background)
    likelihood[counts < FEWEST_COUNTS] = 0.0
    return _Field(source, (counts - background)[:, [0, -1]].max(axis=1), theta / time, likelihood)


def _detected(stack: int, field: _Field) -> Integers:
    """Sources that the stack finds as sources of their own, brightest first."""
    order = np.argsort(-field.net, kind="stable")
    order = order[field.likelihood[order].max(axis=1) >= MARGINAL]
    alone = _host(stack, field.source[order], field.theta[order]) < 0
    return np.asarray(field.source[order[alone]])


def _host(stack: int, source: Integers, theta: Floats) -> Integers:
    """Index of the brighter source that swallows each one, or -1; sources come brightest first."""
    truth = population()
    host = np.full(len(source), -1)
    compact = np.flatnonzero(truth.kind[source] != SourceClass.DIFFUSE)
    if len(compact) < 2:
        return host
    positions = np.column_stack(
        offsets(stacks()[stack].ra, stacks()[stack].dec, truth.ra[source[compact]], truth.dec[source[compact]])
    )
    reach = 0.7 * psf_radius(theta[compact]) / 60
    pairs = KDTree(positions).query_pairs(float(reach.max()), output_type="ndarray")
    apart = np.hypot(*(positions[pairs[:, 0]] - positions[pairs[:, 1]]).T)
    pairs = np.sort(pairs[apart < reach[pairs].min(axis=1)], axis=1)
    for bright, faint in pairs[np.lexsort(pairs.T[::-1])]:
        if host[compact[bright]] < 0 and host[compact[faint]] < 0:
            host[compact[faint]] = compact[bright]
    return host


def _regions(stack: int, field: _Field, detected: Integers, masters: Integers) -> Regions:
    if not len(detected):
        none = np.empty(0)
        return Regions(detected, none.astype(bool), {}, np.empty((0, len(BANDS))), none)
    # A detection holds the light of anything that close to it, found elsewhere or not.
    candidates = np.concatenate([detected, np.setdiff1d(field.source, detected)])
    host = _host(stack, candidates, field.theta[np.searchsorted(field.source, candidates)])
    swallowed = np.flatnonzero((host >= 0) & (host < len(detected)))
    blended: dict[int, tuple[int, ...]] = {}
    for number in swallowed:
        blended[int(host[number])] = (*blended.get(int(host[number]), ()), int(candidates[number]))
    missed = np.setdiff1d(np.intersect1d(masters, field.source), np.concatenate([detected, candidates[swallowed]]))
    source = np.concatenate([detected, missed])
    row = np.searchsorted(field.source, source)
    return Regions(
        source=source,
        detected=np.arange(len(source)) < len(detected),
        blended=blended,
        likelihood=field.likelihood[row],
        theta=field.theta[row],
    )

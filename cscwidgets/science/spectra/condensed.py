"""A fit in the form in which its statistic is quickest.

Sherpa filters and groups the data anew at every step. Here that is done once: every group becomes a channel, and what
is left of the responses is a matrix, or, where groups are many, Sherpa's own folding. The numbers stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cscwidgets.arrays import Floats, Integers

from ..response import Response
from ..spectrum import Spectrum
from .sherpa_gate import sherpa

__all__ = ["condensed"]


_ONE = np.zeros(1)  # a grid for factors, which have the same value everywhere


def condensed(joint: Any, spectra: Sequence[Spectrum], data: Sequence[Any], model: Any, factors: Sequence[Any]) -> Any:
    """A Sherpa fit of the same parameters to a copy of the data: the same statistic, sooner.

    The fit itself where the statistic's errors depend on the model.

    Parameters
    ----------
    joint : sherpa.fit.Fit
    spectra : sequence of Spectrum
    data : sequence of DataPHA
        What `joint` fits.
    model : Sherpa model
        Of the source, unfolded.
    factors : sequence of Sherpa models
        One for each spectrum, or none.
    """
    if isinstance(joint.stat, sherpa.stats.Chi2ModVar):
        return joint
    parts = []
    sources: list[_Source] = []
    for number, (spectrum, one) in enumerate(zip(spectra, data, strict=True)):
        response = spectrum.response
        assert response is not None  # noqa: S101 (it was fitted)
        source = next((earlier for earlier in sources if earlier.covers(response)), None)
        if source is None:
            source = _Source(model, response)
            sources.append(source)
        folded = _Folded(source, _folding(spectrum, response, one))
        parts.append(factors[number] * folded if factors else folded)
    return sherpa.fit.Fit(_groups(data, joint.stat), _Together(parts), stat=joint.stat)


class _Source:
    """A model on an energy grid, which remembers its last values: observations share them."""

    def __init__(self, model: Any, response: Response) -> None:
        self.model = model
        self.low, self.high = response.low, response.high
        self._last: tuple[tuple[float, ...], Floats] | None = None

    def covers(self, response: Response) -> bool:
        return np.array_equal(self.low, response.low) and np.array_equal(self.high, response.high)

    def values(self, p: Sequence[float]) -> Floats:
        key = tuple(p)
        if self._last is None or self._last[0] != key:
            self._last = (key, self.model.calc(p, self.low, self.high))
        return self._last[1]


class _Folded(sherpa.models.model.CompositeModel, sherpa.models.ArithmeticModel):  # type: ignore[misc]
    """Counts of each group."""

    def __init__(self, source: _Source, folding: Callable[[Floats], Floats]) -> None:
        self.source = source
        self.folding = folding
        super().__init__(f"folded({source.model.name})", (source.model,))

    def startup(self, cache: bool = False) -> None:
        self.source.model.startup(cache)

    def teardown(self) -> None:
        self.source.model.teardown()

    def calc(self, p: Sequence[float], *_: Any, **__: Any) -> Floats:
        return self.folding(self.source.values(p))


class _Together(sherpa.models.model.CompositeModel, sherpa.models.ArithmeticModel):  # type: ignore[misc]
    """Models of several observations, one after the other."""

    def __init__(self, parts: Sequence[Any]) -> None:
        super().__init__("together", tuple(parts))

    def startup(self, cache: bool = False) -> None:
        for part in self.parts:
            part.startup(cache)

    def teardown(self) -> None:
        for part in self.parts:
            part.teardown()

    def calc(self, p: Sequence[float], *_: Any, **__: Any) -> Floats:
        values, start = [], 0
        for part in self.parts:
            end = start + len(part.pars)
            values.append(part.calc(p[start:end], _ONE))
            start = end
        return np.concatenate(values)


def _groups(data: Sequence[Any], stat: Any) -> Any:
    """The groups of all data, one after the other, as Sherpa's data."""
    if not isinstance(stat, sherpa.stats.Likelihood):
        counts, errors = (
            np.concatenate(parts) for parts in zip(*(one.to_fit(stat.calc_staterror)[:2] for one in data), strict=True)
        )
        return sherpa.data.Data1D("groups", np.arange(len(counts)), counts, errors)
    grouped = _pha([(one, one) for one in data])
    if all(one.background_ids for one in data):
        grouped.set_background(_pha([(one, one.get_background()) for one in data]))
    return grouped


def _pha(pairs: Sequence[tuple[Any, Any]]) -> Any:
    """DataPHA of the data that come second, filtered and grouped as those that come first; its exposure is 1 s."""
    counts = [one.apply_filter(each.get_dep(filter=False), groupfunc=np.sum) for one, each in pairs]
    time, area = [], []
    for (one, each), counted in zip(pairs, counts, strict=True):
        time.append(np.broadcast_to(each.exposure * _of_groups(one, each.areascal), len(counted)))
        area.append(np.broadcast_to(_of_groups(one, each.backscal), len(counted)))
    return sherpa.astro.data.DataPHA(
        "groups",
        np.arange(1, sum(map(len, counts)) + 1),
        np.concatenate(counts),
        exposure=1.0,
        backscal=np.concatenate(area),
        areascal=np.concatenate(time),
    )


def _of_groups(one: Any, scale: Any) -> Any:
    """A scale of channels as Sherpa has it for groups: the middle of its range."""
    if np.ndim(scale) == 0:
        return scale
    return one.apply_filter(scale, groupfunc=one._middle)  # noqa: SLF001 (it goes by the function's name)


def _folding(spectrum: Spectrum, response: Response, one: Any) -> Callable[[Floats], Floats]:
    """How photons cm**-2 s**-1 in the energy bins become counts in the groups."""
    group = _group_of_channel(one)
    number = int(group.max()) + 1
    scale = np.broadcast_to(spectrum.source.areascal, len(group))
    area = response.area * spectrum.source.exposure
    energies = len(area)
    if number * energies > len(response.matrix):
        rmf, kept = one.get_rmf(), np.flatnonzero(group >= 0)
        starts = np.flatnonzero(np.diff(group[kept], prepend=-1))
        if len(starts) == len(kept):
            return lambda photons: np.asarray((rmf.apply_rmf(photons * area) * scale)[kept])
        return lambda photons: np.add.reduceat((rmf.apply_rmf(photons * area) * scale)[kept], starts)
    energy = np.repeat(np.repeat(np.arange(energies), response.groups), response.length)
    first = np.repeat(response.first - response.first_channel, response.length)
    within_run = np.arange(len(first)) - np.repeat(np.cumsum(response.length) - response.length, response.length)
    channel = first + within_run
    inside = group[channel] >= 0
    cells = (group[channel] * energies + energy)[inside]
    weights = (response.matrix * scale[channel])[inside]
    matrix = np.bincount(cells, weights, number * energies).reshape(number, energies) * area
    return lambda photons: matrix @ photons


def _group_of_channel(one: Any) -> Integers:
    """Which group a channel belongs to, from 0; -1 for those that are not fitted."""
    grouping = np.ones(len(one.channel)) if one.grouping is None or not one.grouped else one.grouping
    # Bad channels are taken out before others are grouped.
    good = np.ones(len(grouping), dtype=bool) if one.quality_filter is None else one.quality_filter
    group: Integers = np.cumsum(grouping[good] >= 0) - 1
    noticed = np.broadcast_to(one.mask, (int(group[-1]) + 1,))
    rank: Integers = np.where(noticed, np.cumsum(noticed) - 1, -1)
    groups = np.full(len(grouping), -1)
    groups[good] = rank[group]
    return groups

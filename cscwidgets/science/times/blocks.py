"""Bayesian blocks: the piecewise constant rate (or flux) that best describes events or measurements.

Scargle et al. 2013, ApJ 764, 167. The fitness of a block of N events in the time T is N ln(N / T), that of a
block of measurements with sums a = sum(1 / sigma**2) / 2 and b = sum(x / sigma**2) is b**2 / 4a; a block more costs
4 - ln(73.53 p0 cells**-0.478). The edges are those of `astropy.stats.bayesian_blocks`, found by `search`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cscwidgets.arrays import Floats, Integers
from cscwidgets.errors import CscError

from ..intervals import poisson_interval
from ..masked import plain
from ..seconds import seconds
from .blocks_search import EventFitness, PointFitness, search
from .good_time import GoodTime
from .smoothed import require_independent

__all__ = ["Blocks", "bayesian_blocks"]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks in the order of time; as an array they are their edges.

    For events `value` is count/s with a central 68 % Poisson interval from `lower` to `upper`, `number` counts events
    and `exposure` is in s. For measurements `value` is the weighted mean with its error on both sides, `number`
    counts measurements and `exposure` is the time between the edges. `p0` is the false-alarm probability that was
    asked for.
    """

    edges: Floats
    value: Floats
    lower: Floats
    upper: Floats
    number: Integers
    exposure: Floats
    p0: float

    def __len__(self) -> int:
        return len(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.edges, dtype=dtype, copy=copy)


def bayesian_blocks(
    time: ArrayLike,
    value: ArrayLike | None = None,
    error: ArrayLike | None = None,
    *,
    good_time: GoodTime | None = None,
    p0: float = 0.05,
) -> Blocks:
    """Bayesian blocks of events, or of measurements if values are given.

    Parameters
    ----------
    time : array_like, shape (n,)
        Arrival times, or times of the measurements, s (or any other unit), in any order.
    value, error : array_like, shape (n,), optional
        Independent measurements and their standard deviations.
    good_time : GoodTime, optional
        For events: blocks are sought in exposure instead of time, so a gap makes no block, and the first and
        last block reach to the ends of good time instead of the first and last event. Events outside are left out.
    p0 : float
        False-alarm probability of one block too many, by Scargle's calibration, which is for some hundred cells.

    Returns
    -------
    Blocks
        Their edges, and what was counted or measured in each.

    Raises
    ------
    CscError
        For smoothed curves, too few or invalid numbers, or a p0 outside 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from cscwidgets.science import lightcurve
    >>> steady, burst = np.arange(0.0, 1000.0, 20.0), np.arange(400.5, 500.0, 1.0)
    >>> blocks = lightcurve.bayesian_blocks(np.concatenate([steady, burst]))
    >>> blocks.edges
    array([  0.  , 400.25, 499.75, 980.  ])
    """
    for data in (time, value):
        require_independent(data, "Bayesian blocks")
    if not 0 < p0 < 1:
        raise CscError(f"There are no Bayesian blocks for p0 = {p0}", "it is a probability", "Use a p0 such as 0.05.")
    moment = plain(time) if good_time is None else seconds(time)
    if moment.ndim != 1 or not np.isfinite(moment).all():
        raise CscError("There are no Bayesian blocks of these times", "they are not a list of finite numbers")
    if value is None:
        return _of_events(moment, good_time, p0)
    if error is None or good_time is not None:
        raise CscError("Measurements need errors, and events alone have good time", "see help(bayesian_blocks)")
    return _of_points(moment, plain(value), plain(error), p0)


def _of_events(time: Floats, good_time: GoodTime | None, p0: float) -> Blocks:
    clock = time if good_time is None else good_time.elapsed(time[good_time.contains(time)])
    cell, counts = np.unique(clock, return_counts=True)
    if len(cell) < 2:
        raise CscError("There are no Bayesian blocks", "they need events at two times or more")
    edges = _cell_edges(cell)
    if good_time is not None:
        edges[0], edges[-1] = 0.0, good_time.total
    borders = search(EventFitness(edges, counts), _penalty(len(cell), p0))
    number = np.diff(np.concatenate([[0], np.cumsum(counts)])[borders])
    exposure = np.diff(edges[borders])
    lower, upper = poisson_interval(number)
    return Blocks(
        edges=edges[borders] if good_time is None else good_time.when(edges[borders]),
        value=number / exposure,
        lower=lower / exposure,
        upper=upper / exposure,
        number=number,
        exposure=exposure,
        p0=p0,
    )


def _of_points(time: Floats, value: Floats, error: Floats, p0: float) -> Blocks:
    value, error = (np.broadcast_to(column, time.shape) for column in (value, error))
    if not (np.isfinite(value).all() and np.isfinite(error).all() and (error > 0).all()):
        raise CscError("There are no Bayesian blocks of these measurements", "values must be finite, errors positive")
    order = np.argsort(time)
    cell, value, error = time[order], value[order], error[order]
    if len(cell) < 2 or (np.diff(cell) == 0).any():
        raise CscError("There are no Bayesian blocks of these measurements", "they need two or more different times")
    edges = _cell_edges(cell)
    weight = 1 / error**2
    borders = search(PointFitness(weight, value * weight), _penalty(len(cell), p0))
    total = np.add.reduceat(weight, borders[:-1])
    mean = np.add.reduceat(weight * value, borders[:-1]) / total
    deviation = 1 / np.sqrt(total)
    return Blocks(
        edges[borders], mean, mean - deviation, mean + deviation, np.diff(borders), np.diff(edges[borders]), p0
    )


def _cell_edges(cell: Floats) -> Floats:
    return np.concatenate([cell[:1], 0.5 * (cell[1:] + cell[:-1]), cell[-1:]])


def _penalty(cells: int, p0: float) -> float:
    return float(4 - np.log(73.53 * p0 * cells**-0.478))

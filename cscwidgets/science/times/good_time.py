"""Good time of an observation: intervals, and within them the fraction of the source that was exposed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Flags, Floats
from cscwidgets.errors import CscError

from ..seconds import seconds
from ..time_system import TimeSystem, shared_system

__all__ = ["GoodTime"]


@dataclass(frozen=True, slots=True)
class GoodTime:
    """Exposure as a function of time, piecewise constant.

    ``good & fraction`` is what dither leaves of it, ``good * 0.987`` what dead time does.

    Parameters
    ----------
    edges : ndarray, shape (pieces + 1,)
        Increasing times, s.
    fraction : ndarray, shape (pieces,)
        Exposed fraction between two edges, 0 (a gap) to 1.
    system : TimeSystem
        What the times count.
    """

    edges: Floats
    fraction: Floats
    system: TimeSystem = TimeSystem.LOCAL

    @classmethod
    def of(cls, starts: ArrayLike, stops: ArrayLike, system: TimeSystem = TimeSystem.LOCAL) -> GoodTime:
        """Good-time intervals in any order; overlapping and touching ones are joined.

        Raises
        ------
        CscError
            Without an interval that lasts, or where one is not a pair of finite times.
        """
        start, stop = (np.atleast_1d(seconds(x)) for x in (starts, stops))
        if start.shape != stop.shape or not (np.isfinite(start).all() and np.isfinite(stop).all()):
            raise CscError("The good-time intervals cannot be used", "starts and stops are not pairs of finite times")
        start, stop = start[stop > start], stop[stop > start]
        if not len(start):
            raise CscError("There is no good time", "no interval lasts longer than 0 s")
        order = np.argsort(start)
        start, latest = start[order], np.maximum.accumulate(stop[order])
        first = np.concatenate([[True], start[1:] > latest[:-1]])
        last = np.append(first[1:], True)
        edges = np.column_stack([start[first], latest[last]]).ravel()
        return cls(edges, np.resize([1.0, 0.0], len(edges) - 1), system)

    @property
    def intervals(self) -> Floats:
        """Intervals with any exposure, shape (intervals, 2), s."""
        seen = np.concatenate([[False], self.fraction > 0, [False]])
        change = np.diff(seen.astype(int))
        return np.column_stack([self.edges[change == 1], self.edges[change == -1]])

    @property
    def start(self) -> float:
        """First good moment, s."""
        return float(self.intervals[0, 0])

    @property
    def stop(self) -> float:
        """Last good moment, s."""
        return float(self.intervals[-1, 1])

    @property
    def total(self) -> float:
        """Exposure, s."""
        return float((self.fraction * np.diff(self.edges)).sum())

    def contains(self, time: ArrayLike) -> Flags:
        """Whether times are within good time; starts count, stops only at the very end."""
        moment = seconds(time)
        piece = np.searchsorted(self.edges, moment, side="right") - 1
        inside = (piece >= 0) & (piece < len(self.fraction))
        inside &= self.fraction[np.clip(piece, 0, len(self.fraction) - 1)] > 0
        return np.asarray(inside | (moment == self.stop))

    def elapsed(self, time: ArrayLike) -> Floats:
        """Exposure before a time, s."""
        return np.asarray(np.interp(seconds(time), self.edges, self._cumulative()))

    def when(self, elapsed: ArrayLike) -> Floats:
        """Time by which so much exposure (s) was collected: the inverse of `elapsed`, at a gap its begin."""
        reached = self._cumulative()
        exposure = np.clip(np.asarray(elapsed, dtype=float), 0, reached[-1])
        piece = np.clip(np.searchsorted(reached, exposure, side="left") - 1, 0, len(self.fraction) - 1)
        rest = exposure - reached[piece]
        slope = np.where(self.fraction[piece] > 0, self.fraction[piece], 1.0)
        time = self.edges[piece] + rest / slope
        return np.clip(np.where(exposure <= 0, self.start, time), self.start, self.stop)  # sums and differences round

    def parts(self, number: int) -> Floats:
        """Exposure of equal parts of the time between start and stop, shape (number,), s."""
        return np.diff(self.elapsed(np.linspace(self.start, self.stop, number + 1)))

    def __mul__(self, live: float) -> GoodTime:
        """What is left where only this fraction of all time counts: a detector's dead time."""
        return replace(self, fraction=self.fraction * live)

    def __and__(self, other: GoodTime) -> GoodTime:
        """Exposed in both: fractions multiply.

        Raises
        ------
        CscError
            If they have no moment in common, or their times count different things.
        """
        system = shared_system((self.system, other.system), "Good times")
        edges = np.unique(np.concatenate([self.edges, other.edges]))
        edges = edges[(edges >= self.edges[0]) & (edges <= self.edges[-1])]
        middle = (edges[1:] + edges[:-1]) / 2
        own = self.fraction[np.searchsorted(self.edges, middle) - 1]
        others = np.concatenate([[0.0], other.fraction, [0.0]])[np.searchsorted(other.edges, middle)]
        if not (own * others > 0).any():
            raise CscError("There is no good time", "no moment is exposed in both")
        return GoodTime(edges, own * others, system)

    def _cumulative(self) -> Floats:
        return np.concatenate([[0.0], np.cumsum(self.fraction * np.diff(self.edges))])

"""Fold events at a period."""

from __future__ import annotations

from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.table import QTable
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats, Integers
from cscwidgets.errors import CscError

from ..intervals import poisson_interval
from ..seconds import seconds
from ..time_system import TimeSystem
from .good_time import GoodTime
from .smoothed import require_independent

__all__ = ["FoldedCurve", "fold_events", "phases"]


@dataclass(frozen=True, slots=True)
class FoldedCurve:
    """Events in equal bins of phase, from 0 to 1.

    Attributes
    ----------
    period, epoch : float
        The period, and the time of phase 0, s.
    counts : ndarray of int, shape (bins,)
        Events.
    exposure : ndarray, shape (bins,)
        Of each bin, s.
    rate, lower, upper : ndarray, shape (bins,)
        Count/s with 68 % intervals; NaN where no phase of a bin was exposed.
    system : TimeSystem
        What the epoch counts.
    """

    period: float
    epoch: float
    counts: Integers
    exposure: Floats
    rate: Floats
    lower: Floats
    upper: Floats
    system: TimeSystem = TimeSystem.LOCAL

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def edges(self) -> Floats:
        """Phases of the bins' edges."""
        return np.linspace(0, 1, len(self) + 1)

    @property
    def phase(self) -> Floats:
        """Phases of the bins' centres."""
        return np.asarray((self.edges[1:] + self.edges[:-1]) / 2)

    def table(self) -> QTable:
        """The curve with units."""
        per_second = u.count / u.s
        table = QTable({"phase": self.phase, "counts": self.counts * u.count, "exposure": self.exposure * u.s})
        for name, values in (("rate", self.rate), ("rate_lower", self.lower), ("rate_upper", self.upper)):
            table[name] = values * per_second
        table.meta.update(period=self.period, epoch=self.epoch, times=str(self.system))
        return table


def phases(time: ArrayLike, period: float, epoch: float = 0.0) -> Floats:
    """Phase, 0 to 1, of times at a period, both in the same unit; phase 0 is at `epoch`.

    >>> phases([0, 15, 20], 10)
    array([0. , 0.5, 0. ])
    """
    if not (np.isfinite(period) and period > 0):
        raise CscError(f"Nothing can be folded at a period of {period}", "a period is a positive number")
    phase = (np.asarray(time, dtype=np.float64) - epoch) / period % 1
    return np.asarray(np.where(phase < 1, phase, 0.0))


def fold_events(
    time: ArrayLike, period: float, good_time: GoodTime, *, bins: int = 16, epoch: float | None = None
) -> FoldedCurve:
    """Fold events, with the exposure of each phase.

    Parameters
    ----------
    time : array_like, shape (events,)
        Arrival times, s; those outside good time are left out.
    period : float
        Period, s.
    good_time : GoodTime
        Exposure.
    bins : int
        In one period.
    epoch : float, optional
        Time of phase 0, s; the start of good time if left out.

    Returns
    -------
    FoldedCurve
        Counts, exposure and rate by phase.

    Raises
    ------
    CscError
        For a smoothed curve, a period that is none, or no bins.

    Examples
    --------
    >>> from cscwidgets.science import times
    >>> events = times.read_events("regevt3.fits").clean()
    >>> folded = times.fold_events(events.time, 500.0, events.good_time, bins=4)
    >>> folded.counts
    array([201,  88,  62,  49])
    """
    require_independent(time, "folding")
    if bins < 1:
        raise CscError(f"Nothing can be folded into {bins} bins", "at least one is needed")
    period = float(seconds(period))
    zero = good_time.start if epoch is None else float(seconds(epoch))
    arrivals = seconds(time)
    arrivals = arrivals[good_time.contains(arrivals)]
    place = np.minimum((phases(arrivals, period, zero) * bins).astype(np.int64), bins - 1)
    counts = np.bincount(place, minlength=bins)
    exposure = _exposure(good_time, period, zero, bins)
    seen = np.where(exposure > 1e-9 * period, exposure, np.nan)
    lower, upper = poisson_interval(counts)
    rate, low, high = counts / seen, lower / seen, upper / seen
    return FoldedCurve(period, zero, counts, exposure, rate, low, high, good_time.system)


def _exposure(good_time: GoodTime, period: float, epoch: float, bins: int) -> Floats:
    """Exposure of each phase bin: of all stretches of constant exposure, what lies before their ends less before."""
    cycles = (good_time.edges - epoch) / period
    turns = np.floor(cycles)
    width = 1 / bins
    before = turns[:, None] * width + np.clip((cycles - turns)[:, None] - width * np.arange(bins), 0, width)
    return np.asarray(good_time.fraction @ np.diff(before, axis=0) * period)

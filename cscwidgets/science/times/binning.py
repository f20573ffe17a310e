"""Light curves of events in bins of one's own choice: independent counts, exposure and errors in every bin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import astropy.units as u
import numpy as np
from astropy.timeseries import BinnedTimeSeries
from numpy.typing import ArrayLike

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.errors import CscError

from ..intervals import poisson_interval
from ..seconds import seconds
from ..time_system import TimeSystem
from .good_time import GoodTime
from .smoothed import require_independent

__all__ = ["BinnedCurve", "Errors", "bin_events"]

Errors = Literal["gehrels", "poisson"]

_MOST_BINS = 1_000_000
_WHOLE = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class BinnedCurve:
    """Counts in adjoining bins.

    Parameters
    ----------
    edges : ndarray, shape (bins + 1,)
        Mission time, s.
    counts : ndarray of int, shape (bins,)
        Events, background included.
    exposure : ndarray, shape (bins,)
        Livetime, s: 0 in a gap, less than in others of its width in a partly exposed bin.
    background : ndarray, shape (bins,)
        Expected background counts, from the background region and scaled; 0 without one.
    rate, lower, upper : ndarray, shape (bins,)
        Net count/s and its 1-sigma interval; NaN where nothing was exposed.
    errors : {"gehrels", "poisson"}
        How the intervals were found.
    live : float
        Exposed fraction of the best time: less than 1 where the detector has dead time.
    system : TimeSystem
        What the times count.
    """

    edges: Floats
    counts: Integers
    exposure: Floats
    background: Floats
    rate: Floats
    lower: Floats
    upper: Floats
    errors: Errors
    live: float = 1.0
    system: TimeSystem = TimeSystem.LOCAL

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def time(self) -> Floats:
        """Bin centres, s."""
        return np.asarray((self.edges[1:] + self.edges[:-1]) / 2)

    @property
    def coverage(self) -> Floats:
        """Exposed fraction of each bin."""
        return np.asarray(self.exposure / np.diff(self.edges))

    @property
    def unexposed(self) -> Flags:
        """Bins in which nothing could have been seen."""
        return np.asarray(self.exposure <= 0)

    @property
    def partial(self) -> Flags:
        """Bins that were exposed in part; dead time, which all have, does not count."""
        return np.asarray(~self.unexposed & (self.coverage < _WHOLE * self.live))

    @property
    def empty(self) -> Flags:
        """Bins in which something could have been seen, and nothing was."""
        return np.asarray(~self.unexposed & (self.counts == 0))

    def table(self) -> BinnedTimeSeries:
        """The curve as an astropy BinnedTimeSeries."""
        edges = self.system.moments(self.edges)
        series = BinnedTimeSeries(time_bin_start=edges[:-1], time_bin_size=np.diff(self.edges) * u.s)
        per_second = u.count / u.s
        series["counts"] = self.counts * u.count
        series["background"] = self.background * u.count
        series["exposure"] = self.exposure * u.s
        series["rate"] = self.rate * per_second
        series["rate_lower"] = self.lower * per_second
        series["rate_upper"] = self.upper * per_second
        for name in ("unexposed", "partial", "empty"):
            series[name] = getattr(self, name)
        series.meta["times"] = str(self.system)
        return series


def bin_events(
    time: ArrayLike,
    good_time: GoodTime,
    *,
    width: float | None = None,
    counts: int | None = None,
    background: ArrayLike | None = None,
    ratio: float = 1.0,
    errors: Errors = "gehrels",
) -> BinnedCurve:
    """Bin events to a light curve.

    Parameters
    ----------
    time : array_like, shape (events,)
        Arrival times, s, in any order; those outside good time are left out.
    good_time : GoodTime
        Bins run from its start to its end.
    width : float, optional
        Width of the bins, s; the last one is cut off at the end. Either this or `counts`.
    counts : int, optional
        Least number of events in a bin; borders lie half-way (in exposure) between two events.
    background : array_like, optional
        Arrival times in the background region.
    ratio : float
        Area of the background region over that of the source region.
    errors : {"gehrels", "poisson"}
        Exact central intervals (Gehrels 1986), or the root of the counts, which is 0 for an empty bin.

    Returns
    -------
    BinnedCurve
        Independent bins with their exposure.

    Raises
    ------
    CscError
        For a smoothed curve, or bins that cannot be made.

    References
    ----------
    Gehrels, N. 1986, ApJ 303, 336.

    Examples
    --------
    >>> from cscwidgets.science import times
    >>> events = times.read_events("regevt3.fits").clean()
    >>> curve = times.bin_events(events.time, events.good_time, width=2500)
    >>> curve.counts, curve.rate.round(3)
    (array([ 99, 111,  91,  99]), array([0.04 , 0.044, 0.036, 0.04 ]))
    """
    require_independent(time, "binning")
    if (width is None) == (counts is None):
        raise CscError("The bins are not determined", "either a width or a number of counts is needed")
    if not ratio > 0:
        raise CscError("The background cannot be scaled", f"the ratio of the areas is {ratio}")
    arrivals = _good(time, good_time)
    edges = (
        _by_width(good_time, float(seconds(width)))
        if width is not None
        else _by_counts(arrivals, good_time, counts or 0)
    )
    number = _counted(arrivals, edges)
    other = _counted(_good([] if background is None else background, good_time), edges)
    exposure = np.diff(good_time.elapsed(edges))
    down, up = _deviations(number, errors)
    if background is not None:
        down_other, up_other = _deviations(other, errors)
        # More background is less source.
        down, up = np.hypot(down, up_other / ratio), np.hypot(up, down_other / ratio)
    net = number - other / ratio
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = np.where(exposure > 0, exposure, np.nan)
        rate, lower, upper = net / seen, (net - down) / seen, (net + up) / seen
    live, system = float(good_time.fraction.max()), good_time.system
    return BinnedCurve(edges, number, exposure, other / ratio, rate, lower, upper, errors, live, system)


def _good(time: Any, good_time: GoodTime) -> Floats:
    arrivals = np.sort(seconds(time))
    return np.asarray(arrivals[good_time.contains(arrivals)])


def _by_width(good_time: GoodTime, width: float) -> Floats:
    span = good_time.stop - good_time.start
    if not (width > 0 and span / width <= _MOST_BINS):
        raise CscError(f"Bins of {width} s cannot be made", f"the observation lasts {span:.0f} s", "Use another width.")
    bins = max(1, math.ceil(span / width - 1e-9))
    edges = good_time.start + width * np.arange(bins + 1.0)
    edges[-1] = good_time.stop
    return edges


def _by_counts(arrivals: Floats, good_time: GoodTime, least: int) -> Floats:
    if least < 1 or least != int(least):
        raise CscError(f"Bins of {least} counts cannot be made", "a whole number of at least one is needed")
    elapsed = good_time.elapsed(arrivals)
    after = np.arange(least, len(arrivals) - least + 1, least)
    # Events of one frame stay together.
    border = np.unique((elapsed[after - 1] + elapsed[after]) / 2)
    border = border[~np.isin(border, elapsed)]
    return np.concatenate([[good_time.start], good_time.when(border), [good_time.stop]])


def _counted(arrivals: Floats, edges: Floats) -> Integers:
    place = np.clip(np.searchsorted(edges, arrivals, side="right") - 1, 0, len(edges) - 2)
    return np.bincount(place, minlength=len(edges) - 1)


def _deviations(number: Integers, errors: Errors) -> tuple[Floats, Floats]:
    if errors == "poisson":
        return np.sqrt(number), np.sqrt(number)
    if errors != "gehrels":
        raise CscError(f"Errors {errors!r} are not known", "there are 'gehrels' and 'poisson'")
    lower, upper = poisson_interval(number)
    return number - lower, upper - number

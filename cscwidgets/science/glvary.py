"""The Gregory-Loredo algorithm: is a source variable within an observation, and how bright was it when.

Gregory & Loredo 1992, ApJ 398, 146; as in CIAO's glvary, https://cxc.cfa.harvard.edu/csc/columns/variability.html.
Probabilities are of variability: near 1 means variable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats, Integers

from .seconds import seconds

__all__ = ["GregoryLoredo", "gregory_loredo", "smoothed_alike", "variability_index"]

_SHORTEST_BIN = 50.0  # s, the catalogue's limit on the number of bins
_MOST_BINS = 3000
_TABLE = 1 << 19  # numbers in one table: bounds the memory
_CURVE_MODELS = 16  # beyond this the light curve averages a representative choice of bin numbers


@dataclass(frozen=True, slots=True)
class GregoryLoredo:
    """Outcome of the Gregory-Loredo test of one event list.

    `log_odds` is log10 of the odds for variability, `probability` the same as a probability, `f3` and
    `f5` the fractions of the light curve within 3 and 5 sigma of the mean. `time` (bin centres), `rate`
    and `error` are the smoothed light curve; its bins are correlated, so it is for looking at, not for
    fitting. `bins` and `log_models` are the numbers of bins that were averaged, and the natural logs of their odds;
    `max_bins` is the largest number that was tried: odds of other choices of it are others.
    """

    log_odds: float
    probability: float
    f3: float
    f5: float
    time: Floats
    rate: Floats
    error: Floats
    bins: Integers
    log_models: Floats
    max_bins: int

    @property
    def index(self) -> int:
        """The catalogue's variability index."""
        return int(variability_index(self.probability, self.log_odds, self.f3, self.f5))


def gregory_loredo(
    times: ArrayLike,
    start: float,
    stop: float,
    *,
    exposure: ArrayLike | None = None,
    max_bins: int | None = None,
    per_octave: int | None = None,
) -> GregoryLoredo:
    """Gregory-Loredo test for variability of arrival times.

    A constant rate is compared with step functions of m = 2 ... m_max equal bins. With n_j of N events in
    bin j of relative exposure s_j, the odds of m bins are (m-1)! m^N prod(n_j!) / (N+m-1)! prod(s_j^-n_j);
    the odds are their mean up to the largest m at which that running mean is above its maximum / sqrt(e).
    Cut, largest number of bins and index are those of the CIAO tool glvary.

    Parameters
    ----------
    times : array_like, shape (events,)
        Arrival times in s, any order, all within start and stop.
    start, stop : float
        Interval that was observed, s.
    exposure : array_like, optional
        Exposure in equal parts of the interval (good time, dither, dead time), s, shape (parts,); all time if left
        out. Rates are over it; to the odds, where in time it lies matters alone.
    max_bins : int, optional
        Largest m. If left out it is glvary's where its ``mmax`` is not set: bins of 50 s, and at most 3000. The odds
        depend on it; to repeat a run of glvary with another ``mintime`` or ``mmax``, give what its file's MMAX says.
    per_octave : int, optional
        Beyond 16 bins try only so many numbers of bins in each factor of 2, each standing for its
        neighbours: for surveys, where speed matters more than the second digit of the odds.

    Returns
    -------
    GregoryLoredo
        Without events the odds are 1: nothing speaks for or against.

    References
    ----------
    Gregory, P. C., & Loredo, T. J. 1992, ApJ 398, 146. The cut and the largest m: A. Rots, Chandra Newsletter 13,
    https://cxc.harvard.edu/newsletters/news_13/gl_algo.html.

    Examples
    --------
    >>> import numpy as np
    >>> from cscwidgets.science import variability
    >>> steady = variability.gregory_loredo(np.linspace(1, 9999, 100), 0, 10_000)
    >>> flare = variability.gregory_loredo(np.linspace(4000, 5000, 100), 0, 10_000)
    >>> steady.index, flare.index
    (0, 10)
    """
    start, stop = float(seconds(start)), float(seconds(stop))
    phase = np.sort((seconds(times) - start) / (stop - start))
    phase = np.clip(phase, 0, np.nextafter(1, 0))
    if max_bins is None:
        max_bins = min(_MOST_BINS, int((stop - start) / _SHORTEST_BIN))
    bins, share = _numbers_of_bins(max(max_bins, 2), per_octave)
    clock = Clock.of(exposure)
    log_models = _log_odds_of_bins(phase, bins, clock) + np.log(share)
    running = np.logaddexp.accumulate(log_models) - np.log(np.cumsum(share))
    last = int(np.flatnonzero(running >= running.max() - 0.5)[-1])
    log_odds = float(running[last])
    log_models = log_models[: last + 1] - math.log(share[: last + 1].sum())
    bins = bins[: last + 1]
    rate, error = (values / clock.total(stop - start) for values in _light_curve(phase, bins, log_models, clock))
    away = np.abs(rate - rate.mean())
    f3, f5 = (np.count_nonzero(away <= sigmas * error) / len(rate) for sigmas in (3, 5))
    return GregoryLoredo(
        log_odds=log_odds / math.log(10),
        probability=float(scipy.special.expit(log_odds)),
        f3=f3,
        f5=f5,
        time=start + (stop - start) * (np.arange(len(rate)) + 0.5) / len(rate),
        rate=rate,
        error=error,
        bins=bins,
        log_models=log_models,
        max_bins=max(max_bins, 2),
    )


def smoothed_alike(
    times: ArrayLike, start: float, stop: float, like: GregoryLoredo, *, exposure: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Light curve of other events, smoothed as another one was: the background's, beside its source's.

    Parameters
    ----------
    times : array_like, shape (events,)
        Arrival times, s, of any number of events, all within start and stop.
    start, stop : float
        Interval that was observed, s.
    like : GregoryLoredo
        Whose numbers of bins are averaged, each with the weight it has there.
    exposure : array_like, optional
        Exposure in equal parts of the interval, s, shape (parts,); all time if left out.

    Returns
    -------
    rate, error : ndarray
        Count s**-1, at `like.time`.

    Examples
    --------
    >>> import numpy as np
    >>> from cscwidgets.science import variability
    >>> source = variability.gregory_loredo(np.linspace(1, 9999, 100), 0, 10_000)
    >>> rate, error = variability.smoothed_alike([2000.0, 7000.0], 0, 10_000, source)
    >>> rate.shape == source.time.shape
    True
    """
    start, stop = float(seconds(start)), float(seconds(stop))
    phase = np.clip((np.sort(seconds(times)) - start) / (stop - start), 0, np.nextafter(1, 0))
    clock = Clock.of(exposure)
    rate, error = _light_curve(phase, like.bins, like.log_models, clock)
    return rate / clock.total(stop - start), error / clock.total(stop - start)


def variability_index(probability: ArrayLike, log_odds: ArrayLike, f3: ArrayLike, f5: ArrayLike) -> Integers:
    """The catalogue's variability index, 0 (constant) to 10.

    Parameters
    ----------
    probability, log_odds : array_like
        Gregory-Loredo probability of variability and log10 of its odds.
    f3, f5 : array_like
        Fractions of the light curve within 3 and 5 sigma of its mean.

    Returns
    -------
    ndarray of int
        6 and above: definitely variable; 3 to 5: possibly; up to 2: not.

    Examples
    --------
    >>> from cscwidgets.science import variability
    >>> variability.variability_index([0.1, 0.9999], [-1.0, 4.0], [1.0, 0.5], [1.0, 0.8])
    array([0, 8])
    """
    p, odds, f3, f5 = (np.asarray(x, dtype=float) for x in (probability, log_odds, f3, f5))
    flat = (f3 > 0.997) & (f5 == 1)
    rules = [
        p <= 1 / 2,
        flat & (p < 2 / 3),
        flat & (p < 0.9),
        p < 0.6,
        p < 2 / 3,
        p < 0.9,
        odds < 2,
        odds < 4,
        odds < 10,
        odds < 30,
    ]
    return np.select(rules, range(10), 10).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Clock:
    """Exposure as a function of phase: cumulative fraction at equally spaced edges, or uniform; and in s, if known."""

    cumulative: Floats | None
    exposure: float | None = None

    @classmethod
    def of(cls, exposure: ArrayLike | None) -> Clock:
        if exposure is None:
            return cls(None)
        summed = np.concatenate([[0.0], np.cumsum(np.asarray(exposure, dtype=float))])
        return cls(summed / summed[-1] if len(summed) > 2 else None, float(summed[-1]))

    def total(self, span: float) -> float:
        """Exposure in an interval of so many s."""
        return span if self.exposure is None else self.exposure

    def fraction(self, left: Floats, right: Floats) -> Floats:
        """Fraction of the exposure between two phases, kept above 0."""
        return np.maximum(self.elapsed(right) - self.elapsed(left), 1e-12)

    def elapsed(self, phase: Floats) -> Floats:
        """Fraction of the exposure before a phase."""
        if self.cumulative is None:
            return phase
        return np.interp(phase, np.linspace(0, 1, len(self.cumulative)), self.cumulative)


def _numbers_of_bins(most: int, per_octave: int | None) -> tuple[Integers, Floats]:
    """Numbers of bins to try, and for how many numbers each of them stands."""
    if per_octave is None or most <= 16:
        return np.arange(2, most + 1), np.ones(most - 1)
    steps = np.arange(1, int(per_octave * math.log2(most / 16)) + 1)
    bins = np.unique(np.concatenate([np.arange(2, 17), np.round(16 * 2 ** (steps / per_octave)), [most]])).astype(int)
    ends = np.concatenate([[1.5], (bins[1:] + bins[:-1]) / 2, [most + 0.5]])
    return bins, np.diff(ends)


def _log_odds_of_bins(phase: Floats, bins: Integers, clock: Clock) -> Floats:
    """Natural log of the odds of each number of bins against a constant rate, shape of `bins`."""
    events = len(phase)
    log_odds = scipy.special.gammaln(bins) - scipy.special.gammaln(events + bins)
    if clock.cumulative is None:
        log_odds += events * np.log(bins)
    if events == 0:
        return np.zeros(len(bins))
    rows = max(1, _TABLE // events)
    for first in range(0, len(bins), rows):
        part = slice(first, first + rows)
        m = bins[part, None]
        where = (phase * m).astype(np.int32)
        # ln n! of a bin is the sum of the logs of its events' ranks: only shared bins count.
        shared = np.flatnonzero(where[:, 1:] == where[:, :-1])
        row, column = np.divmod(shared, events - 1) if events > 1 else (shared, shared)
        position = np.arange(len(shared))
        fresh = np.ones(len(shared), dtype=bool)
        fresh[1:] = (np.diff(column) != 1) | (np.diff(row) != 0)
        rank = position - np.maximum.accumulate(np.where(fresh, position, 0)) + 2
        log_odds[part] += np.bincount(row, np.log(rank), minlength=len(m))
        if clock.cumulative is not None:
            log_odds[part] -= np.log(clock.fraction(where / m, (where + 1) / m)).sum(axis=1)
    return np.asarray(log_odds)


def _light_curve(phase: Floats, bins: Integers, log_models: Floats, clock: Clock) -> tuple[Floats, Floats]:
    """Posterior mean and deviation of the rate per unit phase, three points to the finest bin.

    Averages the constant rate and the step functions, each with its probability; `log_models` are
    the odds of each against the constant rate, priors included.
    """
    events = len(phase)
    points = 3 * int(bins[-1])
    weight = np.exp(log_models - np.logaddexp(0, np.logaddexp.reduce(log_models)))
    constant = max(1 - weight.sum(), 0.0)
    if len(bins) > _CURVE_MODELS:
        # Equal shares of the probability, each represented by the model in its middle.
        share = np.cumsum(weight) / weight.sum()
        chosen = np.searchsorted(share, (np.arange(_CURVE_MODELS) + 0.5) / _CURVE_MODELS)
        bins, weight = bins[chosen], np.full(_CURVE_MODELS, weight.sum() / _CURVE_MODELS)
    m = bins[:, None]
    first = np.concatenate([[0], np.cumsum(bins)])
    counts = np.bincount((first[:-1, None] + (phase * m).astype(np.int64)).ravel(), minlength=first[-1])
    every = np.repeat(bins, bins)
    edge = np.arange(first[-1]) - np.repeat(first[:-1], bins)
    density = 1 / clock.fraction(edge / every, (edge + 1) / every)
    mean = (counts + 1) / (events + every) * density
    square = mean * (counts + 2) / (events + every + 1) * density
    # A step function is the running sum of its jumps: no table of models by points is needed.
    jump = np.ceil(edge / every * points - 0.5).astype(np.int64)
    totals = []
    for moment in (mean, square):
        step = np.repeat(weight, bins) * moment
        step[1:] -= np.where(edge[1:] > 0, step[:-1], 0)
        totals.append(np.cumsum(np.bincount(jump, step, minlength=points)))
    rate = events * (constant + totals[0])
    second = events * ((events + 1) * constant + events * totals[1])
    return rate, np.sqrt(np.maximum(second - rate**2, 0))

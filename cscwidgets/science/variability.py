"""Is a source variable: within one observation (from event times) and between observations (from fluxes).

Sources of the methods: the glvary help page of CIAO and
https://cxc.cfa.harvard.edu/csc/columns/variability.html. Probabilities are of variability: near 1 means
variable, as in the catalogue's columns. (The KS_PROB and KP_PROB keywords of its light-curve files are 1 minus that.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats, Integers

from .glvary import Clock, GregoryLoredo, gregory_loredo, smoothed_alike, variability_index
from .photometry import Flux
from .seconds import seconds

__all__ = [
    "GregoryLoredo",
    "constancy",
    "deviations",
    "gregory_loredo",
    "inter_observation_index",
    "ks_probability",
    "kuiper_probability",
    "smoothed_alike",
    "variability_index",
]


def deviations(
    times: ArrayLike, start: float, stop: float, *, exposure: ArrayLike | None = None
) -> tuple[float, float]:
    """Largest excess and deficit of the cumulative arrival times over a constant rate (D+ and D-).

    Parameters
    ----------
    times : array_like, shape (events,)
        Arrival times, s, of at least one event, all within start and stop.
    start, stop : float
        Interval that was observed, s.
    exposure : array_like, optional
        Relative exposure in equal parts of the interval, shape (parts,). Uniform if left out.

    Returns
    -------
    above, below : float
        Both >= 0; the K-S statistic is the larger, the Kuiper statistic the sum.

    Examples
    --------
    >>> from cscwidgets.science import variability
    >>> variability.deviations([1.0, 2.0, 3.0, 10.0], 0.0, 20.0)
    (0.6, 0.05)
    """
    start, stop = float(seconds(start)), float(seconds(stop))
    phase = np.clip((np.sort(seconds(times)) - start) / (stop - start), 0, 1)
    expected = Clock.of(exposure).elapsed(phase)
    steps = np.arange(len(expected) + 1) / len(expected)
    return float((steps[1:] - expected).max()), float((expected - steps[:-1]).max())


def ks_probability(above: ArrayLike, below: ArrayLike, events: ArrayLike) -> Floats:
    """Kolmogorov-Smirnov probability that the arrival times are not of a constant rate.

    Parameters
    ----------
    above, below : array_like
        The two `deviations`.
    events : array_like of int
        Number of events; the corrected limiting distribution (Vrbik 2018) is good to 0.004 from 10 on.

    Returns
    -------
    ndarray
        Near 1 for a variable source.

    References
    ----------
    Vrbik (2018), for the correction to a limited number of events.

    Examples
    --------
    >>> from cscwidgets.science import variability
    >>> variability.ks_probability(0.1, 0.05, 100).round(2)
    np.float64(0.75)
    """
    root = np.sqrt(np.asarray(events, dtype=float))
    scaled = root * np.maximum(above, below)
    return np.asarray(1 - scipy.special.kolmogorov(scaled + 1 / (6 * root) + (scaled - 1) / (4 * root**2)))


def kuiper_probability(above: ArrayLike, below: ArrayLike, events: ArrayLike) -> Floats:
    """Kuiper probability that the arrival times are not of a constant rate.

    Kuiper's (1960) expansion to first order in 1 / sqrt(events), good to 0.02 from 10 on.

    Parameters
    ----------
    above, below : array_like
        The two `deviations`.
    events : array_like of int
        Number of events.

    Returns
    -------
    ndarray
        Near 1 for a variable source.

    References
    ----------
    Kuiper, N. H. 1960, Proc. Koninklijke Nederlandse Akademie van Wetenschappen A 63, 38.

    Examples
    --------
    >>> from cscwidgets.science import variability
    >>> variability.kuiper_probability(0.1, 0.05, 100).round(2)
    np.float64(0.85)
    """
    root = np.sqrt(np.asarray(events, dtype=float))
    scaled = np.maximum(root * (np.asarray(above, dtype=float) + below), 0.4)  # below that the series is 0 to 1e-6
    j = np.arange(1, 21).reshape(-1, *np.ones(scaled.ndim, dtype=int))
    square = (j * scaled) ** 2
    limit = 2 * (4 * square - 1) * np.exp(-2 * square)
    first_order = 8 * scaled / (3 * root) * j**2 * (4 * square - 3) * np.exp(-2 * square)
    return np.asarray(np.clip(1 - (limit - first_order).sum(axis=0), 0, 1))


def constancy(flux: Flux) -> tuple[Floats, Floats]:
    """Probability that a quantity differs between observations, and its spread.

    Likelihood ratio of one common value against one value an observation, with each observation's
    likelihood a normal of different widths below and above its value; twice its logarithm follows
    chi-square with one degree of freedom less than observations.

    Parameters
    ----------
    flux : Flux
        Values and 68 % limits, shape (sources, observations), NaN where not observed.

    Returns
    -------
    probability, spread : ndarray, shape (sources,)
        NaN with fewer than two observations.

    Examples
    --------
    >>> from cscwidgets.science import photometry, variability
    >>> value = [[1.0, 1.1, 5.0], [1.0, 1.1, 1.2]]
    >>> lower, upper = [[0.9, 1.0, 4.5], [0.5, 0.6, 0.7]], [[1.1, 1.2, 5.5], [1.5, 1.6, 1.7]]
    >>> probability, spread = variability.constancy(photometry.Flux.of(value, lower, upper))
    >>> probability.round(2)
    array([1.  , 0.04])
    """
    value, below, above = flux.value, flux.value - flux.lower, flux.upper - flux.value
    observed = np.isfinite(value) & np.isfinite(below) & np.isfinite(above)
    number = observed.sum(axis=1)
    value = np.where(observed, value, 0.0)
    floor = 1e-3 * np.where(observed, above + below, 1.0)
    below, above = np.maximum(np.where(observed, below, 1.0), floor), np.maximum(np.where(observed, above, 1.0), floor)

    def statistic(common: Floats) -> Floats:
        away = common[:, None] - value
        pull = away / np.where(away > 0, above, below)
        return np.asarray(np.where(observed, pull**2, 0.0).sum(axis=1))

    low = np.where(observed, value, np.inf).min(axis=1, initial=np.inf)
    high = np.where(observed, value, -np.inf).max(axis=1, initial=-np.inf)
    enough = number >= 2
    low, high = np.where(enough, low, 0.0), np.where(enough, high, 0.0)
    # The sum of convex functions is convex: a golden-section search cannot miss.
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(40):
        left, right = high - golden * (high - low), low + golden * (high - low)
        lower_left = statistic(left) < statistic(right)
        low, high = np.where(lower_left, low, left), np.where(lower_left, right, high)
    freedom = np.maximum(number - 1, 1)
    probability = scipy.special.chdtr(freedom, statistic((low + high) / 2))
    mean = value.sum(axis=1) / np.maximum(number, 1)
    spread = np.sqrt((np.where(observed, value - mean[:, None], 0.0) ** 2).sum(axis=1) / freedom)
    return np.where(enough, probability, np.nan), np.where(enough, spread, np.nan)


def inter_observation_index(probability: Sequence[float] | Floats) -> Integers:
    """Variability index between observations, from the probability alone: 0 and 3 to 8.

    The rows of `variability_index` for a curve that is not flat; -1 where the probability is missing.

    Parameters
    ----------
    probability : array_like, shape (sources,)
        Of variability between observations; NaN where missing.

    Returns
    -------
    ndarray of int, shape (sources,)
        The indices.

    Examples
    --------
    >>> from cscwidgets.science import variability
    >>> variability.inter_observation_index([0.1, 0.8, 0.999999, float("nan")])
    array([ 0,  5,  8, -1])
    """
    p = np.asarray(probability, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.minimum(variability_index(p, scipy.special.logit(p) / np.log(10), 0.0, 0.0), 8)
    return np.asarray(np.where(np.isfinite(p), index, -1), dtype=np.int64)

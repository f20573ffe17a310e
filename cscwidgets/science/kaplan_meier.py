"""Cumulative distributions of values of which some are limits (Kaplan & Meier 1958)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from cscwidgets.arrays import Flags, Floats
from cscwidgets.io.quiet import quiet

from .masked import plain

__all__ = ["CumulativeCurve", "cumulative_curve"]


@dataclass(frozen=True)
class CumulativeCurve:
    """The part of sources that are at least as large as a value.

    Attributes
    ----------
    values : ndarray, shape (n,)
        The values that were measured, each once, ascending.
    fraction, low, high : ndarray, shape (n,)
        The part with this value or more, and its 68% interval.
    measured, limits, left_out : int
        How many values the curve is made of, of how many limits, and how many had neither, or limits of the other kind.
    kind : str
        "upper" or "lower": which limits are in it; empty without limits.
    """

    values: Floats
    fraction: Floats
    low: Floats
    high: Floats
    measured: int
    limits: int
    left_out: int
    kind: str


def cumulative_curve(values: ArrayLike, upper: Flags | None = None, lower: Flags | None = None) -> CumulativeCurve:
    """The Kaplan-Meier estimate of how values are distributed, upper or lower limits among them.

    Upper limits are turned into right-censored data by taking the values negative (Feigelson & Nelson 1985, ApJ 293,
    192); scipy has the estimate, and its variance after Greenwood, of which the interval is that of log(-log)
    (Kalbfleisch & Prentice), which stays between 0 and 1. It holds if sources of any brightness are as likely to be a
    limit; where limits come of a survey's flux limit alone, that is doubtful.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values, and limits where these are; NaN has no part in it.
    upper, lower : ndarray of bool, shape (n,), optional
        Which are limits. The estimate takes those of one kind: the fewer are left out, and counted.

    Returns
    -------
    CumulativeCurve
        At each value that was measured.

    Examples
    --------
    >>> import numpy as np
    >>> from cscwidgets.science import kaplan_meier
    >>> curve = kaplan_meier.cumulative_curve([1.0, 2.0, 3.0, 4.0], upper=np.array([False, False, True, False]))
    >>> curve.values, curve.fraction
    (array([1., 2., 4.]), array([1.   , 0.625, 0.25 ]))
    """
    numbers = plain(values)
    above, below = (np.zeros(len(numbers), bool) if part is None else part for part in (upper, lower))
    known = np.isfinite(numbers)
    kind = "lower" if (known & below).sum() > (known & above).sum() else "upper"
    limit, other = (below, above) if kind == "lower" else (above, below)
    taken = known & ~other
    limits = int((taken & limit).sum())
    measured = numbers[taken & ~limit]
    left_out = len(numbers) - int(taken.sum())
    counts = len(measured), limits, left_out, kind if limits else ""
    if not len(measured):
        none = np.empty(0)
        return CumulativeCurve(none, none, none, none, *counts)
    sign = 1.0 if kind == "lower" else -1.0
    data = scipy.stats.CensoredData(uncensored=sign * measured, right=sign * numbers[taken & limit])
    found = scipy.stats.ecdf(data)
    estimate = found.cdf if sign < 0 else found.sf
    with quiet():  # scipy warns of the ends, see below
        interval = estimate.confidence_interval(confidence_level=0.6827, method="log-log")
    places = np.unique(sign * measured)
    parts = [
        _at(places, one.quantiles, one.probabilities, before=sign > 0)
        for one in (estimate, interval.low, interval.high)
    ]
    if sign < 0:
        places, parts = -places[::-1], [part[::-1] for part in parts]
    fraction, low, high = parts
    # At the ends, where the estimate is 0 or 1, the variance says nothing.
    low, high = (np.where(np.isfinite(end), end, fraction) for end in (low, high))
    return CumulativeCurve(places, fraction, low, high, *counts)


def _at(places: Floats, quantiles: Floats, steps: Floats, *, before: bool) -> Floats:
    """A step function at the places where it steps, or just before, where all of them are still counted."""
    if before:
        steps = np.concatenate([[1.0], steps[:-1]])
    return np.asarray(steps[np.searchsorted(quantiles, places)])

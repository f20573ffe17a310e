"""Confidence of fitted parameters: how far each can go, and two together, before the fit is worse by so much."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

from .optimise import optimiser
from .sherpa_gate import ESTIMATING, quiet, sherpa

__all__ = ["Contour", "Interval", "confidence", "contour"]

Progress = Callable[[float], None]

_FIRST, _FURTHER, _TIMES = 1.8, 1.35, 8  # standard deviations to a grid's end, and how much and often it is moved on


@dataclass(frozen=True, slots=True)
class Interval:
    """Ends of a confidence interval of some `level`.

    `limit` is ``upper`` or ``lower`` where only that end was found because the other is at the parameter's bound,
    ``none`` where neither was, and empty for an interval. The end that was found is that of the two-sided interval.
    """

    lower: float = np.nan
    upper: float = np.nan
    limit: str = ""
    level: float = np.nan


@dataclass(frozen=True, slots=True)
class Contour:
    """Rise of the statistic above its minimum on a grid of two parameters, the others fitted at every point.

    `x` and `y` are values of the parameters `x_name` and `y_name`; `rise` has the shape (len(y), len(x));
    `thresholds` are the rises that enclose the `levels` of probability.
    """

    x_name: str
    y_name: str
    x: Floats
    y: Floats
    rise: Floats
    levels: tuple[float, ...]
    thresholds: tuple[float, ...]


def confidence(
    joint: Any, parameters: Sequence[Any], sigma: float, level: float, progress: Progress
) -> dict[str, Interval]:
    """Intervals of parameters of a Sherpa fit, by Sherpa's ``conf`` and levmar within the parameters' bounds.

    Raises
    ------
    CscError
        If a parameter is not free, or the fit is too bad for intervals to mean anything.
    """
    intervals = {}
    free = {id(par) for par in joint.model.get_thawed_pars()}
    for number, parameter in enumerate(parameters):
        if id(parameter) not in free:
            raise CscError(f"{parameter.fullname} has no interval", "it is not free in this fit")
        done = number / len(parameters)
        intervals[parameter.fullname] = _one(joint, parameter, sigma, level, partial(progress, done))
    progress(1.0)
    return intervals


def _one(joint: Any, parameter: Any, sigma: float, level: float, watch: Callable[[], None]) -> Interval:
    joint.method = optimiser("levmar", watch)
    joint.estmethod = method = sherpa.estmethods.Confidence()
    method.config.update(sigma=sigma, parallel=False, soft_limits=True)
    try:
        with ESTIMATING, quiet(), np.errstate(all="ignore"):
            estimate = joint.est_errors(parlist=(parameter,))
    except sherpa.utils.err.EstErr as error:
        raise CscError(
            "No confidence intervals", str(error), "Look at the residuals, and try another model or band."
        ) from error
    ends = (estimate.parmins[0], estimate.parmaxes[0])
    lower, upper = (np.nan if end is None else float(parameter.val) + float(end) for end in ends)
    bounded = (bool(np.isfinite(lower)), bool(np.isfinite(upper)))
    limit = {(True, True): "", (False, True): "upper", (True, False): "lower"}.get(bounded, "none")
    return Interval(lower, upper, limit, level)


def contour(
    joint: Any,
    pair: tuple[Any, Any],
    covariance: Floats,
    *,
    levels: Sequence[float],
    points: int,
    progress: Progress,
) -> Contour:
    """The statistic in the plane of two free parameters, around their best values."""
    first, second = pair
    free = list(joint.model.get_thawed_pars())
    ids = [id(par) for par in free]
    if id(first) not in ids or id(second) not in ids or first is second:
        raise CscError("No contours", f"{first.fullname} and {second.fullname} must be two free parameters")
    best, least = list(joint.model.thawedpars), joint.calc_stat()
    thresholds = tuple(float(scipy.stats.chi2.ppf(level, 2)) for level in levels)
    rows_done = 0.0
    joint.method = optimiser("levmar", lambda: progress(rows_done))
    x, y = (
        np.linspace(*_ends(joint, par, float(np.sqrt(covariance[index, index])), max(thresholds)), points)
        for par, index in ((par, ids.index(id(par))) for par in pair)
    )
    rise = np.empty((len(y), len(x)))
    first.freeze()
    second.freeze()
    try:
        with quiet(), np.errstate(all="ignore"):
            for row, one in enumerate(y):
                rows_done = row / len(y)
                second.val = one
                for column, other in enumerate(x):
                    first.val = other
                    if joint.model.thawedpars:
                        joint.fit()
                    rise[row, column] = joint.calc_stat() - least
    finally:
        first.thaw()
        second.thaw()
        joint.model.thawedpars = best
    progress(1.0)
    return Contour(first.fullname, second.fullname, x, y, rise, tuple(levels), thresholds)


def _ends(joint: Any, parameter: Any, spread: float, threshold: float) -> tuple[float, float]:
    """How far a parameter can go, the others fitted, before the statistic rises by more than a threshold."""
    best, least, value = list(joint.model.thawedpars), joint.calc_stat(), float(parameter.val)
    ends = []
    parameter.freeze()
    try:
        with quiet(), np.errstate(all="ignore"):
            for sign, bound in ((-1, parameter.min), (1, parameter.max)):
                reach = _FIRST * spread
                for _ in range(_TIMES):
                    end = float(np.clip(value + sign * reach, parameter.min, parameter.max))
                    parameter.val = end
                    if joint.model.thawedpars:
                        joint.fit()
                    if joint.calc_stat() - least > threshold or end == bound:
                        break
                    reach *= _FURTHER
                ends.append(end)
                parameter.thaw()
                joint.model.thawedpars = best
                parameter.freeze()
    finally:
        parameter.thaw()
        joint.model.thawedpars = best
    return ends[0], ends[1]

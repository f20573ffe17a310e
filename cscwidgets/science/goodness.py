"""Goodness of a fit: how often data drawn from the model would fit worse than the data do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.ndimage import uniform_filter1d

from .optimise import optimiser
from .sherpa_gate import quiet, sherpa

__all__ = ["Goodness", "goodness"]

Floats = NDArray[np.float64]

_SMOOTHING = 16  # parts of the channel range over which a background's rate is taken as constant


@dataclass(frozen=True, slots=True)
class Goodness:
    """How often data drawn from the model would fit worse, and how that was found."""

    probability: float
    method: str


def goodness(
    joint: Any, data: Sequence[Any], simulations: int, seed: int, progress: Callable[[float], None]
) -> Goodness:
    """Of a Sherpa fit at its minimum: from the distribution of chi-squared, or from data sets drawn and fitted."""
    least, best = float(joint.calc_stat()), list(joint.model.thawedpars)
    if not isinstance(joint.stat, sherpa.stats.Likelihood):
        freedom = len(joint.data.to_fit()[0]) - len(best)
        return Goodness(float(stats.chi2.sf(least, freedom)), f"chi-squared with {freedom} degrees of freedom")
    models = list(joint.model.parts) if isinstance(joint.data, sherpa.data.DataSimulFit) else [joint.model]
    rng = np.random.default_rng(seed)
    sets = list(data)
    if isinstance(joint.stat, sherpa.stats.WStat):
        sets += [one.get_background() for one in data]
    kept = [one.counts for one in sets]
    means = _means(data, models, len(sets) > len(data))
    done = 0.0
    worse = 0
    joint.method = optimiser("levmar", lambda: progress(done))
    try:
        with quiet(), np.errstate(all="ignore"):
            for number in range(simulations):
                done = number / simulations
                joint.model.thawedpars = best
                for one, mean in zip(sets, means, strict=True):
                    one.counts = rng.poisson(mean).astype(float)
                worse += joint.fit().statval >= least
    finally:
        for one, counts in zip(sets, kept, strict=True):
            one.counts = counts
    return Goodness(worse / simulations, f"{simulations} data sets drawn and fitted")


def _means(data: Sequence[Any], models: Sequence[Any], with_background: bool) -> list[Floats]:
    """Mean counts of every channel: of the sources, then of the backgrounds where those are drawn too."""
    sources = [
        np.maximum(np.asarray(one.eval_model(model), dtype=float), 0) for one, model in zip(data, models, strict=True)
    ]
    if not with_background:
        return sources
    # Channel by channel the rate would be 0 wherever nothing was counted.
    rates = [
        uniform_filter1d(one.get_background().counts.astype(float), max(len(mean) // _SMOOTHING, 1))
        for one, mean in zip(data, sources, strict=True)
    ]
    totals = [mean + rate * one.get_background_scale() for one, mean, rate in zip(data, sources, rates, strict=True)]
    return totals + rates

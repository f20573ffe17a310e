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
    """Of a condensed fit at its minimum: from the distribution of chi-squared, or from data sets drawn and fitted.

    Parameters
    ----------
    joint : sherpa.fit.Fit
        See `condensed`.
    data : sequence of DataPHA
        The same data with all their channels.
    """
    least, best = float(joint.calc_stat()), list(joint.model.thawedpars)
    if not isinstance(joint.stat, sherpa.stats.Likelihood):
        freedom = len(joint.data.to_fit()[0]) - len(best)
        return Goodness(float(stats.chi2.sf(least, freedom)), f"chi-squared with {freedom} degrees of freedom")
    several = isinstance(joint.data, sherpa.data.DataSimulFit)
    sets, models = (joint.data.datasets, joint.model.parts) if several else ([joint.data], [joint.model])
    drawn = [(one, np.maximum(one.eval_model_to_fit(model), 0)) for one, model in zip(sets, models, strict=True)]
    if isinstance(joint.stat, sherpa.stats.WStat):
        drawn = [
            pair for (one, mean), whole in zip(drawn, data, strict=True) for pair in _with_background(one, mean, whole)
        ]
    kept = [one.counts for one, _ in drawn]
    rng = np.random.default_rng(seed)
    done = 0.0
    worse = 0
    joint.method = optimiser("levmar", lambda: progress(done))
    try:
        with quiet(), np.errstate(all="ignore"):
            for number in range(simulations):
                done = number / simulations
                joint.model.thawedpars = best
                for one, mean in drawn:
                    one.counts = rng.poisson(mean).astype(float)
                worse += joint.fit().statval >= least
    finally:
        for (one, _), counts in zip(drawn, kept, strict=True):
            one.counts = counts
    return Goodness(worse / simulations, f"{simulations} data sets drawn and fitted")


def _with_background(one: Any, mean: Floats, whole: Any) -> list[tuple[Any, Floats]]:
    """Of one spectrum: the data with their mean counts, and its background's."""
    behind = whole.get_background()
    # Channel by channel the rate would be 0 wherever nothing was counted.
    rate = uniform_filter1d(behind.counts.astype(float), max(len(behind.counts) // _SMOOTHING, 1))
    added, alone = (whole.apply_filter(part, groupfunc=np.sum) for part in (rate * whole.get_background_scale(), rate))
    return [(one, mean + added), (one.get_background(), alone)]

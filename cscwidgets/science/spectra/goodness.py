"""Goodness of a fit: how often data drawn from the model would fit worse than the data do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from cscwidgets.arrays import Floats

from .optimise import optimiser
from .sherpa_gate import quiet, sherpa

__all__ = ["Goodness", "goodness"]


_SMOOTHING = 16  # parts of the channel range over which a background's rate is taken as constant


@dataclass(frozen=True, slots=True)
class Goodness:
    """Goodness of a fit.

    Attributes
    ----------
    probability : float
        That data drawn from the model would fit worse.
    method : str
        How it was found.
    """

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
        return Goodness(float(scipy.stats.chi2.sf(least, freedom)), f"chi-squared with {freedom} degrees of freedom")
    sets = [joint.data]
    means = [np.maximum(joint.data.eval_model_to_fit(joint.model), 0)]
    if isinstance(joint.stat, sherpa.stats.WStat):
        expected, alone = (np.concatenate(parts) for parts in zip(*map(_background, data), strict=True))
        sets, means = [joint.data, joint.data.get_background()], [means[0] + expected, alone]
    kept = [one.counts for one in sets]
    rng = np.random.default_rng(seed)
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


def _background(one: Any) -> tuple[Floats, Floats]:
    """Mean background counts of a spectrum's groups: in the source region, and in the background region."""
    background = one.get_background()
    # Channel by channel the rate would be 0 wherever nothing was counted.
    rate = scipy.ndimage.uniform_filter1d(background.counts.astype(float), max(len(background.counts) // _SMOOTHING, 1))
    scaled, alone = (one.apply_filter(part, groupfunc=np.sum) for part in (rate * one.get_background_scale(), rate))
    return scaled, alone

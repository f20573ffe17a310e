"""The posterior and the evidence of a fit by nested sampling, with UltraNest.

Method: Buchner (2021), Journal of Open Source Software 6, 3001; for X-ray spectra Buchner et al. (2014),
A&A 564, A125.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cscwidgets.arrays import Flags, Floats
from cscwidgets.errors import CscError

from .posterior import Posterior, require_likelihood
from .sherpa_gate import quiet

__all__ = ["explore"]


_DECADES = 3  # to either side of the best amplitude
_TYPICAL = 30_000  # evaluations: only to tell how far it may be
_WORST = -1e100  # log-likelihood of what cannot be


def explore(joint: Any, live_points: int, progress: Callable[[float], None]) -> Posterior:
    """Sample a Sherpa fit's free parameters between their bounds, from everywhere.

    Priors are flat between the soft bounds, and flat in the logarithm for amplitudes, within a factor of 1000 of the
    best fit. UltraNest draws from numpy's global random numbers.

    Parameters
    ----------
    joint : sherpa.fit.Fit
        At its minimum.
    live_points : int
        The more, the finer: the evidence's error falls with their root.
    progress : callable
        Called with the fraction done; what it raises ends the work.

    Raises
    ------
    CscError
        If UltraNest is not installed, the statistic is no likelihood, or an amplitude is 0.
    """
    require_likelihood(joint.stat)
    try:
        ultranest = importlib.import_module("ultranest")
    except ImportError as error:
        raise CscError(
            "No nested sampling", f"UltraNest is not installed ({error})", "Run: pip install ultranest"
        ) from error
    parameters = joint.model.get_thawed_pars()
    logarithmic = np.array([par.name in ("ampl", "norm") for par in parameters])
    low, high = _ranges(parameters, logarithmic)
    names = [par.fullname for par in parameters]
    steps = 0

    def transform(cube: Floats) -> Floats:
        values = low + np.asarray(cube) * (high - low)
        return np.where(logarithmic, 10.0 ** np.where(logarithmic, values, 0.0), values)

    def log_likelihood(values: Floats) -> float:
        nonlocal steps
        steps += 1
        progress(min(steps / _TYPICAL, 0.99))
        joint.model.thawedpars = values
        statistic = float(joint.calc_stat())
        return -statistic / 2 if math.isfinite(statistic) else _WORST

    with quiet(), np.errstate(all="ignore"):
        sampler = ultranest.ReactiveNestedSampler(names, log_likelihood, transform)
        sampled = sampler.run(
            min_num_live_points=live_points,
            cluster_num_live_points=min(40, live_points),
            show_status=False,
            viz_callback=False,
        )
    progress(1.0)
    return Posterior(
        tuple(names),
        np.asarray(sampled["samples"], dtype=float),
        float(sampled["niter"] / sampled["ncall"]),
        float(sampled["logz"]),
        float(sampled["logzerr"]),
    )


def _ranges(parameters: Sequence[Any], logarithmic: Flags) -> tuple[Floats, Floats]:
    """Ends of the flat priors, of amplitudes those of the logarithm."""
    low, high = (np.array([float(getattr(par, end)) for par in parameters]) for end in ("min", "max"))
    for number in np.flatnonzero(logarithmic).tolist():
        best = float(parameters[number].val)
        if not best > 0:
            raise CscError("No nested sampling", f"{parameters[number].fullname} is {best:g}, which has no logarithm")
        low[number] = np.log10(max(low[number], best * 10.0**-_DECADES))
        high[number] = np.log10(min(high[number], best * 10.0**_DECADES))
    return low, high

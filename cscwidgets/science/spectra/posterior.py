"""How well all parameters of a fit are known together: covariance, and samples of the posterior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

from .sherpa_gate import ESTIMATING, quiet, sherpa

__all__ = ["Posterior", "covariance", "require_likelihood", "sample"]

Progress = Callable[[float], None]

_BURN_IN = 0.2


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws of the free parameters of a fit.

    Nested sampling also finds the logarithm of the evidence, with its standard deviation: its difference between two
    models of the same data is the logarithm of how much more probable one of them makes the data.

    Attributes
    ----------
    names : tuple of str
        The free parameters.
    draws : ndarray, shape (draws, parameters)
        Samples.
    accepted : float
        Share of proposals that were accepted.
    log_evidence, log_evidence_error : float
        Of nested sampling; NaN without.
    """

    names: tuple[str, ...]
    draws: Floats
    accepted: float
    log_evidence: float = np.nan
    log_evidence_error: float = np.nan

    def interval(self, name: str, level: float = 0.68) -> tuple[float, float, float]:
        """Median of a parameter, and the ends of its central interval."""
        values = self.draws[:, self.names.index(name)]
        low, middle, high = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2])
        return float(middle), float(low), float(high)


def covariance(joint: Any) -> Floats:
    """Covariance matrix of the free parameters of a Sherpa fit, in their order.

    Where the statistic is no paraboloid, as at a bound, its diagonal holds the squared distances at which each
    parameter alone makes the statistic worse by 1, and the rest is 0.
    """
    joint.estmethod = sherpa.estmethods.Covariance()
    matrix = None
    with ESTIMATING, quiet(), np.errstate(all="ignore"):
        try:
            matrix = joint.est_errors().extra_output
        except (sherpa.utils.err.EstErr, np.linalg.LinAlgError, TypeError):
            matrix = None
        if matrix is not None and np.isfinite(matrix).all() and (np.linalg.eigvalsh(matrix) > 0).all():
            return np.asarray(matrix)
        return np.diag([_reach(joint, number) ** 2 for number in range(len(joint.model.thawedpars))])


def _reach(joint: Any, number: int) -> float:
    """The distance at which one parameter alone makes the statistic worse by 1, within its bounds."""
    best, least = list(joint.model.thawedpars), joint.calc_stat()
    low, high = joint.model.thawedparmins[number], joint.model.thawedparmaxes[number]
    sign = 1 if high - best[number] > best[number] - low else -1
    inside, outside = 0.0, (high if sign > 0 else low) - best[number]
    for _ in range(60):
        middle = (inside + outside) / 2
        joint.model.thawedpars = [*best[:number], best[number] + middle, *best[number + 1 :]]
        if joint.calc_stat() - least < 1:
            inside = middle
        else:
            outside = middle
    joint.model.thawedpars = best
    return float(abs(outside))


def require_likelihood(statistic: Any) -> None:
    """Raise CscError unless a statistic is a likelihood of counts."""
    if not isinstance(statistic, sherpa.stats.Likelihood):
        raise CscError("No posterior", f"{statistic.name} is no likelihood", "Fit with cstat or wstat.")


def sample(joint: Any, scale: Floats, draws: int, seed: int, progress: Progress) -> Posterior:
    """Metropolis-Hastings chain around the best fit (Sherpa's pyBLoCXS), its first fifth left out.

    Raises
    ------
    CscError
        If the statistic is no likelihood of counts, or the chain did not move.
    """
    require_likelihood(joint.stat)
    steps = 0

    class Watched(sherpa.fit.Fit):  # type: ignore[misc]
        def calc_stat(self) -> Any:
            nonlocal steps
            steps += 1
            progress(min(steps / draws, 0.99))
            return super().calc_stat()

    names = tuple(par.fullname for par in joint.model.get_thawed_pars())
    with quiet(), np.errstate(all="ignore"):
        watched = Watched(joint.data, joint.model, stat=joint.stat)
        _, accepted, chain = sherpa.sim.MCMC().get_draws(watched, scale, niter=draws, rng=np.random.default_rng(seed))
    progress(1.0)
    first = int(_BURN_IN * draws)
    if not (np.isfinite(chain).all() and np.any(accepted[first:])):
        raise CscError(
            "No posterior", "the chain never left its start", "Look at the covariance: is a parameter at its bound?"
        )
    return Posterior(names, np.asarray(chain).T[first:], float(np.mean(accepted[first:])))

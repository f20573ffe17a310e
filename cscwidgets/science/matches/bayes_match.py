"""Probabilities of counterparts (Budavári & Szalay 2008, as NWAY applies it: Salvato et al. 2018).

A source has its counterpart in the catalogue with probability c, the completeness; whatever else is near it belongs to
a Poisson background of the catalogue's local density. So each candidate weighs c times its likelihood ratio (the
density of its offset under both errors, over the background's density), and that there is none weighs 1 - c f, where
f is the fraction of true offsets below the search radius.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from cscwidgets.arrays import Floats, Integers

__all__ = ["ALMOST_AS_GOOD", "Posterior", "completeness", "match_flags", "posterior", "summed"]


ALMOST_AS_GOOD = 0.5
"""A candidate with more than this part of the best one's p_i is flagged 2 (NWAY's ratio)."""

_NEVER = 1e-9  # nothing is this certain
_LARGEST = 600.0  # a logarithm: certain without doubt, and still a number


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is known after the match.

    Attributes
    ----------
    p_any : ndarray, shape (sources,)
        That the counterpart is among the candidates; 0 without one.
    p_i : ndarray, shape (candidates,)
        That the candidate is the counterpart if one of them is: of each source, they add up to 1.
    """

    p_any: Floats
    p_i: Floats


def completeness(ratios: Floats, within: Floats) -> tuple[float, float]:
    """The fraction of sources whose counterpart is in the catalogue, and its standard error.

    The likelihood's maximum, which expectation-maximisation climbs to (a step replaces c by the mean probability of a
    counterpart); found by bisection of its slope, which only falls.

    Parameters
    ----------
    ratios : ndarray, shape (sources,)
        Sum of the candidates' likelihood ratios, 0 without any.
    within : ndarray, shape (sources,)
        Fraction of true offsets below the search radius.
    """
    gain = ratios - within

    def slope(c: float) -> float:
        return float((gain / (1 + c * gain)).sum())

    almost = 1 - _NEVER
    if not len(gain) or slope(0) <= 0:
        best = 0.0
    elif slope(almost) >= 0:
        best = almost
    else:
        best = float(scipy.optimize.brentq(slope, 0, almost, xtol=1e-9))
    information = float(((gain / (1 + best * gain)) ** 2).sum())
    return best, information**-0.5 if information > 0 else float("nan")


def posterior(source: Integers, log_ratio: Floats, within: Floats, c: float) -> Posterior:
    """Probabilities of candidates, which come in the order of their sources.

    Parameters
    ----------
    source : ndarray of int, shape (candidates,)
        Row of each candidate's source.
    log_ratio : ndarray, shape (candidates,)
        Natural logarithms of the likelihood ratios.
    within : ndarray, shape (sources,)
        Fraction of true offsets below the search radius.
    c : float
        Completeness.
    """
    start, group = _groups(source)
    best = np.maximum.reduceat(log_ratio, start) if len(start) else log_ratio
    weight = np.exp(log_ratio - best[group])
    total = np.bincount(group, weight, len(start))
    odds = c * np.exp(np.minimum(best, _LARGEST)) * total
    none = np.maximum(1 - c * within, _NEVER)
    p_any = np.zeros(len(within))
    p_any[source[start]] = odds / (odds + none[source[start]])
    return Posterior(p_any, weight / total[group])


def summed(source: Integers, log_ratio: Floats, number: int) -> Floats:
    """Sum of the likelihood ratios of each of a number of sources."""
    return np.asarray(np.bincount(source, np.exp(np.minimum(log_ratio, _LARGEST)), number), np.float64)


def match_flags(source: Integers, p_i: Floats) -> NDArray[np.int8]:
    """NWAY's match_flag: 1 for each source's best candidate, 2 for those almost as good, 0 for the others.

    Of equal ones, the first is the best. Candidates come in the order of their sources.
    """
    flags = np.zeros(len(source), np.int8)
    start, group = _groups(source)
    if len(start):
        best = np.maximum.reduceat(p_i, start)[group]
        flags[p_i > ALMOST_AS_GOOD * best] = 2
        equal = np.flatnonzero(p_i == best)
        flags[equal[_groups(group[equal])[0]]] = 1
    return flags


def _groups(source: Integers) -> tuple[Integers, Integers]:
    """Where each source's candidates start, and the number of each candidate's group."""
    new = np.diff(source, prepend=-1) != 0
    return np.flatnonzero(new), np.cumsum(new) - 1

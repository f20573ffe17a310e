"""What counterparts look like, learnt from the match itself: magnitudes, colours or anything else of the catalogue.

As in NWAY, a candidate's likelihood ratio is multiplied by how much more frequent its magnitude is among counterparts
than in the catalogue. Both distributions are histograms on the same cells, which are halved, one quantity after the
other, as long as there are enough counterparts: so several quantities count jointly, not as if they were independent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.errors import CscError

from .bayes_match import completeness, posterior, summed
from .candidates import Candidates

__all__ = ["Prior", "learn"]


_LEAST = 50  # expected counterparts to learn anything from
_IN_CELL = 20  # expected counterparts, and objects of the catalogue, in a cell,
_CELLS = 300  # and no more cells than about this: smaller ones would learn the noise, and candidates themselves
_STEPS = 100
_CONVERGED = 1e-4


@dataclass(frozen=True, slots=True)
class Prior:
    """The factor for every object of the catalogue.

    Attributes
    ----------
    log_factor : ndarray, shape (objects,)
        Natural logarithm; 0 where a quantity is missing.
    cell : ndarray of int, shape (objects,)
        Cell of the histograms, -1 where a quantity is missing.
    counterparts, catalogue : ndarray, shape (cells,)
        Fraction of either in each cell.
    """

    log_factor: Floats
    cell: Integers
    counterparts: Floats
    catalogue: Floats


def learn(
    quantities: Floats, candidates: Candidates, log_ratio: Floats, within: Floats, c: float | None = None
) -> Prior:
    """Learn the factors by expectation-maximisation, the completeness along with them.

    Parameters
    ----------
    quantities : ndarray, shape (objects, quantities)
        Of every object of the catalogue; NaN where missing.
    candidates : Candidates
    log_ratio : ndarray, shape (candidates,)
        Likelihood ratios from positions alone.
    within : ndarray, shape (sources,)
        Fraction of true offsets below the search radius.
    c : float, optional
        Completeness, where it is known.

    Raises
    ------
    CscError
        If there are too few counterparts to learn from.
    """
    source, candidate = candidates.source, candidates.candidate
    complete = np.asarray(np.isfinite(quantities).all(axis=1))

    def expected(factor: Floats) -> tuple[float, Floats]:
        """The completeness, and the probability of each candidate."""
        log = log_ratio + factor[candidate]
        share = completeness(summed(source, log, len(within)), within)[0] if c is None else c
        probabilities = posterior(source, log, within, share)
        return share, probabilities.p_any[source] * probabilities.p_i

    factor = np.zeros(len(quantities))
    share, probability = expected(factor)
    usable = complete[candidate]
    if (number := probability[usable].sum()) < _LEAST:
        raise CscError(
            "What counterparts look like cannot be learnt",
            f"{number:.0f} counterparts with all of the chosen columns are expected, and {_LEAST} are needed",
            "Match more sources, or leave the prior out.",
        )
    cell = _cells(quantities, complete, candidate[usable], probability[usable])
    catalogue = np.bincount(cell[complete]) / complete.sum()
    for _ in range(_STEPS):
        before = share
        weight = np.bincount(cell[candidate[usable]], probability[usable], len(catalogue))
        counterparts = (weight + catalogue) / (weight.sum() + 1)
        log_factor = np.log(counterparts / catalogue)
        factor[complete] = log_factor[cell[complete]]
        share, probability = expected(factor)
        if abs(share - before) < _CONVERGED:
            break
    return Prior(factor, cell, counterparts, catalogue)


def _cells(quantities: Floats, complete: Flags, candidate: Integers, probability: Floats) -> Integers:
    """Number the cells of all objects.

    A cell is halved where half of its counterparts and half of its other candidates are on average.
    """
    weight = np.asarray(np.bincount(candidate, probability, len(quantities)), np.float64)
    seen = np.bincount(candidate, minlength=len(quantities)) > 0
    least = max(_IN_CELL, float(weight.sum()) / _CELLS)

    def parts(rows: Integers, depth: int) -> Iterator[Integers]:
        values = quantities[rows, depth % quantities.shape[1]]
        near = seen[rows]
        if near.any():
            below = values <= _median(values[near], _mixture(weight[rows[near]]))
            halves = rows[below], rows[~below]
            if all(len(half) >= least and weight[half].sum() >= least for half in halves):
                for half in halves:
                    yield from parts(half, depth + 1)
                return
        yield rows

    cell = np.full(len(quantities), -1)
    for number, rows in enumerate(parts(np.flatnonzero(complete), 0)):
        cell[rows] = number
    return cell


def _mixture(weight: Floats) -> Floats:
    """Counterparts and the other candidates with the same sum."""
    other = np.maximum(1 - weight, 0)
    return np.asarray(weight / max(weight.sum(), 1e-300) + other / max(other.sum(), 1e-300))


def _median(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])

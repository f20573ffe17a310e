"""The search for Bayesian blocks: dynamic programming over the last change point, without looking everywhere.

The best partition that ends after cell t starts its last block at the s with the largest best(s) + fitness(s, t).
Both fitness functions are convex in the pair (x, y) of sums over the block's cells (number and time, or a and b), and
homogeneous. For the next cells of a batch the pair adds a step that lies inside a known parallelogram, so

- a start's value at any of them is at most that at the worst corner (convexity), and
- the value of the start that is best now is at least its tangent plane (convexity again).

A start whose corners all lie below the plane cannot win within the batch and is left out of it. What remains
is computed in full, so the outcome is that of the whole search.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from cscwidgets.arrays import Flags, Floats, Integers

__all__ = ["EventFitness", "Fitness", "PointFitness", "search"]


_BATCH = 64
_SLACK = 1e-9  # of the largest value: far above rounding, far below what decides


class Fitness(Protocol):
    """Fitness of blocks of cells through two sums over them; `x` and `y` are the sums before each edge, (cells + 1,).

    x grows with every cell.
    """

    x: Floats
    y: Floats

    def value(self, x: Floats, y: Floats) -> Floats:
        """Fitness of blocks with these sums."""

    def usable(self, x: Floats, y: Floats) -> Flags:
        """Where the fitness is defined."""

    def slope(self, x: float, y: float) -> tuple[float, float]:
        """Derivatives of the fitness."""


class EventFitness:
    """Number and time of events in cells between edges."""

    def __init__(self, edges: Floats, counts: Integers) -> None:
        self.x = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])
        # Counted back from the end, as astropy does: rounding is then the same.
        self.y = -(edges[-1] - edges)

    @staticmethod
    def value(x: Floats, y: Floats) -> Floats:
        return np.asarray(x * np.log(x / y))

    @staticmethod
    def usable(x: Floats, y: Floats) -> Flags:
        return np.asarray((x > 0) & (y > 0))

    @staticmethod
    def slope(x: float, y: float) -> tuple[float, float]:
        return float(np.log(x / y) + 1), -x / y


class PointFitness:
    """Sums of the weights and of the weighted values of measurements."""

    def __init__(self, weight: Floats, weighted: Floats) -> None:
        self.x = np.concatenate([[0.0], np.cumsum(0.5 * weight)])
        self.y = np.concatenate([[0.0], np.cumsum(weighted)])

    @staticmethod
    def value(x: Floats, y: Floats) -> Floats:
        return np.asarray(y * y / (4 * x))

    @staticmethod
    def usable(x: Floats, y: Floats) -> Flags:
        return np.asarray((x > 0) & np.isfinite(y))

    @staticmethod
    def slope(x: float, y: float) -> tuple[float, float]:
        return -((y / (2 * x)) ** 2), y / (2 * x)


def search(fitness: Fitness, penalty: float) -> Integers:
    """Edges of the best partition.

    Parameters
    ----------
    fitness : Fitness
        Of n cells.
    penalty : float
        Cost of a block.

    Returns
    -------
    ndarray, shape (blocks + 1,)
        Numbers of edges, from 0 to n.
    """
    x, y = fitness.x, fitness.y
    cells = len(x) - 1
    best = np.zeros(cells + 1)
    last = np.zeros(cells + 1, dtype=np.int64)
    for first in range(0, cells, _BATCH):
        end = min(first + _BATCH, cells)
        kept = _candidates(fitness, best, int(last[first]), first, end)
        starts = np.concatenate([kept, np.arange(first, end)])
        from_x, from_y, before = x[starts], y[starts], best[starts] - penalty
        for edge in range(first + 1, end + 1):
            number = len(kept) + edge - first
            total = fitness.value(x[edge] - from_x[:number], y[edge] - from_y[:number])
            total += before[:number]
            winner = int(total.argmax())
            last[edge], best[edge] = starts[winner], total[winner]
            if edge < end:
                before[number] = best[edge] - penalty
    edges = [cells]
    while edges[-1]:
        edges.append(int(last[edges[-1]]))
    return np.array(edges[::-1])


def _candidates(fitness: Fitness, best: Floats, winner: int, first: int, end: int) -> Integers:
    """Starts before `first` that may win for an edge in (first, end]."""
    if first == 0:
        return np.empty(0, dtype=np.int64)
    x, y = fitness.x, fitness.y
    # The batch's edges lie along a line, between two parallels to it.
    along = (y[end] - y[first]) / (x[end] - x[first])
    aside = y[first : end + 1] - y[first] - along * (x[first : end + 1] - x[first])
    slope_x, slope_y = fitness.slope(float(x[end] - x[winner]), float(y[end] - y[winner]))
    possible = np.zeros(first, dtype=bool)
    slack = _SLACK * (1 + np.abs(best[: first + 1]).max())
    for corner in (first, end):
        for shift in (aside.min(), aside.max()):
            to_x, to_y = x[corner] - x[:first], y[corner] + shift - y[:first]
            usable = fitness.usable(to_x, to_y)
            highest = np.full(first, np.inf)
            highest[usable] = fitness.value(to_x[usable], to_y[usable]) + best[:first][usable]
            plane = best[winner] + slope_x * to_x[winner] + slope_y * to_y[winner]
            possible |= highest >= plane - slack
    return np.flatnonzero(possible)

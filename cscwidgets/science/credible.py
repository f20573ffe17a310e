"""Mode and smallest credible interval of many tabulated posteriors at once."""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Floats

__all__ = ["LEVEL", "smallest_interval"]

LEVEL = 0.68
"""The catalogue's confidence level: its limits enclose 68 % of the posterior."""


def smallest_interval(x: Floats, density: Floats, level: float = LEVEL) -> tuple[Floats, Floats, Floats]:
    """Mode and smallest interval of unimodal densities tabulated on uniform grids.

    Of all intervals [l, u] that hold `level` the one of least width is found on the grid of l and
    improved by a parabola, so that both ends are good to about the square of the grid's step. A
    density that starts at its mode has the one-sided interval from its first point.

    Parameters
    ----------
    x : ndarray, shape (rows, points)
        Uniform, ascending grid of each row.
    density : ndarray, shape (rows, points)
        Density there, not necessarily normalised.
    level : float
        Probability inside the interval.

    Returns
    -------
    mode, lower, upper : ndarray, shape (rows,)
    """
    step = x[:, 1] - x[:, 0]
    mode = x[:, 0] + step * _peak(density)

    inside = np.cumsum(density[:, 1:] + density[:, :-1], axis=1)
    cumulative = np.concatenate([np.zeros((len(x), 1)), inside / inside[:, -1:]], axis=1)
    width = _quantile(x, cumulative, cumulative + level) - x
    start = _peak(-width)
    lower = x[:, 0] + step * start
    held = _at(cumulative, start)
    upper = _quantile(x, cumulative, held[:, None] + level)[:, 0]
    return mode, lower, upper


def _peak(values: Floats) -> Floats:
    """Index of each row's maximum, between grid points where both neighbours are known."""
    last = values.shape[1] - 1
    top = values.argmax(axis=1)
    left, centre, right = (
        np.take_along_axis(values, np.clip(top + shift, 0, last)[:, None], axis=1)[:, 0] for shift in (-1, 0, 1)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = 0.5 * (left - right) / (left - 2 * centre + right)
    inner = (top > 0) & (top < last) & np.isfinite(shift)
    return np.asarray(top + np.where(inner, shift, 0.0))


def _at(rows: Floats, index: Floats) -> Floats:
    """Linear interpolation of each row at a fractional index."""
    base = np.clip(index.astype(np.intp), 0, rows.shape[1] - 2)
    low, high = (np.take_along_axis(rows, (base + shift)[:, None], axis=1)[:, 0] for shift in (0, 1))
    result: Floats = low + (index - base) * (high - low)
    return result


def _quantile(x: Floats, cumulative: Floats, probability: Floats) -> Floats:
    """Invert each row's cumulative distribution; infinite beyond probability 1."""
    # One sorted table for all rows: each row is lifted above the one before it.
    lift = 2.0 * np.arange(len(x))[:, None]
    flat = np.interp((np.minimum(probability, 1) + lift).ravel(), (cumulative + lift).ravel(), x.ravel())
    return np.where(probability > 1 + 1e-12, np.inf, flat.reshape(probability.shape))

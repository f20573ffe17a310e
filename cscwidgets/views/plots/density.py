"""Pictures of very many points: how many in each cell, in what colour."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb

from cscwidgets.arrays import Floats

from ..theme import ACCENT, FAINT, PROBABILITY_COLOURS
from .png import png

__all__ = ["CELLS", "density_png", "selected_png"]

CELLS = 120
"""Cells of the picture along each axis."""

Ranges = tuple[tuple[float, float], tuple[float, float]]


def density_png(x: Floats, y: Floats, probability: Floats, ranges: Ranges) -> bytes:
    """PNG whose opacity is the logarithm of the number of points, whose colour their mean probability.

    Parameters
    ----------
    x, y, probability : array, shape (n,)
        Points; a NaN probability counts but does not colour.
    ranges : ((float, float), (float, float))
        What the picture spans.
    """
    number = _histogram(x, y, ranges)
    known = np.isfinite(probability)
    coloured = _histogram(x[known], y[known], ranges)
    total = _histogram(x[known], y[known], ranges, probability[known])
    with np.errstate(invalid="ignore"):
        picture = PROBABILITY_COLOURS(np.nan_to_num(total / coloured))
    picture[coloured == 0, :3] = to_rgb(FAINT)
    picture[..., 3] = _opacity(number)
    return png(picture)


def selected_png(x: Floats, y: Floats, ranges: Ranges) -> bytes:
    """PNG of the cells that hold selected points."""
    number = _histogram(x, y, ranges)
    picture = np.empty((*number.shape, 4))
    picture[..., :3] = to_rgb(ACCENT)
    picture[..., 3] = _opacity(number)
    return png(picture)


def _histogram(x: Floats, y: Floats, ranges: Ranges, weights: Floats | None = None) -> Floats:
    # Rows of a picture run along y; an axis may grow leftwards or downwards.
    (left, right), (low, high) = ranges
    counts, _, _ = np.histogram2d(y, x, bins=CELLS, range=(sorted((low, high)), sorted((left, right))), weights=weights)
    return counts[:: 1 if low < high else -1, :: 1 if left < right else -1]


def _opacity(number: Floats) -> Floats:
    logarithm = np.log1p(number) / np.log1p(max(1.0, number.max()))
    return np.where(number > 0, 0.3 + 0.7 * logarithm, 0.0)

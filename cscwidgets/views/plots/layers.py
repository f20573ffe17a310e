"""What plots of lines are made of: lines, bands and symbols; those with a name are in the legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Floats

__all__ = ["SERIES", "Band", "Layer", "Line", "Symbols", "padded", "steps"]

SERIES = ("#3b7dd8", "#ef6c1a", "#156c4b", "#881cfa", "#ca7f9f", "#b9975f")
"""Colours of curves shown together: told apart by colour-blind eyes, on light and on dark paper."""


@dataclass(frozen=True)
class Line:
    """A line through points; NaN breaks it. Of `bars` the key in a legend is a cross."""

    x: Floats
    y: Floats
    colour: str
    width: float = 1.5
    style: str = "solid"
    opacity: float = 1.0
    name: str = ""
    bars: bool = False


@dataclass(frozen=True)
class Band:
    """The area between two curves."""

    x: Floats
    low: Floats
    high: Floats
    colour: str
    opacity: float = 0.2
    name: str = ""


@dataclass(frozen=True)
class Symbols:
    """A few hundred points at most; each is an SVG node."""

    x: Floats
    y: Floats
    colour: str
    marker: str = "circle"
    hollow: bool = False
    size: int = 42
    name: str = ""


Layer = Line | Band | Symbols


def steps(edges: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Corners of a step curve.

    Parameters
    ----------
    edges : array, shape (n + 1,)
    values : array, shape (n,)
        NaN leaves a gap.
    """
    return np.repeat(edges, 2)[1:-1], np.repeat(values, 2)


def padded(values: Sequence[Floats], share: float = 0.06, least: float | None = None) -> tuple[float, float]:
    """A range that holds all finite values with some room; from `least` on, where that is given."""
    known = np.concatenate([np.asarray(part, float)[np.isfinite(part)] for part in values] or [np.empty(0)])
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    room = share * (high - low) or share * abs(high) or 1.0
    return (low - room if least is None else min(least, low)), high + room

"""Coordinates of lines as bqplot can draw them."""

from __future__ import annotations

from typing import Any

import numpy as np

from cscwidgets.arrays import Floats

__all__ = ["drawable"]


def drawable(x: Floats, y: Floats, nowhere: tuple[float, float]) -> dict[str, Any]:
    """The ``x`` and ``y`` of a `bqplot.Lines`, without a gap at the end and never empty.

    bqplot writes a label, if only an empty one, where a line ends; where it has no end, each redrawing of it is an
    error on the browser's console.

    Parameters
    ----------
    x, y : array
        Shape (n,), NaN in gaps.
    nowhere : (float, float)
        A place on both axes, for a line of no length.
    """
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not known.size:
        return {"x": np.array(nowhere[:1]), "y": np.array(nowhere[1:])}
    return {"x": x[: known[-1] + 1], "y": y[: known[-1] + 1]}

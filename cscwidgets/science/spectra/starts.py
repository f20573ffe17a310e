"""Where a fit of several components may begin: their sum has minima that are not the lowest.

Shapes are tried on a coarse grid. As counts are linear in the amplitudes, those that go best with a shape are found at
once, by least squares without negative values (Lawson & Hanson 1974, Solving Least Squares Problems).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy

from cscwidgets.arrays import Floats

from .sherpa_gate import sherpa

__all__ = ["starts"]


_WARM, _STEEP, _DEEP = (0.15, 0.6, 3.0), (0.5, 1.8, 3.0), (0.1, 0.7)
_SHAPES = {"kt": _WARM, "tin": _WARM, "gamma": _STEEP, "phoindex": _STEEP, "nh": _DEEP}
_MOST = 200  # shapes


def starts(joint: Any, norms: Sequence[Any], number: int) -> list[tuple[float, ...]]:
    """Values of the free parameters of a condensed fit at its best starting points, best first.

    Parameters
    ----------
    joint : sherpa.fit.Fit
        See `condensed`; its parameters are left as they were.
    norms : sequence of Sherpa parameters
        The free amplitudes.
    number : int
        How many at most.
    """
    before = tuple(joint.model.thawedpars)
    shapes = [par for par in joint.model.get_thawed_pars() if par.name.lower() in _SHAPES]
    grids = [[value for value in _SHAPES[par.name.lower()] if par.min <= value <= par.max] for par in shapes]
    counts = _net_counts(joint)
    trials = []
    for values in itertools.islice(itertools.product(*grids), _MOST):
        for par, value in zip(shapes, values, strict=True):
            par.val = value
        _set_amplitudes(joint, norms, counts)
        trials.append((float(np.nan_to_num(joint.calc_stat(), nan=np.inf)), tuple(joint.model.thawedpars)))
    joint.model.thawedpars = before
    return [values for _, values in sorted(trials)[:number]]


def _net_counts(joint: Any) -> Floats:
    counts = np.asarray(joint.data.to_fit()[0], dtype=float)
    if not isinstance(joint.stat, sherpa.stats.WStat):
        return counts
    data, background = joint.data, joint.data.get_background()
    scale = data.backscal * data.areascal / (background.backscal * background.areascal)
    return np.asarray(counts - background.counts * scale)


def _set_amplitudes(joint: Any, norms: Sequence[Any], counts: Floats) -> None:
    """Those that come nearest to the counts, none below a hundredth of what it would be alone."""
    error = np.sqrt(np.maximum(counts, 1.0))
    columns = []
    for norm in norms:
        for other in norms:
            other.val = 1.0 if other is norm else other.min
        columns.append(joint.data.eval_model_to_fit(joint.model))
    matrix = np.column_stack(columns)
    total = np.maximum(matrix.sum(axis=0), 1e-300)
    amplitudes = scipy.optimize.nnls(matrix / error[:, None], counts / error)[0]
    least = 0.01 * max(float(counts.sum()), 1.0) / total
    for norm, value in zip(norms, np.maximum(amplitudes, least), strict=True):
        norm.val = np.clip(value, norm.min, norm.max)

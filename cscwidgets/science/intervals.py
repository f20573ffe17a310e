"""Poisson intervals of counts."""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats

__all__ = ["poisson_interval"]

_TAIL = math.erfc(1 / math.sqrt(2)) / 2  # of a normal distribution, below -1 sigma


def poisson_interval(counts: ArrayLike) -> tuple[Floats, Floats]:
    """Lower and upper 1-sigma limit of the mean of Poisson counts (Gehrels 1986, ApJ 303, 336), exactly.

    >>> lower, upper = poisson_interval([0, 10])
    >>> lower.round(2), upper.round(2)
    (array([0.  , 6.89]), array([ 1.84, 14.27]))
    """
    n = np.asarray(counts, dtype=np.float64)
    lower = np.where(n > 0, scipy.special.gammaincinv(np.maximum(n, 1), _TAIL), 0.0)
    return np.asarray(lower), np.asarray(scipy.special.gammainccinv(n + 1, _TAIL))

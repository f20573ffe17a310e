"""Catalogue columns as plain arrays: what is masked becomes NaN."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats

__all__ = ["plain"]


def plain(values: ArrayLike) -> Floats:
    """A column as a plain float array, NaN where it is masked.

    >>> plain(np.ma.masked_equal([1, 2, 3], 2))
    array([ 1., nan,  3.])
    """
    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan))

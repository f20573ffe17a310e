"""Which pairs of angles are a place on the sky: the one rule for tables, lists, messages and names."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Flags

__all__ = ["on_sky"]


def on_sky(longitude: ArrayLike, latitude: ArrayLike) -> Flags:
    """Whether they are a place: not more than once around the sky, and not beyond the poles.

    What stands for a missing value, as -999 or 1e20, is none; taken modulo 360 it would be one.

    Parameters
    ----------
    longitude, latitude : array_like of float
        Degrees; NaN where there are none.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> on_sky([10, -10, -999, float("nan"), 10], [41, 41, 41, 41, 91])
    array([ True,  True, False, False, False])
    """
    return np.asarray((np.abs(longitude) <= 360) & (np.abs(latitude) <= 90))

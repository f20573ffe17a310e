"""Hardness ratios of the Chandra Source Catalog: values, and which of them are limits.

In CSC 2 the ratio of a harder band x and a softer band y is H = (F_x - F_y) / (F_x + F_y) of aperture
*photon* fluxes, so a hard source is positive in all three ratios (hm, hs, ms). CSC 1 divided by the broad
flux and is not comparable. Source: https://cxc.cfa.harvard.edu/csc/columns/spectral_properties.html
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["CELLS", "SATURATED", "STEP", "Kind", "classify", "hardness_ratio"]

CELLS = 1601
"""Cells of the catalogue's grid over [-1, 1]; a value is a cell's centre, so none exceeds 0.9994."""

STEP = 2 / CELLS

SATURATED = 0.98
"""Ratios at least this far from 0 say only which band was seen; the CSC notebooks leave them out."""

_END = 0.999  # an interval's end lies on a cell edge: the last but one, 0.99875, is printed as 0.9988
_FLAT = 2 * 0.68  # the 68 % interval of a posterior that knows nothing

Floats = NDArray[np.float64]


class Kind(StrEnum):
    """What a hardness ratio and its 68 % interval amount to."""

    MEASURED = "measured"
    LOWER_LIMIT = "lower_limit"
    UPPER_LIMIT = "upper_limit"
    UNDETERMINED = "undetermined"


def hardness_ratio(hard: ArrayLike, soft: ArrayLike) -> Floats:
    """Hardness ratio of two photon fluxes.

    Parameters
    ----------
    hard, soft : array_like
        Photon fluxes in the harder and the softer band, in one unit; masked or NaN where missing.

    Returns
    -------
    ndarray
        (hard - soft) / (hard + soft); NaN where a flux is missing or both are zero.
    """
    x, y = plain(hard), plain(soft)
    total = x + y
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, (x - y) / total, np.nan)


def classify(value: ArrayLike, lolim: ArrayLike, hilim: ArrayLike) -> NDArray[np.str_]:
    """Tell measured hardness ratios from limits and from ratios that say nothing.

    With L and U the ends of the smallest 68 % interval of H, the first rule that holds decides:

    ==============  =====================================================================
    undetermined    H, L or U is missing, or U - L >= 1.36, the interval of a flat posterior
    lower_limit     H >= 0.98 or U is +1: the softer band is not seen; H lies above L
    upper_limit     H <= -0.98 or L is -1: the harder band is not seen; H lies below U
    measured        everything else
    ==============  =====================================================================

    0.98 is where the CSC notebooks cut their hardness diagrams: beyond it a ratio is saturated even
    when its formal interval is narrow, for one part in a hundred of a band is the background's to give.
    An interval that ends at -1 or +1 is one-sided whatever its mode, and is never made symmetric.

    Parameters
    ----------
    value, lolim, hilim : array_like
        Mode and ends of the 68 % interval; masked or NaN where missing.

    Returns
    -------
    ndarray of str
        `Kind` values, comparable with the members of `Kind`.
    """
    h, low, high = (plain(column) for column in (value, lolim, hilim))
    known = np.isfinite(h) & np.isfinite(low) & np.isfinite(high)
    with np.errstate(invalid="ignore"):
        kinds = np.select(
            [
                ~known | (high - low >= _FLAT),
                (h >= SATURATED) | (high > _END),
                (h <= -SATURATED) | (low < -_END),
            ],
            [np.str_(kind) for kind in (Kind.UNDETERMINED, Kind.LOWER_LIMIT, Kind.UPPER_LIMIT)],
            np.str_(Kind.MEASURED),
        )
    return kinds.astype(np.str_)


def plain(values: ArrayLike) -> Floats:
    """A column as a plain float array, NaN where it is masked."""
    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan))

"""Error bars and limit arrows, with NaN between two of them: all together are one line of a plot."""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Floats

__all__ = ["error_bars", "limit_arrows"]


def error_bars(at: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Bars along one axis.

    Parameters
    ----------
    at : array, shape (n,)
        Position across the bars' direction.
    low, high : array, shape (n,)
        The bars' ends.

    Returns
    -------
    across, along : array, shape (3 n,)
        Coordinates of the segments; a bar with a missing end is left out.
    """
    whole = np.isfinite(at) & np.isfinite(low) & np.isfinite(high)
    gap = np.full(int(whole.sum()), np.nan)
    across = np.column_stack([at[whole], at[whole], gap]).ravel()
    along = np.column_stack([low[whole], high[whole], gap]).ravel()
    return across, along


def limit_arrows(at: Floats, limit: Floats, length: float, width: float) -> tuple[Floats, Floats]:
    """Arrows along one axis that start at a limit and point to where the value may be.

    Parameters
    ----------
    at : array, shape (n,)
        Position across the arrows' direction.
    limit : array, shape (n,)
        Where the arrows start.
    length : float
        Length in data units; negative for upper limits.
    width : float
        Half width of the head, in data units of the other axis.

    Returns
    -------
    across, along : array, shape (6 n,)
    """
    gap = np.full(len(at), np.nan)
    tip, neck = limit + length, limit + 0.6 * length
    across = np.column_stack([at, at, at - width, at, at + width, gap]).ravel()
    along = np.column_stack([limit, tip, neck, tip, neck, gap]).ravel()
    return across, along

"""Table cells of values that are limits: a flux of "0" is an upper limit and must read as one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from astropy.table import QTable

from cscwidgets.csc.families import triple

from ..science.columns import interval_of
from ..science.hardness_diagram import PAIRS

__all__ = ["limit_cells"]

_RATIOS = {f"hard_{pair}" for pair in PAIRS}


def limit_cells(table: QTable) -> Callable[[str, int], str | None]:
    """A formatter of cells: "< 2.1e-16" for limits, None for all other cells.

    Parameters
    ----------
    table : QTable
        Columns of the catalogue and of the reader; limits are told by the columns beside a value, where they are there.
    """
    there = {*table.colnames}

    @cache
    def words(column: str) -> dict[int, str]:
        if not {*triple(column)} <= there:
            return {}
        ends = interval_of(table, column)
        digits = ".2f" if column in _RATIOS else ".2e"
        lower = {int(row): f"> {ends.low[row]:{digits}}" for row in np.flatnonzero(ends.lower)}
        return lower | {int(row): f"< {ends.high[row]:{digits}}" for row in np.flatnonzero(ends.upper)}

    return lambda column, row: words(column).get(row)

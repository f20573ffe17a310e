"""Table cells of values that are limits: a flux of "0" is an upper limit and must read as one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from astropy.table import QTable

from cscwidgets.csc.families import triple

from ..science.hardness import Kind, classify
from ..science.hardness_diagram import PAIRS
from ..science.masked import plain
from ..science.photometry import is_upper_limit

__all__ = ["limit_cells"]


def limit_cells(table: QTable) -> Callable[[str, int], str | None]:
    """A formatter of cells: "< 2.1e-16" for limits, None for all other cells.

    Parameters
    ----------
    table : QTable
        Catalogue columns; limits are told by the columns beside a value, where they are there.
    """
    words: dict[str, dict[int, str]] = {}
    for column in table.colnames:
        value, lolim, hilim = triple(column)
        if {lolim, hilim} <= set(table.colnames):
            low, high = plain(table[lolim]), plain(table[hilim])
            if column in {f"hard_{pair}" for pair in PAIRS}:
                kinds = classify(table[value], low, high)
                words[column] = {int(row): f"> {low[row]:.2f}" for row in np.flatnonzero(kinds == Kind.LOWER_LIMIT)}
                words[column] |= {int(row): f"< {high[row]:.2f}" for row in np.flatnonzero(kinds == Kind.UPPER_LIMIT)}
            elif "flux_" in column or column.startswith("src_"):
                rows = np.flatnonzero(is_upper_limit(table[value], low))
                words[column] = {int(row): f"< {high[row]:.2e}" for row in rows}
    return lambda column, row: words.get(column, {}).get(row)

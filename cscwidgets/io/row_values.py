"""Columns of which each row is one value."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.table import Table

from .reading import Unreadable

__all__ = ["one_value_a_row"]


def one_value_a_row(table: Table, name: str) -> Any:
    """A column whose values may stand in arrays of their own, without these.

    Raises
    ------
    Unreadable
        If its arrays have several values, or none.

    Examples
    --------
    >>> one_value_a_row(Table({"ra": [[10.0], [11.0]]}), "ra").tolist()
    [10.0, 11.0]
    """
    column = table[name]
    values = int(np.prod(column.shape[1:]))
    if values != 1:
        raise Unreadable(
            f"column {name} holds arrays of {values} values", "Say which columns to use, of one value a row."
        )
    return column.reshape(len(table))

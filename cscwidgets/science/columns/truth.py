"""Truth of rows where values may be missing: yes, no, or not known, as SQL has it."""

from __future__ import annotations

from dataclasses import dataclass

from cscwidgets.arrays import Flags

__all__ = ["Truth"]


@dataclass(frozen=True, slots=True)
class Truth:
    """What a condition says of rows; where neither holds, a value that it needs is missing (Kleene's logic).

    Attributes
    ----------
    yes, no : ndarray of bool, shape (rows,)

    Examples
    --------
    >>> import numpy as np
    >>> from cscwidgets.science.columns import Truth
    >>> bright = Truth(np.array([True, False, False]), np.array([False, True, False]))
    >>> (~bright).yes
    array([False,  True, False])
    """

    yes: Flags
    no: Flags

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)

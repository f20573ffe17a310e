"""What to do with each source of a match: take its counterpart, look at it, or leave it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

__all__ = ["Thresholds", "Verdict"]


class Verdict(StrEnum):
    """The three verdicts."""

    MATCHED = "matched"
    REVIEW = "to review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where verdicts change.

    A source is matched if its best candidate is right with at least the probability `matched` (p_any times p_i), has no
    counterpart if p_any is below `none`, and is to be reviewed in between.

    Raises
    ------
    CscError
        If they are not probabilities in this order.
    """

    matched: float = 0.8
    none: float = 0.2

    def __post_init__(self) -> None:
        if not 0 <= self.none <= self.matched <= 1:
            raise CscError(
                "There are no verdicts",
                f"the thresholds {self.none:g} for none and {self.matched:g} for matched are not in order",
                "Both are probabilities, and none is the smaller one.",
            )

    def verdicts(self, p_any: Floats, best: Floats) -> NDArray[np.str_]:
        """Of sources with their p_any and the p_i of their best candidates; arrays of shape (sources,)."""
        chosen = [p_any * best >= self.matched, p_any >= self.none]
        return np.select(chosen, [Verdict.MATCHED.value, Verdict.REVIEW.value], Verdict.NONE.value)

"""The likelihood of a detection, and from where on the catalogue believes it."""

from __future__ import annotations

import numpy as np
from scipy import special

from cscwidgets.arrays import Floats

__all__ = ["FEWEST_COUNTS", "MARGINAL", "TRUE", "log_likelihood"]


MARGINAL = 10.0
"""Detection log likelihood from which a detection is marginal."""

TRUE = 14.0
"""Detection log likelihood from which a detection is true."""

FEWEST_COUNTS = 6
"""Counts in a stack below which nothing is a detection."""


def log_likelihood(counts: Floats, background: Floats) -> Floats:
    """Minus the log of the chance that a known background alone gives at least as many counts."""
    n, b = np.broadcast_arrays(np.asarray(counts, dtype=float), np.maximum(background, 1e-6))
    chance = special.gammainc(np.maximum(n, 1e-9), b)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = -np.log(chance)
        # Where the chance underflows its first term is all of it.
        term = b - n * np.log(b) + special.gammaln(n + 1)
    return np.where(n == 0, 0.0, np.where(chance > 1e-290, exact, term))

"""Sherpa's optimisers, watched: every step may be refused by the caller, which is how a fit is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .sherpa_gate import sherpa

__all__ = ["METHODS", "Watch", "optimiser"]

METHODS = ("safe", "levmar", "neldermead", "moncar")
"""``safe`` finds the minimum with neldermead, for sums of components from several starts, and polishes it with levmar.

Any other begins where the parameters are.
"""

Watch = Callable[[], None]


def optimiser(name: str, watch: Watch) -> Any:
    """A Sherpa optimiser that calls `watch` before every evaluation; what `watch` raises ends the fit."""
    base = {"levmar": "LevMar", "neldermead": "NelderMead", "moncar": "MonCar"}[name]

    class Watched(getattr(sherpa.optmethods, base)):  # type: ignore[misc]
        def fit(self, statfunc: Any, *args: Any, **kwargs: Any) -> Any:
            def watched(*values: Any, **options: Any) -> Any:
                watch()
                return statfunc(*values, **options)

            return super().fit(watched, *args, **kwargs)

    return Watched(name)

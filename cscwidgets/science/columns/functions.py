"""The functions that a formula may call; units are astropy's affair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType
from typing import Any

import astropy.units as u
import numpy as np

from .truth import Truth

__all__ = ["FUNCTIONS", "Function", "in_unit_of"]


@dataclass(frozen=True, slots=True)
class Function:
    """One function, and how many values it takes at least and at most."""

    call: Callable[..., Any]
    least: int = 1
    most: int = 1


def in_unit_of(value: Any, other: Any) -> Any:
    """A plain number beside a quantity counts in the quantity's unit: ``flux_aper_b > 1e-14``."""
    is_number = np.ndim(value) == 0 and not isinstance(value, u.Quantity)
    return u.Quantity(value, other.unit) if is_number and isinstance(other, u.Quantity) else value


def _logarithm(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """Of a ratio as it is, of anything else of its number in its own unit, as magnitudes of fluxes are made."""

    def call(value: Any) -> Any:
        if isinstance(value, u.Quantity) and not value.unit.is_equivalent(u.one):
            value = value.value
        return function(value)

    return call


def _extreme(function: Callable[..., Any]) -> Callable[..., Any]:
    def one_of_two(first: Any, second: Any) -> Any:
        return function(in_unit_of(first, second), in_unit_of(second, first))

    return lambda *values: reduce(one_of_two, values)


def _isnull(value: Any) -> Truth:
    missing = np.isnan(getattr(value, "value", value))
    return Truth(missing, ~missing)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "abs": Function(np.abs),
        "sqrt": Function(np.sqrt),
        "exp": Function(np.exp),
        "log10": Function(_logarithm(np.log10)),
        **dict.fromkeys(("ln", "log"), Function(_logarithm(np.log))),
        "sin": Function(np.sin),
        "cos": Function(np.cos),
        "tan": Function(np.tan),
        **dict.fromkeys(("asin", "arcsin"), Function(np.arcsin)),
        **dict.fromkeys(("acos", "arccos"), Function(np.arccos)),
        **dict.fromkeys(("atan", "arctan"), Function(np.arctan)),
        **dict.fromkeys(("atan2", "arctan2"), Function(np.arctan2, 2, 2)),
        "hypot": Function(np.hypot, 2, 2),
        "min": Function(_extreme(np.minimum), 2, 20),
        "max": Function(_extreme(np.maximum), 2, 20),
        "isnull": Function(_isnull),
    }
)
"""By the names that people know from numpy, ADQL and TOPCAT; ``log`` is natural, as in all three."""

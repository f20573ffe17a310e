"""Measured numbers as a reader writes them."""

from __future__ import annotations

import math

__all__ = ["MISSING", "interval", "power_of_ten", "probability"]

MISSING = "–"

_NEAR = 5e-5
_MINUS = "\N{MINUS SIGN}"
_TIMES = "\N{MULTIPLICATION SIGN}"


def power_of_ten(value: float, digits: int = 3) -> str:
    """A number as HTML: "2.31 × 10<sup>−14</sup>", or "0.231" where it needs no power."""
    if not math.isfinite(value):
        return MISSING
    if value == 0 or 1e-2 <= abs(value) < 1e5:
        return f"{value:.{digits}g}".replace("-", _MINUS)
    exponent = math.floor(math.log10(abs(value)))
    return f"{_scaled(value, exponent, digits)} {_TIMES} 10<sup>{str(exponent).replace('-', _MINUS)}</sup>"


def interval(value: float, low: float, high: float, *, upper_limit: bool = False) -> str:
    """A value with its interval as HTML: "(2.31 +0.12 −0.10) × 10<sup>−14</sup>", or "< 3.1 × 10<sup>−15</sup>".

    Parameters
    ----------
    value, low, high : float
        The value and the ends of its interval; NaN where there is none.
    upper_limit : bool
        Whether ``high`` is an upper limit.
    """
    if upper_limit:
        return f"&lt; {power_of_ten(high, 2)}"
    if not math.isfinite(value):
        return MISSING
    if not (math.isfinite(low) and math.isfinite(high)):
        return power_of_ten(value)
    largest = max(abs(value), abs(low), abs(high))
    exponent = math.floor(math.log10(largest)) if largest and not 1e-2 <= largest < 1e5 else 0
    step = max(high - low, 1e-300) / 10**exponent
    decimals = min(6, max(0, 1 - math.floor(math.log10(step)))) if step < 10 else 0
    parts = (
        f"{value / 10**exponent:.{decimals}f} +{(high - value) / 10**exponent:.{decimals}f}"
        f" {_MINUS}{(value - low) / 10**exponent:.{decimals}f}"
    ).replace("-", _MINUS)
    return parts if exponent == 0 else f"({parts}) {_TIMES} 10<sup>{str(exponent).replace('-', _MINUS)}</sup>"


def probability(value: float) -> str:
    """A probability in words that never claim certainty: "0.9731", "> 0.9999"."""
    if not math.isfinite(value):
        return MISSING
    if value > 1 - _NEAR:
        return f"> {1 - 2 * _NEAR:.4f}"
    return f"< {2 * _NEAR:.4f}" if value < _NEAR else f"{value:.4f}"


def _scaled(value: float, exponent: int, digits: int) -> str:
    return f"{value / 10**exponent:.{digits - 1}f}".replace("-", _MINUS)

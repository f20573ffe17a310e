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
    # Rounded first: 9.999 at three digits is 10.0, of the next power.
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    exponent = int(power)
    if value == 0 or -2 <= exponent < 5:
        return f"{value:.{max(0, digits - 1 - exponent) if value else 0}f}".replace("-", _MINUS)
    return _times_power(mantissa, exponent)


def interval(value: float, low: float, high: float, *, upper_limit: bool = False) -> str:
    """A value with its interval as HTML: "(2.31 +0.12 −0.10) × 10<sup>−14</sup>", or "< 3.1 × 10<sup>−15</sup>".

    Parameters
    ----------
    value, low, high : float
        The value and the ends of its interval; NaN where there is none.
    upper_limit : bool
        Whether ``high`` is an upper limit.
    """
    if upper_limit and math.isfinite(high):
        return f"&lt; {power_of_ten(high, 2)}"
    if upper_limit or not math.isfinite(value):
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
    )
    return parts.replace("-", _MINUS) if exponent == 0 else _times_power(f"({parts})", exponent)


def probability(value: float) -> str:
    """A probability in words that never claim certainty: "0.9731", "> 0.9999"."""
    if not math.isfinite(value):
        return MISSING
    if value > 1 - _NEAR:
        return f"> {1 - 2 * _NEAR:.4f}"
    return f"< {2 * _NEAR:.4f}" if value < _NEAR else f"{value:.4f}"


def _times_power(number: str, exponent: int) -> str:
    return f"{number} {_TIMES} 10<sup>{exponent}</sup>".replace("-", _MINUS)

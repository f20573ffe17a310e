"""Numbers in words, read back."""

import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cscwidgets.views.numbers import MISSING, interval, power_of_ten, probability

_POWER = re.compile(r" × 10<sup>(-?\d+)</sup>$")
_EXPONENT = st.floats(-40, 40)
_SIGN = st.sampled_from([-1, 1])


def read(words):
    """Numbers in words as floats, with half a unit of the last digit of the first."""
    words = words.replace("−", "-").replace("&lt; ", "")
    power = _POWER.search(words)
    scale = 10.0 ** int(power[1]) if power else 1.0
    parts = _POWER.sub("", words).strip("()").replace("--", "").split()
    decimals = len(parts[0].partition(".")[2])
    return [float(part) * scale for part in parts], 0.5 * 10.0**-decimals * scale


@given(_EXPONENT, _SIGN, st.integers(1, 6))
@example(math.log10(9.9999e-15), 1, 3)
@example(math.log10(12345.0), -1, 3)
@example(math.log10(99_999.9), 1, 3)
def test_a_number_reads_back_to_its_digits(exponent, sign, digits):
    value = sign * 10**exponent
    words = power_of_ten(value, digits)
    (back,), half = read(words)
    assert "e" not in words
    assert abs(back - value) <= half * (1 + 1e-9)
    assert half <= abs(value) * 10.0 ** (1 - digits)
    if _POWER.search(words):
        mantissa = abs(float(words.split(" ")[0].replace("−", "-")))
        assert 1 <= mantissa < 10


@given(_EXPONENT, _SIGN, st.floats(1e-3, 10), st.floats(1e-3, 10))
@example(0.0, 1, 1e-3, 1e-3)
def test_an_interval_reads_back_to_its_digits(exponent, sign, up, down):
    value = sign * 10**exponent
    low, high = value - down * abs(value), value + up * abs(value)
    numbers, half = read(interval(value, low, high))
    for back, expected in zip(numbers, (value, high - value, -(value - low)), strict=True):
        assert abs(back - expected) <= half * (1 + 1e-6)
    assert half <= 0.06 * (high - low)  # two digits of the interval


@given(_EXPONENT)
def test_a_limit_reads_as_one(exponent):
    limit = 10**exponent
    words = interval(0.0, 0.0, limit, upper_limit=True)
    assert words == f"&lt; {power_of_ten(limit, 2)}"
    (back,), half = read(words)
    assert abs(back - limit) <= half * (1 + 1e-9)


@given(st.sampled_from([math.nan, math.inf, -math.inf]), st.booleans())
def test_what_is_not_there_is_a_dash(nothing, limit):
    assert power_of_ten(nothing) == interval(nothing, 1.0, nothing, upper_limit=limit) == MISSING


@given(_EXPONENT)
def test_a_value_without_an_interval_stands_alone(exponent):
    value = 10**exponent
    assert interval(value, math.nan, value) == power_of_ten(value)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (power_of_ten(0.0), "0"),
        (power_of_ten(1234.0), "1234"),
        (power_of_ten(0.5, 2), "0.50"),
        (power_of_ten(-2.31e-14), "−2.31 × 10<sup>−14</sup>"),
        (interval(2.31e-14, 2.21e-14, 2.43e-14), "(2.31 +0.12 −0.10) × 10<sup>−14</sup>"),
        (interval(-0.31, -0.42, -0.2), "−0.31 +0.11 −0.11"),
    ],
)
def test_words_of_the_field(words, expected):
    assert words == expected


@given(st.floats(0, 1))
@example(1.0)
@example(0.0)
def test_a_probability_is_never_certain(value):
    words = probability(value)
    number = float(words.lstrip("<> "))
    assert 0 < number < 1
    if words.startswith(">"):
        assert value > number
    elif words.startswith("<"):
        assert value < number
    else:
        assert abs(value - number) <= 5.001e-5


def test_a_probability_that_is_unknown_is_a_dash():
    assert probability(math.nan) == MISSING

"""Numbers in the parameters of requests: what Python reads as one is more than what is one."""

from __future__ import annotations

import math
import re

from cscwidgets.io.adql.refusals import refusal

__all__ = ["real_number", "whole_number"]

_WHOLE = re.compile(r"[0-9]{1,18}")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def whole_number(name: str, text: str, of: str) -> int:
    """A count, in ASCII digits.

    Raises
    ------
    QueryError
        If it is none.

    Examples
    --------
    >>> whole_number("MAXREC", " 12 ", "rows")
    12
    """
    if not _WHOLE.fullmatch(text.strip()):
        raise refusal(f"{name} is {text[:40]!r}, which is not a number of {of}")
    return int(text)


def real_number(name: str, text: str, of: str) -> float:
    """A finite number, in ASCII digits.

    Raises
    ------
    QueryError
        If it is none.

    Examples
    --------
    >>> real_number("SR", "0.5e-1", "degrees")
    0.05
    """
    written = text.strip()
    number = float(written) if len(written) < 400 and _REAL.fullmatch(written) else math.nan
    if not math.isfinite(number):
        raise refusal(f"{name} is {text[:40]!r}, which is not a number of {of}")
    return number

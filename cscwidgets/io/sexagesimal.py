"""Positions written in hours or degrees, minutes and seconds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import astropy.units as u
import numpy as np

from cscwidgets.arrays import Floats

from .units import HOURS, scale

__all__ = ["angles", "are_angles", "degrees_of"]

_NUMBER = r"(\d+\.?\d*|\.\d+)"
# Each number is followed by its own letter, if by any: 18.1s5 is no angle.
_ANGLE = re.compile(
    rf"([+-]?)\s*{_NUMBER}(?:[\s:hd°]+(?:{_NUMBER}(?:[\s:m'′]+(?:{_NUMBER}[\s:s'\"′″]*)?)?)?)?",
    re.IGNORECASE | re.ASCII,
)
_DEGREES = re.compile("[d°]", re.IGNORECASE)


def degrees_of(text: str, *, hours: bool) -> float | None:
    """Degrees of one sexagesimal angle, or None if it is none.

    Parameters
    ----------
    text : str
        ``hh mm ss.s``, ``+dd:mm:ss.s``, ``5h35m17s``, ``83d49m15s``, with fewer parts too.
    hours : bool
        Whether it counts hours unless it says degrees itself.

    Examples
    --------
    >>> degrees_of("05 30 00", hours=True), degrees_of("-5d30m", hours=True), degrees_of("M42", hours=True)
    (82.5, -5.5, None)
    """
    written = text.strip().replace("\N{MINUS SIGN}", "-")
    match = _ANGLE.fullmatch(written)
    if match is None:
        return None
    sign, degrees, minutes, seconds = match.groups()
    sixtieths = float(minutes or 0), float(seconds or 0)
    if max(sixtieths) > 60:
        return None
    value = float(degrees) + sixtieths[0] / 60 + sixtieths[1] / 3600
    if hours and not _DEGREES.search(written):
        value *= 15
    return -value if sign == "-" else value


def are_angles(unit: u.UnitBase | None) -> bool:
    """Whether texts of a column in this unit are angles, as `angles` reads them."""
    return unit is not None and (unit == u.hour or unit.is_equivalent(u.deg))


def angles(texts: Iterable[str | None], unit: u.UnitBase) -> Floats:
    """Angles in degrees, NaN where a text is none: plain numbers are in ``unit``, others sexagesimal.

    Those of a column in hours count hours.

    Examples
    --------
    >>> import astropy.units as u
    >>> angles(["05 35 17.3", "5.5", ""], u.hourangle)
    array([83.82208333, 82.5       ,         nan])
    """
    factor, hours = scale(unit, u.deg), unit in (HOURS, u.hour)

    def read(text: str | None) -> float:
        try:
            return float(text or "nan") * factor
        except ValueError:
            degrees = degrees_of(str(text), hours=hours)
            return math.nan if degrees is None else degrees

    return np.fromiter(map(read, texts), np.float64)

"""Ticks of right ascension and declination along the edges of a picture of the sky."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from astropy.coordinates import Angle
from astropy.wcs import WCS

from cscwidgets.arrays import Floats

__all__ = ["SkyTicks", "sky_ticks"]

_SIXTIETHS = (1, 2, 3, 5, 10, 15, 20, 30)
_SECONDS = (*_SIXTIETHS, *(60 * step for step in _SIXTIETHS), *(3600 * step for step in (1, 2, 3, 6, 12)))
"""Steps between ticks, in seconds of time or of arc."""

_MOST_ALONG, _MOST_UP = 4, 6  # ticks of an edge
_NARROWEST = 130.0  # pixels of the screen along an edge: in a smaller picture words may touch
_LETTER, _GAP = 8.0, 4.0  # pixels of the screen, of DejaVu Sans at 12 pixels
_SAMPLES = 200
_FIELDS = re.compile(r"\d+[hms]")


class SkyTicks(NamedTuple):
    """Words along the edges of a picture.

    Attributes
    ----------
    x, y : dict of float to str
        Right ascensions and declinations by the pixel.
    shared : str
        What all right ascensions begin with, and is left out of their words: "00h24m".
    """

    x: dict[float, str]
    y: dict[float, str]
    shared: str


def sky_ticks(wcs: WCS, pixels: int) -> SkyTicks:
    """Right ascensions along the lower edge and declinations along the left edge of a square picture, north up.

    Parameters
    ----------
    wcs : WCS
    pixels : int
        Along each side.

    Returns
    -------
    SkyTicks
        Around a pole, where right ascension turns back, there are none along x.
    """
    along = np.linspace(-0.5, pixels - 0.5, _SAMPLES)
    edge = np.full(_SAMPLES, -0.5)
    ra = np.unwrap(wcs.wcs_pix2world(along, edge, 0)[0], period=360)
    dec = wcs.wcs_pix2world(edge, along, 0)[1]
    x, shared = _right_ascensions(along, ra)
    return SkyTicks(x, _ticks(along, dec, _MOST_UP, hours=False), shared)


def _right_ascensions(along: Floats, ra: Floats) -> tuple[dict[float, str], str]:
    """All, or every second or third, so that there is room between the words, and what they share."""
    ticks: dict[float, list[str]] = {}
    for most in (_MOST_ALONG, 2 * _MOST_ALONG):
        ticks = {place: _FIELDS.findall(words) for place, words in _ticks(along, ra, most, hours=True).items()}
        for every in range(1, len(ticks)):
            some = dict(sorted(ticks.items())[::every])
            shared = next(iter(some.values()))[: _alike(*some.values())]
            words = _shortened(some, shared)
            if _are_apart(words, np.ptp(along)):
                return words, "".join(shared)
    return {place: "".join(fields) for place, fields in sorted(ticks.items())[:1]}, ""


def _are_apart(ticks: dict[float, str], length: float) -> bool:
    """Whether words on a line of a length, in the unit of their places, are apart on the narrowest screen."""
    return all(
        (right - left) / length * _NARROWEST >= (len(ticks[left]) + len(ticks[right])) / 2 * _LETTER + _GAP
        for left, right in pairwise(sorted(ticks))
    )


def _alike(*fields: list[str]) -> int:
    """With how many fields all begin."""
    columns = zip(*fields, strict=False)
    return next((number for number, column in enumerate(columns) if len(set(column)) > 1), min(map(len, fields)))


def _shortened(ticks: dict[float, list[str]], before: list[str]) -> dict[float, str]:
    """Words from left to right, each without the fields that it shares with the one before."""
    short = {}
    for place, fields in ticks.items():
        short[place] = "".join(fields[_alike(fields, before) :])
        before = fields
    return short


def _ticks(along: Floats, degrees: Floats, most: int, *, hours: bool) -> dict[float, str]:
    if not (np.diff(degrees) > 0).all() and not (np.diff(degrees) < 0).all():
        return {}
    seconds = degrees * (240 if hours else 3600)
    low, high = float(seconds.min()), float(seconds.max())
    step = next((step for step in _SECONDS if (high - low) / step < most), _SECONDS[-1])
    at = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    order = np.argsort(seconds)
    places = np.interp(at, seconds[order], along[order])
    # Whole tenths of a pixel: the axis finds the words by the number as it is written.
    return {
        round(float(place), 1): _words(float(value), step, hours=hours) for place, value in zip(places, at, strict=True)
    }


def _words(seconds: float, step: int, *, hours: bool) -> str:
    fields = 3 if step < 60 else 2 if step < 3600 else 1
    if hours:
        angle = Angle((seconds / 3600) % 24, "hourangle")
        text = angle.to_string(sep=("h", "m", "s"), precision=0, fields=fields, pad=True)
    else:
        angle = Angle(seconds / 3600, "deg")
        text = angle.to_string(sep=("°", "\N{PRIME}", "\N{DOUBLE PRIME}"), precision=0, fields=fields, alwayssign=True)
    return str(text)

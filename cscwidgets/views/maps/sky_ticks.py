"""Ticks of right ascension and declination along the edges of a picture of the sky."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
from astropy.coordinates import Angle
from astropy.wcs import WCS

from cscwidgets.arrays import Floats

__all__ = ["sky_ticks"]

_SIXTIETHS = (1, 2, 3, 5, 10, 15, 20, 30)
_SECONDS = (*_SIXTIETHS, *(60 * step for step in _SIXTIETHS), *(3600 * step for step in (1, 2, 3, 6, 12)))
"""Steps between ticks, in seconds of time or of arc."""

_MOST_ALONG, _MOST_UP = 4, 6  # ticks of an edge
_NARROWEST = 150.0  # pixels of the screen along an edge: in a smaller picture words may touch
_LETTER, _GAP = 6.6, 6.0  # pixels of the screen
_SAMPLES = 200
_FIELDS = re.compile(r"\d+[hms]")


def sky_ticks(wcs: WCS, pixels: int) -> tuple[dict[float, str], dict[float, str]]:
    """Right ascensions along the lower edge and declinations along the left edge of a square picture, north up.

    Parameters
    ----------
    wcs : WCS
    pixels : int
        Along each side.

    Returns
    -------
    dict of float to str
        Words by the pixel, for x and for y. Around a pole, where right ascension turns back, x has none.
    """
    along = np.linspace(-0.5, pixels - 0.5, _SAMPLES)
    edge = np.full(_SAMPLES, -0.5)
    ra = np.unwrap(wcs.wcs_pix2world(along, edge, 0)[0], period=360)
    dec = wcs.wcs_pix2world(edge, along, 0)[1]
    return _right_ascensions(along, ra), _ticks(along, dec, _MOST_UP, hours=False)


def _right_ascensions(along: Floats, ra: Floats) -> dict[float, str]:
    """All, or every second or third, so that there is room between the words."""
    ticks = sorted(_ticks(along, ra, _MOST_ALONG, hours=True).items())
    tried = (_shortened(dict(ticks[::every])) for every in range(1, _MOST_ALONG + 1))
    return next(some for some in tried if _are_apart(some, np.ptp(along)))


def _are_apart(ticks: dict[float, str], length: float) -> bool:
    """Whether words on a line of a length, in the unit of their places, are apart on the narrowest screen."""
    return all(
        (right - left) / length * _NARROWEST >= (len(ticks[left]) + len(ticks[right])) / 2 * _LETTER + _GAP
        for left, right in pairwise(sorted(ticks))
    )


def _shortened(ticks: dict[float, str]) -> dict[float, str]:
    """From left to right, each without the fields that it shares with the one before."""
    short, before = {}, [""] * 3
    for place in sorted(ticks):
        fields = _FIELDS.findall(ticks[place])
        shared = next(number for number, pair in enumerate(zip(fields, before, strict=False)) if pair[0] != pair[1])
        short[place] = "".join(fields[shared:])
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

"""All pairs of positions within a radius on the sphere.

Positions are sorted along zones of equal latitude (Gray, Nieto-Santisteban & Szalay 2006): within a zone, the
neighbours of a position are one stretch of longitudes, which bisection finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cscwidgets.arrays import Floats, Integers
from cscwidgets.errors import CscError

__all__ = ["Pairs", "haversine", "offsets", "pairs"]


_TURN = 1 << 32  # steps of longitude, 0.3 mas wide: a search goes one further on both sides
_LOWEST_ZONE = 2 / 3600  # deg
_ROUNDING = 1e-9  # deg
_AT_ONCE = 1_000_000  # candidates looked at in one go, which bounds the memory


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows of two lists, ordered by the first and then by separation; arrays of shape (pairs,).

    Attributes
    ----------
    first, second : ndarray of int
        Row in either list.
    separation : ndarray
        Degrees.
    """

    first: Integers
    second: Integers
    separation: Floats

    def __len__(self) -> int:
        return len(self.first)


def pairs(lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats, radius: float) -> Pairs:
    """All pairs of two lists of positions that are not further apart than a radius.

    Right at the poles, across longitude 0 and for any radius, as the separation itself decides.

    Parameters
    ----------
    lon1, lat1 : ndarray, shape (n,)
        Finite positions, degrees.
    lon2, lat2 : ndarray, shape (m,)
        Finite positions, degrees.
    radius : float
        Degrees; a pair exactly this far apart counts.

    Returns
    -------
    Pairs
        Row in the first list, row in the second, and separation in degrees, by the first and the separation.

    Raises
    ------
    CscError
        If the radius is not between 0 and 180 degrees.

    Examples
    --------
    >>> import numpy as np
    >>> from cscwidgets.science import matches
    >>> near = matches.pairs(np.array([359.9, 10.0]), np.zeros(2), np.array([0.05, 9.9, 50.0]), np.zeros(3), 0.2)
    >>> near.first, near.second
    (array([0, 1]), array([0, 1]))
    """
    if not 0 <= radius <= 180:
        raise CscError("There are no pairs", f"{radius:g} deg is not a radius on the sphere", "Give 0 to 180 degrees.")
    height = max(2 * radius, _LOWEST_ZONE)
    keys = _zone(lat2, height) * _TURN + _step(lon2)
    order = np.argsort(keys)
    rows, start, stop = _stretches(lon1, lat1, keys[order], height, radius)
    parts = []
    for part in _parts(stop - start):
        count = stop[part] - start[part]
        first, second = np.repeat(rows[part], count), order[_ranges(start[part], count)]
        level = np.abs(lat1[first] - lat2[second]) <= radius + _ROUNDING
        first, second = first[level], second[level]
        apart = haversine(lon1[first], lat1[first], lon2[second], lat2[second])
        close = apart <= radius
        parts.append((first[close], second[close], apart[close]))
    first, second, apart = (np.concatenate(column) for column in zip(*parts, strict=True))
    sort = np.lexsort((apart, first))
    return Pairs(first[sort], second[sort], apart[sort])


def haversine(lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> Floats:
    """Angle between positions, all in degrees: half the work of `cscwidgets.sky.separation`, which is as good there.

    Good to 1e-10 arcsec where it is small, as it is for the pairs that this is for.
    """
    lower, upper = np.radians(lat1), np.radians(lat2)
    haversine = (
        np.sin((upper - lower) / 2) ** 2 + np.cos(lower) * np.cos(upper) * np.sin(np.radians(lon2 - lon1) / 2) ** 2
    )
    return np.asarray(np.degrees(2 * np.arcsin(np.sqrt(np.minimum(haversine, 1)))))


def offsets(lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> tuple[Floats, Floats]:
    """Where second positions lie as seen from first ones: to the east and to the north, degrees.

    Along great circles (the azimuthal equidistant projection), so that their length is the separation.
    """
    lower, upper, turn = np.radians(lat1), np.radians(lat2), np.radians(lon2 - lon1)
    half = np.sin(turn / 2) ** 2
    east = np.cos(upper) * np.sin(turn)
    north = np.sin(upper - lower) + 2 * np.sin(lower) * np.cos(upper) * half
    length = np.hypot(east, north)
    apart = haversine(lon1, lat1, lon2, lat2)
    scale = np.divide(apart, length, out=np.zeros_like(apart), where=length > 0)
    return scale * east, scale * north


def _zone(lat: Floats, height: float) -> Integers:
    return np.floor((lat + 90) / height).astype(np.int64)


def _step(lon: Floats) -> Integers:
    return np.minimum((np.mod(lon, 360) * (_TURN / 360)).astype(np.int64), _TURN - 1)


def _stretches(
    lon: Floats, lat: Floats, keys: Integers, height: float, radius: float
) -> tuple[Integers, Integers, Integers]:
    """Rows, and where the sorted keys of their possible partners start and stop; a row may come several times."""
    lowest, highest = (_zone(lat + way * (radius + _ROUNDING), height) for way in (-1, 1))
    by_zone = np.argsort(lowest * _TURN + _step(lon))  # bisection in order of the keys stays in the cache
    width = _half_width(lat, radius) * (_TURN / 360)
    middle = np.mod(lon, 360) * (_TURN / 360)
    west = np.floor(middle - width).astype(np.int64) - 1
    east = np.ceil(middle + width).astype(np.int64) + 1
    circles = east - west >= _TURN
    west[circles], east[circles] = 0, _TURN
    stretches = []
    for above in range(int((highest - lowest).max(initial=0)) + 1):
        rows = by_zone[(lowest + above <= highest)[by_zone]]
        for turn in (0, _TURN, -_TURN):
            chosen = rows if not turn else rows[((west < 0) if turn > 0 else (east > _TURN))[rows]]
            zone = (lowest[chosen] + above) * _TURN
            start = np.searchsorted(keys, zone + np.clip(west[chosen] + turn, 0, _TURN))
            stop = np.searchsorted(keys, zone + np.clip(east[chosen] + turn, 0, _TURN))
            full = stop > start
            stretches.append((chosen[full], start[full], stop[full]))
    rows, start, stop = (np.concatenate(column) for column in zip(*stretches, strict=True))
    return rows, start, stop


def _half_width(lat: Floats, radius: float) -> Floats:
    """How far in longitude a circle about each latitude reaches, degrees; 180 where it holds a pole."""
    ratio = np.sin(np.radians(min(radius, 90))) / np.maximum(np.cos(np.radians(lat)), 1e-300)
    polar = np.abs(lat) + radius >= 90 - _ROUNDING
    reach = np.degrees(np.arcsin(np.minimum(ratio, 1))) * (1 + _ROUNDING)
    return np.asarray(np.where(polar, 180.0, reach))


def _ranges(start: Integers, count: Integers) -> Integers:
    """The whole numbers from each start on, one after the other."""
    before = np.cumsum(count) - count
    return np.asarray(np.arange(int(count.sum())) + np.repeat(start - before, count))


def _parts(count: Integers) -> Iterator[slice]:
    """Slices with about as many candidates as are looked at in one go; one at least."""
    total = np.cumsum(count)
    inner = np.searchsorted(total, np.arange(_AT_ONCE, int(count.sum()), _AT_ONCE))
    for first, last in pairwise([0, *inner.tolist(), len(count)]):
        yield slice(first, last)

"""Which sources a position may be: those it lies within the error of, or within a radius."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import astropy.units as u
import numpy as np
from astropy.table import Table

from cscwidgets.arrays import Floats, Integers
from cscwidgets.sky.sphere import separation

__all__ = ["Errors", "Nearest", "nearest_within", "unit_vectors", "within"]


@dataclass(frozen=True, eq=False)
class Errors:
    """How far from each of some sources it may still be meant: an ellipse each; arrays of shape (n,).

    Attributes
    ----------
    major, minor : ndarray
        Semi-axes, arcsec; NaN of sources without an error, which no position is within.
    angle : ndarray
        Position angle of the major axis, degrees.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("err_ellipse_r0", "err_ellipse_r1", "err_ellipse_ang")

    major: Floats
    minor: Floats
    angle: Floats

    @classmethod
    def of(cls, sources: Table) -> Errors:
        """The error ellipses of catalogue sources, which hold 95 % of all true positions."""
        r0, r1, position_angle = cls.COLUMNS
        major = _values(sources[r0], u.arcsec)
        if not {r1, position_angle} <= set(sources.colnames):
            return cls(major, major, np.zeros(len(major)))
        minor, angle = _values(sources[r1], u.arcsec), _values(sources[position_angle], u.deg)
        circle = ~((minor > 0) & np.isfinite(angle))
        return cls(major, np.where(circle, major, minor), np.where(circle, 0, angle))

    @classmethod
    def circles(cls, radius: float, number: int) -> Errors:
        """The same radius around each, arcsec."""
        axis = np.full(number, radius)
        return cls(axis, axis, np.zeros(number))

    def reach(self, rows: Integers, angle: Floats) -> Floats:
        """How far the ellipses of some sources reach along position angles (degrees), arcsec."""
        turned = np.radians(angle - self.angle[rows])
        major, minor = self.major[rows], self.minor[rows]
        return np.asarray(major * minor / np.hypot(minor * np.cos(turned), major * np.sin(turned)))


@dataclass(frozen=True, eq=False)
class Nearest:
    """What was found of each of some positions; arrays of shape (n,).

    Attributes
    ----------
    row : ndarray of int
        The nearest source that it may be, -1 for none.
    separation : ndarray
        From it, arcsec; NaN for none.
    candidates : ndarray of int
        How many sources it may be.
    """

    row: Integers
    separation: Floats
    candidates: Integers


def nearest_within(  # noqa: PLR0917 - two lists of positions
    ra: Floats, dec: Floats, blur: Floats, source_ra: Floats, source_dec: Floats, errors: Errors
) -> Nearest:
    """The nearest of the sources that each position lies within the error of.

    Parameters
    ----------
    ra, dec : ndarray, shape (n,)
        Finite positions, degrees.
    blur : ndarray, shape (n,)
        By how much each may be off besides, arcsec.
    source_ra, source_dec : ndarray, shape (m,)
        Degrees.
    errors : Errors
        Of the sources.
    """
    none = np.full(len(ra), -1)
    usable = errors.major[np.isfinite(errors.major)]
    if not len(usable) or not len(ra):
        return Nearest(none, np.full(len(ra), np.nan), np.zeros(len(ra), int))
    first, second = within(ra, dec, source_ra, source_dec, (float(usable.max()) + float(blur.max())) / 3600)
    apart = 3600 * separation(ra[first], dec[first], source_ra[second], source_dec[second])
    reach = errors.reach(second, _position_angle(source_ra[second], source_dec[second], ra[first], dec[first]))
    inside = apart <= reach + blur[first]  # never of a source without an error
    first, second, apart = first[inside], second[inside], apart[inside]
    order = np.lexsort((second, apart, first))
    first, second, apart = first[order], second[order], apart[order]
    begins = np.flatnonzero(np.diff(first, prepend=-1))
    row, distance = none, np.full(len(ra), np.nan)
    row[first[begins]], distance[first[begins]] = second[begins], apart[begins]
    return Nearest(row, distance, np.bincount(first, minlength=len(ra)))


def within(ra: Floats, dec: Floats, other_ra: Floats, other_dec: Floats, radius: float) -> tuple[Integers, Integers]:
    """Rows of two lists of positions (degrees) that are not, or hardly, farther apart than a radius (degrees)."""
    from scipy.spatial import KDTree  # noqa: PLC0415 - slow to import

    chord = 2 * np.sin(np.radians(min(radius, 180.0)) / 2) + 1e-12
    near = KDTree(unit_vectors(other_ra, other_dec)).query_ball_point(unit_vectors(ra, dec), chord)
    counts = np.fromiter(map(len, near), np.intp, len(near))
    return np.repeat(np.arange(len(ra)), counts), np.fromiter(
        (one for row in near for one in row), np.intp, counts.sum()
    )


def unit_vectors(ra: Floats, dec: Floats) -> Floats:
    """Positions (degrees) as points of the unit sphere, shape (n, 3)."""
    lon, lat = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def _position_angle(ra0: Floats, dec0: Floats, ra: Floats, dec: Floats) -> Floats:
    """Of the second positions seen from the first, north through east, degrees."""
    lon, lat0, lat = np.radians(ra - ra0), np.radians(dec0), np.radians(dec)
    east = np.cos(lat) * np.sin(lon)
    north = np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(lon)
    return np.asarray(np.degrees(np.arctan2(east, north)))


def _values(column: object, unit: u.UnitBase) -> Floats:
    value = u.Quantity(np.ma.filled(column, np.nan), unit) if isinstance(column, np.ma.MaskedArray) else column
    return np.asarray(u.Quantity(value, unit).value, float)

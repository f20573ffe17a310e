"""Errors of positions as Gaussians of two dimensions: ellipses, per-axis errors, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats, Integers

__all__ = ["Covariance", "convergence", "sigmas_of"]


_ANGLES = 32  # of a quarter turn: relative error 1e-5 for an axis ratio of 10


def sigmas_of(content: float) -> float:
    """How many sigma the ellipse reaches that holds a fraction of a two-dimensional Gaussian.

    >>> round(sigmas_of(0.95), 4)
    2.4477
    """
    return float(np.sqrt(-2 * np.log1p(-content)))


@dataclass(frozen=True, slots=True)
class Covariance:
    """Covariances of positions; arrays of shape (n,), arcsec**2.

    Attributes
    ----------
    east, north : ndarray
        Variances.
    cross : ndarray
        Covariance of both.
    """

    east: Floats
    north: Floats
    cross: Floats

    @classmethod
    def of_ellipse(
        cls, major: ArrayLike, minor: ArrayLike, angle: ArrayLike, content: float | None = None
    ) -> Covariance:
        """From semi-axes in arcsec and the major one's position angle in degrees, north through east.

        The semi-axes are of 1 sigma, or of the ellipse with a probability content (0.95 in the CSC).
        """
        scale = 1.0 if content is None else sigmas_of(content)
        a, b = (np.square(np.asarray(axis, np.float64) / scale) for axis in (major, minor))
        sin, cos = np.sin(np.radians(angle)), np.cos(np.radians(angle))
        return cls(a * sin**2 + b * cos**2, a * cos**2 + b * sin**2, (a - b) * sin * cos)

    @classmethod
    def of_axes(cls, east: ArrayLike, north: ArrayLike, correlation: ArrayLike = 0.0) -> Covariance:
        """From 1 sigma errors (arcsec) in right ascension (times cos dec) and declination, and their correlation."""
        x, y, r = (np.asarray(values, np.float64) for values in (east, north, correlation))
        return cls(x**2, y**2, np.asarray(r * x * y))

    @classmethod
    def joined(cls, parts: list[Covariance]) -> Covariance:
        """One after the other."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("east", "north", "cross")))

    def __len__(self) -> int:
        return len(self.east)

    def __getitem__(self, rows: Integers) -> Covariance:
        return Covariance(self.east[rows], self.north[rows], self.cross[rows])

    def __add__(self, other: Covariance) -> Covariance:
        return Covariance(self.east + other.east, self.north + other.north, self.cross + other.cross)

    @property
    def determinant(self) -> Floats:
        """Arcsec**4."""
        return self.east * self.north - self.cross**2

    @property
    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Semi-axes of 1 sigma, arcsec, and the position angle of the major one, 0 to 180 degrees."""
        mean, half = (self.east + self.north) / 2, np.hypot((self.north - self.east) / 2, self.cross)
        angle = np.degrees(np.arctan2(self.cross, (self.north - self.east) / 2)) / 2
        return np.sqrt(mean + half), np.sqrt(np.maximum(mean - half, 0)), np.mod(angle, 180)

    def rotated(self, angle: Floats) -> Covariance:
        """The same errors with every position angle increased, degrees."""
        sin, cos = np.sin(np.radians(angle)), np.cos(np.radians(angle))
        return Covariance(
            self.east * cos**2 + 2 * self.cross * sin * cos + self.north * sin**2,
            self.east * sin**2 - 2 * self.cross * sin * cos + self.north * cos**2,
            self.cross * (cos**2 - sin**2) + (self.north - self.east) * sin * cos,
        )

    def chi2(self, east: Floats, north: Floats) -> Floats:
        """Square of offsets (arcsec) in units of sigma."""
        form = self.north * east**2 - 2 * self.cross * east * north + self.east * north**2
        return np.asarray(form / self.determinant)

    def log_density(self, east: Floats, north: Floats) -> Floats:
        """Logarithm of the probability density of offsets (arcsec), per arcsec**2."""
        return np.asarray(-self.chi2(east, north) / 2 - np.log(2 * np.pi) - np.log(self.determinant) / 2)

    def within(self, radius: float) -> Floats:
        """Probability of an offset below a radius (arcsec): the distribution of Hoyt (1947)."""
        major, minor, _ = self.axes
        inside = np.ones(len(self))
        near = np.flatnonzero(radius < 7 * major)  # beyond, 1 to within 3e-11
        a, b = major[near] ** 2, minor[near] ** 2
        total = np.zeros(len(near))
        for angle in (np.arange(_ANGLES) + 0.5) * np.pi / 2 / _ANGLES:
            inverse = a * b / (b * np.cos(angle) ** 2 + a * np.sin(angle) ** 2)  # variance along this direction
            total -= inverse * np.expm1(-(radius**2) / 2 / inverse)
        inside[near] = total / _ANGLES / np.sqrt(a * b)
        return inside


def convergence(lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> Floats:
    """By how much north turns between positions, all in degrees; matters close to the poles.

    At the second position, the great circle through both has a position angle greater by this than at the first.
    """
    half = np.radians(lon2 - lon1) / 2
    middle, difference = np.radians(lat1 + lat2) / 2, np.radians(lat2 - lat1) / 2
    return np.asarray(np.degrees(2 * np.arctan2(np.sin(middle) * np.sin(half), np.cos(difference) * np.cos(half))))

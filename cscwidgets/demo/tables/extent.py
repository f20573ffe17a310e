"""Simulated measurements of source extent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.csc.bands import BANDS
from cscwidgets.science.photometry import Flux

__all__ = ["Extent", "measure_extent"]


_ENOUGH_COUNTS = 15
_ROUNDNESS = 0.85


@dataclass(frozen=True, slots=True)
class Extent:
    """Deconvolved 1-sigma radii (arcsec) and position angle (deg); arrays of shape (regions, bands).

    `extended` tells where the image is wider than the PSF at 90% confidence.
    """

    major: Flux
    minor: Flux
    angle: Flux
    extended: Flags

    @property
    def code(self) -> Integers:
        """One bit for each band in which the source is extended."""
        return np.asarray((self.extended * 2 ** np.arange(len(BANDS))).sum(axis=1), dtype=np.int64)


def measure_extent(
    rng: np.random.Generator, true_sigma: Floats, psf_sigma: Floats, counts: Floats, detected: Flags
) -> Extent:
    """Scatter the variance of each image as so many counts would, and take that of the PSF away.

    Parameters
    ----------
    rng : Generator
        Source of the scatter.
    true_sigma, psf_sigma : ndarray, shape (regions,)
        Extent of the source and of the PSF, arcsec.
    counts, detected : ndarray, shape (regions, bands)
        Net counts, and where the band was detected at all.
    """
    measured = detected & (counts >= _ENOUGH_COUNTS)
    n = np.where(measured, counts, 1.0)
    psf = np.broadcast_to(psf_sigma[:, None] ** 2, n.shape)
    total = true_sigma[:, None] ** 2 + psf
    error = total / np.sqrt(n)
    excess = total + error * rng.standard_normal(n.shape) - psf
    extended = measured & (excess > 1.645 * error)
    major = _root(excess, error)
    angle = rng.uniform(0, 180, n.shape)
    spread = np.minimum(90.0, 60 / np.sqrt(n) * 10)
    angles = Flux(angle, np.maximum(angle - spread, 0), np.minimum(angle + spread, 180))
    return Extent(_where(measured, major), _where(measured, major * _ROUNDNESS), _where(measured, angles), extended)


def _root(variance: Floats, error: Floats) -> Flux:
    value, lower, upper = (np.sqrt(np.maximum(variance + shift * error, 0)) for shift in (0, -1, 1))
    # A point source's radius is an upper limit: its interval starts at 0 and has a width.
    return Flux(value, lower, np.maximum(upper, 0.5 * np.sqrt(error)))


def _where(keep: Flags, values: Flux) -> Flux:
    return Flux(*(np.where(keep, column, np.nan) for column in (values.value, values.lower, values.upper)))

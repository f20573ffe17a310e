"""A parametric Chandra: effective areas, point-spread function, background and fields of view.

Simple enough to run in moments and close enough to look right: the ACIS area follows a public CSC
response file, the growing contamination of ACIS takes away soft photons year by year.
"""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Flags, Floats

from ..sky.source_spectra import ENERGY

__all__ = [
    "APERTURE_FRACTION",
    "FRACTION_90",
    "REACH",
    "acis_area",
    "background_rate",
    "chip_corners",
    "error_radius",
    "hrc_area",
    "in_field_of_view",
    "outline_corners",
    "psf_radius",
    "region_area",
    "region_radius",
    "vignetting",
]


APERTURE_FRACTION = 0.94
"""PSF fraction in a source region."""

FRACTION_90 = 0.9

# keV and cm**2
_ACIS = np.array(
    [
        (0.1, 0.5), (0.2, 8), (0.3, 60), (0.5, 205), (0.8, 440), (1.0, 568), (1.5, 707), (2.0, 630),
        (2.2, 337), (3.0, 408), (4.0, 400), (5.0, 311), (6.0, 186), (7.0, 89), (8.0, 35), (10, 4),
    ]
)  # fmt: skip
_HRC = np.array(
    [(0.1, 20), (0.3, 60), (0.6, 110), (1.0, 215), (1.5, 200), (2.0, 130), (3.0, 60), (5.0, 40), (7.0, 15), (10, 5)]
)

# counts s**-1 arcsec**-2 in the bands b, h, m, s, u (ACIS) and w (HRC), and above them
_BACKGROUND = {
    "ACIS": np.array([1.0e-6, 6.0e-7, 1.5e-7, 2.5e-7, 8.0e-8, 0.0, 3.6e-7]),
    "HRC": np.array([0, 0, 0, 0, 0, 5e-6, 0]),
}


def _curve(points: Floats) -> Floats:
    return np.exp(np.interp(np.log(ENERGY), np.log(points[:, 0]), np.log(points[:, 1])))


def acis_area(year: float, *, grating: bool = False) -> Floats:
    """On-axis effective area of ACIS, cm**2, on the energy grid; a transmission grating leaves a fifth in order 0."""
    contamination = 0.08 * max(year - 1999.6, 0) * (0.67 / ENERGY) ** 3
    return _curve(_ACIS) * np.exp(-np.minimum(contamination, 50)) * (0.2 if grating else 1.0)


def hrc_area() -> Floats:
    """On-axis effective area of the HRC-I, cm**2, on the energy grid."""
    return _curve(_HRC)


def vignetting(theta: Floats) -> Floats:
    """Area relative to that on axis, at off-axis angles in arcmin."""
    return np.asarray(1 / (1 + (theta / 17) ** 2))


def psf_radius(theta: Floats) -> Floats:
    """Radius in arcsec of the circle with 90% of the light, at off-axis angles in arcmin."""
    return np.asarray(1.0 + 0.09 * theta**2)


def region_radius(theta: Floats, extent: Floats) -> Floats:
    """Radius of source regions, arcsec, at off-axis angles in arcmin, of sources of some extent (arcsec)."""
    return np.asarray(np.hypot(1.15 * psf_radius(theta), 1.7 * extent))


def region_area(theta: Floats, extent: Floats) -> Floats:
    """Area of source regions, arcsec**2."""
    return np.asarray(np.pi * region_radius(theta, extent) ** 2)


def error_radius(theta: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Major and minor radius of the 95% position error ellipse, arcsec, and never below the astrometric 0.29."""
    random = 2.4477 * psf_radius(theta) / 2.15 / np.sqrt(np.maximum(counts, 3))
    stretch = 1 + 0.03 * theta
    return np.hypot(0.29, random * stretch), np.hypot(0.29, random / stretch)


def background_rate(instrument: str) -> Floats:
    """Counts s**-1 arcsec**-2 of each band, in the order of the bands, and above them all."""
    return _BACKGROUND[instrument]


REACH = {"ACIS": 12.0, "HRC": 22.0}
"""Arcmin from the pointing that hold every field of view."""


_ACIS_HALF = 8.3  # arcmin from the middle of ACIS-I to its sides
_ACIS_S_SIDES, _ACIS_S_HALF = (-10.4, -2.1, 6.2), 4.15
_HRC_HALF = 15 * np.sqrt(2)  # arcmin from the middle of the HRC-I to its corners


def in_field_of_view(detector: str, x: Floats, y: Floats) -> Flags:
    """Whether detector positions, arcmin from the aim point, are on a chip.

    ACIS-I is a square of four chips, ACIS-S the chips S3 and S2, the HRC-I a square standing on its corner.
    """
    if detector.startswith("HRC"):
        return np.asarray(np.abs(x) + np.abs(y) < _HRC_HALF)
    if detector == "ACIS-235678":
        left, _, right = _ACIS_S_SIDES
        return np.asarray((np.abs(y) < _ACIS_S_HALF) & (x > left) & (x < right))
    return np.asarray((np.abs(x) < _ACIS_HALF) & (np.abs(y) < _ACIS_HALF))


def chip_corners(detector: str) -> dict[int, tuple[Floats, Floats]]:
    """Corners of each chip, arcmin from the aim point in detector x and y: together they are the field of view."""
    if detector.startswith("HRC"):
        return {0: outline_corners(detector)}
    if detector == "ACIS-235678":
        left, middle, right = _ACIS_S_SIDES
        half = _ACIS_S_HALF
        return {6: _rectangle(left, middle, -half, half), 7: _rectangle(middle, right, -half, half)}
    half = _ACIS_HALF
    halves = ((0.0, half), (-half, 0.0))
    return {2 * row + (x > -half): _rectangle(x, x + half, *halves[row]) for row in (0, 1) for x in (-half, 0.0)}


def outline_corners(detector: str) -> tuple[Floats, Floats]:
    """Corners of the whole field of view, in the same way."""
    if detector.startswith("HRC"):
        return _HRC_HALF * np.array([1.0, 0, -1, 0]), _HRC_HALF * np.array([0.0, 1, 0, -1])
    if detector == "ACIS-235678":
        return _rectangle(_ACIS_S_SIDES[0], _ACIS_S_SIDES[-1], -_ACIS_S_HALF, _ACIS_S_HALF)
    return _rectangle(-_ACIS_HALF, _ACIS_HALF, -_ACIS_HALF, _ACIS_HALF)


def _rectangle(left: float, right: float, bottom: float, top: float) -> tuple[Floats, Floats]:
    return np.array([left, right, right, left]), np.array([bottom, bottom, top, top])

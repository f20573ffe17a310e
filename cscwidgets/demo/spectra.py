"""Spectra of the simulated sources: power laws and optically thin plasma behind cold gas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cscwidgets.archive.bands import BANDS

__all__ = ["ENERGY", "ERG_PER_KEV", "IN_BAND", "STEP", "absorption", "photon_spectrum", "powerlaw", "thermal"]

Floats = NDArray[np.float64]

ERG_PER_KEV = 1.602176634e-9
STEP = 0.025
ENERGY: Floats = np.arange(0.1, 10, STEP) + STEP / 2
"""Centres of the energy grid, keV; every band starts and ends on a cell edge."""

IN_BAND: Floats = np.array([(band.low_kev < ENERGY) & (band.high_kev > ENERGY) for band in BANDS.values()], dtype=float)
"""Membership of each energy cell in the bands, shape (bands, energies)."""

# Photoelectric cross-section of cold gas (Morrison & McCammon 1983, ApJ 270, 119, table 2):
# upper energy in keV and three coefficients of sigma = (c0 + c1 E + c2 E^2) E^-3 x 1e-24 cm^2.
_CROSS_SECTION = (
    (0.100, 17.3, 608.1, -2150.0),
    (0.284, 34.6, 267.9, -476.1),
    (0.400, 78.1, 18.8, 4.3),
    (0.532, 71.4, 66.8, -51.4),
    (0.707, 95.5, 145.8, -61.1),
    (0.867, 308.9, -380.6, 294.0),
    (1.303, 120.6, 169.3, -47.7),
    (1.840, 141.3, 146.8, -31.5),
    (2.471, 202.7, 104.7, -17.0),
    (3.210, 342.7, 18.7, 0.0),
    (4.038, 352.2, 18.7, 0.0),
    (7.111, 433.9, -2.4, 0.75),
    (8.331, 629.0, 30.9, 0.0),
    (10.01, 701.2, 25.2, 0.0),
)


def _depth_per_column() -> Floats:
    ends, c0, c1, c2 = np.array(_CROSS_SECTION).T
    piece = np.searchsorted(ends, ENERGY)
    return np.asarray((c0[piece] + c1[piece] * ENERGY + c2[piece] * ENERGY**2) / ENERGY**3 * 1e-2)


_DEPTH = _depth_per_column()


def absorption(nh: Floats) -> Floats:
    """Transmission of columns in 1e22 cm**-2, shape (sources, energies)."""
    return np.exp(-np.asarray(nh)[:, None] * _DEPTH)


def powerlaw(gamma: Floats) -> Floats:
    """Photons per keV of power laws, 1 at 1 keV, shape (sources, energies)."""
    return np.asarray(ENERGY ** -np.asarray(gamma)[:, None])


def thermal(kt: Floats) -> Floats:
    """Photons per keV of plasmas of temperature kT in keV, shape (sources, energies).

    Bremsstrahlung with a power-law Gaunt factor, and one bump near 0.9 keV for the unresolved iron-L
    lines of plasmas cooler than about 2 keV: enough for colours, not meant for line spectroscopy.
    """
    t = np.asarray(kt)[:, None]
    lines = 6 * np.exp(-t / 0.8) * np.exp(-0.5 * ((ENERGY - 0.9) / 0.15) ** 2)
    return np.asarray(np.exp(-ENERGY / t) / ENERGY * ((ENERGY / t) ** -0.4 + lines))


def photon_spectrum(is_thermal: NDArray[np.bool_], shape: Floats, nh: Floats) -> Floats:
    """Photons s**-1 cm**-2 keV**-1 for an observed 0.5-7 keV flux of 1 erg s**-1 cm**-2.

    Parameters
    ----------
    is_thermal : ndarray of bool, shape (sources,)
        Plasma or power law.
    shape : ndarray, shape (sources,)
        Temperature in keV, or photon index.
    nh : ndarray, shape (sources,)
        Absorbing column, 1e22 cm**-2.

    Returns
    -------
    ndarray, shape (sources, energies)
    """
    photons = np.where(is_thermal[:, None], thermal(np.maximum(shape, 0.05)), powerlaw(shape)) * absorption(nh)
    broad = IN_BAND[list(BANDS).index("b")]
    flux = (photons * ENERGY * broad).sum(axis=1, keepdims=True) * STEP * ERG_PER_KEV
    return np.asarray(photons / flux)

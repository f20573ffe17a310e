"""Spectra of the simulated sources: power laws and optically thin plasma behind cold gas.

The gas is the tbabs of `science.absorption` with the abundances wilm (Wilms, Allen & McCray 2000), a plasma hotter than
about 2 keV the bremsstrahlung of `science.spectra.gaunt`: with these models, fits of simulated spectra find the truth.
"""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Flags, Floats
from cscwidgets.csc.bands import BANDS
from cscwidgets.science.absorption import cross_section
from cscwidgets.science.spectra.gaunt import bremsstrahlung

__all__ = [
    "BAND",
    "ENERGY",
    "ERG_PER_KEV",
    "IN_BAND",
    "STEP",
    "absorption",
    "black_body",
    "photon_spectrum",
    "powerlaw",
    "thermal",
]


BAND = {suffix: number for number, suffix in enumerate(BANDS)}
"""The number of each band, in arrays over bands."""

ERG_PER_KEV = 1.602176634e-9
STEP = 0.025
ENERGY: Floats = np.arange(0.1, 10, STEP) + STEP / 2
"""Centres of the energy grid, keV; every band starts and ends on a cell edge."""

IN_BAND: Floats = np.array([(band.low_kev < ENERGY) & (band.high_kev > ENERGY) for band in BANDS.values()], dtype=float)
"""Membership of each energy cell in the bands, shape (bands, energies)."""

_DEPTH = cross_section(ENERGY)


def absorption(nh: Floats) -> Floats:
    """Transmission of columns in 1e22 cm**-2, shape (sources, energies)."""
    return np.exp(-np.asarray(nh)[:, None] * _DEPTH)


def powerlaw(gamma: Floats) -> Floats:
    """Photons per keV of power laws, 1 at 1 keV, shape (sources, energies)."""
    return np.asarray(ENERGY ** -np.asarray(gamma)[:, None])


def black_body(kt: Floats) -> Floats:
    """Photons per keV of black bodies of temperature kT in keV, shape (sources, energies)."""
    x = np.minimum(ENERGY / np.asarray(kt)[:, None], 600)
    return np.asarray(ENERGY**2 / np.expm1(x))


def thermal(kt: Floats) -> Floats:
    """Photons per keV of plasmas of temperature kT in keV, shape (sources, energies).

    Bremsstrahlung, and in plasmas cooler than about 2 keV one bump near 0.9 keV for the unresolved iron-L
    lines: enough for colours, not meant for line spectroscopy.
    """
    t = np.asarray(kt, dtype=float)[:, None]
    continuum = np.array([bremsstrahlung(ENERGY, float(temperature)) for temperature in kt]).reshape(
        len(t), len(ENERGY)
    )
    lines = 6 * np.exp(-((t / 0.9) ** 2)) * np.exp(-0.5 * ((ENERGY - 0.9) / 0.15) ** 2)
    return np.asarray(continuum + np.exp(-ENERGY / t) / (ENERGY * np.sqrt(t)) * lines)


def photon_spectrum(is_thermal: Flags, shape: Floats, nh: Floats) -> Floats:
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
    photons = powerlaw(shape)
    photons[is_thermal] = thermal(np.maximum(shape[is_thermal], 0.05))
    photons *= absorption(nh)
    broad = IN_BAND[BAND["b"]]
    flux = (photons * ENERGY * broad).sum(axis=1, keepdims=True) * STEP * ERG_PER_KEV
    return np.asarray(photons / flux)

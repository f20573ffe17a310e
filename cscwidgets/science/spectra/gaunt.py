"""Bremsstrahlung of a hot gas, and its Gaunt factor.

Born's cross-section with Elwert's correction for slow electrons (Elwert 1939, Annalen der Physik 426, 178), averaged
over a Maxwell distribution: near the exact quantum-mechanical values (Karzas & Latter 1961,
ApJS 6, 167) while kT is well above 13.6 eV times the square of the charge.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats

__all__ = ["bremsstrahlung", "gaunt_factor"]


_HELIUM = 0.085  # ions per hydrogen ion in XSPEC's bremss
_RYDBERG = 0.013605693  # keV
_LOG_GAMMA2 = np.linspace(np.log(1e-5), np.log(1e3), 61)
_LOG_U = np.linspace(np.log(1e-5), np.log(1e3), 121)
_LOG_X = np.linspace(np.log(1e-9), np.log(80.0), 300)


def gaunt_factor(energy: ArrayLike, kt: float, charge: int = 1) -> Floats:
    """Thermally averaged free-free Gaunt factor.

    Parameters
    ----------
    energy : array_like
        Photon energies in keV.
    kt : float
        Temperature in keV.
    charge : int
        Charge of the ion.

    Returns
    -------
    ndarray, of the shape of `energy`
        Without unit; about 1 where a photon has the thermal energy.

    Examples
    --------
    >>> from cscwidgets.science import spectra
    >>> spectra.gaunt_factor([0.1, 1.0, 5.0], kt=5.0).round(1)
    array([2.7, 1.5, 0.9])
    """
    u = np.log(np.asarray(energy, dtype=float) / kt)
    gamma2 = np.clip(np.log(charge**2 * _RYDBERG / kt), *_LOG_GAMMA2[[0, -1]])
    row = min(int(np.searchsorted(_LOG_GAMMA2, gamma2, side="right")) - 1, len(_LOG_GAMMA2) - 2)
    share = (gamma2 - _LOG_GAMMA2[row]) / (_LOG_GAMMA2[row + 1] - _LOG_GAMMA2[row])
    table = _table()
    return np.asarray(np.exp(np.interp(u, _LOG_U, (1 - share) * table[row] + share * table[row + 1])))


def bremsstrahlung(energy: ArrayLike, kt: float) -> Floats:
    """Photons cm**-2 s**-1 keV**-1 of hydrogen with 8.5 % helium, of unit norm as XSPEC's bremss.

    Parameters
    ----------
    energy : array_like
        Photon energies in keV.
    kt : float
        Temperature in keV.

    Returns
    -------
    ndarray, of the shape of `energy`
        Photons cm**-2 s**-1 keV**-1.

    Examples
    --------
    >>> from cscwidgets.science import spectra
    >>> spectra.bremsstrahlung([0.5, 1.0, 5.0], kt=5.0).round(2)
    array([2.02, 0.76, 0.04])
    """
    e = np.maximum(np.asarray(energy, dtype=float), 1e-6)
    gaunt = gaunt_factor(e, kt, 1) + 4 * _HELIUM * gaunt_factor(e, kt, 2)
    return np.asarray(gaunt * np.exp(-np.minimum(e / kt, 600)) / (e * np.sqrt(kt)))


@cache
def _table() -> Floats:
    """Logarithm of the factor, shape (temperatures, photon energies)."""
    x, u = np.exp(_LOG_X), np.exp(_LOG_U)[:, None]  # x: energy of the electron after the photon left, in kT
    rows = []
    for gamma2 in np.exp(_LOG_GAMMA2):
        initial, final = np.sqrt(gamma2 / (x + u)), np.sqrt(gamma2 / x)
        elwert = final / initial * np.expm1(-2 * np.pi * initial) / np.expm1(-2 * np.pi * final)
        # log((final + initial) / (final - initial)), without the difference, which would cancel
        logarithm = np.log((final + initial) ** 2 * x * (x + u) / (gamma2 * u))
        rows.append(np.trapezoid(np.sqrt(3) / np.pi * elwert * logarithm * x * np.exp(-x), _LOG_X, axis=1))
    return np.asarray(np.log(rows))

"""Energy flux for a photon flux in one band: with a stated spectrum, or as the catalogue's limits are calibrated."""

from __future__ import annotations

from dataclasses import dataclass

import astropy.units as u
import numpy as np

from cscwidgets.csc.bands import BANDS_KEV
from cscwidgets.errors import CscError

from ..absorption import cross_section
from .sensitivity_map import PHOTON_FLUX

__all__ = [
    "ENERGY_FLUX",
    "SOFT_BAND",
    "FluxCalibration",
    "as_photon_flux",
    "band_ratio",
    "in_unit",
    "power_law_calibration",
]

ENERGY_FLUX = u.erg / u.s / u.cm**2
_POINTS = 2001


@dataclass(frozen=True, slots=True)
class FluxCalibration:
    """A straight line between the logarithms (to base 10): erg/s/cm**2 against photon/s/cm**2.

    Parameters
    ----------
    slope, intercept : float
        log10 of the energy flux is ``slope * log10(photon flux) + intercept``.
    band : str
        The one it is for.
    words : str
        What it assumes, for people.
    """

    slope: float
    intercept: float
    band: str
    words: str

    def energy_flux(self, photon_flux: u.Quantity) -> u.Quantity:
        """Energy flux, any shape."""
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.log10(photon_flux.to_value(PHOTON_FLUX))
        return 10 ** (self.slope * log + self.intercept) * ENERGY_FLUX

    def photon_flux(self, energy_flux: u.Quantity) -> u.Quantity:
        """Photon flux, any shape."""
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.log10(energy_flux.to_value(ENERGY_FLUX))
        return 10 ** ((log - self.intercept) / self.slope) * PHOTON_FLUX


SOFT_BAND = FluxCalibration(1.028, -8.595, "s", "the CSC's calibration of limits in the soft band")
"""Measured by the CXC on detected sources; for the soft band alone.

Source: https://cxc.cfa.harvard.edu/csc/threads/cumulative_sky_coverage/
"""


def power_law_calibration(
    photon_index: float, band: str, *, nh: float = 0.0, to_band: tuple[float, float] | None = None
) -> FluxCalibration:
    """Calibration for a power law behind gas; fluxes are as observed, absorption included.

    Parameters
    ----------
    photon_index : float
        Of photons: a number per energy that falls as energy**-photon_index.
    band : {"b", "h", "m", "s", "u"}
        Of the photon flux.
    nh : float
        Column of gas (tbabs, wilm abundances), 1e22 cm**-2.
    to_band : tuple of float, optional
        Energies of the energy flux, keV; by default those of the band.

    Returns
    -------
    FluxCalibration
        Photon flux to energy flux, and back.

    Raises
    ------
    CscError
        For a band without sharp limits, or impossible numbers.

    Examples
    --------
    >>> from cscwidgets.science import maps
    >>> calibration = maps.power_law_calibration(1.7, "s", nh=0.01)
    >>> calibration.energy_flux(1e-6 * maps.PHOTON_FLUX).to_string(precision=3)
    '1.230e-15 erg / (s cm2)'
    """
    if band not in BANDS_KEV:
        raise CscError(
            f"No calibration for the band {band}", f"its limits are not sharp; there are {', '.join(BANDS_KEV)}"
        )
    low, high = to_band or BANDS_KEV[band]
    if not (0 < low < high and nh >= 0 and np.isfinite([photon_index, nh, high]).all()):
        raise CscError("No calibration", "it needs a photon index, a column of 0 or more, and energies in order")
    photons = _integral(photon_index, nh, *BANDS_KEV[band])
    energy = _integral(photon_index - 1, nh, low, high) * u.keV.to(u.erg)
    description = f"power law of photon index {photon_index:g}, nH {nh:g}e22 cm-2, {low:g}-{high:g} keV as observed"
    return FluxCalibration(1.0, float(np.log10(energy / photons)), band, description)


def as_photon_flux(flux: u.Quantity, band: str, calibration: FluxCalibration | None) -> u.Quantity:
    """Photon flux in a band for a photon flux, or for an energy flux by a calibration.

    Raises
    ------
    CscError
        If it is neither, or the calibration is missing.
    """
    if flux.unit.is_equivalent(PHOTON_FLUX):
        return flux.to(PHOTON_FLUX)
    return _needed(flux.unit, band, calibration).photon_flux(flux)


def in_unit(photon_flux: u.Quantity, unit: u.UnitBase, band: str, calibration: FluxCalibration | None) -> u.Quantity:
    """The way back: a photon flux in a unit of photon or energy flux; errors as `as_photon_flux`."""
    if unit.is_equivalent(PHOTON_FLUX):
        return photon_flux.to(unit)
    return _needed(unit, band, calibration).energy_flux(photon_flux).to(unit)


def _needed(unit: u.UnitBase, band: str, calibration: FluxCalibration | None) -> FluxCalibration:
    if not unit.is_equivalent(ENERGY_FLUX):
        raise CscError("The flux cannot be compared with limits", f"{unit} is neither a photon nor an energy flux")
    if calibration is None:
        raise CscError(
            "The energy flux cannot be compared with limits",
            f"these are photon fluxes in the band {band}",
            "State a spectrum, or take the catalogue's calibration of the soft band.",
        )
    return calibration


def band_ratio(photon_index: float, band: tuple[float, float], other: tuple[float, float], nh: float = 0.0) -> float:
    """Energy flux of a power law in other energies (keV) over that in a band; nH in 1e22 cm**-2."""
    return _integral(photon_index - 1, nh, *other) / _integral(photon_index - 1, nh, *band)


def _integral(index: float, nh: float, low: float, high: float) -> float:
    energy = np.geomspace(low, high, _POINTS)
    spectrum = energy**-index * np.exp(-nh * cross_section(energy))
    return float(np.trapezoid(spectrum * energy, np.log(energy)))

"""The flux that a coverage is shown in: the maps' photon flux, or an energy flux by a calibration."""

from __future__ import annotations

from dataclasses import dataclass

import astropy.units as u
import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats

from ...science.maps.flux_calibration import ENERGY_FLUX, FluxCalibration, as_photon_flux, in_unit
from ...science.maps.sensitivity_map import PHOTON_FLUX
from ..numbers import power_of_ten

__all__ = ["FluxAxis"]


@dataclass(frozen=True)
class FluxAxis:
    """Numbers of an axis of flux.

    Attributes
    ----------
    band : str
        One letter.
    calibration : FluxCalibration or None
        None for photon fluxes.
    """

    band: str
    calibration: FluxCalibration | None = None

    @property
    def unit(self) -> u.UnitBase:
        """Of the numbers shown."""
        return PHOTON_FLUX if self.calibration is None else ENERGY_FLUX

    @property
    def unit_words(self) -> str:
        """The unit as people write it."""
        return "photon/s/cm²" if self.calibration is None else "erg/s/cm²"

    def shown(self, photon_flux: ArrayLike) -> Floats:
        """Numbers of the axis for photon fluxes in photon/s/cm**2."""
        values = np.asarray(photon_flux, float) * PHOTON_FLUX
        return np.asarray(in_unit(values, self.unit, self.band, self.calibration).value)

    def photon(self, shown: ArrayLike) -> Floats:
        """The way back."""
        values = np.asarray(shown, float) * self.unit
        return np.asarray(as_photon_flux(values, self.band, self.calibration).value)

    def words(self, photon_flux: float) -> str:
        """HTML of a flux with its unit."""
        return f"{power_of_ten(float(self.shown(photon_flux)))} {self.unit_words}"

    def text(self, photon_flux: float) -> str:
        """A flux with its unit, without HTML."""
        return f"{float(self.shown(photon_flux)):.3g} {self.unit_words}"

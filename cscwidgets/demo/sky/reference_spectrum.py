"""What the catalogue takes for the spectrum inside a band."""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Floats

from .source_spectra import ENERGY, IN_BAND, absorption, powerlaw

__all__ = ["PHOTON_ENERGY", "REFERENCE", "REFERENCE_INDEX", "REFERENCE_NH"]


REFERENCE_INDEX, REFERENCE_NH = 1.7, 0.1
"""Photon index and column (1e22 cm**-2) of it."""

REFERENCE: Floats = powerlaw(np.array([REFERENCE_INDEX])) * absorption(np.array([REFERENCE_NH]))
"""Photons per keV, shape (1, energies)."""

PHOTON_ENERGY: Floats = (IN_BAND * REFERENCE * ENERGY).sum(axis=1) / (IN_BAND * REFERENCE).sum(axis=1)
"""Mean photon energy of each band in keV."""

"""Fluxes of the catalogue's standard spectra, scaled to the measured photon flux."""

from __future__ import annotations

from functools import cache

import numpy as np

from cscwidgets.arrays import Floats, Integers
from cscwidgets.science.photometry import Flux

from ..sky.fields import FIELDS
from ..sky.source_spectra import ENERGY, ERG_PER_KEV, IN_BAND, absorption, black_body, powerlaw, thermal

__all__ = ["SHAPES", "model_fluxes"]


SHAPES = ("powlaw", "bb", "brems", "apec")


def model_fluxes(shape: str, photons: Flux, field: Integers) -> Flux:
    """Energy flux in each band of a standard spectrum with the field's Galactic absorption.

    Parameters
    ----------
    shape : str
        powlaw (photon index 2), bb (0.75 keV), brems (3.5 keV) or apec (6.5 keV).
    photons : Flux, shape (rows, bands)
        Measured photon flux.
    field : ndarray, shape (rows,)
        Field of each row.
    """
    return photons * _erg_per_photon(shape)[field]


@cache
def _erg_per_photon(shape: str) -> Floats:
    """Shape (fields, bands)."""
    spectrum = {
        "powlaw": lambda: powerlaw(np.array([2.0])),
        "bb": lambda: black_body(np.array([0.75])),
        "brems": lambda: thermal(np.array([3.5])),
        "apec": lambda: thermal(np.array([6.5])),
    }[shape]()
    photons = spectrum * absorption(np.array([field.nh for field in FIELDS]))
    return np.asarray((photons * ENERGY) @ IN_BAND.T / (photons @ IN_BAND.T) * ERG_PER_KEV)

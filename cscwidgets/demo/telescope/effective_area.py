"""The effective area of a band."""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Floats
from cscwidgets.csc.bands import BANDS

from ..sky.reference_spectrum import REFERENCE
from ..sky.source_spectra import IN_BAND
from .responses import recorded

__all__ = ["mean_area"]


def mean_area(instrument: str, area: Floats) -> Floats:
    """Effective area on axis in each band, cm**2: counts over photons of the reference spectrum.

    Parameters
    ----------
    instrument : str
        ACIS or HRC.
    area : ndarray, shape (energies,)
        Its area on axis, cm**2.
    """
    chance = recorded(instrument)[: len(BANDS)]
    return np.asarray((chance * REFERENCE * area).sum(axis=1) / (IN_BAND * REFERENCE).sum(axis=1))

"""A parametric response of ACIS: effective areas with a Gaussian redistribution over 1024 channels.

Widths follow a public CSC response file: full width at half maximum 88 eV at 0.5 keV, 146 eV at 5.9 keV.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from cscwidgets.science.response import Response

from .instrument import acis_area
from .spectra import ENERGY

__all__ = ["acis_response"]

Floats = NDArray[np.float64]

_ENERGIES: Floats = np.linspace(0.3, 9.3, 901)  # keV
_CHANNELS: Floats = 0.0146 * np.arange(1025)  # keV
_SHELF = 0.02  # share of the photons that lose part of their charge
_LEAST = 1e-5  # of a row: what is less is left out


def acis_response(year: float, *, grating: bool = False) -> Response:
    """On-axis response of ACIS in a year, behind a transmission grating or not."""
    low, high = _ENERGIES[:-1], _ENERGIES[1:]
    middle = (low + high) / 2
    area = np.exp(np.interp(np.log(middle), np.log(ENERGY), np.log(acis_area(year, grating=grating))))
    sigma = np.sqrt(0.035**2 + 0.00045 * middle)[:, None]
    peak = np.diff(ndtr((_CHANNELS - middle[:, None]) / sigma), axis=1)
    below = np.diff(np.minimum(_CHANNELS / middle[:, None], 1), axis=1)
    matrix = (1 - _SHELF) * peak + _SHELF * below
    kept = matrix > _LEAST
    first = kept.argmax(axis=1)
    length = kept.shape[1] - kept[:, ::-1].argmax(axis=1) - first
    runs = [row[start : start + number] for row, start, number in zip(matrix, first, length, strict=True)]
    values = np.concatenate([run / run.sum() for run in runs])
    return Response(
        arf="",
        rmf="",
        low=low,
        high=high,
        area=area,
        groups=np.ones(len(low), dtype=np.int64),
        first=first + 1,
        length=length,
        matrix=values,
        first_channel=1,
        channel_low=_CHANNELS[:-1],
        channel_high=_CHANNELS[1:],
    )

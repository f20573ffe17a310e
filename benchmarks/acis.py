"""A parametric on-axis response of ACIS for fits of simulated spectra, finer in energy than the demo's."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from cscwidgets.demo.sky.source_spectra import ENERGY
from cscwidgets.demo.telescope.instrument import acis_area
from cscwidgets.science.response import Response

__all__ = ["acis_response"]

_ENERGIES = np.linspace(0.3, 9.3, 901)  # keV
_CHANNELS = 0.0146 * np.arange(1025)  # keV
_SHELF = 0.02  # share of the photons that lose part of their charge
_LEAST = 1e-5  # of a row: what is less is left out


def acis_response(year: float) -> Response:
    """With the lines' widths of the demo, and the effective area of a year."""
    low, high = _ENERGIES[:-1], _ENERGIES[1:]
    middle = (low + high) / 2
    sigma = np.sqrt(0.035**2 + 0.00045 * middle)[:, None]
    peak = np.diff(ndtr((_CHANNELS - middle[:, None]) / sigma), axis=1)
    below = np.diff(np.minimum(_CHANNELS / middle[:, None], 1), axis=1)
    matrix = (1 - _SHELF) * peak + _SHELF * below
    kept = matrix > _LEAST
    first = kept.argmax(axis=1)
    length = kept.shape[1] - kept[:, ::-1].argmax(axis=1) - first
    runs = [row[start : start + number] for row, start, number in zip(matrix, first, length, strict=True)]
    return Response(
        arf="",
        rmf="",
        low=low,
        high=high,
        area=np.exp(np.interp(np.log(middle), np.log(ENERGY), np.log(acis_area(year)))),
        groups=np.ones(len(low), dtype=np.int64),
        first=first + 1,
        length=length,
        matrix=np.concatenate([run / run.sum() for run in runs]),
        first_channel=1,
        channel_low=_CHANNELS[:-1],
        channel_high=_CHANNELS[1:],
    )

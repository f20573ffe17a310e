"""What the detectors make of photons: the channel in which each is recorded, and the measured energy that it gets.

Events of the simulation carry measured energies. The catalogue's bands are cut from these, as in the real one, so an
energy is drawn in a cell: a channel, or the part of one that lies in a band. With the matrices of the
response files (rmf3), the spectra (pha3) are thus a fair draw of the sources' true spectra.

ACIS's line widths follow a public CSC response file: full width at half maximum 88 eV at 0.5 keV, 146 eV at 5.9 keV.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import ndtr

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.csc.bands import ACIS_BANDS, BANDS

from ..sky.source_spectra import BAND, ENERGY

__all__ = [
    "CHANNELS",
    "PARTS",
    "background_shape",
    "cells",
    "channels",
    "drawn",
    "in_band",
    "recorded",
    "redistribution",
    "shares",
]


PARTS = (*BANDS, "above")
"""What measured energies are sorted into: the bands, and what lies above them all."""

_WIDTH = 0.0146  # keV of a channel
CHANNELS: Floats = _WIDTH * np.arange(1025.0)
"""Edges of the channels 1 to 1024, keV."""

_IN_BROAD = np.isin(PARTS, list("hms"))
_LIMITS = np.array([(BANDS[band].low_kev, BANDS[band].high_kev) for band in ACIS_BANDS])
_CELLS = np.unique(np.concatenate([CHANNELS, _LIMITS.ravel()])).astype(float)
_MIDDLE = (_CELLS[1:] + _CELLS[:-1]) / 2
_CHANNEL_OF_CELL = np.searchsorted(CHANNELS, _MIDDLE) - 1
_SHARE_OF_CHANNEL = np.diff(_CELLS) / _WIDTH

_SHELF = 0.02  # share of the photons that lose part of their charge
_LEAST = 1e-5  # of a row: what is less is left out
_HRC_PULSE = (1.5, 0.5)  # keV on ACIS's scale, and spread of its logarithm: the same for all photons
_BACKGROUND_END = {"ACIS": 10.0, "HRC": 3.7}  # keV


@cache
def shares(instrument: str) -> Flags:
    """The parts of `PARTS` that share out all events of an instrument without overlap."""
    return np.isin(PARTS, ["w"] if instrument == "HRC" else [*"hmsu", "above"])


def in_band(part: Integers, band: int) -> Flags:
    """Which events are in a band, from the number of each one's part of `PARTS`."""
    return np.asarray(_IN_BROAD[part] if band == BAND["b"] else part == band)


@cache
def redistribution(instrument: str) -> Floats:
    """Chance of a photon of each energy of the grid to be recorded in each channel, shape (energies, channels).

    ACIS: a normal distribution and, below it, a flat shelf. HRC: pulse heights that do not depend on the energy.
    """
    energy = ENERGY[:, None]
    if instrument == "HRC":
        middle, spread = _HRC_PULSE
        with np.errstate(divide="ignore"):
            rising = ndtr(np.log(CHANNELS / middle) / spread)
        matrix = np.tile(np.diff(rising), (len(ENERGY), 1))
    else:
        sigma = np.sqrt(0.035**2 + 0.00045 * energy)
        peak = np.diff(ndtr((CHANNELS - energy) / sigma), axis=1)
        matrix = (1 - _SHELF) * peak + _SHELF * np.diff(np.minimum(CHANNELS / energy, 1), axis=1)
    matrix = np.where(matrix > _LEAST, matrix, 0.0)
    return np.asarray(matrix / matrix.sum(axis=1, keepdims=True))


@cache
def recorded(instrument: str) -> Floats:
    """Chance of a photon of each energy to be recorded in each of the `PARTS`, shape (parts, energies)."""
    return np.asarray(_members(instrument) @ cells(redistribution(instrument)).T)


def cells(matrix: Floats) -> Floats:
    """What is known of channels, the last axis, for the cells in which energies are drawn."""
    return np.asarray(matrix[..., _CHANNEL_OF_CELL] * _SHARE_OF_CHANNEL)


def background_shape(instrument: str) -> Floats:
    """Relative rate of background in each cell: flat, since it never passed the mirror."""
    return np.asarray(np.diff(_CELLS) * (_BACKGROUND_END[instrument] > _MIDDLE))


def drawn(rng: np.random.Generator, part: Integers, rate: Floats, instrument: str) -> Floats:
    """Measured energies (keV) of events in given parts, from the relative rate of each cell."""
    chance = rng.random(len(part))
    energy = np.empty(len(part))
    for number in np.unique(part):
        own = np.flatnonzero(rate * _members(instrument)[number])
        first, last = own[0], own[-1] + 1
        # Outside the part the distribution function is flat: only where it rises can it be inverted.
        rising = np.concatenate([[0.0], np.cumsum(rate[first:last])])
        inside = part == number
        energy[inside] = np.interp(chance[inside], rising / rising[-1], _CELLS[first : last + 1])
    return energy


def channels(energy: Floats) -> Integers:
    """Channel (PI), 1 to 1024, of measured energies in keV."""
    return np.clip(np.floor(energy / _WIDTH).astype(np.int64) + 1, 1, 1024)


@cache
def _members(instrument: str) -> Floats:
    """Membership of each cell in the parts, shape (parts, cells)."""
    inside = np.zeros((len(PARTS), len(_MIDDLE)))
    if instrument == "HRC":
        inside[PARTS.index("w")] = 1.0
        return inside
    for band, (low, high) in zip(ACIS_BANDS, _LIMITS, strict=True):
        inside[PARTS.index(band)] = (low < _MIDDLE) & (high > _MIDDLE)
    inside[PARTS.index("above")] = _LIMITS.max() < _MIDDLE
    return inside

"""The effective area of a band, and how long it looked where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cscwidgets.arrays import Floats
from cscwidgets.csc.bands import BANDS

from ..sky.reference_spectrum import REFERENCE
from ..sky.source_spectra import BAND, IN_BAND
from .instrument import in_field_of_view, vignetting
from .responses import recorded

if TYPE_CHECKING:
    from .observations import SimulatedObservation

__all__ = ["Exposed", "exposed", "mean_area"]


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


@dataclass(frozen=True, slots=True)
class Exposed:
    """Exposure at some positions, 0 where nobody looked.

    Attributes
    ----------
    live_time : ndarray
        In s.
    area_time : ndarray, shape (bands, ...)
        Counts of a source of 1 photon s**-1 cm**-2 of the reference spectrum (see `mean_area`), in cm**2 s.
    """

    live_time: Floats
    area_time: Floats


def exposed(observations: Iterable[SimulatedObservation], bands: str, east: Floats, north: Floats) -> Exposed:
    """Sum the exposure of observations with one aim point.

    Parameters
    ----------
    observations : iterable of SimulatedObservation
    bands : str
        Letters of bands of their instrument.
    east, north : ndarray
        Offsets from the aim point on the tangent plane, arcmin.
    """
    live_time, area_time = np.zeros(np.shape(east)), np.zeros((len(bands), *np.shape(east)))
    chosen = [BAND[band] for band in bands]
    for observation in observations:
        seconds = in_field_of_view(observation.detector, *observation.on_detector(east, north)) * observation.exposure
        live_time += seconds
        for number, area in enumerate(mean_area(observation.instrument, observation.area)[chosen]):
            area_time[number] += seconds * area
    area_time *= vignetting(np.hypot(east, north))
    return Exposed(live_time, area_time)

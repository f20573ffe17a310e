"""How faint a source the simulated stacks can find: the rule of detection turned round.

A stack finds a point source in a band if the counts in its region reach the detection likelihood over the background
expected there. The limit at a position is the photon flux whose mean counts just do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from cscwidgets.arrays import Floats

from ..sky.source_spectra import BAND
from .effective_area import exposed
from .instrument import APERTURE_FRACTION, background_rate, region_area
from .likelihood import FEWEST_COUNTS, log_likelihood
from .observations import SimulatedStack

__all__ = ["Depth", "depth", "fewest_counts"]


_BACKGROUNDS: Floats = np.geomspace(1e-6, 1e6, 2401)
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Depth:
    """What a stack gathers in one band at some positions; arrays of their shape, NaN where it does not look.

    Attributes
    ----------
    background : ndarray
        Expected counts in the region of a point source.
    response : ndarray
        Counts there for a photon flux of 1 photon s**-1 cm**-2 of the reference spectrum (see `mean_area`).
    """

    background: Floats
    response: Floats

    def limit(self, likelihood: float) -> Floats:
        """Photon flux, photon s**-1 cm**-2, of the faintest point source found with a detection log likelihood."""
        return np.asarray((fewest_counts(self.background, likelihood) - self.background) / self.response)


def depth(stack: SimulatedStack, band: str, east: Floats, north: Floats) -> Depth:
    """How deep a stack looks.

    Parameters
    ----------
    stack : Stack
        All its observations have one aim point.
    band : str
        Letter of a band of the stack's instrument.
    east, north : ndarray
        Offsets from the aim point on the tangent plane, arcmin.
    """
    exposure = exposed(stack.observations, band, east, north)
    seen = exposure.live_time > 0
    theta = np.hypot(east[seen], north[seen])
    rate = background_rate(stack.instrument)[BAND[band]] * stack.glow(theta)
    background, response = np.full((2, *seen.shape), np.nan)
    background[seen] = region_area(theta, np.zeros(len(theta))) * rate * exposure.live_time[seen]
    response[seen] = APERTURE_FRACTION * exposure.area_time[0][seen]
    return Depth(background, response)


def fewest_counts(background: Floats, likelihood: float) -> Floats:
    """Counts in a region from which they are a detection, as a real number, over an expected background."""
    excess = np.exp(np.interp(np.log(background), np.log(_BACKGROUNDS), np.log(_excess(likelihood))))
    return np.maximum(background + excess, FEWEST_COUNTS)


@cache
def _excess(likelihood: float) -> Floats:
    """By how many counts a detection exceeds each of `_BACKGROUNDS`."""
    low, high = np.zeros(len(_BACKGROUNDS)), _BACKGROUNDS + 20 * np.sqrt(_BACKGROUNDS) + 60
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = log_likelihood(middle, _BACKGROUNDS) >= likelihood
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.asarray(high - _BACKGROUNDS)

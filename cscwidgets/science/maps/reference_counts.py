"""Published number counts of extragalactic X-ray sources, to be drawn beside measured ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import astropy.units as u
import numpy as np

from cscwidgets.arrays import Floats

from .flux_calibration import ENERGY_FLUX, band_ratio

__all__ = ["REFERENCES", "ReferenceCounts"]


@dataclass(frozen=True, slots=True)
class ReferenceCounts:
    """A cumulative curve as a paper gives it.

    Parameters
    ----------
    name : str
        Whose, and of what.
    paper : str
    band : tuple of float
        Energies of the fluxes, keV.
    faintest, brightest : float
        Fluxes between which it was measured, erg/s/cm**2; the faintest in the CDF-S is the limit on axis of Xue et al.
        (2011, ApJS 195, 10).
    per_deg2 : callable
        Sources per square degree above fluxes in erg/s/cm**2.
    """

    name: str
    paper: str
    band: tuple[float, float]
    faintest: float
    brightest: float
    per_deg2: Callable[[Floats], Floats]

    def cumulative(
        self, flux: u.Quantity, band: tuple[float, float] | None = None, *, photon_index: float = 1.4
    ) -> u.Quantity:
        """Sources per square degree at least as bright; NaN at fluxes where nothing was measured.

        Parameters
        ----------
        flux : Quantity
            Energy flux.
        band : tuple of float, optional
            Its energies in keV, if they are not the paper's: then sources are taken as power laws.
        photon_index : float
            Of these; 1.4 is that of the X-ray background.
        """
        factor = 1.0 if band is None else band_ratio(photon_index, band, self.band)
        own = np.asarray(flux.to_value(ENERGY_FLUX), float) * factor
        measured = (own >= self.faintest) & (own <= self.brightest)
        return np.where(measured, self.per_deg2(np.where(measured, own, self.faintest)), np.nan) / u.deg**2


def _double_power_law(flux: Floats, norm: float, faint: float, bright: float, turn: float) -> Floats:
    """Integral of dN/dS, which is norm (S / 1e-14)**-faint below a turn and falls with `bright` above it."""
    unit = 1e-14
    at_turn = norm * (turn / unit) ** -faint * turn  # S dN/dS there
    above = at_turn / (bright - 1) * (np.maximum(flux, turn) / turn) ** (1 - bright)
    below = at_turn / (faint - 1) * ((np.minimum(flux, turn) / turn) ** (1 - faint) - 1)
    return np.asarray(above + below)


def _smooth_turn(flux: Floats, norm: float, bright: float, faint: float, turn: float) -> Floats:
    """N(>S) that goes over from one power law to another around a flux."""
    unit = 2e-15
    return np.asarray(norm * unit**bright / (flux**bright + turn ** (bright - faint) * flux**faint))


_LEHMER = "Lehmer et al. (2012), ApJ 752, 46, table 1"
_MORETTI = "Moretti et al. (2003), ApJ 588, 696, equation 2"

REFERENCES = (
    ReferenceCounts(
        "AGN in the CDF-S, 0.5-2 keV",
        _LEHMER,
        (0.5, 2.0),
        9.1e-18,
        1e-13,
        partial(_double_power_law, norm=169.56e14, faint=1.49, bright=2.48, turn=6.0e-15),
    ),
    ReferenceCounts(
        "AGN in the CDF-S, 2-8 keV",
        _LEHMER,
        (2.0, 8.0),
        5.5e-17,
        1e-13,
        partial(_double_power_law, norm=573.13e14, faint=1.32, bright=2.55, turn=6.4e-15),
    ),
    ReferenceCounts(
        "AGN in the CDF-S, 0.5-8 keV",
        _LEHMER,
        (0.5, 8.0),
        3.2e-17,
        1e-13,
        partial(_double_power_law, norm=562.2e14, faint=1.34, bright=2.35, turn=8.1e-15),
    ),
    ReferenceCounts(
        "all sources in six surveys, 0.5-2 keV",
        _MORETTI,
        (0.5, 2.0),
        2.4e-17,
        1e-11,
        partial(_smooth_turn, norm=6150.0, bright=1.82, faint=0.60, turn=1.48e-14),
    ),
    ReferenceCounts(
        "all sources in six surveys, 2-10 keV",
        _MORETTI,
        (2.0, 10.0),
        2.1e-16,
        8e-12,
        partial(_smooth_turn, norm=5300.0, bright=1.57, faint=0.44, turn=4.5e-15),
    ),
)
"""The curves, by their energies and papers."""

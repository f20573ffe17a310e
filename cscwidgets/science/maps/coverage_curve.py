"""The area in which a source of a given flux would be detected, against that flux."""

from __future__ import annotations

from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.table import QTable

from cscwidgets.arrays import Floats, Pixels

from .flux_calibration import FluxCalibration, as_photon_flux
from .sensitivity_map import PHOTON_FLUX

__all__ = ["BIN", "AreaByLimit", "CoverageCurve", "bin_edges"]


BIN = 0.05
"""dex: the bins of the CSC's thread on sky coverage."""

_DROPPED = 8  # bits of a float32: fluxes are told apart to 1 part in 32,768
_POINTS = 200


class AreaByLimit:
    """Areas summed by limiting flux: a histogram over the leading bits of the numbers, as fine as it need be."""

    def __init__(self) -> None:
        self._first = 0
        self._area = np.zeros(0)

    def add(self, limit: Pixels, area: float | Floats) -> None:
        """Add cells by their limits (finite, photon/s/cm**2) with one area for all or one for each, deg**2."""
        if not len(limit):
            return
        code = (np.ascontiguousarray(limit, np.float32).view(np.uint32) >> _DROPPED).astype(np.int64)
        low, high = int(code.min()), int(code.max()) + 1
        self._reach(low, high)
        weights = None if np.isscalar(area) else np.asarray(area)
        summed = np.bincount(code - low, weights, minlength=high - low)
        self._area[low - self._first : high - self._first] += summed * (area if weights is None else 1.0)

    def _reach(self, low: int, high: int) -> None:
        if not len(self._area):
            self._first = low
        before = max(self._first - low, 0)
        after = max(high - self._first - len(self._area), 0)
        if before or after:
            self._area = np.pad(self._area, (before, after))
            self._first -= before

    @property
    def steps(self) -> tuple[Floats, Floats]:
        """Distinct limits, ascending (photon/s/cm**2), and the area at each (deg**2)."""
        occupied = np.flatnonzero(self._area)
        limit = ((occupied + self._first) << _DROPPED).astype(np.uint32).view(np.float32)
        return limit.astype(np.float64), self._area[occupied]


@dataclass(frozen=True, slots=True)
class CoverageCurve:
    """The cumulative sky coverage: the area in which a source as bright as a flux would be detected.

    Parameters
    ----------
    flux : ndarray, shape (n,)
        Photon/s/cm**2, ascending.
    area : ndarray, shape (n,)
        deg**2 at these fluxes.
    band, threshold : str
        Of the limits.
    smooth : bool
        Whether the area changes between the fluxes, as with a probability of detection, or in steps at them.
    calibration : FluxCalibration, optional
        From photon to energy flux.
    """

    flux: Floats
    area: Floats
    band: str
    threshold: str
    smooth: bool = False
    calibration: FluxCalibration | None = None

    @property
    def total(self) -> u.Quantity:
        """Area that was observed at all."""
        return float(self.area[-1]) * u.deg**2

    def at(self, flux: u.Quantity) -> u.Quantity:
        """Area in which a source with a photon or energy flux would be detected: 0 below the faintest limit.

        Raises
        ------
        CscError
            If it is no flux, or an energy flux and the curve has no calibration.
        """
        photons = as_photon_flux(flux, self.band, self.calibration).to_value(PHOTON_FLUX)
        if self.smooth:
            with np.errstate(divide="ignore"):
                area = np.interp(np.log(photons), np.log(self.flux), self.area, left=0.0)
        else:
            area = np.concatenate([[0.0], self.area])[np.searchsorted(self.flux, photons, "right")]
        return np.where(np.isnan(photons), np.nan, area) * u.deg**2

    def table(self, flux: u.Quantity | None = None) -> QTable:
        """The curve at some fluxes, by default at 200 from the faintest to the brightest limit.

        Returns
        -------
        QTable
            ``photon_flux``, ``energy_flux`` where there is a calibration, ``area``.
        """
        if flux is None:
            points = np.geomspace(self.flux[0], self.flux[-1], _POINTS)
            flux = np.clip(points, self.flux[0], self.flux[-1]) * PHOTON_FLUX
        photons = as_photon_flux(np.atleast_1d(flux), self.band, self.calibration)
        table = QTable({"photon_flux": photons}, meta=self._meta())
        if self.calibration is not None:
            table["energy_flux"] = self.calibration.energy_flux(photons)
        table["area"] = self.at(photons)
        return table

    def histogram(self, edges: u.Quantity) -> QTable:
        """Area by limiting flux, and its running sum, in bins of photon or energy flux.

        Parameters
        ----------
        edges : Quantity, shape (n + 1,)
            Ascending. What lies below them is counted into the first bin, so that the running sum is the curve.

        Returns
        -------
        QTable
            ``flux_low``, ``flux_high``, ``area`` of the bin, ``cumulative_area`` up to its upper edge.
        """
        cumulative = self.at(edges[1:])
        area = np.diff(cumulative, prepend=0 * u.deg**2)
        columns = {"flux_low": edges[:-1], "flux_high": edges[1:], "area": area, "cumulative_area": cumulative}
        return QTable(columns, meta=self._meta())

    def _meta(self) -> dict[str, str]:
        said = {"band": self.band, "threshold": self.threshold}
        return said | ({"calibration": self.calibration.words} if self.calibration else {})


def bin_edges(low: float, high: float, step: float = BIN) -> Floats:
    """Edges of bins of a step in the logarithm (to base 10), at its multiples, that hold all between two fluxes."""
    first, last = np.floor(np.log10(low) / step + 1e-6), np.ceil(np.log10(high) / step - 1e-6)
    return np.asarray(10 ** (step * np.arange(first, max(last, first + 1) + 1)))

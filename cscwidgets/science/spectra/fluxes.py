"""Fluxes, luminosities and hardness ratios of fitted models, with the intervals their parameters allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np

from cscwidgets.arrays import Floats
from cscwidgets.csc.bands import BANDS_KEV
from cscwidgets.errors import CscError

from ..energies import kev
from .sherpa_gate import sherpa

__all__ = ["Estimate", "evaluate", "luminosity", "model_flux", "photon_ratio"]


_CELLS = 2000  # of the energy grid of bands that the response does not cover


@dataclass(frozen=True, slots=True)
class Estimate:
    """A derived quantity at the best fit, and its central interval.

    Attributes
    ----------
    value : Quantity
        At the best fit.
    lower, upper : Quantity
        Ends of the interval; NaN where none was asked for.
    level : float
        Probability that the interval holds.
    """

    value: u.Quantity
    lower: u.Quantity
    upper: u.Quantity
    level: float

    @classmethod
    def of(cls, values: Floats, unit: u.UnitBase, level: float) -> Estimate:
        """From the value at the best fit and those of draws, if any, that follow it.

        Raises
        ------
        CscError
            If one of them is no number.
        """
        if not np.isfinite(values).all():
            raise CscError(
                "No estimate",
                "the model has no value at some of the parameters that the data allow",
                "Narrow the parameters' bounds, or fix one.",
            )
        ends = np.quantile(values[1:], [(1 - level) / 2, (1 + level) / 2]) if len(values) > 1 else [np.nan, np.nan]
        return cls(values[0] * unit, ends[0] * unit, ends[1] * unit, level)


def model_flux(model: Any, data: Any, low: float, high: float, *, photons: bool = False) -> float:
    """Integral of a Sherpa model over a band in keV: erg s**-1 cm**-2, or photons.

    On the energy grid of the response where that covers the band, as Sherpa has it; otherwise on one of its own.
    """
    low, high = kev(low), kev(high)
    if not 0 < low < high:
        raise CscError(f"No flux in {low:g}-{high:g} keV", "a band starts above 0 and ends above its start")
    arf = data.get_arf()
    start, stop = arf.energ_lo, arf.energ_hi
    if low < start[0] or high > stop[-1]:
        edges = np.geomspace(low, high, _CELLS + 1)
        start, stop = edges[:-1], edges[1:]
    grid = sherpa.data.Data1DInt("grid", start, stop, np.zeros_like(start))
    if photons:
        return float(sherpa.astro.utils.calc_photon_flux(grid, model, low, high))
    return float(sherpa.astro.utils.calc_energy_flux(grid, model, low, high))


def photon_ratio(model: Any, data: Any, hard: str, soft: str) -> float:
    """(hard - soft) / (hard + soft) of photon fluxes in two of the catalogue's bands."""
    for name in (hard, soft):
        if name not in BANDS_KEV:
            raise CscError(f"No band {name}", f"there are {', '.join(BANDS_KEV)}")
    more, less = (model_flux(model, data, *BANDS_KEV[name], photons=True) for name in (hard, soft))
    return (more - less) / (more + less)


def luminosity(distance: u.Quantity | None, redshift: float | None) -> tuple[float, float]:
    """4 pi distance**2 in cm**2, and 1 + redshift by which the source's energies are greater than those observed.

    Raises
    ------
    CscError
        Unless exactly one of both is given.
    """
    if (distance is None) == (redshift is None):
        raise CscError("No luminosity", "it needs either a distance or a redshift")
    zoom = 1.0
    if distance is not None and not u.Quantity(distance).unit.is_equivalent(u.cm):
        raise CscError("No luminosity", f"the distance {distance} is no length", "Give it a unit, as 4.5 * u.kpc.")
    if distance is None:
        from astropy.cosmology import Planck18  # noqa: PLC0415 (slow to import)

        distance, zoom = Planck18.luminosity_distance(redshift), 1.0 + float(redshift or 0)
    return float(4 * np.pi * distance.to_value(u.cm) ** 2), zoom


def evaluate(
    quantity: Callable[[], float], model: Any, best: tuple[float, ...], draws: Floats, progress: Callable[[float], None]
) -> Floats:
    """A quantity at the best fit, and then for every draw of the free parameters, shape (draws, parameters)."""
    values = np.empty(1 + len(draws))
    for number, row in enumerate([best, *draws]):
        progress(number / len(values))
        model.thawedpars = row
        values[number] = quantity()
    progress(1.0)
    return values

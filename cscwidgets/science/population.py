"""How many sources there are of each flux: a broken power law, fitted to sources that were found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from .photometry import Aperture, Flux, aperture_flux

__all__ = ["BrokenPowerLaw", "FluxNodes", "fit_population"]

Floats = NDArray[np.float64]

_NODES = 48
_REACH = 5.0  # half intervals on either side of the mode
_MOST = 20_000  # sources that are fitted
_GRID = 400


@dataclass(frozen=True, slots=True)
class BrokenPowerLaw:
    """Relative number of sources by flux: ``flux**-faint`` below the break, ``flux**-bright`` above it."""

    faint: float
    bright: float
    at: float

    def __call__(self, flux: Floats) -> Floats:
        """Relative number by flux, 1 at the break."""
        log = np.log(flux / self.at)
        return np.asarray(np.exp(-np.where(log < 0, self.faint, self.bright) * log))


@dataclass(frozen=True, slots=True)
class FluxNodes:
    """Fluxes that each source may have: nodes, and likelihood times width, both of shape (sources, nodes)."""

    flux: Floats
    weight: Floats

    @classmethod
    def of(cls, measured: Flux | Aperture, floor: float) -> FluxNodes:
        """Nodes at equal steps of the logarithm, from `floor` upwards, for what was measured."""
        seen = aperture_flux(measured) if isinstance(measured, Aperture) else measured
        high = np.maximum(seen.value + _REACH * np.maximum(seen.upper - seen.value, 0), 1.01 * floor)
        low = np.clip(seen.value - _REACH * np.maximum(seen.value - seen.lower, 0), floor, high / 1.005)
        part = (np.arange(_NODES) + 0.5) / _NODES
        flux = low[:, None] * (high / low)[:, None] ** part
        likelihood = measured.density(flux) if isinstance(measured, Aperture) else _of_intervals(measured, flux)
        weight = likelihood * flux * (np.log(high / low) / _NODES)[:, None]
        return cls(flux, weight)

    def posterior(self, population: Callable[[Floats], Floats]) -> Floats:
        """Probability of each node, summing to 1 for each source; 0 where nothing fits."""
        joint = self.weight * population(self.flux)
        total = joint.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(joint, total, out=np.zeros_like(joint), where=total > 0))


def _of_intervals(seen: Flux, flux: Floats) -> Floats:
    """Likelihood of fluxes from a mode and an interval, as counts without background have it.

    A normal distribution would leave too much to fluxes near 0, of which there are many.
    """
    ratio = flux / seen.value[:, None]
    number = (seen.value / np.maximum(seen.spread, 1e-6 * seen.upper)) ** 2
    return np.asarray(np.exp(number[:, None] * (np.log(ratio) + 1 - ratio)))


def fit_population(nodes: FluxNodes, area: Callable[[Floats], Floats], floor: float) -> BrokenPowerLaw:
    """The most likely broken power law, its normalisation apart.

    Each source counts with all fluxes that it may have, and the area in which each flux is found is what makes the
    law one of all sources: the likelihood of an inhomogeneous Poisson process.
    """
    step = max(len(nodes.flux) // _MOST, 1)
    log_flux, weight = np.log(nodes.flux[::step]), nodes.weight[::step]
    middle = float(np.median(log_flux))
    grid = np.linspace(np.log(floor), float(log_flux.max()) + 1, _GRID)
    seen = area(np.exp(grid)) * np.exp(grid)

    def law(at: Floats, faint: float, bright: float, turn: float) -> Floats:
        return np.asarray(np.exp(-np.where(at < turn, faint, bright) * (at - turn)))

    def misfit(parameters: Floats) -> float:
        faint, bright, turn = parameters
        found = (weight * law(log_flux, faint, bright, turn)).sum(axis=1)
        expected = np.trapezoid(seen * law(grid, faint, bright, turn), grid)
        # The prior only keeps slopes finite where there are no sources on one side of the break.
        prior = ((faint - 1.5) / 1.0) ** 2 / 2 + ((bright - 2.5) / 1.0) ** 2 / 2 + ((turn - middle) / 2.0) ** 2 / 2
        return float(-np.log(np.maximum(found, 1e-300)).sum() + len(found) * np.log(expected) + prior)

    start = np.array([1.5, 2.5, middle])
    simplex = np.vstack([start, start + np.diag([0.3, 0.3, 1.0])])
    best = minimize(misfit, start, method="Nelder-Mead", options={"initial_simplex": simplex, "maxiter": 400})
    return BrokenPowerLaw(float(best.x[0]), float(best.x[1]), float(np.exp(best.x[2])))

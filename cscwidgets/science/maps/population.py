"""How many sources there are of each flux: a broken power law, fitted to sources that were found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from cscwidgets.arrays import Floats

from ..photometry import Aperture, Flux, aperture_flux

__all__ = ["BrokenPowerLaw", "FluxNodes", "fit_population"]


_NODES = 48
_REACH = 5.0  # half intervals on either side of the mode
_MOST = 20_000  # sources that are fitted
_GRID = 400


@dataclass(frozen=True, slots=True)
class BrokenPowerLaw:
    """Relative number of sources by flux: ``flux**-faint`` below the break, ``flux**-bright`` above it.

    Parameters
    ----------
    faint, bright : float
        Slopes below and above the break.
    at : float
        Flux of the break.
    """

    faint: float
    bright: float
    at: float

    def __call__(self, flux: Floats) -> Floats:
        """Relative number by flux, 1 at the break."""
        log = np.log(flux / self.at)
        return np.asarray(np.exp(-np.where(log < 0, self.faint, self.bright) * log))

    def gradient(self, flux: Floats) -> Floats:
        """Derivatives of its logarithm by ``faint``, ``bright`` and the logarithm of ``at``, in a last axis."""
        log = np.log(flux / self.at)
        return np.stack(
            [np.where(log < 0, -log, 0), np.where(log < 0, 0, -log), np.where(log < 0, self.faint, self.bright)],
            axis=-1,
        )


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


def fit_population(nodes: FluxNodes, area: Callable[[Floats], Floats], floor: float) -> tuple[BrokenPowerLaw, Floats]:
    """The most likely broken power law, its normalisation apart, and what each source does to it.

    Each source counts with all fluxes that it may have, and the area in which each flux is found is what makes the
    law one of all sources: the likelihood of an inhomogeneous Poisson process.

    Parameters
    ----------
    nodes : FluxNodes
        Of n sources.
    area : callable
        In which sources of a flux are found.
    floor : float
        The faintest flux.

    Returns
    -------
    law : BrokenPowerLaw
    influence : ndarray, shape (n + 3, 3)
        How much each source moves ``faint``, ``bright`` and the logarithm of ``at``; then, in the last three rows, by
        how much they may be off where the sources do not tell: the squares of all rows add up to their variances.
    """
    step = max(len(nodes.flux) // _MOST, 1)
    log_flux, weight = np.log(nodes.flux[::step]), nodes.weight[::step]

    centre, width = np.array([1.5, 2.5, float(np.median(log_flux))]), np.array([1.0, 1.0, 2.0])
    grid = np.linspace(np.log(floor), float(log_flux.max()) + 1, _GRID)
    seen = area(np.exp(grid)) * np.exp(grid)

    def law(at: Floats, faint: float, bright: float, turn: float) -> Floats:
        return np.asarray(np.exp(-np.where(at < turn, faint, bright) * (at - turn)))

    def misfit(parameters: Floats) -> float:
        density = (weight * law(log_flux, *parameters)).sum(axis=1)
        expected = np.trapezoid(seen * law(grid, *parameters), grid)
        # The prior only keeps slopes finite where there are no sources on one side of the break.
        prior = (((parameters - centre) / width) ** 2 / 2).sum()
        return float(-np.log(np.maximum(density, 1e-300)).sum() + len(density) * np.log(expected) + prior)

    simplex = np.vstack([centre, centre + np.diag([0.3, 0.3, 1.0])])
    best = scipy.optimize.minimize(
        misfit, centre, method="Nelder-Mead", options={"initial_simplex": simplex, "maxiter": 400}
    )
    fitted = BrokenPowerLaw(float(best.x[0]), float(best.x[1]), float(np.exp(best.x[2])))
    expected = seen * fitted(np.exp(grid))
    mean = np.trapezoid(expected[:, None] * fitted.gradient(np.exp(grid)), grid, axis=0) / np.trapezoid(expected, grid)
    score = (nodes.posterior(fitted)[::step, :, None] * fitted.gradient(nodes.flux[::step])).sum(axis=1) - mean
    covariance = np.linalg.inv(score.T @ score + np.diag(width**-2.0))
    influence = np.zeros((len(nodes.flux) + len(width), len(width)))
    influence[: len(nodes.flux) : step] = score @ covariance
    influence[len(nodes.flux) :] = covariance / width[:, None]
    return fitted, influence

"""Spectral-fit columns of bright sources: what a fit would find, scattered by its error.

No spectrum is fitted here. For each model the parameter is taken that gives the mean photon energy of
the true spectrum, which is the true one where the model is right and a fair stand-in where it is not.
"""

from __future__ import annotations

import numpy as np

from cscwidgets.arrays import Floats, Integers
from cscwidgets.csc.families import triple
from cscwidgets.science.photometry import Flux

from ..sky.population import Population
from ..sky.source_spectra import (
    ENERGY,
    ERG_PER_KEV,
    IN_BAND,
    STEP,
    absorption,
    black_body,
    photon_spectrum,
    powerlaw,
    thermal,
)
from ..telescope.instrument import acis_area

__all__ = ["FEWEST_COUNTS", "spectral_fits"]


FEWEST_COUNTS = 150
"""Net broad-band counts from which the catalogue fits spectra."""

_AREA = acis_area(2004.0) * IN_BAND[0]
_GAMMAS = np.linspace(-1.0, 7.0, 161)
_TEMPERATURES = np.geomspace(0.05, 30, 161)


# model: main parameter, its grid, spectrum, relative error (of an index: error) for one count, amplitude
_MODELS = {
    "powlaw": ("gamma", _GAMMAS, powerlaw, 3.1, "ampl"),
    "bb": ("kt", _TEMPERATURES, black_body, 1.2, "ampl"),
    "brems": ("kt", _TEMPERATURES, thermal, 3.0, "norm"),
    "apec": ("kt", _TEMPERATURES, thermal, 2.6, "norm"),
}


def spectral_fits(
    rng: np.random.Generator, truth: Population, source: Integers, counts: Floats, flux: Flux
) -> dict[str, Floats]:
    """All fit columns; NaN for sources too faint to be fitted.

    Parameters
    ----------
    rng : Generator
        Source of the scatter.
    truth : Population
        The true sources.
    source : ndarray, shape (rows,)
        Number in the population.
    counts : ndarray, shape (rows,)
        Net broad-band counts.
    flux : Flux, shape (rows,)
        Broad-band energy flux.
    """
    noise = rng.standard_normal((4, 5, len(source)))
    bright = np.flatnonzero(np.nan_to_num(counts) >= FEWEST_COUNTS)
    bright_source, net_counts = source[bright], counts[bright]
    nh, true_shape = truth.nh[bright_source], truth.shape[bright_source]
    true_energy = _mean_energy(photon_spectrum(truth.thermal[bright_source], true_shape, nh))
    columns: dict[str, Floats] = {}

    def put(name: str, value: Floats, sigma: Floats, least: float = 0.0) -> None:
        limits = (value, np.maximum(value - sigma, least), value + 1.05 * sigma)
        for key, numbers in zip(triple(name), limits, strict=True):
            columns[key] = np.full(len(source), np.nan)
            columns[key][bright] = numbers

    def put_one(name: str, value: Floats) -> None:
        columns[name] = np.full(len(source), np.nan)
        columns[name][bright] = value

    for number, (model, (main, grid, spectrum, error, amplitude)) in enumerate(_MODELS.items()):
        draw = noise[number][:, bright]
        best = _matching(spectrum(grid), grid, nh, true_energy)
        sigma = error / np.sqrt(net_counts) * (1.0 if main == "gamma" else best)
        value = np.maximum(best + sigma * draw[0], 0.02)
        put(f"{model}_{main}", value, sigma)
        nh_sigma = 100 * (0.5 + nh) * 1.5 / np.sqrt(net_counts)
        put(f"{model}_nh", np.maximum(100 * nh + nh_sigma * draw[1], 0.0), nh_sigma)
        energy = spectrum(value) * absorption(nh) * ENERGY * IN_BAND[0]
        scale = flux.value[bright] / (energy.sum(axis=1) * STEP * ERG_PER_KEV)
        put(f"{model}_{amplitude}", scale * np.exp(draw[2] / np.sqrt(net_counts)), scale * 1.8 / np.sqrt(net_counts))
        put(f"flux_{model}", flux.value[bright] * np.exp(0.3 * draw[2] / np.sqrt(net_counts)), flux.spread[bright])
        freedom = np.maximum(net_counts / 15, 5)
        wrong = np.abs(best - true_shape) > 0.1 * true_shape
        put_one(f"{model}_stat", 1 + draw[3] * np.sqrt(2 / freedom) * 0.7 + np.where(wrong, net_counts / 8000, 0))
        for name in (main, "nh", amplitude):
            put_one(f"{model}_{name}_rhat", 1 + 0.01 * np.abs(draw[4]))
    abundance = 0.4 * np.exp(0.3 * noise[3, 3, bright])
    put("apec_abund", abundance, abundance * 0.4)
    put("apec_z", np.zeros(len(bright)), np.full(len(bright), 0.01))
    for name in ("abund", "z"):
        put_one(f"apec_{name}_rhat", 1 + 0.01 * np.abs(noise[3, 4, bright]))
    return columns


def _mean_energy(photons: Floats) -> Floats:
    counts = photons * _AREA
    return np.asarray((counts * ENERGY).sum(axis=1) / counts.sum(axis=1))


def _matching(spectra: Floats, grid: Floats, nh: Floats, energy: Floats) -> Floats:
    """The grid's parameter whose absorbed spectrum has each mean photon energy."""
    through = absorption(nh)
    mean = (through @ (spectra * _AREA * ENERGY).T) / (through @ (spectra * _AREA).T)
    return np.asarray(grid[np.abs(mean - energy[:, None]).argmin(axis=1)])

"""A simulated survey of many fields whose population, limits and detections are known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from astropy.wcs import WCS

from cscwidgets.science.maps.detection_probability import DetectionThreshold
from cscwidgets.science.maps.sensitivity_map import SensitivityMap
from cscwidgets.science.photometry import Aperture

__all__ = ["Survey", "true_above"]

RADIUS = 0.13  # deg, of a field
SIZE = 90  # pixels of a map's side
TURN, FAINT, BRIGHT, DENSITY = 2e-6, 1.5, 2.5, 120.0  # photon/s/cm**2; deg**-2 above the turn


def true_above(flux: np.ndarray) -> np.ndarray:
    """Sources per deg**2 above fluxes in photon/s/cm**2: the population that is put in."""
    scale = (BRIGHT - 1) * DENSITY  # TURN dN/dS at the turn
    above = DENSITY * (np.maximum(flux, TURN) / TURN) ** (1 - BRIGHT)
    return above + scale / (FAINT - 1) * ((np.minimum(flux, TURN) / TURN) ** (1 - FAINT) - 1)


@dataclass(frozen=True)
class Survey:
    """Maps, and what was measured of the sources that were found."""

    maps: list[SensitivityMap]
    measured: Aperture
    detection: DetectionThreshold

    @property
    def flux(self) -> np.ndarray:
        one = self.measured
        return (one.counts - one.background / one.ratio) / one.response

    @classmethod
    def simulate(cls, fields: int, seed: int) -> Survey:
        """Each field with an exposure of its own, and less area and more background away from its centre."""
        rng, detection, maps, rows = np.random.default_rng(seed), DetectionThreshold(1e-5), [], []
        for number in range(fields):
            exposure = 10 ** rng.uniform(6.3, 7.6)  # cm**2 s
            response = partial(_response, exposure)
            background = partial(_background, exposure)
            wcs = WCS(naxis=2)
            wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
            wcs.wcs.crval = [0.4 * (number % 40) + 0.2, 0.4 * (number // 40)]
            wcs.wcs.crpix, wcs.wcs.cdelt = [SIZE / 2 + 0.5] * 2, [-2.1 * RADIUS / SIZE, 2.1 * RADIUS / SIZE]
            y, x = np.indices((SIZE, SIZE)) - (SIZE - 1) / 2
            away = np.hypot(x, y) * 2.1 / SIZE
            behind = background(away)
            limit = np.where(away <= 1, (detection.counts(behind) - behind) / response(away), np.nan)
            maps.append(
                SensitivityMap(
                    limit.astype(np.float32),
                    wcs,
                    f"acisfJ{number:07d}p000000_001",
                    "b",
                    background=behind.astype(np.float32),
                )
            )
            faintest = 0.02 / exposure
            expected = np.pi * RADIUS**2 * true_above(faintest)
            flux = _draw(rng, rng.poisson(expected), faintest)
            away = np.sqrt(rng.random(len(flux)))
            counts = rng.poisson(flux * response(away) + background(away))
            found = counts >= detection.counts(background(away))
            rows.append(np.stack([counts, background(away), response(away)])[:, found])
        counts, behind, response_of = np.concatenate(rows, axis=1)
        known = 1e4  # as if from a background region so many times larger
        return cls(maps, Aperture.of(counts, behind * known, known, response_of), detection)


def _response(exposure: float, away: np.ndarray) -> np.ndarray:
    return exposure * (1 - 0.3 * away**2)


def _background(exposure: float, away: np.ndarray) -> np.ndarray:
    return 4e-8 * exposure * (1 + 8 * away**3)


def _draw(rng: np.random.Generator, number: int, faintest: float) -> np.ndarray:
    """Fluxes of the population above the faintest, by inverting the cumulative counts."""
    grid = np.geomspace(faintest, 1e-2, 20_000)
    above = true_above(grid)
    return np.exp(np.interp(-rng.random(number) * above[0], -above, np.log(grid)))

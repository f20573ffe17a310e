"""What each simulated observation records: counts of every source in its field, and their arrival times.

Each observation has its own random stream, so any part of the sky can be made again alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cscwidgets.archive.bands import BANDS

from .instrument import APERTURE_FRACTION, FRACTION_90, background_rate, psf_radius, vignetting
from .observations import Observation, Stack, offsets, stacks
from .population import SEED, Kind, Population, population
from .spectra import ENERGY, IN_BAND, STEP, photon_spectrum

__all__ = ["Events", "Exposure", "band_energies", "expose", "exposures", "light_curve_shape", "region_radius"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_BAND = {suffix: number for number, suffix in enumerate(BANDS)}
_BROAD_PARTS = [_BAND[suffix] for suffix in "hms"]
_SHAPE_POINTS = 500
# Unresolved light of a target's centre: background raised by this factor within this radius, arcmin.
_GLOW = {1: (6.0, 0.5), 2: (3.0, 1.8)}


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one source region: arrival times (s) in order, energies (keV), and whether of a source."""

    time: Floats
    energy: Floats
    source: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Exposure:
    """One observation of all sources in its field of view.

    First axes run over those sources, `source` holding their numbers in the population; second axes
    over the bands. `light` and `sky` are source and background counts in the source region, `light90`
    and `sky90` those within 90% of the PSF, `off` the background region's, of `ratio` times the area.
    `flare` holds amplitude (0 for none), start and decay time of a flare, times in units of the observation.
    """

    observation: Observation
    source: NDArray[np.int64]
    theta: Floats
    phi: Floats
    ratio: Floats
    light: Counts
    light90: Counts
    sky: Counts
    sky90: Counts
    off: Counts
    background: Floats
    flare: Floats

    def events(self, row: int, others: tuple[int, ...] = ()) -> Events:
        """Events of the source region of a row, with the light of other rows blended into it.

        Of energies 0.2-7 keV (ACIS) or all (HRC). The same call gives the same events, whose numbers
        in the bands are the counts from which the tables were made.
        """
        parts = [self._light_events(member) for member in (row, *others)]
        parts.append(self._sky_events(row))
        time, energy = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(time, kind="stable")
        source = np.arange(len(time)) < len(time) - len(parts[-1][0])
        return Events(time[order], energy[order], source[order])

    def background_events(self, row: int) -> Events:
        """Events of the background region of a row, of the same energies."""
        time, band = self.background_times(row)
        energy = band_energies(self.stream(row, 16), band, np.ones_like(ENERGY))
        return Events(time, energy, np.zeros(len(time), dtype=bool))

    def background_times(self, row: int) -> tuple[Floats, Counts]:
        """Arrival times of `background_events`, and the number of each one's narrowest band."""
        band: Counts = np.repeat(np.arange(len(BANDS)), np.where(_narrow(self.observation), self.off[row], 0))
        time = self._clock(self.stream(row, 15).random(len(band)))
        order = np.argsort(time, kind="stable")
        return time[order], band[order]

    def times(self, row: int, others: tuple[int, ...] = ()) -> tuple[Floats, Counts]:
        """Arrival times of `events`, and the number of each one's narrowest band."""
        drawn = [self._light_times(member) for member in (row, *others)]
        drawn.append(self._sky_times(row))
        time, band = (np.concatenate(column) for column in zip(*drawn, strict=True))
        order = np.argsort(time, kind="stable")
        return time[order], band[order]

    def stream(self, row: int, purpose: int) -> np.random.Generator:
        """The random numbers of a row for one purpose."""
        return np.random.default_rng([SEED, purpose, self.observation.obsid, self.observation.obi, self.source[row]])

    def _light_times(self, row: int) -> tuple[Floats, Counts]:
        band: Counts = np.repeat(np.arange(len(BANDS)), np.where(_narrow(self.observation), self.light[row], 0))
        phase = self.stream(row, 11).random(len(band))
        shape = light_curve_shape(self, row)
        if shape is not None:
            rising = np.concatenate([[0.0], np.cumsum(shape)])
            phase = np.interp(phase, rising / rising[-1], np.linspace(0, 1, len(rising)))
        return self._clock(phase), band

    def _sky_times(self, row: int) -> tuple[Floats, Counts]:
        band: Counts = np.repeat(np.arange(len(BANDS)), np.where(_narrow(self.observation), self.sky[row], 0))
        return self._clock(self.stream(row, 12).random(len(band))), band

    def _clock(self, phase: Floats) -> Floats:
        start, stop = self.observation.start, self.observation.stop
        return np.asarray(start + (stop - start) * phase)

    def _light_events(self, row: int) -> tuple[Floats, Floats]:
        time, band = self._light_times(row)
        everyone = population()
        number = self.source[row : row + 1]
        spectrum = photon_spectrum(everyone.thermal[number], everyone.shape[number], everyone.nh[number])
        return time, band_energies(self.stream(row, 13), band, spectrum[0] * self.observation.area)

    def _sky_events(self, row: int) -> tuple[Floats, Floats]:
        time, band = self._sky_times(row)
        return time, band_energies(self.stream(row, 14), band, np.ones_like(ENERGY))


def _narrow(observation: Observation) -> NDArray[np.bool_]:
    """The bands that share out all events without overlap."""
    return np.isin(list(BANDS), list("w" if observation.instrument == "HRC" else "hmsu"))


def band_energies(rng: np.random.Generator, band: Counts, rate: Floats) -> Floats:
    """Energies (keV) of events in given bands, from their rate at each energy of the grid."""
    chance = rng.random(len(band))
    energy = np.empty(len(band))
    for number in np.unique(band):
        rising = np.concatenate([[0.0], np.cumsum(rate * IN_BAND[number])])
        inside = band == number
        # The distribution function is flat outside the band: only its rising part can be inverted.
        energy[inside] = np.interp(
            chance[inside], *_strictly_rising(rising / rising[-1], np.append(ENERGY - STEP / 2, ENERGY[-1] + STEP / 2))
        )
    return energy


def _strictly_rising(cumulative: Floats, energy: Floats) -> tuple[Floats, Floats]:
    first = np.flatnonzero(cumulative == 0)[-1]
    last = np.flatnonzero(cumulative == cumulative[-1])[0]
    return cumulative[first : last + 1], energy[first : last + 1]


def light_curve_shape(exposure: Exposure, row: int) -> Floats | None:
    """Relative rate of a source in equal parts of the observation, or None where it is constant."""
    everyone = population()
    number = exposure.source[row]
    return _shape(
        exposure.observation, exposure.flare[row], float(everyone.period[number]), float(everyone.depth[number])
    )


def _shape(observation: Observation, flare: Floats, period: float, depth: float) -> Floats | None:
    amplitude, start, decay = flare
    if amplitude == 0 and period == 0:
        return None
    phase = (np.arange(_SHAPE_POINTS) + 0.5) / _SHAPE_POINTS
    rate = 1 + np.where(phase > start, amplitude * np.exp(-(phase - start) / decay), 0.0)
    if period > 0:
        cycle = (observation.start + phase * (observation.stop - observation.start)) / period % 1
        rate = rate * np.where(np.abs(cycle - 0.5) < 0.11, 1 - depth, 1.0)
    return np.asarray(rate)


@cache
def exposures() -> tuple[tuple[Exposure, ...], ...]:
    """Every observation of every stack, in the order of `stacks`."""
    return tuple(tuple(expose(stack, observation) for observation in stack.observations) for stack in stacks())


def expose(stack: Stack, observation: Observation) -> Exposure:
    """Observe the population once."""
    everyone = population()
    rng = np.random.default_rng([SEED, 2, observation.obsid, observation.obi])
    source = np.flatnonzero((everyone.field == stack.field) & observation.sees(everyone.ra, everyone.dec))
    x, y = observation.detector_position(everyone.ra[source], everyone.dec[source])
    theta = np.hypot(x, y)
    flare, brightness = _weather(rng, observation, everyone, source)

    spectrum = photon_spectrum(everyone.thermal[source], everyone.shape[source], everyone.nh[source])
    rate = spectrum @ (observation.area * IN_BAND).T * STEP * (everyone.flux[source] * brightness)[:, None]
    narrow = _narrow(observation)
    mean = APERTURE_FRACTION * vignetting(theta)[:, None] * observation.exposure * np.where(narrow, rate, 0.0)
    light = _with_broad(rng.poisson(mean))
    light90 = _with_broad(rng.binomial(np.where(narrow, light, 0), FRACTION_90 / APERTURE_FRACTION))

    area = np.pi * region_radius(theta, everyone.extent[source]) ** 2
    ratio = np.where(everyone.kind[source] == Kind.DIFFUSE, 4.0, np.round(6 + 14 / (1 + theta / 4)))
    background = area[:, None] * np.where(narrow, background_rate(observation.instrument), 0.0) * observation.exposure
    background *= _glow(stack, everyone, source)[:, None]
    sky = _with_broad(rng.poisson(background))
    sky90 = _with_broad(rng.binomial(np.where(narrow, sky, 0), 0.75))
    off = _with_broad(rng.poisson(background * ratio[:, None]))
    background[:, _BAND["b"]] = background[:, _BROAD_PARTS].sum(axis=1)
    return Exposure(
        observation=observation,
        source=source,
        theta=theta,
        phi=np.degrees(np.arctan2(y, x)) % 360,
        ratio=ratio,
        light=light,
        light90=light90,
        sky=sky,
        sky90=sky90,
        off=off,
        background=background,
        flare=flare,
    )


def region_radius(theta: Floats, extent: Floats) -> Floats:
    """Radius of source regions, arcsec, at off-axis angles in arcmin, of sources of some extent (arcsec)."""
    return np.asarray(np.hypot(1.15 * psf_radius(theta), 1.7 * extent))


def _weather(
    rng: np.random.Generator, observation: Observation, everyone: Population, source: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Flares of each source in this observation, and its mean brightness relative to its long-term mean."""
    wander = everyone.wander[source]
    brightness = np.exp(wander * rng.standard_normal(len(source)) - wander**2 / 2)
    flaring = rng.poisson(everyone.flares[source] * observation.exposure / 5e4) > 0
    amplitude = np.where(flaring, 2 + 6 * rng.pareto(1.6, len(source)), 0.0)
    start = rng.uniform(-0.05, 0.95, len(source))
    decay = 10 ** rng.normal(3.5, 0.25, len(source)) / observation.exposure
    flare = np.stack([np.minimum(amplitude, 60), start, decay], axis=1)
    for row in np.flatnonzero(flaring | (everyone.period[source] > 0)):
        number = source[row]
        shape = _shape(observation, flare[row], float(everyone.period[number]), float(everyone.depth[number]))
        if shape is not None:
            brightness[row] *= shape.mean()
    return flare, brightness


def _glow(stack: Stack, everyone: Population, source: NDArray[np.int64]) -> Floats:
    factor, radius = _GLOW.get(stack.field, (0.0, 1.0))
    east, north = offsets(stack.ra, stack.dec, everyone.ra[source], everyone.dec[source])
    return np.asarray(1 + factor * np.exp(-np.hypot(east, north) / radius))


def _with_broad(counts: Counts) -> Counts:
    counts[:, _BAND["b"]] = counts[:, _BROAD_PARTS].sum(axis=1)
    return counts

"""What each simulated observation records: counts of every source in its field, and their arrival times.

Each observation has its own random stream, so any part of the sky can be made again alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Floats, Integers
from cscwidgets.csc.bands import BANDS

from ..sky.fields import SEED
from ..sky.population import Population, SourceClass, population
from ..sky.source_spectra import BAND, STEP, photon_spectrum
from ..sky.tangent_plane import offsets
from .events import Events
from .instrument import APERTURE_FRACTION, FRACTION_90, background_rate, region_area, vignetting
from .observations import SimulatedObservation, SimulatedStack
from .responses import PARTS, background_shape, cells, drawn, recorded, redistribution, shares

__all__ = ["Exposure", "expose", "light_curve_shape"]


_BROAD_PARTS = [BAND[suffix] for suffix in "hms"]
_SHAPE_POINTS = 500


@dataclass(frozen=True, slots=True)
class Exposure:
    """One observation of all sources in its field of view.

    First axes run over those sources, `source` holding their numbers in the population; second axes
    over the bands. `light` and `sky` are source and background counts in the source region, `light90`
    and `sky90` those within 90% of the PSF, `off` the background region's, of `ratio` times the area.
    `above`, of shape (sources, 3), holds the counts above all bands of `light`, `sky` and `off`.
    `flare` holds amplitude (0 for none), start and decay time of a flare, times in units of the observation.
    """

    observation: SimulatedObservation
    source: Integers
    theta: Floats
    phi: Floats
    ratio: Floats
    light: Integers
    light90: Integers
    sky: Integers
    sky90: Integers
    off: Integers
    above: Integers
    background: Floats
    flare: Floats

    def events(self, row: int, others: tuple[int, ...] = (), *, sky: bool = True, energies: bool = True) -> Events:
        """Events of the source region of a row, with the light of other rows blended into it.

        Of energies from 0.2 keV (ACIS) or all (HRC). The same call gives the same events, whose numbers
        in the bands are the counts from which the tables were made. Without `sky` the light comes alone.
        """
        parts = [self._light_events(member, energies=energies) for member in (row, *others)]
        lights = len(parts)
        if sky:
            time, part = self._sky_times(row)
            parts.append((time, part, self._background_energies(row, 14, part, energies=energies)))
        source = np.repeat(np.arange(len(parts)) < lights, [len(part[0]) for part in parts])
        time, part, energy = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(time, kind="stable")
        return Events(time[order], part[order], energy[order], source[order])

    def places(self, sources: tuple[int, ...]) -> tuple[int, ...]:
        """Rows of those of some sources that are in the field of view."""
        rows = np.searchsorted(self.source, sources)
        return tuple(int(p) for p, s in zip(rows, sources, strict=True) if p < len(self.source) and self.source[p] == s)

    def background_events(self, row: int, *, energies: bool = True) -> Events:
        """Events of the background region of a row, of the same energies."""
        part = self._parts(self.off[row], self.above[row, 2])
        time = self._clock(self.stream(row, 15).random(len(part)))
        order = np.argsort(time, kind="stable")
        time, part = time[order], part[order]
        energy = self._background_energies(row, 16, part, energies=energies)
        return Events(time, part, energy, np.zeros(len(time), dtype=bool))

    def stream(self, row: int, purpose: int) -> np.random.Generator:
        """The random numbers of a row for one purpose."""
        return np.random.default_rng([SEED, purpose, self.observation.obsid, self.observation.obi, self.source[row]])

    def _light_times(self, row: int) -> tuple[Floats, Integers]:
        part = self._parts(self.light[row], self.above[row, 0])
        phase = self.stream(row, 11).random(len(part))
        shape = light_curve_shape(self, row)
        if shape is not None:
            rising = np.concatenate([[0.0], np.cumsum(shape)])
            phase = np.interp(phase, rising / rising[-1], np.linspace(0, 1, len(rising)))
        return self._clock(phase), part

    def _sky_times(self, row: int) -> tuple[Floats, Integers]:
        part = self._parts(self.sky[row], self.above[row, 1])
        return self._clock(self.stream(row, 12).random(len(part))), part

    def _parts(self, counts: Integers, above: np.int64) -> Integers:
        """The number in `PARTS` of each of so many events in the bands and above them."""
        return np.repeat(np.arange(len(PARTS)), np.where(shares(self.observation.instrument), [*counts, above], 0))

    def _clock(self, phase: Floats) -> Floats:
        start, stop = self.observation.start, self.observation.stop
        return np.asarray(start + (stop - start) * phase)

    def _light_events(self, row: int, *, energies: bool) -> tuple[Floats, Integers, Floats]:
        time, part = self._light_times(row)
        if not energies:
            return time, part, np.full(len(part), np.nan)
        truth = population()
        instrument = self.observation.instrument
        number = self.source[row : row + 1]
        spectrum = photon_spectrum(truth.thermal[number], truth.shape[number], truth.nh[number])
        rate = cells((spectrum[0] * self.observation.area) @ redistribution(instrument))
        return time, part, drawn(self.stream(row, 13), part, rate, instrument)

    def _background_energies(self, row: int, purpose: int, part: Integers, *, energies: bool) -> Floats:
        if not energies:
            return np.full(len(part), np.nan)
        instrument = self.observation.instrument
        return drawn(self.stream(row, purpose), part, background_shape(instrument), instrument)


def light_curve_shape(exposure: Exposure, row: int) -> Floats | None:
    """Relative rate of a source in equal parts of the observation, or None where it is constant."""
    truth = population()
    number = exposure.source[row]
    return _shape(exposure.observation, exposure.flare[row], float(truth.period[number]), float(truth.depth[number]))


def _shape(observation: SimulatedObservation, flare: Floats, period: float, depth: float) -> Floats | None:
    amplitude, start, decay = flare
    if amplitude == 0 and period == 0:
        return None
    phase = (np.arange(_SHAPE_POINTS) + 0.5) / _SHAPE_POINTS
    rate = 1 + np.where(phase > start, amplitude * np.exp(-(phase - start) / decay), 0.0)
    if period > 0:
        cycle = (observation.start + phase * (observation.stop - observation.start)) / period % 1
        rate = rate * np.where(np.abs(cycle - 0.5) < 0.11, 1 - depth, 1.0)
    return np.asarray(rate)


def expose(stack: SimulatedStack, observation: SimulatedObservation) -> Exposure:
    """Observe the population once."""
    truth = population()
    rng = np.random.default_rng([SEED, 2, observation.obsid, observation.obi])
    source = np.flatnonzero((truth.field == stack.field) & observation.sees(truth.ra, truth.dec))
    x, y = observation.detector_position(truth.ra[source], truth.dec[source])
    theta = np.hypot(x, y)
    flare, brightness = _variability(rng, observation, truth, source)

    spectrum = photon_spectrum(truth.thermal[source], truth.shape[source], truth.nh[source])
    instrument = observation.instrument
    rate = spectrum @ (observation.area * recorded(instrument)).T * STEP * (truth.flux[source] * brightness)[:, None]
    mean = APERTURE_FRACTION * vignetting(theta)[:, None] * observation.exposure * rate
    light, light_above = _counts(rng, mean, instrument)
    light90 = _part_of(rng, light, FRACTION_90 / APERTURE_FRACTION)

    area = region_area(theta, truth.extent[source])
    ratio = np.where(truth.kind[source] == SourceClass.DIFFUSE, 4.0, np.round(6 + 14 / (1 + theta / 4)))
    background = area[:, None] * background_rate(instrument) * observation.exposure
    off_axis = np.hypot(*offsets(stack.ra, stack.dec, truth.ra[source], truth.dec[source]))
    background *= stack.glow(off_axis)[:, None]
    sky, sky_above = _counts(rng, background, instrument)
    sky90 = _part_of(rng, sky, 0.75)
    off, off_above = _counts(rng, background * ratio[:, None], instrument)
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
        above=np.stack([light_above, sky_above, off_above], axis=1),
        background=background[:, : len(BANDS)],
        flare=flare,
    )


def _variability(
    rng: np.random.Generator, observation: SimulatedObservation, truth: Population, source: Integers
) -> tuple[Floats, Floats]:
    """Flares of each source in this observation, and its mean brightness relative to its long-term mean."""
    wander = truth.wander[source]
    brightness = np.exp(wander * rng.standard_normal(len(source)) - wander**2 / 2)
    flaring = rng.poisson(truth.flares[source] * observation.exposure / 5e4) > 0
    amplitude = np.where(flaring, 2 + 6 * rng.pareto(1.6, len(source)), 0.0)
    start = rng.uniform(-0.05, 0.95, len(source))
    decay = 10 ** rng.normal(3.5, 0.25, len(source)) / observation.exposure
    flare = np.stack([np.minimum(amplitude, 60), start, decay], axis=1)
    for row in np.flatnonzero(flaring | (truth.period[source] > 0)):
        number = source[row]
        shape = _shape(observation, flare[row], float(truth.period[number]), float(truth.depth[number]))
        if shape is not None:
            brightness[row] *= shape.mean()
    return flare, brightness


def _counts(rng: np.random.Generator, mean: Floats, instrument: str) -> tuple[Integers, Integers]:
    """Integers in the bands, shape (sources, bands), and above them, shape (sources,), from their means in `PARTS`."""
    drawn_counts = rng.poisson(np.where(shares(instrument), mean, 0.0))
    return _with_broad_band(drawn_counts[:, : len(BANDS)]), drawn_counts[:, len(BANDS)]


def _part_of(rng: np.random.Generator, counts: Integers, fraction: float) -> Integers:
    """A random part of the counts in the bands."""
    return _with_broad_band(rng.binomial(counts, fraction))


def _with_broad_band(counts: Integers) -> Integers:
    counts[:, BAND["b"]] = counts[:, _BROAD_PARTS].sum(axis=1)
    return counts

"""Turn simulated counts into catalogue columns with the package's own science code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Flags, Floats
from cscwidgets.csc.bands import BANDS
from cscwidgets.science.hardness import Hardness, hardness_posterior
from cscwidgets.science.photometry import Aperture, Flux, aperture_flux
from cscwidgets.science.variability import (
    GregoryLoredo,
    deviations,
    gregory_loredo,
    ks_probability,
    kuiper_probability,
    variability_index,
)

from ..sky.reference_spectrum import PHOTON_ENERGY
from ..sky.source_spectra import BAND, ERG_PER_KEV
from ..telescope.instrument import APERTURE_FRACTION, FRACTION_90
from ..telescope.region_counts import ApertureCounts, RegionCounts
from ..telescope.responses import in_band

__all__ = [
    "PAIRS",
    "Photometry",
    "Timing",
    "hardness",
    "photometry",
    "smoothed",
    "timed_bands",
    "timing",
]


PAIRS = ("hm", "hs", "ms")
_TIMED_LIKELIHOOD = 14.0  # the catalogue makes light curves of significant detections only
_TIMED_COUNTS = 8
_TIMED_LIKELIHOOD_COLOURS = 150.0  # and in parts of the broad band, here, of bright ones
_PER_OCTAVE = 8


@dataclass(frozen=True, slots=True)
class Photometry:
    """Net counts in the region and the factors that make fluxes of them; Flux arrays of shape (regions, bands).

    `response` is counts per unit photon flux, `energy` erg per photon, NaN where a band was not observed.
    """

    net: Flux
    response: Floats
    energy: Floats

    @property
    def photons(self) -> Flux:
        """Photon flux, photon s**-1 cm**-2."""
        return self.net * (1 / self.response)

    @property
    def flux(self) -> Flux:
        """Energy flux, erg s**-1 cm**-2."""
        return self.net * (self.energy / self.response)

    @property
    def significance(self) -> Floats:
        """Signal to noise."""
        return self.net.value / self.net.spread


def photometry(counted: ApertureCounts, *, ninety: bool = False) -> Photometry:
    """Aperture photometry in every band, in the source regions or in their parts with 90% of the light."""
    counts, fraction, ratio = counted.counts, APERTURE_FRACTION, counted.ratio
    if ninety:
        counts, fraction, ratio = counted.counts90, FRACTION_90, counted.ratio / 0.75
    observed = counted.area_time > 0
    observed &= (np.arange(len(BANDS)) != BAND["u"]) | (counts + counted.off > 0)
    aperture = Aperture.of(
        np.where(observed, counts, np.nan).ravel(), counted.off.ravel(), np.repeat(ratio, len(BANDS)), 1.0
    )
    solved = aperture_flux(aperture)
    net = Flux(*(values.reshape(counts.shape) for values in (solved.value, solved.lower, solved.upper)))
    response, energy = _responses(counted, net, fraction)
    return Photometry(net, np.where(observed, response, np.nan), np.where(observed, energy, np.nan))


def _responses(counted: ApertureCounts, net: Flux, fraction: float) -> tuple[Floats, Floats]:
    """Counts per photon flux and erg per photon; in the broad band both follow the source's own colours."""
    response = fraction * counted.area_time
    energy = np.broadcast_to(PHOTON_ENERGY * ERG_PER_KEV, response.shape).copy()
    parts = [BAND[suffix] for suffix in "hms"]
    with np.errstate(divide="ignore", invalid="ignore"):
        # Half a count of the reference spectrum keeps the colours of faint sources sensible.
        weight = np.nan_to_num(net.value[:, parts]) + 0.5 * np.array([0.3, 0.35, 0.35])
        photons = weight / response[:, parts]
        broad = weight.sum(axis=1) / photons.sum(axis=1)
        keep = response[:, BAND["b"]] > 0
        response[:, BAND["b"]] = np.where(keep, broad, 0.0)
        mean = (photons * energy[:, parts]).sum(axis=1) / photons.sum(axis=1)
        energy[:, BAND["b"]] = np.where(keep, mean, 0.0)
    return response, energy


def hardness(counted: ApertureCounts, measured: Photometry, faintest: float = 1.0) -> dict[str, Hardness]:
    """The three hardness ratios, NaN for sources of lower broad-band significance."""
    with np.errstate(invalid="ignore"):
        rows = np.flatnonzero(measured.significance[:, BAND["b"]] >= faintest)
    ratios = {}
    for pair in PAIRS:
        bands = [BAND[suffix] for suffix in pair]
        # A source of one observation has the same counts in all three levels: solve them once.
        table = np.column_stack(
            [
                counted.counts[rows][:, bands],
                counted.off[rows][:, bands],
                measured.response[rows][:, bands],
                counted.ratio[rows],
            ]
        )
        unique, index = np.unique(table, axis=0, return_inverse=True)
        counts, off, response = unique[:, :2], unique[:, 2:4], unique[:, 4:6]
        hard, soft = (Aperture.of(counts[:, x], off[:, x], unique[:, 6], response[:, x]) for x in (0, 1))
        posterior = hardness_posterior(hard, soft)
        columns = np.full((3, len(counted)), np.nan)
        columns[:, rows] = np.stack([posterior.mode, posterior.lower, posterior.upper])[:, index]
        ratios[pair] = Hardness(*columns)
    return ratios


@dataclass(frozen=True, slots=True)
class Timing:
    """Time tests within observations: arrays of shape (rows, bands), NaN where a band is too faint.

    `mean`, `sigma`, `low` and `high` describe the Gregory-Loredo light curve, count s**-1.
    """

    index: Floats
    probability: Floats
    ks: Floats
    kuiper: Floats
    mean: Floats
    sigma: Floats
    low: Floats
    high: Floats


def timed_bands(records: RegionCounts, likelihood: Floats) -> Flags:
    """Where a row is bright enough in a band to be tested and to have a light curve, shape (rows, bands)."""
    least = np.where(np.isin(list(BANDS), list("bw")), _TIMED_LIKELIHOOD, _TIMED_LIKELIHOOD_COLOURS)
    bright = (likelihood >= least) & (records.aperture.counts >= _TIMED_COUNTS)
    return np.asarray(bright & records.detected[records.region][:, None])


def smoothed(arrivals: Floats, start: float, stop: float) -> GregoryLoredo:
    """The Gregory-Loredo test behind the tables and the light-curve files alike."""
    return gregory_loredo(arrivals, start, stop, per_octave=_PER_OCTAVE)


def timing(records: RegionCounts, likelihood: Floats, stopped: Callable[[float], None]) -> Timing:
    """Test every bright enough row of every band.

    Parameters
    ----------
    records : RegionCounts
        The counts; only detections are tested.
    likelihood : ndarray, shape (rows, bands)
        Detection log likelihood in each observation.
    stopped : callable
        Told the fraction done now and then; may raise.
    """
    results = np.full((8, *likelihood.shape), np.nan)
    tested = timed_bands(records, likelihood)
    todo = np.flatnonzero(tested.any(axis=1))
    above, below = np.full((2, *likelihood.shape), np.nan)
    odds = np.full((3, *likelihood.shape), np.nan)
    for done, row in enumerate(todo):
        if done % 100 == 0:
            stopped(done / len(todo))
        observation = records.exposure_of(int(row)).observation
        start, stop = observation.start, observation.stop
        events = records.events(int(row), energies=False)
        for band in np.flatnonzero(tested[row]):
            arrivals = events.time[in_band(events.part, int(band))]
            above[row, band], below[row, band] = deviations(arrivals, start, stop)
            test = smoothed(arrivals, start, stop)
            rate = test.rate
            results[4:, row, band] = rate.mean(), rate.std(), rate.min(), rate.max()
            results[1, row, band], odds[:, row, band] = test.probability, (test.log_odds, test.f3, test.f5)
    results[0] = np.where(np.isfinite(results[1]), variability_index(results[1], *odds), np.nan)
    counts = np.maximum(records.aperture.counts, 1)
    results[2] = ks_probability(above, below, counts)
    results[3] = kuiper_probability(above, below, counts)
    return Timing(*results)

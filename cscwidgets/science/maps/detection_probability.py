"""The area in which sources of a flux are found, where a source near the limit is found only sometimes.

With a limit taken as sharp, sources that a fluctuation lifted above it are counted and those that one pushed below it
are not: as there are more faint sources, counts come out too high (Eddington 1913, MNRAS 73, 359). Here the probability
that a source is found takes the place of the step: Georgakakis et al. (2008), MNRAS 388, 1205, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats, Integers
from cscwidgets.errors import CscError

from .coverage_curve import CoverageCurve
from .flux_calibration import FluxCalibration
from .healpix_tiles import cell_area
from .sky_clip import Inside
from .sky_mosaic import Mosaic

__all__ = ["DetectionThreshold", "detection_curve"]


_STEP = 0.002  # dex
_BELOW, _ABOVE = 2.0, 1.5  # dex about a limit within which the probability rises from that of chance to 1


@dataclass(frozen=True, slots=True)
class DetectionThreshold:
    """A source is found where a detection cell has at least so many counts as background gives with a small chance.

    Parameters
    ----------
    chance : float
        Probability of so many counts by background alone.
    """

    chance: float = 1e-5

    def __post_init__(self) -> None:
        if not 0 < self.chance < 0.5:
            raise CscError("No threshold of detection", f"the chance {self.chance:g} is not between 0 and 0.5")

    def counts(self, background: ArrayLike) -> Integers:
        """Fewest counts that make a source, for a number of background counts that is expected."""
        expected = np.asarray(background, float)
        highest = float(np.max(expected, initial=1.0))
        number = np.arange(1, int(highest + 10 * np.sqrt(highest) + 20))
        return np.searchsorted(scipy.special.gammaincinv(number, self.chance), expected) + 1

    @staticmethod
    def probability(ratio: ArrayLike, counts: ArrayLike, background: ArrayLike) -> Floats:
        """Probability that a source is found whose flux is `ratio` times the limit.

        At the limit, source and background together give the fewest counts on average.
        """
        least, expected = np.asarray(counts, float), np.asarray(background, float)
        return np.asarray(scipy.special.gammainc(least, np.asarray(ratio) * (least - expected) + expected))


def detection_curve(
    mosaic: Mosaic,
    detection: DetectionThreshold,
    inside: Inside | None = None,
    *,
    background: float | None = None,
    calibration: FluxCalibration | None = None,
) -> CoverageCurve:
    """The sky coverage as the sum of all cells' probabilities to show a source.

    Parameters
    ----------
    mosaic : Mosaic
        Of maps with a background; else give `background`.
    detection : DetectionThreshold
        When a source is found.
    inside : callable, optional
        Called with RA and Dec in degrees: which positions are of the region. By default all of the mosaic.
    background : float, optional
        Counts in a detection cell, where the maps do not tell them.
    calibration : FluxCalibration, optional
        For a curve of energy flux.

    Returns
    -------
    CoverageCurve
        Area against photon flux; ``smooth``, since a probability and no step.

    Raises
    ------
    CscError
        As `Mosaic.curve`, and if the background is not known.

    Examples
    --------
    >>> from cscwidgets.science import coverage, maps
    >>> mosaic = coverage.mosaic(["stack1_sens3.fits"], depth=12)
    >>> curve = maps.detection_curve(mosaic, maps.DetectionThreshold(), background=0.5)
    >>> bool(curve.at(1e-7 * maps.PHOTON_FLUX) < curve.at(1e-5 * maps.PHOTON_FLUX))
    True
    """
    sharp = mosaic.curve(inside, calibration)
    first = np.floor(np.log10(sharp.flux[0]) / _STEP).astype(int)
    size = int(np.log10(sharp.flux[-1]) / _STEP - first) + 2
    groups: dict[int, tuple[Floats, Floats]] = {}
    for tile, fraction in mosaic.clipped(inside):
        held = tile.observed if fraction is None else tile.observed & (fraction > 0)
        if not held.any():
            continue
        expected = np.full(held.shape, np.nan) if tile.background is None else tile.background.astype(float)
        if background is not None:
            expected = np.where(np.isfinite(expected), expected, background)
        if not np.isfinite(expected[held]).all():
            raise CscError(
                "No probabilities of detection",
                "the maps do not tell the background in a detection cell",
                "Give the background in counts.",
            )
        area = cell_area(mosaic.depth) * (np.ones(held.shape) if fraction is None else fraction)[held]
        place = (np.log10(tile.limit[held]) / _STEP - first).astype(int)
        least = detection.counts(expected[held])
        for counts in np.unique(least):
            one = least == counts
            areas, weighted = groups.setdefault(int(counts), (np.zeros(size), np.zeros(1)))
            areas += np.bincount(place[one], area[one], size)
            weighted += (area[one] * expected[held][one]).sum()
    before, after = int(_BELOW / _STEP), int(_ABOVE / _STEP)
    ratio = 10 ** (np.arange(-before, after + 1) * _STEP)
    total = np.zeros(size + len(ratio) - 1)
    for counts, (areas, weighted) in groups.items():
        # Within a group the background changes the probability little: at the limit, not at all.
        rising = detection.probability(ratio, counts, weighted[0] / areas.sum())
        total += np.convolve(areas, rising)
        beyond = np.cumsum(areas)  # limits that are so far below that the source is found for certain
        total[len(ratio) :] += beyond[: size - 1]
    flux = 10 ** ((first + 0.5 - before + np.arange(len(total))) * _STEP)
    return CoverageCurve(flux, total, sharp.band, sharp.threshold, smooth=True, calibration=calibration)

"""Number counts (logN-logS): sources on a square degree of sky, by flux.

A source counts with the inverse of the area in which one as bright would have been found.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import astropy.units as u
import numpy as np
from astropy.table import QTable

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.errors import CscError

from .intervals import poisson_interval
from .maps.coverage_curve import CoverageCurve
from .maps.flux_calibration import in_unit
from .maps.population import BrokenPowerLaw, FluxNodes, fit_population
from .maps.sensitivity_map import PHOTON_FLUX
from .photometry import Aperture, Flux

__all__ = ["NumberCounts", "number_counts"]


_POINTS = 60
_LEAST_AREA = 1e-3  # of the whole: fainter sources are not looked for
_LEAST_SHOWN = 1e-2  # of the whole
_LEAST_EXPECTED = 0.5  # sources
_UNLIKELY = 1e-7

UNCORRECTED = (
    "not corrected for Eddington bias: faint sources scatter above the limit more often than brighter ones below it, "
    "so counts are too high, most of all near the limit"
)
PARTLY = (
    "detection by its probability, fluxes as measured: corrected for sources that are missed, not for those whose "
    "fluxes are overestimated (Eddington bias)"
)
CORRECTED = "corrected for Eddington bias: detection by its probability, each source with all fluxes it may have"


@dataclass(frozen=True)
class NumberCounts:
    """Sources weighted by area; made by `number_counts`.

    Parameters
    ----------
    flux, weight, probability : ndarray, shape (n,)
        Fluxes that sources may have, how much each adds to the counts (deg**-2), and its probability.
    source : ndarray of int, shape (n,)
        Whose they are, among those that count.
    unit : unit
        Of the fluxes.
    curve : CoverageCurve
    eddington_bias : str
        What was done about it, for people.
    left_out : mapping of str to int
        Sources that do not count, by the reason.
    population : BrokenPowerLaw, optional
        The law of all sources that the correction rests on.
    slope : ndarray, shape (n, 3), optional
        Derivatives of `weight` by the law's parameters.
    influence : ndarray, shape (m, 3), optional
        What each source does to these parameters, as `fit_population` gives it: part of the errors.
    """

    flux: Floats
    weight: Floats
    probability: Floats
    source: Integers
    unit: u.UnitBase
    curve: CoverageCurve
    eddington_bias: str
    left_out: dict[str, int] = field(default_factory=dict)
    population: BrokenPowerLaw | None = None
    slope: Floats | None = None
    influence: Floats | None = None

    @property
    def span(self) -> tuple[float, float]:
        """The fluxes that the counts tell about: from the faintest source to the brightest.

        Corrected ones begin where a hundredth of the area shows sources, as fainter ones rest on the law alone, and end
        where half a source is expected.
        """
        if self.population is None:
            return float(self.flux.min()), float(self.flux.max())
        order = np.argsort(self.flux)[::-1]
        few = int(np.searchsorted(np.cumsum(self.probability[order]), _LEAST_EXPECTED))
        return _faintest(self.curve, _LEAST_SHOWN, self.unit), float(self.flux[order[min(few, len(order) - 1)]])

    def cumulative(self, flux: u.Quantity | None = None) -> QTable:
        """Sources per square degree that are at least as bright as a flux.

        Parameters
        ----------
        flux : Quantity, shape (n,), optional
            By default 60 in equal steps of the logarithm over the `span`.

        Returns
        -------
        QTable
            ``flux``, ``sources`` (number, expected if corrected), ``counts`` and its 1-sigma ends ``counts_low`` and
            ``counts_high`` (deg**-2). Errors of neighbouring fluxes are not independent.
        """
        at = np.geomspace(*self.span, _POINTS) if flux is None else np.atleast_1d(flux.to_value(self.unit))
        brighter = [self.flux >= limit for limit in at]
        counts = weighted_interval(
            [self.weight[sources].sum() for sources in brighter],
            [(self._moves(sources) ** 2).sum() for sources in brighter],
            self.curve.at(at * self.unit).to_value(u.deg**2),
        )
        table = QTable({"flux": at * self.unit, "sources": [self.probability[sources].sum() for sources in brighter]})
        for name, values in zip(("counts", "counts_low", "counts_high"), counts, strict=True):
            table[name] = values / u.deg**2
        table.meta |= {
            "eddington_bias": self.eddington_bias,
            "left_out": dict(self.left_out),
            "errors": "Gehrels (1986), 1 sigma, of the effective number of sources",
            "band": self.curve.band,
            "threshold": self.curve.threshold,
        }
        return table

    def _moves(self, part: Flags) -> Floats:
        """By how much each source moves a sum of weights: with its own, and through the law for those of all."""
        own = np.asarray(np.bincount(self.source[part], self.weight[part]), float)
        if self.slope is None or self.influence is None:
            return own
        moves = self.influence @ self.slope[part].sum(axis=0)
        moves[: len(own)] += own
        return np.asarray(moves)


def number_counts(flux: u.Quantity, curve: CoverageCurve, measured: Flux | Aperture | None = None) -> NumberCounts:
    """Number counts of sources that were found in a region, and its sky coverage.

    Parameters
    ----------
    flux : Quantity, shape (n,)
        Photon fluxes, or energy fluxes where the curve has a calibration; NaN where a source has none. Upper limits are
        no fluxes: leave them out, or give NaN.
    curve : CoverageCurve
        `Mosaic.curve`, or `detection_curve` for the probability of detection.
    measured : Flux or Aperture, shape (n,), optional
        What is known of each flux, in the unit of `flux`: the catalogue's intervals, or counts. With it and a
        `detection_curve`, counts are corrected for Eddington bias, after Georgakakis et al. (2008): each source is
        spread over the fluxes that it may have, for the broken power law that fits all sources best.

    Returns
    -------
    NumberCounts
        Sources weighted by the area in which they would have been found.

    Raises
    ------
    CscError
        If no source lies above the faintest limit, or a correction is asked for without a probability of detection.

    References
    ----------
    Georgakakis, A., et al. 2008, MNRAS 388, 1205.

    Examples
    --------
    >>> from cscwidgets.science import coverage, maps, number_counts
    >>> curve = coverage.mosaic(["stack1_sens3.fits"], depth=12).curve()
    >>> counts = number_counts.number_counts([3e-6, 5e-6] * maps.PHOTON_FLUX, curve)
    >>> counts.cumulative([1e-6, 4e-6] * maps.PHOTON_FLUX)["sources"].tolist()
    [2.0, 1.0]
    """
    value = np.atleast_1d(np.asarray(flux.value, float))
    area = curve.at(np.atleast_1d(flux)).to_value(u.deg**2)
    valid = np.isfinite(value) & (value > 0)
    left_out = {"without a flux": int((~valid).sum())}
    if measured is None:
        counted = valid & (area > 0)
        rows = np.flatnonzero(counted)
        left_out["below every limit"] = int((valid & ~counted).sum())
        _require(rows, left_out)
        correction = PARTLY if curve.smooth else UNCORRECTED
        ones, each = np.ones(len(rows)), np.arange(len(rows))
        return NumberCounts(value[rows], 1 / area[rows], ones, each, flux.unit, curve, correction, left_out)
    if not curve.smooth:
        raise CscError(
            "The number counts are not corrected",
            "the sky coverage has sharp limits, without a probability of detection",
            "Give the curve that detection_curve makes.",
        )
    rows = np.flatnonzero(valid)
    _require(rows, left_out)

    def area_at(fluxes: Floats) -> Floats:
        return np.asarray(curve.at(fluxes * flux.unit).to_value(u.deg**2))

    floor = _faintest(curve, _LEAST_AREA, flux.unit)
    nodes = FluxNodes.of(measured[rows], floor)
    population, influence = fit_population(nodes, area_at, floor)
    probability = nodes.posterior(population)
    change = population.gradient(nodes.flux)
    change -= (probability[:, :, None] * change).sum(axis=1, keepdims=True)
    kept = probability > _UNLIKELY
    source, _ = np.nonzero(kept)
    fluxes, chance = nodes.flux[kept], probability[kept]
    weight = chance / area_at(fluxes)
    return NumberCounts(
        *(fluxes, weight, chance, source, flux.unit, curve, CORRECTED, left_out, population),
        slope=weight[:, None] * change[kept],
        influence=influence,
    )


def weighted_interval(total: list[float], squares: list[float], area: Floats) -> tuple[Floats, Floats, Floats]:
    """Sums of weights and their 1-sigma ends, from the sums of weights and of their squares.

    The effective number of sources, (sum w)**2 / sum w**2, has the interval of a Poisson number; where there is none,
    the upper end is that of no source in the area.
    """
    value, second = np.asarray(total, float), np.asarray(squares, float)
    counted = value > 0
    number = np.divide(value**2, second, out=np.zeros_like(value), where=counted)
    with np.errstate(divide="ignore"):
        scale = np.divide(second, value, out=1 / area, where=counted)
    low, high = poisson_interval(number)
    return value, scale * low, scale * high


def _faintest(curve: CoverageCurve, part: float, unit: u.UnitBase) -> float:
    """The flux from which sources are found in a part of the area."""
    flux = curve.flux[np.searchsorted(curve.area, part * curve.area[-1])]
    return float(in_unit(flux * PHOTON_FLUX, unit, curve.band, curve.calibration).value)


def _require(rows: Integers, left_out: dict[str, int]) -> None:
    if not len(rows):
        said = ", ".join(f"{number} {why}" for why, number in left_out.items() if number)
        raise CscError("No number counts", f"no source can be counted: {said or 'there are none'}")

"""Between observations: fluxes and limits of one source over the years."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from astropy.time import Time

from cscwidgets.arrays import Flags, Floats
from cscwidgets.csc.bands import BANDS

from ...errors import CscError
from ...science.times.blocks import Blocks
from ...science.times.long_term_curve import LongTermCurve
from ..marks import error_bars, limit_arrows
from ..numbers import probability
from ..plots.hints import Hints
from ..plots.layers import SERIES, Band, Layer, Line, Symbols, padded, steps
from ..plots.line_plot import LinePlot
from ..theme import ACCENT, FAINT

__all__ = ["BetweenPlot", "constancy_words"]

_DETECTORS = {"ACIS-I": (SERIES[0], "circle"), "ACIS-S": (SERIES[1], "square"), "HRC": (SERIES[2], "triangle-up")}
_ARROW = 0.07  # of the axis
_HEAD = 0.006


def _kind(instrument: str, detector: str) -> str:
    """Which detector, in words, from its CCDs.

    I0 to I3 are numbered 0 to 3, S0 to S5 4 to 9; ACIS-S exposures may have I2 and I3 on as well ("ACIS-235678").
    """
    if "HRC" in (instrument + detector).upper():
        return "HRC"
    chips = set(filter(str.isdigit, detector))
    return "ACIS-I" if "ACIS-I" in detector or chips & {"0", "1"} or (chips and chips <= {"2", "3"}) else "ACIS-S"


class BetweenPlot:
    """The plot of a `LongTermCurve`."""

    def __init__(self, guard: Callable[..., Any]) -> None:
        self.plot = LinePlot(guard, "Flux in each observation", top_axis=True, margins={"top": 24})
        self.widget = self.plot.widget
        self.curve: LongTermCurve | None = None
        self._shown = np.empty(0, bool)

    def show(
        self,
        curve: LongTermCurve | None,
        *,
        limits: bool,
        blocks: bool,
        chosen: tuple[str, ...],
        names: Sequence[str] = (),
    ) -> None:
        """Draw a curve; with its upper limits and Bayesian blocks if wished, and rings on the chosen observations.

        Names of the observations, as many as the curve has, are said under the pointer.
        """
        self.curve = curve
        self._shown = np.empty(0, bool) if curve is None else curve.measured & (limits | ~curve.limit)
        self.plot.selector.say(None if curve is None or not names else self._hints(curve, names))
        if curve is None or not curve.measured.any():
            self.plot.top_ticks({})
            self.plot.show([], (0, 1), (0, 1))
            return
        high = padded([curve.flux.upper[self._shown], curve.flux.value[self._shown]], 0.08)[1]
        x = padded([curve.start, curve.stop], 0.04)
        y = (0.0 if not (curve.flux.lower < 0).any() else padded([curve.flux.lower])[0], high)
        quantity = f"{'Photon' if 'ph' in str(curve.unit) else 'Energy'} flux"
        self.plot.label("MJD (TT)", quantity, _unit(curve))
        self.plot.top_ticks(_years(*x))
        self.plot.show(self._layers(curve, x, y, blocks=blocks, chosen=chosen), x, y)

    def at(self, place: Mapping[str, Any]) -> int | None:
        """The observation under the pointer."""
        if self.curve is None or not len(self._shown):
            return None
        return self.plot.selector.nearest(*self._places(self.curve), place)

    def _places(self, curve: LongTermCurve) -> tuple[Floats, Floats]:
        height = np.where(curve.limit, curve.flux.upper, curve.flux.value)
        return np.where(self._shown, curve.time, np.nan), height

    def _hints(self, curve: LongTermCurve, names: Sequence[str]) -> Hints:
        numbers = {
            "value": np.where(curve.limit, np.nan, curve.flux.value),
            "limit": np.where(curve.limit, curve.flux.upper, np.nan),
            "low": curve.flux.lower,
            "high": curve.flux.upper,
        }
        measured = "{value:.3g} (68%: {low:.3g} to {high:.3g})"
        lines = [["{name}"], ["MJD {x:.4f}"], [measured, "< {limit:.3g}"]]
        return Hints(*self._places(curve), lines, numbers, {"name": names})

    def _layers(
        self,
        curve: LongTermCurve,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        blocks: bool,
        chosen: tuple[str, ...],
    ) -> list[Layer]:
        layers: list[Layer] = []
        time, flux = curve.time, curve.flux
        fit = curve.constancy()
        if np.isfinite(fit.mean):
            level = np.full(2, fit.mean)
            layers += [
                Band(np.array(x), level - fit.error, level + fit.error, FAINT, name="mean with its 1σ error"),
                Line(np.array(x), level, FAINT, 1.2, "dashed", name="mean with its 1σ error"),
            ]
        if blocks and (found := self.blocks(curve)) is not None:
            layers.append(Line(*steps(found.edges, found.value), ACCENT, 2.0, name="Bayesian blocks"))
        kinds = np.array([_kind(*pair) for pair in zip(curve.instrument, curve.detector, strict=True)])
        for kind, (colour, marker) in _DETECTORS.items():
            here = self._shown & (kinds == kind)
            if not here.any():
                continue
            seen = here & ~curve.limit
            bars = error_bars(time[seen], flux.lower[seen], flux.upper[seen])
            layers.append(Line(*bars, colour, 1.2, name=kind, bars=True))
            layers.append(_across(curve, seen, colour))
            limit = here & curve.limit
            if limit.any():
                arrows = limit_arrows(time[limit], flux.upper[limit], -_ARROW * (y[1] - y[0]), _HEAD * (x[1] - x[0]))
                layers.append(Line(*arrows, colour, 1.4, name=kind, bars=True))
            for hollow in (False, True):
                rows = seen & (curve.ambiguous == hollow)
                if rows.any():
                    name = f"{kind}, ambiguous" if hollow else kind
                    layers.append(Symbols(time[rows], flux.value[rows], colour, marker, hollow, name=name))
        picked = self._shown & np.isin(curve.keys, chosen)
        if picked.any():
            height = np.where(curve.limit, flux.upper, flux.value)
            layers.append(Symbols(time[picked], height[picked], ACCENT, "circle", hollow=True, size=180, name="chosen"))
        return layers

    @staticmethod
    def blocks(curve: LongTermCurve) -> Blocks | None:
        """Bayesian blocks of the measured fluxes, None with too few of them."""
        try:
            return curve.blocks()
        except CscError:
            return None


def _across(curve: LongTermCurve, rows: Flags, colour: str) -> Line:
    """Bars along time: how long each observation took."""
    along, across = error_bars(curve.flux.value[rows], curve.start[rows], curve.stop[rows])
    return Line(across, along, colour, 1.2)


def _unit(curve: LongTermCurve) -> str:
    return "photon/s/cm²" if "ph" in str(curve.unit) else "erg/s/cm²"


def _years(low: float, high: float) -> dict[float, str]:
    """Dates along an axis of MJD: begins of years, or of months or days where it is short."""
    first, last = (Time(mjd, format="mjd", scale="tt").datetime for mjd in (low, high))
    years = range(first.year, last.year + 2)
    days = high - low
    if days > 900:
        spacing = math.ceil(days / 365 / 12)
        dates = [f"{year}-01-01" for year in years if year % spacing == 0]
        words = [date[:4] for date in dates]
    elif days > 60:
        spacing = 1 if days < 300 else 3
        dates = [f"{year}-{month:02d}-01" for year in years for month in range(1, 13, spacing)]
        words = [date[:7] for date in dates]
    else:
        spacing = max(1, round(days / 8))
        dates = [
            Time(np.floor(low) + day, format="mjd").strftime("%Y-%m-%d") for day in range(0, int(days) + 2, spacing)
        ]
        words = dates
    places = Time(dates, scale="tt").mjd
    return {float(mjd): text for mjd, text in zip(places, words, strict=True) if low <= mjd <= high}


def constancy_words(curve: LongTermCurve) -> str:
    """The constant fit and the tests, with the catalogue's own beside them."""
    fit = curve.constancy()
    limits = int((curve.measured & curve.limit).sum())
    absent = int((~curve.measured).sum())
    words = [f"{int((curve.measured & ~curve.limit).sum())} measured fluxes", f"{limits} upper limits (68%)"]
    if curve.ambiguous.any():
        words.append(f"{int(curve.ambiguous.sum())} ambiguous matches (hollow; not fitted)")
    if absent:
        words.append(f"{absent} observation{'s' if absent > 1 else ''} without a flux in the {BANDS[curve.band]} band")
    if np.isfinite(fit.chi2_probability):
        words.append(
            f"weighted constant {fit.mean:.3g} ± {fit.error:.2g} {_unit(curve)}, χ² = {fit.chi2:.1f} for {fit.freedom}"
            f" degrees of freedom: variable with probability {probability(fit.chi2_probability)}"
        )
    if np.isfinite(fit.probability):
        words.append(f"likelihood ratio with the limits: {probability(fit.probability)}, index {fit.index}")
    if fit.catalogue is not None and np.isfinite(fit.catalogue[0]):
        words.append(f"the catalogue: {probability(fit.catalogue[0])}, index {fit.catalogue[1]:.0f}")
    return "; ".join(words) + "."

"""Spectra with their model: data and background above, residuals below, on one axis of energy or wavelength."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import ipywidgets
import numpy as np

from cscwidgets.arrays import Floats

from ...errors import CscError
from ...science.spectra.grouping import HC, SpectralBins, spectral_bins
from ...science.spectrum import Spectrum
from ..callbacks import Guard
from ..lazy import LazyBox
from ..marks import error_bars
from ..plots.layers import Band, Layer, Line, Symbols, padded, steps
from ..plots.legend import legend_line
from ..plots.line_plot import LinePlot
from ..theme import ACCENT, FAINT

__all__ = ["QUANTITIES", "RESIDUALS", "Display", "Series", "SpectrumPlot"]

Photons = Callable[[Floats, Floats], Floats]

QUANTITIES = {"counts": "counts", "unfolded photons": "photons", "unfolded E F(E)": "energy"}
RESIDUALS = {"residuals in σ": "sigma", "data / model": "ratio"}

_ERG = 1.602176634e-9  # in a keV
_DATA, _RESIDUALS = 2.4, 1.1  # of the height beside the margins
_LEFT = 70  # px: rates have five digits
_FLOOR = 1e-9
_MODELS = "solid", "dashed", "dash_dotted"  # the background is dotted
_MARKERS = "circle", "square", "triangle-up", "diamond", "triangle-down", "cross"
_SYMBOL = 20
_DEEP = 1e-3  # of the highest value: what is below is not drawn on a logarithmic axis


@dataclass(frozen=True, slots=True)
class Display:
    """How spectra are drawn; none of it touches a fit.

    Attributes
    ----------
    quantity : str
        One of the values of `QUANTITIES`.
    residual : str
        One of the values of `RESIDUALS`.
    wavelength : bool
        Whether the axis is in angstrom, not in keV.
    logarithmic : bool
        Whether both axes are.
    least : int
        Counts in a bin.
    own_groups : bool
        The files' own groups instead.
    background : bool
        Whether the background is drawn.
    """

    quantity: str = "counts"
    residual: str = "sigma"
    wavelength: bool = False
    logarithmic: bool = True
    least: int = 15
    own_groups: bool = False
    background: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    """One observation, or the sum of several.

    Attributes
    ----------
    colour : str
        Of the data.
    spectrum : Spectrum
    model : ndarray or None
        The model's counts in every channel, None without a model.
    model_colour : str
        Empty where it is that of the data.
    name : str
        In the legend.
    number : int or None
        Among several: each has a symbol besides its colour, and its model a style. None if it is alone.
    """

    colour: str
    spectrum: Spectrum
    model: Floats | None
    model_colour: str = ""
    name: str = ""
    number: int | None = None

    @property
    def style(self) -> str:
        """Of the model's line."""
        return "solid" if self.number is None else _MODELS[self.number % len(_MODELS)]

    def symbols(self, x: Floats, y: Floats) -> list[Layer]:
        """What tells it apart from others without its colour."""
        if self.number is None:
            return []
        hollow, marker = divmod(self.number, len(_MARKERS))
        return [Symbols(x, y, self.colour, _MARKERS[marker], bool(hollow % 2), _SYMBOL, self.name)]


class SpectrumPlot:
    """Two plots, one above the other.

    Parameters
    ----------
    guard : callable
        Wraps callbacks so that their errors are shown.
    brushed : callable
        Called with the ends, keV, of a band that was drawn on the data.
    reset : callable
        Called when Escape is pressed.
    """

    def __init__(self, guard: Guard, brushed: Callable[[float, float], None], reset: Callable[[], None]) -> None:
        self._guard, self._brushed, self._reset = guard, brushed, reset
        self._display = Display()
        self._bins: tuple[object, list[SpectralBins]] = (None, [])
        self._legend = ipywidgets.HTML()
        self._legend.add_class("csc-legend-line")
        self.widget = LazyBox(self._legend)
        self.widget.add_class("csc-down")
        self._pairs: dict[bool, tuple[LinePlot, LinePlot]] = {}
        self._arrange()

    @property
    def plots(self) -> tuple[LinePlot, LinePlot]:
        """Data and residuals."""
        return self._pairs[self._display.logarithmic]

    @property
    def data(self) -> LinePlot:
        """The upper one."""
        return self.plots[0]

    @property
    def residuals(self) -> LinePlot:
        """The lower one."""
        return self.plots[1]

    def _arrange(self) -> None:
        """Plots with the axes that are wished: a scale cannot change its kind."""
        log = self._display.logarithmic
        if log not in self._pairs:
            self._pairs[log] = self._pair(log=log)
            self.widget.add(*(plot.widget for plot in self.plots))
        self.widget.show(self._legend, *(plot.widget for plot in self.plots))

    def _pair(self, *, log: bool) -> tuple[LinePlot, LinePlot]:
        data = LinePlot(
            *(self._guard, "Spectrum", _DATA),
            x_log=log,
            y_log=log,
            tool="band",
            margins={"top": 4, "bottom": 6, "left": _LEFT},
            numbered=False,
        )
        residuals = LinePlot(
            *(self._guard, "Residuals", _RESIDUALS),
            x_log=log,
            tool="band",
            margins={"top": 6, "left": _LEFT},
            ticks=4,
        )
        for plot in (data, residuals):
            plot.selector.on_shape(self._guard(lambda x, _y, _mode: self._shape(x)))
            plot.selector.on_escape(self._guard(self._reset))
        return data, residuals

    def _shape(self, x: Floats) -> None:
        ends = HC / x if self._display.wavelength else x
        low, high = float(f"{ends.min():.3g}"), float(f"{ends.max():.3g}")
        if low >= high:
            raise CscError("The band was not changed", "what was drawn is narrower than 0.01 keV")
        self._brushed(low, high)

    def show(
        self,
        series: Sequence[Series],
        photons: Photons | None,
        band: tuple[float, float],
        seen: tuple[float, float],
        display: Display,
    ) -> list[SpectralBins]:
        """Draw observations in place of those before, and return their bins.

        Parameters
        ----------
        series : sequence of Series
            That have energies.
        photons : callable or None
            Photons cm**-2 s**-1 of the model between energies in keV: unfolding needs it.
        band : tuple of float
            What is fitted, keV; the rest is shaded.
        seen : tuple of float
            What is drawn, keV.
        """
        self._display = display
        self._arrange()
        bins = self._binned(series, band, seen)
        self._label()
        ends = seen if not display.wavelength else (HC / seen[1], HC / seen[0])
        upper: list[Layer] = []
        values: list[Floats] = []
        for one, binned in zip(series, bins, strict=True):
            layers, heights = self._data_layers(one, binned, photons)
            upper += layers
            values += heights
        y = self._y_range(values)
        self.data.show([*self._shades(band, ends, y), *upper], ends, y)
        short = (lambda name: name.removeprefix("ObsID ")) if len(series) > 1 else str
        self._legend.value = legend_line(self.data.layers, short)
        lower, reach = self._residual_layers(series, bins)
        level = 0.0 if display.residual == "sigma" else 1.0
        self.residuals.show(
            [*self._shades(band, ends, reach), Line(np.array(ends), np.full(2, level), FAINT, 1.0), *lower],
            *(ends, reach),
        )
        return bins

    def clear(self) -> None:
        """Draw nothing."""
        for plot in self.plots:
            if plot.layers:
                plot.show([], *plot.ranges)

    def _binned(
        self, series: Sequence[Series], band: tuple[float, float], seen: tuple[float, float]
    ) -> list[SpectralBins]:
        """Bins of the spectra, kept as long as they are asked for in the same way: a slider asks often."""
        display = self._display
        asked = ([id(one.spectrum) for one in series], band, seen, display.least, display.own_groups)
        if self._bins[0] != asked:
            self._bins = (
                asked,
                [
                    spectral_bins(
                        *(one.spectrum, *seen),
                        least=display.least,
                        edges=band,
                        own=display.own_groups and one.spectrum.grouping is not None,
                    )
                    for one in series
                ],
            )
        return self._bins[1]

    def _label(self) -> None:
        display = self._display
        axis = "wavelength, Å" if display.wavelength else "energy, keV"
        per = "Å" if display.wavelength else "keV"
        names = {
            "counts": ("net rate", f"count/s/{per}"),
            "photons": ("unfolded photon flux", f"photon/cm²/s/{per}"),
            "energy": ("unfolded E F(E)", "erg/cm²/s"),
        }
        self.data.label(axis, *names[display.quantity])
        # Short: this plot is low.
        self.residuals.label(axis, "Δ / σ" if display.residual == "sigma" else "ratio", "")

    def _edges(self, bins: SpectralBins) -> tuple[Floats, Floats]:
        """Ends of the bins on the axis, and their widths there."""
        if self._display.wavelength:
            return np.append(HC / bins.low, HC / bins.high[-1]), HC / bins.low - HC / bins.high
        return np.append(bins.low, bins.high[-1]), bins.high - bins.low

    def _density(self, one: Series, bins: SpectralBins, photons: Photons | None) -> tuple[Floats, Floats]:
        """What counts are multiplied by to be drawn, and the model's counts in the bins (NaN without a model)."""
        _, width = self._edges(bins)
        model = np.full(len(bins), np.nan) if one.model is None else bins.summed(one.model)
        if self._display.quantity == "counts":
            return 1 / (bins.exposure * width), model
        if photons is None:
            return np.full(len(bins), np.nan), model
        # The unfolded value is the model's own, times data over model: it depends on the model.
        flux = photons(bins.low, bins.high)
        if self._display.quantity == "energy":
            # E F(E) is the photon density times the energy squared, whatever the axis.
            flux = flux * bins.low * bins.high / (bins.high - bins.low) * _ERG
        else:
            flux = flux / width
        return flux / np.where(model > 0, model, np.nan), model

    def _data_layers(
        self, one: Series, bins: SpectralBins, photons: Photons | None
    ) -> tuple[list[Layer], list[Floats]]:
        edges, _ = self._edges(bins)
        factor, model = self._density(one, bins, photons)
        net, low, high = (values * factor for values in (bins.net, bins.lower, bins.upper))
        drawn = model * factor
        if self._display.logarithmic:
            # What is not positive has no place there: its error bar comes up from below, without a cross.
            floor = _FLOOR * max(float(np.nanmax(high, initial=0.0)), np.finfo(float).tiny)
            net, low = np.where(net > 0, net, np.nan), np.maximum(low, floor)
        layers: list[Layer] = []
        # The axis stays where it is while a parameter is dragged: it follows the data.
        heights = [net, high]
        if self._display.background and one.spectrum.background is not None and self._display.quantity == "counts":
            layers.append(
                Line(*steps(edges, bins.background * factor), one.colour, 1.0, "dotted", 0.8, name="background")
            )
        colour, name = one.model_colour or one.colour, "" if one.model is None else "model"
        layers.append(Line(*steps(edges, drawn), colour, 2.2, one.style, 0.9, name))
        layers += _crosses(edges, net, low, high, one)
        return layers, heights

    def _residual_layers(
        self, series: Sequence[Series], bins: Sequence[SpectralBins]
    ) -> tuple[list[Layer], tuple[float, float]]:
        layers: list[Layer] = []
        heights: list[Floats] = []
        for one, binned in zip(series, bins, strict=True):
            edges, _ = self._edges(binned)
            if one.model is None:
                continue
            model = binned.summed(one.model)
            if self._display.residual == "sigma":
                value = binned.sigma(model)
                low, high = value - 1, value + 1
            else:
                value, low, high = binned.ratio(model)
            layers += _crosses(edges, value, low, high, replace(one, name=""))  # which is which is said above
            heights.append(value)
        if not heights:
            return layers, ((-3.0, 3.0) if self._display.residual == "sigma" else (0.0, 2.0))
        # The farthest outliers are cut off only where they would hide all others.
        known = np.concatenate(heights)
        known = known[np.isfinite(known)]
        if self._display.residual == "sigma":
            reach = _step_up(max(3.0, float(np.max(np.abs(known), initial=0.0)) + 1))
            return layers, (-reach, reach)
        return layers, (0.0, max(2.0, 1.2 * float(np.quantile(known, 0.98)) if len(known) else 2.0))

    def _y_range(self, values: Sequence[Floats]) -> tuple[float, float]:
        if not self._display.logarithmic:
            return padded(values, least=0.0)
        known = np.concatenate([part[np.isfinite(part) & (part > 0)] for part in values] or [np.empty(0)])
        if not len(known):
            return 0.1, 1.0
        top = float(known.max())
        return max(float(known.min()) / 2, _DEEP * top), 1.6 * top

    def _shades(self, band: tuple[float, float], ends: tuple[float, float], y: tuple[float, float]) -> list[Layer]:
        """What is not fitted, pale; and lines where it begins."""
        low, high = (HC / band[1], HC / band[0]) if self._display.wavelength else band
        layers: list[Layer] = []
        for start, stop in ((ends[0], low), (high, ends[1])):
            area = np.array([start, max(start, stop)])
            layers.append(Band(area, np.full(2, y[0]), np.full(2, y[1]), FAINT, 0.14))
        for place in (low, high):
            inside = ends[0] <= place <= ends[1]
            layers.append(Line(np.full(2, place if inside else np.nan), np.array(y), ACCENT, 1.0, "dashed", 0.8))
        return layers


def _step_up(reach: float) -> float:
    """The next power of the square root of 2: an axis that changed at every step of a drag would slow it down."""
    return float(2 ** (np.ceil(2 * np.log2(reach)) / 2))


def _crosses(edges: Floats, value: Floats, low: Floats, high: Floats, one: Series) -> list[Layer]:
    """Widths of the bins across, errors upright, and the symbol where there are several."""
    middle = np.sqrt(np.abs(edges[1:] * edges[:-1]))
    along, across = error_bars(value, edges[:-1], edges[1:])
    upright = Line(*error_bars(middle, low, high), one.colour, 1.3, name=one.name, bars=True)
    return [upright, Line(across, along, one.colour, 1.3), *one.symbols(middle, value)]

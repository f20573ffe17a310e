"""A plot of lines, bands and symbols, with a picking layer: what the plots of curves and spectra are made of."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import bqplot
import ipywidgets
import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from cscwidgets.arrays import Flags, Floats

from ..theme import title_style
from .layers import Band, Layer, Line
from .legend import PAPER_MARKERS, PAPER_STYLES, draw_legend, legend_line
from .lines import drawable
from .plot_selector import PlotSelector

if TYPE_CHECKING:  # what figures for the paper are drawn on
    from matplotlib.axes import Axes

__all__ = ["LinePlot"]

_DECADES = 3e3  # ratio of an axis's ends beyond which numbers in between would crowd

_NARROW = 6.0  # ratio below which there would be too few numbers

_PLAIN = 0.1, 1e5
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

_PAPER_WIDTH = 0.8  # of a line on the screen, which is in pixels

_COORDINATES = ("x", "y", "low", "high")

_MARGINS = {"top": 24, "right": 12, "bottom": 38, "left": 62}


class LinePlot:
    """One plot.

    Parameters
    ----------
    guard : callable
        Wraps callbacks so that their errors are shown.
    label : str
        What the plot is, for screen readers.
    share : float
        Of the height beside the margins, where other plots stand above or below.
    x_format : str
        Of numbers along x, as d3 writes it: "~e" for very small ones.
    margins : mapping of str to int, optional
        Pixels at the ``top``, ``right``, ``bottom`` and ``left`` where they are not the usual.
    numbered : bool
        Whether x has numbers and a name: not where another plot stands below on the same axis.
    ticks : int
        Most intervals between numbers along y.
    decades : float
        Ratio of the ends of a logarithmic axis from which on only powers of ten have numbers.
    """

    def __init__(
        self,
        guard: Callable[..., Any],
        label: str,
        share: float = 1.0,
        *,
        top_axis: bool = False,
        x_log: bool = False,
        y_log: bool = False,
        tool: str = "box",
        x_format: str = ".7~g",
        margins: Mapping[str, int] | None = None,
        numbered: bool = True,
        ticks: int = 7,
        decades: float = _DECADES,
    ) -> None:
        kinds = {"x": x_log, "y": y_log}
        self._scales = {
            name: (bqplot.LogScale if log else bqplot.LinearScale)(min=0.1, max=1.0) for name, log in kinds.items()
        }
        x, y = self._scales["x"], self._scales["y"]
        room = _MARGINS | ({"top": 40} if top_axis else {}) | dict(margins or {})
        self._x_axis = bqplot.Axis(scale=x, grid_lines="none", label_offset="30px", tick_format=x_format)
        self._y_axis = bqplot.Axis(
            scale=y, side="left", grid_lines="none", label_offset=f"{room['left'] - 16}px", tick_format=".5~g"
        )
        self._numbered, self._decades = numbered, decades
        self._ticks = {axis: MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]) for axis, most in (("x", 7), ("y", ticks))}
        if not numbered:
            self._x_axis.tick_style = {"display": "none"}
        self._top_axis = bqplot.Axis(scale=x, side="top", grid_lines="none", visible=top_axis, tick_values=[])
        self._figure = bqplot.Figure(
            title_style=title_style(15 if top_axis else 7),
            axes=[self._x_axis, self._y_axis, self._top_axis],
            fig_margin=room,
            padding_x=0,
            padding_y=0,
            animation_duration=0,
            display_toolbar=False,
            layout=ipywidgets.Layout(width="100%", height="100%", min_width="0"),
        )
        self.layers: tuple[Layer, ...] = ()
        self._drawing = threading.RLock()  # in a script, answers arrive in threads of their own
        self._x_words, self._y_words = "", ("", "")
        self._factor = 1.0
        self.selector = PlotSelector(
            guard, self._figure, margins=self._figure.fig_margin, label=label, tool=tool, x_log=x_log, y_log=y_log
        )
        least = "0" if share == 1.0 else f"{room['top'] + room['bottom']}px"  # what is beside the margins is shared
        self.widget = ipywidgets.Box(
            [self._figure, self.selector],
            layout=ipywidgets.Layout(flex=f"{share:g} {share:g} {least}", overflow="hidden"),
        )
        self.widget.add_class("csc-diagram")

    def label(self, x: str, y: str, unit: str = "", title: str = "") -> None:
        """Name the axes and the plot; `unit` is that of y."""
        self._x_axis.label, self._figure.title = x if self._numbered else "", title
        self._x_words, self._y_words = x, (y, unit)

    @property
    def title(self) -> str:
        """What stands above the plot."""
        return str(self._figure.title)

    @property
    def legend(self) -> str:
        """HTML of what the layers with a name are."""
        return legend_line(self.layers)

    def top_ticks(self, ticks: Mapping[float, str]) -> None:
        """Other words for places along x, on the axis above."""
        self._top_axis.tick_values = np.array(list(ticks))
        self._top_axis.tick_labels = {f"{place:g}": words for place, words in ticks.items()}

    @property
    def ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """What the axes span, in the unit of the data."""
        (left, right), (low, high) = self.selector.x_range, self.selector.y_range
        return (left, right), (low, high)

    def show(self, layers: Sequence[Layer], x: tuple[float, float], y: tuple[float, float]) -> None:
        """Draw layers, the first one lowest, in place of those before."""
        with self._drawing:
            self._show(layers, x, y)

    def _show(self, layers: Sequence[Layer], x: tuple[float, float], y: tuple[float, float]) -> None:
        before, self.layers = self.layers, tuple(layers)
        # Small numbers are drawn times a power of ten that the axis names: "2.5", not "2.5e-4".
        largest = max(map(abs, y))
        exponent = 0 if _PLAIN[0] <= largest < _PLAIN[1] else math.floor(math.log10(largest))
        factor, self._factor = self._factor, 10.0**-exponent
        name, unit = self._y_words
        power = f"10{str(exponent).translate(_SUPERSCRIPT)} " if exponent else ""
        self._y_axis.label = f"{name}, {power}{unit}".rstrip(", ")
        drawn_y = (y[0] * self._factor, y[1] * self._factor)
        for (name, scale), axis, (low, high) in zip(
            self._scales.items(), (self._x_axis, self._y_axis), (x, drawn_y), strict=True
        ):
            with scale.hold_sync():
                scale.min, scale.max = low, high
            locator = (
                _log_locator(low, high, self._decades) if isinstance(scale, bqplot.LogScale) else self._ticks[name]
            )
            ticks = np.asarray(locator.tick_values(low, high))
            ticks = ticks[(ticks >= low) & (ticks <= high)]
            if not np.array_equal(ticks, axis.tick_values if axis.tick_values is not None else []):
                axis.tick_values = ticks
        self.selector.x_range, self.selector.y_range = list(x), list(y)
        if len(before) == len(layers) and all(map(_is_alike, before, layers)):
            # Only the numbers are new: the marks stay, which is what makes a drag smooth.
            for mark, old, new in zip(self._figure.marks, before, layers, strict=True):
                if self._factor != factor or not _is_same(old, new):
                    self._move(mark, new)
            return
        gone = self._figure.marks
        self._figure.marks = [self._mark(layer) for layer in layers]
        for mark in gone:
            mark.close()

    def draw(self, axes: Axes) -> None:
        """Draw the same on matplotlib axes, for the paper, with a legend of the layers that have a name."""
        for (name, scale), ends in zip(self._scales.items(), self.ranges, strict=True):
            axis = axes.xaxis if name == "x" else axes.yaxis
            if not isinstance(scale, bqplot.LogScale):
                axes.ticklabel_format(axis="x" if name == "x" else "y", useMathText=True)
                continue
            getattr(axes, f"set_{name}scale")("log", nonpositive="mask")
            if _PLAIN[0] <= ends[0] and ends[1] <= _PLAIN[1]:  # as on the screen: 0.5, 1, 2
                axis.set_major_locator(_log_locator(*ends, _DECADES))
                axis.set_major_formatter("{x:g}")
                axis.set_minor_formatter(NullFormatter())
        for layer in self.layers:
            if isinstance(layer, Line):
                (line,) = axes.plot(layer.x, layer.y, color=layer.colour, alpha=layer.opacity)
                line.set(linewidth=_PAPER_WIDTH * layer.width, linestyle=PAPER_STYLES[layer.style])
            elif isinstance(layer, Band):
                low = self._held(layer.low)
                axes.fill_between(layer.x, low, layer.high, color=layer.colour, alpha=layer.opacity, lw=0)
            else:
                face = "none" if layer.hollow else layer.colour
                size = _PAPER_WIDTH * math.sqrt(layer.size)
                axes.plot(layer.x, layer.y, PAPER_MARKERS[layer.marker], color=layer.colour, mfc=face, ms=size)
        (x, y), (name, unit) = self.ranges, self._y_words
        axes.set(xlim=x, ylim=y, xlabel=self._x_words, ylabel=f"{name}, {unit}".rstrip(", "))
        axes.set_title(self.title, fontsize="small")
        draw_legend(axes, self.layers)

    def _points(self, layer: Layer) -> dict[str, Floats]:
        """Coordinates of a layer's mark."""
        if isinstance(layer, Band):
            known = np.isfinite(layer.low) & self._has_place(layer.high, "y") & self._has_place(layer.x, "x")
            low = self._held(layer.low)
            return {"x": layer.x[known], "y": np.stack([low[known], layer.high[known]]) * self._factor}
        # Of what has no place on its axis the page would complain.
        known = self._has_place(layer.x, "x") & self._has_place(layer.y, "y")
        if isinstance(layer, Line):
            (x, _), (y, _) = self.ranges
            return drawable(layer.x, np.where(known, layer.y, np.nan) * self._factor, (x, y * self._factor))
        return {"x": layer.x[known], "y": layer.y[known] * self._factor}

    def _held(self, low: Floats) -> Floats:
        """The lower edge of a band, at the end of the axis where it reaches beyond."""
        return np.where(self._has_place(low, "y") | np.isnan(low), low, self.ranges[1][0])

    def _has_place(self, values: Floats, axis: str) -> Flags:
        logarithmic = isinstance(self._scales[axis], bqplot.LogScale)
        return np.isfinite(values) & ((values > 0) | (not logarithmic))

    def _move(self, mark: bqplot.Mark, layer: Layer) -> None:
        with mark.hold_sync():
            for name, values in self._points(layer).items():
                if not np.array_equal(getattr(mark, name), values, equal_nan=True):
                    setattr(mark, name, values)

    def _mark(self, layer: Layer) -> bqplot.Mark:
        points = self._points(layer)
        if isinstance(layer, Line):
            return bqplot.Lines(
                **points,
                scales=self._scales,
                colors=[layer.colour],
                stroke_width=layer.width,
                line_style=layer.style,
                opacities=[layer.opacity],
            )
        if isinstance(layer, Band):
            return bqplot.Lines(
                **points,
                scales=self._scales,
                fill="between",
                fill_colors=[layer.colour],
                fill_opacities=[layer.opacity],
                colors=[layer.colour, layer.colour],
                opacities=[0.0, 0.0],
            )
        return bqplot.Scatter(
            **points,
            scales=self._scales,
            colors=[layer.colour],
            marker=layer.marker,
            fill=not layer.hollow,
            stroke=layer.colour,
            stroke_width=1.6,
            default_size=layer.size,
        )


def _log_locator(low: float, high: float, decades: float) -> LogLocator:
    """Ticks at 1, 2 and 5, over many decades at 1 only."""
    if high < _NARROW * low:
        return LogLocator(subs=[1, 1.5, 2, 3, 4, 6])
    return LogLocator(subs=[1, 2, 5] if high < decades * low else [1])


def _is_alike(one: Layer, other: Layer) -> bool:
    """Whether two layers look the same, wherever they are."""
    return type(one) is type(other) and all(
        getattr(one, field.name) == getattr(other, field.name)
        for field in fields(one)
        if field.name not in _COORDINATES
    )


def _is_same(one: Layer, other: Layer) -> bool:
    """Whether two layers that look the same are at the same place."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in _COORDINATES
        if hasattr(one, name)
    )

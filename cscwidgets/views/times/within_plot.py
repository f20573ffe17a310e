"""In an observation: the catalogue's smoothed curve, or the events binned here, against time since its start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import cycle

import ipywidgets
import numpy as np

from cscwidgets.arrays import Floats
from cscwidgets.csc.bands import BANDS

from ...science.lightcurve import LightCurve
from ...science.time_system import TimeSystem
from ...science.times.intra_observation import Timing
from ..callbacks import Guard
from ..lazy import LazyBox
from ..marks import error_bars
from ..plots.layers import Band, Layer, Line, padded, steps
from ..plots.legend import legend_line
from ..plots.line_plot import LinePlot
from ..theme import ACCENT, FAINT

__all__ = ["Drawn", "WithinPlots", "catalogue_curve", "catalogue_row", "constancy_table", "events_curve", "events_row"]

KILO = 1000.0
_RATE = "rate"
_STYLES = "solid", "dashed", "dash_dotted", "dotted"
_SLIVER = 0.2  # of the longest exposure of a bin


@dataclass(frozen=True, slots=True)
class Drawn:
    """Layers of one curve with the range they need, in ks and count/s, for `start` in s of mission time.

    `energies` says in words which photons are counted, `system` what the times count.
    """

    layers: list[Layer]
    start: float
    x: tuple[float, float]
    y: tuple[float, float]
    energies: str
    system: TimeSystem


class WithinPlots:
    """Curves against the time since their starts: all in one plot, or one below another on the same axis."""

    def __init__(self, guard: Guard, brushed: Callable[[tuple[float, ...]], object] = lambda _: None) -> None:
        self._guard, self._brushed = guard, brushed
        self._starts: list[float] = []
        self.plots: list[LinePlot] = []
        self._made: list[LinePlot] = []
        self._legend = ipywidgets.HTML()
        self._legend.add_class("csc-legend-line")
        self.widget = LazyBox(self._legend)
        self.widget.add_class("csc-down")
        self.widget.add_class("csc-within")

    def show(self, curves: Sequence[tuple[str, Drawn]], *, stacked: bool, times: tuple[float, ...] = ()) -> None:
        """Draw curves, each with the name of its observation, in place of those before; a brushed time is marked."""
        groups = [[curve] for curve in curves] if stacked else [list(curves)] if curves else []
        while len(self._made) < len(groups):
            self._made.append(self._plot(len(self._made)))
            self.widget.add(self._made[-1].widget)
        self.plots = self._made[: len(groups)]
        x = _union([drawn.x for _, drawn in curves])
        for plot, group in zip(self.plots, groups, strict=True):
            plot.label(_time_axis(group), "rate", "count/s", _title(group))
            y = _union([part.y for _, part in group])
            layers = [layer for part in _told_apart(group) for layer in part]
            plot.show([*_marked(times, group[0][1].start, x, y), *layers], x, y)
        (self.widget.add_class if len(groups) > 1 else self.widget.remove_class)("csc-scrolled")
        self._starts = [group[0][1].start for group in groups]
        self._legend.value = legend_line([layer for plot in self.plots for layer in plot.layers])
        self.widget.show(self._legend, *(plot.widget for plot in self.plots))

    def _plot(self, number: int) -> LinePlot:
        plot = LinePlot(self._guard, "Count rate in an observation")
        plot.selector.on_shape(self._guard(lambda x, _y, _mode: self._brush(number, x)))
        plot.selector.on_escape(self._guard(lambda: self._brushed(())))
        return plot

    def _brush(self, number: int, x: Floats) -> None:
        start = self._starts[number]
        self._brushed((start + KILO * float(x.min()), start + KILO * float(x.max())))


def _marked(times: tuple[float, ...], start: float, x: tuple[float, float], y: tuple[float, float]) -> list[Layer]:
    """The brushed time, as far as it is in the plot; always one layer, so that others keep their marks."""
    low, high = ((moment - start) / KILO for moment in times) if times else (x[0], x[0])
    ends = np.clip(np.array([low, high]), *x)
    return [Band(ends, np.full(2, y[0]), np.full(2, y[1]), ACCENT, 0.16)]


def _told_apart(group: Sequence[tuple[str, Drawn]]) -> list[list[Layer]]:
    """Layers of curves in one plot; of several the legend has names, and lines have styles of their own."""
    if len(group) == 1:
        return [group[0][1].layers]
    styled = zip(group, cycle(_STYLES), strict=False)
    return [[_as_one_of(layer, name, style) for layer in drawn.layers] for (name, drawn), style in styled]


def _as_one_of(layer: Layer, name: str, style: str) -> Layer:
    return replace(layer, name=name, style=style) if isinstance(layer, Line) and layer.name == _RATE else layer


def _union(ranges: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return min((low for low, _ in ranges), default=0.0), max((high for _, high in ranges), default=1.0)


def _title(group: Sequence[tuple[str, Drawn]]) -> str:
    energies = ", ".join(dict.fromkeys(drawn.energies for _, drawn in group))
    if len(group) > 1:
        return f"{len(group)} observations, {energies}"
    return f"{group[0][0]}, {energies}"


def _time_axis(group: Sequence[tuple[str, Drawn]]) -> str:
    first = group[0][1]
    since = "the start" if len(group) > 1 else f"MJD {first.system.moments(first.start).mjd:.5f}"
    systems = "; ".join(dict.fromkeys(str(drawn.system) for _, drawn in group))
    return f"time since {since}, ks ({systems})"


def catalogue_curve(curve: LightCurve, colour: str) -> Drawn:
    """The curve with its 3-sigma band, the background below."""
    start = curve.header.start
    # Bins and the gaps between them are steps alike; a gap has no value.
    edges = np.concatenate([curve.time - curve.width / 2, curve.gaps[:, 0], [curve.time[-1] + curve.width / 2]])
    order = np.argsort(edges)
    x = (edges[order] - start) / KILO

    def stepped(values: Floats) -> tuple[Floats, Floats]:
        return steps(x, np.append(values, np.full(len(curve.gaps), np.nan))[order[:-1]])

    (across, low), (_, high) = stepped(curve.source.low), stepped(curve.source.high)
    layers: list[Layer] = [
        Band(across, low, high, colour),
        Line(*stepped(curve.background.rate), FAINT, 1.2, "dashed", name="background"),
        Line(*stepped(curve.source.rate), colour, 1.8, name=_RATE),
    ]
    y = padded([curve.source.low, curve.source.high, curve.background.rate], least=0.0)
    energies = next((str(band) for band in BANDS.values() if band.name == curve.band), curve.band)
    return Drawn(layers, start, padded([x], 0.01), y, energies, curve.header.system)


def events_curve(timing: Timing, colour: str, *, blocks: bool) -> Drawn:
    """Bins with their errors, partly exposed ones pale, gaps shaded; Bayesian blocks above if wished."""
    binned = timing.binned
    start = float(binned.edges[0])
    x = (binned.edges - start) / KILO
    centre = (x[1:] + x[:-1]) / 2
    # A sliver of a bin at the end has a rate of any size: it is drawn, but does not set the scale.
    usual = binned.exposure > _SLIVER * binned.exposure.max()
    background = np.where(binned.unexposed, np.nan, binned.background / np.where(binned.unexposed, 1, binned.exposure))
    y = padded([binned.lower[usual], binned.upper[usual], background[usual]], least=0.0)
    turns = np.diff(binned.unexposed.astype(int), prepend=0, append=0)
    layers: list[Layer] = [
        Band(np.array([left, right]), np.full(2, y[0]), np.full(2, y[1]), FAINT, 0.15)
        for left, right in zip(x[turns > 0], x[turns < 0], strict=True)
    ]
    if binned.background.any():
        layers.append(Line(*steps(x, background), FAINT, 1.2, "dashed", name="background"))
    layers.append(Line(*steps(x, binned.rate), colour, 1.6, name=_RATE))
    for rows, opacity in ((~binned.partial, 0.9), (binned.partial, 0.35)):
        bars = error_bars(centre[rows], binned.lower[rows], binned.upper[rows])
        layers.append(Line(*bars, colour, 1.0, opacity=opacity))
    if blocks and timing.blocks is not None:
        edges = (timing.blocks.edges - start) / KILO
        layers.append(Line(*steps(edges, timing.blocks.value), ACCENT, 2.2, name="Bayesian blocks"))
    energies = "all energies" if timing.band is None else "{:g}–{:g} keV".format(*timing.band)
    return Drawn(layers, start, padded([x], 0.01), y, energies, timing.system)


def catalogue_row(curve: LightCurve) -> list[str]:
    """Cells of `constancy_table`: the numbers of the file's header, in the catalogue's sense."""
    tests = curve.variability
    return [
        f"{curve.counts:,}",
        f"{curve.livetime / KILO:.2f}",
        f"{curve.source.rate.mean():.4g}",
        *_tests(tests.probability, tests.log_odds, tests.index, tests.ks_probability, tests.kuiper_probability),
        "–",
    ]


def events_row(timing: Timing) -> list[str]:
    """Cells of `constancy_table`: what the events say."""
    tests = timing.tests
    found = (
        _tests(
            tests.gregory_loredo.probability,
            tests.gregory_loredo.log_odds,
            tests.gregory_loredo.index,
            tests.ks_probability,
            tests.kuiper_probability,
        )
        if tests
        else ["–"] * 5
    )
    return [
        f"{timing.events:,}",
        f"{timing.exposure / KILO:.2f}",
        f"{timing.events / timing.exposure:.4g}",
        *found,
        f"{len(timing.blocks)}" if timing.blocks is not None else "–",
    ]


def _tests(probability: float, odds: float, index: int, ks: float | None, kuiper: float | None) -> list[str]:
    return [
        f"{probability:.4f}",
        f"{odds:.2f}",
        f"{index}",
        *("–" if value is None else f"{value:.4f}" for value in (ks, kuiper)),
    ]


_HEADS = (
    ("Observation", ""),
    ("Counts", "in the source region, background included"),
    ("Exposure / ks", "livetime: good time less dead time"),
    ("Mean / s⁻¹", "count rate, background included; of events over livetime, of the catalogue's curve over good time"),
    ("G–L P", "Gregory–Loredo probability of variability"),
    ("log₁₀ odds", "of variability, Gregory–Loredo; bins down to 50 s and at most 3000, as CIAO's glvary"),
    ("index", "0–2 constant, 3–5 perhaps variable, 6–10 variable"),
    ("K–S P", "Kolmogorov–Smirnov probability of variability, as the catalogue's ks_prob"),
    ("Kuiper P", "Kuiper probability of variability, as the catalogue's kp_prob"),
    ("blocks", "Bayesian blocks"),
)


def constancy_table(rows: list[tuple[str, str, list[str]]]) -> str:
    """HTML of the tests of constancy, from names, colours and cells."""
    heads = "".join(f'<th title="{escape(words)}">{name}</th>' for name, words in _HEADS)
    lines = "".join(
        f'<tr><td><span class="csc-swatch" style="background:{colour}"></span>{escape(name)}</td>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
        for name, colour, cells in rows
    )
    return f'<table class="csc-tests"><tr>{heads}</tr>{lines}</table>'

"""The period search: a periodogram to click on, and the curve folded at the period typed, dragged or clicked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets
import numpy as np

from ...science.times.periods import Periodogram
from ...state.periods import BETWEEN, METHODS, PeriodState
from ..bind import Bindings
from ..controls import dropdown, field, note, settings
from ..marks import error_bars
from ..panel_body import PanelBody
from ..plot_area import PlotArea
from ..plots.layers import SERIES, Layer, Line, Symbols, padded, steps
from ..plots.line_plot import LinePlot
from ..theme import ACCENT, FAINT

__all__ = ["PeriodPlots"]

_LEVELS = (0.01, 0.001)  # false-alarm probabilities drawn as lines
_DRAG = 0.02  # the slider moves the period by this share of it, either way
_STEPS = 200
_WINDOW = 0.5  # of the peak's frequency, either way: how much of the window function is drawn
_MOST = 4000  # points drawn of a periodogram: the maxima of as many stretches


class PeriodPlots:
    """Controls and plots of a `PeriodState`."""

    def __init__(self, state: PeriodState) -> None:
        self._state = state
        guard = state.curves.desk.messages.guard
        self._which = field(ipywidgets.Dropdown(description="Events of"), "330px")
        self._method = field(dropdown("Method", [(words, name) for name, words in METHODS.items()], ""))
        self._method.value = state.method
        self._shortest, self._longest = (
            field(ipywidgets.BoundedFloatText(value, min=0.01, max=1e7, description=words), "108px")
            for value, words in ((state.shortest, "from / s"), (state.longest, "to / s"))
        )
        self._search = ipywidgets.Button(
            description="Search", icon="search", tooltip="Search for periods", button_style="primary"
        )
        self._period = field(
            ipywidgets.FloatText(value=0.0, description="Period / s", continuous_update=False), "180px"
        )
        self._drag = field(ipywidgets.IntSlider(0, -_STEPS, _STEPS, readout=False, description="±2%"), "190px")
        self._bins = field(ipywidgets.BoundedIntText(state.bins, min=2, max=256, description="bins"), "110px")
        self._anchor = 0.0
        self._note = ipywidgets.HTML()
        self.power = LinePlot(guard, "Periodogram", x_log=True, decades=30)
        self.folded = LinePlot(guard, "Folded light curve")
        self.plots = (self.power, self.folded)
        self._area = PlotArea(*(plot.widget for plot in self.plots), across=True)
        self.widget = PanelBody(
            [self._which, self._shortest, self._longest, self._search, self._period, self._drag],
            [self._area],
            settings=settings("Search", self._method, "Folded curve", self._bins),
            foot=self._note,
        )
        self._bind = bind = Bindings(guard)
        bind.when_chosen(self._which, lambda key: setattr(state, "key", key or ""))
        for trait, control in (
            *(("method", self._method), ("bins", self._bins)),
            *(("shortest", self._shortest), ("longest", self._longest)),
        ):
            bind.tie(state, trait, control)
        bind.when_pressed(self._search, state.search)
        bind.when_chosen(self._period, self._typed)
        bind.when_chosen(self._drag, self._dragged)
        self.power.selector.on_click(self._clicked)
        bind.when(state, "periodogram", self._show_power)
        bind.when(state, "folded", self._show_folded)
        bind.when(state, "period", lambda: self._show_period(state.period))
        bind.when(state, "key", self._show_choice)
        bind.when(state, "phased", self._show_folded)
        bind.when(state.curves, ("events", "chosen"), self._show_choice)
        self._show_choice()
        self._show_period(state.period)
        self._show_folded()

    def _fill(self) -> None:
        """The plots that have something to show, or how to get there."""
        state = self._state
        known = (state.periodogram is not None, state.folded is not None or state.phased is not None)
        seen = [plot.widget for plot, has in zip(self.plots, known, strict=True) if has]
        if seen:
            self._area.fill(*seen)
        else:
            self._area.invite("Press Search to look for periods, or type one to fold at.")

    def _show_choice(self) -> None:
        state, names = self._state, self._state.curves.observations
        options = [(names[key], key) for key in state.curves.chosen if key in names]
        if names:
            options.append(("all observations: fluxes", BETWEEN))
        self._bind.offer(self._which, options, state.key if state.key in dict(options).values() else None)
        self._method.disabled = self._bins.disabled = state.key == BETWEEN
        self._shortest.description, self._longest.description = f"from / {state.unit}", f"to / {state.unit}"
        self._period.description = f"Period / {state.unit}"

    def _typed(self, period: float) -> None:
        if not np.isclose(period, self._state.period, rtol=1e-8):
            self._anchor = period
            self._state.period = period

    def _dragged(self, by: int) -> None:
        if self._anchor > 0:
            self._state.period = self._anchor * (1 + _DRAG * by / _STEPS)

    def _clicked(self, place: Mapping[str, Any], _mode: object) -> None:
        """Fold at the highest power near the click."""
        found = self._state.periodogram
        if found is None:
            return
        (low, high), _ = self.power.ranges
        near = np.abs(np.log(found.frequency * place["x"])) < np.log(high / low) / 100
        if near.any():
            at = int(np.argmax(np.where(near, found.power, -np.inf)))
            self._anchor = float(1 / found.frequency[at])
            self._state.period = self._anchor

    def _show_period(self, period: float) -> None:
        if not np.isclose(period, self._anchor * (1 + _DRAG * self._drag.value / _STEPS), rtol=1e-9):
            self._anchor = period
        if period == self._anchor:
            self._drag.value = 0
        self._period.value = float(f"{period:.9g}")
        self._show_power()

    def _show_power(self) -> None:
        found = self._state.periodogram
        self.power.label(f"period, {self._state.unit}", "power", "", "Periodogram")
        self._fill()
        if found is None:
            self.power.show([], (1, 10), (0, 1))
            self._note.value = ""
            return
        period, power = _maxima(1 / found.frequency, found.power)
        levels = {chance: found.level(chance) for chance in _LEVELS}
        x = (float(1 / found.frequency[-1]), float(1 / found.frequency[0]))
        y = padded([power, np.array(list(levels.values()))], least=0.0)
        layers: list[Layer] = [
            Line(*self._window(found), FAINT, 1.2, opacity=0.7, name="window function"),
            *(
                Line(np.array(x), np.full(2, level), ACCENT, 1.0, style, name=f"chance of {100 * chance:g}%")
                for (chance, level), style in zip(levels.items(), ("dashed", "dotted"), strict=True)
            ),
            Line(period, power, SERIES[0], 1.2),
        ]
        if self._state.period > 0:
            layers.append(Line(np.full(2, self._state.period), np.array(y), SERIES[1], 1.2, name="period"))
        self.power.show(layers, x, y)
        self._note.value = note(f"{_words(found, self._state.unit)} {self._state.clock}")

    @staticmethod
    def _window(found: Periodogram) -> tuple[np.ndarray, np.ndarray]:
        """The window function about the highest peak, as high as it, against period."""
        step = found.frequency[1] - found.frequency[0]
        away = np.abs(np.arange(len(found.frequency)) - found.peak)
        height = np.concatenate([[1.0], found.window])[np.minimum(away, len(found.window))]
        seen = away * step < _WINDOW * found.frequency[found.peak]
        return 1 / found.frequency[seen], height[seen] * found.power[found.peak]

    def _show_folded(self) -> None:
        folded = self._state.folded
        self._fill()
        if self._state.phased is not None:
            self._show_phased(self._state.phased)
            return
        if folded is None:
            self.folded.show([], (0, 2), (0, 1))
            return
        zero = f"phase (0 at {folded.epoch:.3f} s, {folded.system})"
        self.folded.label(zero, "rate", "count/s", f"Folded at {folded.period:.8g} s")
        edges = np.concatenate([folded.edges[:-1], folded.edges + 1])
        rate, low, high = (np.tile(values, 2) for values in (folded.rate, folded.lower, folded.upper))
        layers: list[Layer] = [
            Line(*steps(edges, rate), SERIES[0], 1.6),
            Line(*error_bars((edges[1:] + edges[:-1]) / 2, low, high), SERIES[0], 1.0),
        ]
        self.folded.show(layers, (0.0, 2.0), padded([low, high], least=0.0))

    def _show_phased(self, phase: np.ndarray) -> None:
        """Fluxes against phase; upper limits are left out, as in the search."""
        curve = self._state.curves.longterm
        if curve is None:
            return
        used = curve.measured & ~curve.limit & ~curve.ambiguous
        twice = np.concatenate([phase[used], phase[used] + 1])
        value, low, high = (np.tile(part[used], 2) for part in (curve.flux.value, curve.flux.lower, curve.flux.upper))
        zero = f"phase (0 at MJD {curve.time[0]:.5f}, TT)"
        self.folded.label(zero, "flux", str(curve.unit), f"Folded at {self._state.period:.8g} d")
        layers: list[Layer] = [
            Line(*error_bars(twice, low, high), SERIES[0], 1.0),
            Symbols(twice, value, SERIES[0]),
        ]
        self.folded.show(layers, (0.0, 2.0), padded([low, high], least=0.0))


def _maxima(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As many points as can be seen, none of the peaks lost."""
    if len(x) <= _MOST:
        return x, y
    starts = np.linspace(0, len(x), _MOST, endpoint=False).astype(int)
    highest = np.maximum.reduceat(y, starts)
    return x[starts], highest


def _words(found: Periodogram, unit: str) -> str:
    chance = float(found.false_alarm())
    aliases = ", ".join(f"{1 / frequency:.6g} {unit}" for frequency, _ in found.aliases() if frequency > 0)
    return (
        f"{found.method}. Highest at {found.period:.8g} {unit}; false-alarm probability {chance:.3g} with"
        f" {found.trials:,.0f} trials; dashed and dotted: chances of {_LEVELS[0]:.0%} and {_LEVELS[1]:.1%} by noise;"
        f" grey: what a constant frequency at the peak looks like through the gaps."
        + (f" The sampling may repeat the peak at {aliases}." if aliases else "")
    )

"""The light-curve panel: the source in focus between observations, within them, and folded at a period."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets
from astropy.table import QTable
from astropy.timeseries import TimeSeries

from cscwidgets.csc.bands import BANDS

from ..errors import CscError
from ..export.figure import PaperFigure
from ..science.lightcurve import LightCurve
from ..science.times.timing import Timing
from ..state.lightcurve import LightCurveState
from ..state.observations import Missing, found_of
from ..state.periods import PeriodState
from .controls import checkbox, dropdown, heading, legend, note, row
from .disposal import close_all
from .lazy import fill_when_shown
from .plots.line_plot import SERIES
from .theme import SIMULATED_BADGE
from .times.betweenplot import BetweenPlot, constancy_words
from .times.periodplot import PeriodPlots
from .times.withinplot import (
    Drawn,
    WithinPlots,
    catalogue_curve,
    catalogue_row,
    constancy_table,
    events_curve,
    events_row,
)

__all__ = ["LightCurvePanel"]

_QUANTITIES = {"photon flux": "photflux_aper", "energy flux": "flux_aper"}
_SMOOTHED = (
    "The catalogue's curve (lc3) is the smoothed Gregory–Loredo estimate with its 3σ band, corrected for dither and not"
    " background-subtracted (dashed: background, scaled to the source aperture). Its points share events: statistics"
    " are made from the events, never from them."
)
_BINNED = (
    "Events of the source region, binned; errors 1σ (Gehrels 1986), the background region's rate (dashed) subtracted;"
    " pale bars: partly exposed bins, grey: no good time. Tests use the unbinned events and the exposure."
)


class LightCurvePanel:
    """Light curves of the source in focus.

    Parameters
    ----------
    state : LightCurveState
        What is looked at: source, band, observations, events.
    """

    def __init__(self, state: LightCurveState) -> None:
        self.state = state
        guard = state.source.explorer.messages.guard
        self.periods = PeriodState(state)
        self.between = BetweenPlot(guard)
        self._band = dropdown("Band", [(f"{suffix}: {band.name}", suffix) for suffix, band in BANDS.items()], "170px")
        self._quantity = dropdown("", list(_QUANTITIES.items()), "120px")
        self._limits, self._blocks = checkbox("upper limits", value=True), checkbox("Bayesian blocks", value=False)
        self._legend, self._between_note, self._note = (ipywidgets.HTML() for _ in range(3))
        self._observations = ipywidgets.SelectMultiple(
            description="Observations",
            rows=5,
            layout=ipywidgets.Layout(width="480px"),
            style={"description_width": "86px"},
        )
        self._source = ipywidgets.ToggleButtons(
            options=[("Catalogue curve", False), ("Events", True)], style={"button_width": "130px"}
        )
        self._arrangement = ipywidgets.ToggleButtons(
            options=["overlaid", "stacked"], style={"button_width": "80px"}, tooltips=["One plot", "One below another"]
        )
        self._low, self._high = (
            ipywidgets.BoundedFloatText(
                value, min=0, max=20, step=0.1, description=words, layout=ipywidgets.Layout(width="130px")
            )
            for value, words in zip(state.energies, ("keV from", "to"), strict=True)
        )
        self._follows = False  # the boxes show what was chosen elsewhere
        self._low.style.description_width, self._high.style.description_width = "64px", "20px"
        self._width = ipywidgets.BoundedFloatText(
            state.width, min=0.1, max=1e6, description="bin / s", layout=ipywidgets.Layout(width="150px")
        )
        self._width.style.description_width = "46px"
        self._within_blocks = checkbox("Bayesian blocks", value=True)
        self._settings = row(self._low, self._high, self._width, self._within_blocks)
        self.within = WithinPlots(guard)
        self._folding = PeriodPlots(self.periods)
        self._periods_page = ipywidgets.Accordion()
        fill_when_shown(self._periods_page, {"Periods": self._folding.widget}, guard)
        self.widget = ipywidgets.VBox(
            [
                heading("Between observations"),
                row(self._band, self._quantity, self._limits, self._blocks, self._legend),
                self.between.widget,
                self._between_note,
                heading("Within an observation"),
                row(
                    self._observations,
                    ipywidgets.VBox([row(self._source, self._arrangement), self._settings]),
                ),
                self.within.widget,
                self._note,
                self._periods_page,
            ]
        )
        self.widget.add_class("csc-lightcurve")
        self._wire()
        self._show_between()
        self._show_within()

    def _wire(self) -> None:
        state, guard = self.state, self.state.source.explorer.messages.guard
        controls = (
            (self._band, "band"),
            (self._quantity, "quantity"),
            (self._source, "of_events"),
            (self._width, "width"),
        )
        for control, trait in controls:
            control.observe(guard(lambda change, trait=trait: setattr(state, trait, change["new"])), "value")
            state.observe(guard(lambda change, control=control: setattr(control, "value", change["new"])), trait)
        for control in (self._limits, self._blocks):
            control.observe(guard(lambda _: self._show_between()), "value")
        for control in (self._arrangement, self._within_blocks):
            control.observe(guard(lambda _: self._show_within()), "value")
        for control in (self._low, self._high):
            control.observe(guard(lambda _: self._choose_energies()), "value")
        self._observations.observe(guard(self._choose), "value")
        self.between.plot.selector.on_click(self._clicked)
        state.observe(guard(lambda _: self._show_observations()), ["longterm", "absent"])
        state.observe(guard(lambda _: self._show_chosen()), "chosen")
        state.observe(guard(lambda change: self._show_energies(change["new"])), "energies")
        state.observe(guard(lambda _: self._show_within()), ["chosen", "curves", "timings", "of_events"])

    def _choose_energies(self) -> None:
        low, high = self._low.value, self._high.value
        if self._follows:
            return
        if low >= high:
            raise CscError("The energies were not changed", f"{low:g} keV is not below {high:g} keV")
        self.state.energies = (low, high)

    def _show_energies(self, energies: tuple[float, float]) -> None:
        self._follows = True
        try:
            self._low.value, self._high.value = energies
        finally:
            self._follows = False

    def _choose(self, change: Mapping[str, Any]) -> None:
        if tuple(change["new"]) != self.state.chosen:
            self.state.chosen = tuple(change["new"])

    def _clicked(self, place: Mapping[str, Any], mode: str | None) -> None:
        row = self.between.at(place)
        if row is not None:
            key = list(self.state.observations)[row]
            kept = self.state.chosen if mode == "add" else ()
            self.state.chosen = tuple(dict.fromkeys((*kept, key)))

    def _show_observations(self) -> None:
        options = [(words, key) for key, words in self.state.observations.items()]
        if tuple(options) != tuple(self._observations.options):
            self._observations.options = options
            self._observations.value = self.state.chosen
        self._show_between()

    def _show_chosen(self) -> None:
        known = {key for _, key in self._observations.options}
        self._observations.value = [key for key in self.state.chosen if key in known]
        self._show_between()

    def _show_between(self) -> None:
        curve = self.state.longterm
        self.between.show(
            curve,
            limits=self._limits.value,
            blocks=self._blocks.value,
            chosen=tuple(self.state.chosen),
            names=list(self.state.observations.values()),
        )
        if curve is None:
            self._legend.value = ""
            invitation = "Bring a source into focus: click it on the sky, or type its name."
            self._between_note.value = note(escape(self.state.absent) or invitation)
            return
        self._legend.value = legend(self.between.legend)
        hidden = "" if self._limits.value or not curve.limit.any() else f"{int(curve.limit.sum())} limits are hidden. "
        self._between_note.value = note(
            f"{self._whose()} {BANDS[curve.band]}, 68% intervals. {hidden}{escape(constancy_words(curve))}"
        )

    def _whose(self) -> str:
        source = self.state.source
        badge = f"{SIMULATED_BADGE} " if source.simulated else ""
        return f"{badge}{escape(source.name)}, {escape(source.release.title if source.release else '')}:"

    def _show_within(self) -> None:
        state = self.state
        state_of: Mapping[str, object] = state.timings if state.of_events else state.curves
        self._settings.layout.display = "" if state.of_events else "none"
        names = state.observations
        drawn: list[tuple[str, Drawn]] = []
        rows, remarks = [], []
        for number, key in enumerate(state.chosen):
            colour, name, found = SERIES[number % len(SERIES)], names.get(key, key), state_of.get(key)
            if isinstance(found, Missing):
                remarks.append(f"{name}: {found.why}")
            elif isinstance(found, Timing):
                drawn.append((name, events_curve(found, colour, blocks=self._within_blocks.value)))
                rows.append((name, colour, events_row(found)))
                if not found.separated:
                    remarks.append(
                        f"{name}: the archive has no region file, so that every event of the file is counted"
                    )
            elif isinstance(found, LightCurve):
                drawn.append((name, catalogue_curve(found, colour)))
                rows.append((name, colour, catalogue_row(found)))
        self.within.show(drawn, stacked=self._arrangement.value == "stacked")
        words = constancy_table(rows) if rows else ""
        words += "".join(f"<div>{escape(text)}</div>" for text in remarks)
        words += _BINNED if state.of_events else _SMOOTHED
        self._note.value = note(words)

    @property
    def table(self) -> TimeSeries | None:
        """The source in every observation: time, flux, limits; None while there is no source in focus.

        Raises
        ------
        CscError
            What the source could not be opened for, until another is; so do all others here, or what the fetching of
            files or the search for periods failed with.
        """
        self.state.source.settle()
        return None if self.state.longterm is None else self.state.longterm.table()

    @property
    def tables(self) -> dict[str, QTable]:
        """What is drawn within observations, by "obsid.obi.region_id".

        Raises
        ------
        CscError
            As `table` does, and if there is nothing of any chosen observation; where there is of some, a warning names
            the others.
        """
        self.state.settle()
        shown = self.state.timings if self.state.of_events else self.state.curves
        found: dict[str, Timing | LightCurve] = found_of("light curves", self.state.chosen, shown)
        return {
            key: curve.binned.table() if isinstance(curve, Timing) else curve.table() for key, curve in found.items()
        }

    def close(self) -> None:
        """Free every widget."""
        close_all(self.widget)
        close_all(self._folding.widget)

    def figure(self) -> PaperFigure:
        """What is shown, as a matplotlib figure for the paper; with the period search once there is one."""
        periods = self.periods
        self.state.settle("periods")
        searched = any(found is not None for found in (periods.periodogram, periods.folded, periods.phased))
        plots = [self.between.plot, *self.within.plots, *(self._folding.plots if searched else ())]
        figure = PaperFigure(figsize=(9, 3.2 * len(plots)))
        panels = figure.subplots(len(plots), squeeze=False)[:, 0]
        for plot, axes in zip(plots, panels, strict=True):
            plot.draw(axes)
        panels[0].set_title(str(BANDS[self.state.band]))
        source = self.state.source
        simulated = "SIMULATED. " if source.simulated else ""
        figure.suptitle(f"{simulated}{source.name}, {source.release.title if source.release else ''}", fontsize=10)
        return figure

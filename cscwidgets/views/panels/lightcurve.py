"""The light-curve panel: the source in focus between observations, within them, and folded at a period."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets
from astropy.table import QTable
from astropy.timeseries import TimeSeries

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.observation import ObservationKey

from ...archive import Provenance
from ...errors import CscError
from ...export.script import Code
from ...science.lightcurve import LightCurve
from ...science.times.intra_observation import Timing
from ...state.observed import Missing
from ...state.scripts.lightcurve import lightcurve_code
from ...state.workspace import Workspace
from ..controls import checkbox, choice, dropdown, field, foot, note, observation_list, row, settings
from ..deck import Deck
from ..panel import Panel, panel
from ..panel_body import PanelBody
from ..plot_area import PlotArea
from ..plots.layers import SERIES
from ..sky import Sky
from ..source_field import INVITATION, SourceField
from ..theme import SIMULATED_BADGE
from ..times.between_plot import BetweenPlot, constancy_words
from ..times.period_plot import PeriodPlots
from ..times.within_plot import (
    Drawn,
    WithinPlots,
    catalogue_curve,
    catalogue_row,
    constancy_table,
    events_curve,
    events_row,
)

if TYPE_CHECKING:  # imports matplotlib
    from ...export.figure import PaperFigure

__all__ = ["LightCurvePanel"]

_QUANTITIES = {"photon flux": "photflux_aper", "energy flux": "flux_aper"}
_SMOOTHED = (
    "The catalogue's curve (lc3) is the smoothed Gregory–Loredo estimate with its 3σ band, corrected for dither, not"
    " for dead time (with the ACIS its rates are 1–5% lower than those of the events), and not background-subtracted"
    " (dashed: background, scaled to the source aperture). Its points share events: statistics are made from the"
    " events, never from them."
)
_BINNED = (
    "Events of the source region, binned, over livetime; errors 1σ (Gehrels 1986), the background region's rate"
    " (dashed) subtracted;"
    " pale bars: partly exposed bins, grey: no good time. Tests use the unbinned events and the exposure. Drag over"
    " it to see the photons of that time on the sky; Esc takes all again."
)


@panel("Light curves", name="lightcurve", after="Diagrams")
class LightCurvePanel(Panel):
    """Light curves of the source in focus: between its observations, within them, folded."""

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self.state, self.periods = workspace.lightcurve, workspace.periods
        state, guard = self.state, self.desk.messages.guard
        self.between, self.within = BetweenPlot(guard), WithinPlots(guard, self._brushed)
        self._between_area, self._within_area = PlotArea(self.between.widget), PlotArea(self.within.widget)
        self._band = field(dropdown("Band", [(f"{suffix}: {band.name}", suffix) for suffix, band in BANDS.items()], ""))
        self._quantity = field(dropdown("Flux", list(_QUANTITIES.items()), ""))
        self._limits, self._blocks = checkbox("upper limits", value=True), checkbox("Bayesian blocks", value=False)
        self._legend, self._between_note, self._note, self._tests = (ipywidgets.HTML() for _ in range(4))
        self._legend.add_class("csc-legend-line")
        self._tests.add_class("csc-scrolled")
        self._observations = observation_list()
        self._source = choice([("Catalogue curve", False), ("Events", True)], [_SMOOTHED, _BINNED])
        self._arrangement = ipywidgets.ToggleButtons(
            options=["overlaid", "stacked"], tooltips=["One plot", "One below another"]
        )
        self._low, self._high = (
            field(ipywidgets.BoundedFloatText(value, min=0, max=20, step=0.1, description=words), width)
            for value, words, width in zip(state.energies, ("keV from", "to"), ("124px", "82px"), strict=True)
        )
        self._width = field(ipywidgets.BoundedFloatText(state.width, min=0.1, max=1e6, description="bin / s"), "150px")
        self._within_blocks = checkbox("Bayesian blocks", value=True)
        self._settings = settings("Events", row(self._low, self._high), self._width, self._within_blocks)
        self._show_events = ipywidgets.Button(description="Show its events")
        self._show_events.add_class("csc-button")
        self._folding = PeriodPlots(self.periods)
        self._which = choice(
            [("Between", "between"), ("Within", "within")],
            ["Flux in each observation", "Count rate within the chosen observations"],
        )
        self._which.add_class("csc-one-curve")
        self._places = {
            "between": _place(self._legend, self._between_area, foot(self._between_note)),
            "within": _place(self._within_area, foot(self._note)),
        }
        both = ipywidgets.Box(list(self._places.values()))
        both.add_class("csc-curves")
        self._views = Deck(
            {"Curves": both, "Tests": self._tests, "Periods": self._folding.widget},
            guard,
            {"Tests": "Tests of constancy within the chosen observations", "Periods": "Search for a period, and fold"},
        )
        self.options = {
            "view": self._views.switch,
            "curve": self._which,
            "limits": self._limits,
            "blocks": self._blocks,
            "arrangement": self._arrangement,
            "within_blocks": self._within_blocks,
        }
        self._field = SourceField(state.source)
        self.widget = PanelBody(
            [self._views.switch, self._which, self._source],
            [self._views],
            settings=settings(
                *("Observations", self._observations),
                *("Between observations", self._band, self._quantity, self._limits, self._blocks),
                *("Within an observation", self._arrangement, self._settings),
            ),
        )
        self.widget.add_class("csc-lightcurve")
        self.widget.invite(INVITATION, self._field)
        self._within_area.invite("", self._show_events)
        self._wire()
        self._choose()
        self._show_observations()
        self._show_between()
        self._show_within()

    def _wire(self) -> None:
        state, bind = self.state, self.bind
        bind.tie(state, "band", self._band)
        bind.tie(state, "quantity", self._quantity)
        bind.tie(state, "of_events", self._source)
        bind.tie(state, "width", self._width)
        bind.tie(state, "energies", self._low, self._high, to_state=_energies)
        for control in (self._limits, self._blocks):
            bind.when(control, "value", self._show_between)
        for control in (self._arrangement, self._within_blocks):
            bind.when(control, "value", self._show_within)
        bind.when_chosen(self._observations, lambda keys: setattr(state, "chosen", keys))
        bind.when(self._which, "value", self._choose)
        bind.when(self._views.switch, "value", self._choose)
        bind.when_pressed(self._show_events, lambda: setattr(state, "of_events", True))
        self.between.plot.selector.on_click(self._clicked)
        bind.when(state, ("observations", "chosen"), self._show_observations)
        bind.when(state, ("longterm", "absent", "observations", "chosen"), self._show_between)
        bind.when(state, ("chosen", "curves", "timings", "of_events", "times"), self._show_within)

    def _choose(self) -> None:
        """Where there is no room for both, the chosen curve is shown."""
        for name, place in self._places.items():
            (place.remove_class if name == self._which.value else place.add_class)("csc-other")
        # It keeps its place: nothing beside it moves.
        self._which.layout.visibility = None if self._views.switch.value == "Curves" else "hidden"

    def _clicked(self, place: Mapping[str, Any], mode: str | None) -> None:
        curve, row = self.between.curve, self.between.at(place)
        if curve is not None and row is not None:
            key = curve.keys[row]
            kept = self.state.chosen if mode == "add" else ()
            self.state.chosen = tuple(dict.fromkeys((*kept, key)))

    def _brushed(self, times: tuple[float, ...]) -> None:
        self.state.times = times

    def _show_observations(self) -> None:
        observations = self.state.observations
        options = [(words, key) for key, words in observations.items()]
        self.bind.offer(self._observations, options, [key for key in self.state.chosen if key in observations])

    def _show_between(self) -> None:
        curve = self.state.longterm
        self.between.show(
            curve,
            limits=self._limits.value,
            blocks=self._blocks.value,
            chosen=tuple(self.state.chosen),
            names=list(self.state.observations.values()),
        )
        if not self.state.observations:
            self.widget.invite(self.state.absent or INVITATION, self._field)
            return
        self.widget.fill()
        self._legend.value = self.between.plot.legend
        if curve is None:
            words = self.state.absent or "The fluxes of this source are not known yet."
            self._between_area.invite(words)
            self._between_note.value = note(escape(words))
            return
        if curve.measured.any():
            self._between_area.fill()
        else:
            self._between_area.invite(f"No observation has a flux in the {BANDS[curve.band]} band: choose another.")
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
        curves: Mapping[ObservationKey, Timing | LightCurve | Missing] = (
            state.timings if state.of_events else state.curves
        )
        self._settings.layout.display = "" if state.of_events else "none"
        names = state.observations
        drawn: list[tuple[str, Drawn]] = []
        rows, remarks = [], []
        for number, key in enumerate(state.chosen):
            colour, name, found = SERIES[number % len(SERIES)], names.get(key, key), curves.get(key)
            if isinstance(found, Missing):
                remarks.append(f"{name}: {found.why}")
            elif isinstance(found, Timing):
                drawn.append((name, events_curve(found, colour, blocks=self._within_blocks.value)))
                rows.append((name, colour, events_row(found)))
                if not found.separated:
                    remarks.append(
                        f"{name}: the archive has no region file, so that every event of the file is counted"
                    )
                remarks += [f"{name}: {text}" for text in found.notes]
            elif isinstance(found, LightCurve):
                drawn.append((name, catalogue_curve(found, colour)))
                rows.append((name, colour, catalogue_row(found)))
                remarks += [f"{name}: {text}" for text in found.notes]
        self.within.show(drawn, stacked=self._arrangement.value == "stacked", times=state.times)
        if drawn:
            self._within_area.fill()
        else:
            self._invite_within(remarks)
        self._tests.value = note(constancy_table(rows) if rows else "Nothing is shown whose constancy could be tested.")
        said = "".join(f"<b>{escape(text)}.</b> " for text in remarks)
        self._note.value = note(said + (_BINNED if state.of_events else _SMOOTHED))

    def _invite_within(self, remarks: list[str]) -> None:
        state = self.state
        if remarks:
            more = f" ({len(remarks) - 1} more: see below)" if len(remarks) > 1 else ""
            offers = () if state.of_events else (self._show_events,)
            self._within_area.invite(f"{remarks[0]}{more}.", *offers)
        elif state.chosen:
            self._within_area.invite("The light curves of the chosen observations are being fetched.")
        else:
            self._within_area.invite("Choose observations in the settings to see the source within them.")

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
    def tables(self) -> dict[ObservationKey, QTable]:
        """What is drawn within observations, by "obsid.obi.region_id".

        Raises
        ------
        CscError
            As `table` does, and if there is nothing of any chosen observation; where there is of some, a warning names
            the others.
        """
        self.state.settle()
        shown = self.state.timings if self.state.of_events else self.state.curves
        found: dict[ObservationKey, Timing | LightCurve] = self.state.of_chosen("light curves", shown)
        return {
            key: curve.binned.table() if isinstance(curve, Timing) else curve.table() for key, curve in found.items()
        }

    def settle(self) -> None:
        """Wait for the source, and for the files and periods of what is shown."""
        self.state.settle("periods")

    @property
    def provenances(self) -> list[Provenance | None]:
        """Where the detections came from."""
        return [self.state.source.detections.meta.get("provenance")]

    @property
    def code(self) -> Code:
        """What is shown as parts of a script; see `script`."""
        return lightcurve_code(self.state, self.periods)

    def figure(self) -> PaperFigure:
        """What is shown, as a matplotlib figure for the paper; with the period search once there is one."""
        periods = self.periods
        self.state.settle("periods")
        if not self.state.source.name:
            raise CscError("There is no figure", "no source is in focus", "Bring one into focus.")
        searched = any(found is not None for found in (periods.periodogram, periods.folded, periods.phased))
        plots = [self.between.plot, *self.within.plots, *(self._folding.plots if searched else ())]
        figure = self.paper_figure(figsize=(9, 3.2 * len(plots)), simulated=self.state.source.simulated)
        figure.higher(1.6)
        panels = figure.subplots(len(plots), squeeze=False)[:, 0]
        for plot, axes in zip(plots, panels, strict=True):
            plot.draw(axes)
        panels[0].set_title(str(BANDS[self.state.band]))
        source = self.state.source
        figure.suptitle(f"{source.name}, {source.release.title if source.release else ''}", fontsize=10)
        return figure


def _place(*parts: ipywidgets.Widget) -> ipywidgets.VBox:
    place = ipywidgets.VBox(parts)
    place.add_class("csc-down")
    return place


def _energies(low: float, high: float) -> tuple[float, float]:
    if low >= high:
        raise CscError("The energies were not changed", f"{low:g} keV is not below {high:g} keV")
    return low, high

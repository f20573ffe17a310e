"""The sky-coverage panel: the mosaic of limits, the area against flux, limits at places, number counts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import astropy.units as u
import ipywidgets
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from ...archive import Provenance
from ...errors import CscError
from ...export.script import Code
from ...science.maps.coverage_curve import CoverageCurve
from ...science.maps.mosaic_image import ImageMosaic
from ...science.maps.sensitivity_map import PHOTON_FLUX
from ...science.maps.sky_mosaic import Mosaic
from ...science.number_counts import NumberCounts
from ...state.scripts.coverage import coverage_code
from ...state.workspace import Workspace
from ..controls import checkbox, heading, note, row
from ..deck import Deck
from ..maps.counts_plot import CountsPlot
from ..maps.coverage_controls import CoverageControls
from ..maps.coverage_export import CoverageExport
from ..maps.coverage_on_sky import CoverageOnSky
from ..maps.coverage_plots import CoveragePlots
from ..maps.coverage_words import counts_words, coverage_words, limit_text, unknown_words
from ..maps.flux_axis import FluxAxis
from ..maps.limit_colours import LimitColours
from ..maps.mosaic_plot import MosaicPlot
from ..panel import Panel, panel
from ..panel_body import PanelBody
from ..sky import Sky

if TYPE_CHECKING:  # imports matplotlib
    from ...export.figure import PaperFigure

__all__ = ["CoveragePanel"]

_INVITATION = (
    "Draw a region, choose a band and which limits, and run: the sensitivity maps of all stacks that may reach into the"
    " region are fetched and combined."
)
_COUNTS = "Number counts"
_HINT = "Click the curve for a flux, the mosaic or the sky for the limit there."


@panel("Sky coverage", name="coverage", after="Counterparts")
class CoveragePanel(Panel):
    """Sky coverage of the explorer's region; the sky shows the mosaic too, and tells where it is clicked."""

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self.state = state = workspace.coverage
        guard = self.desk.messages.guard
        self._controls = CoverageControls(state, guard)
        self._bar, self._note = ipywidgets.HTML(), ipywidgets.HTML()
        self._words = dict.fromkeys(("looked at", "summary", "unknown", "counts"), "")
        self.mosaic_plot, self.plots, self.counts_plot = MosaicPlot(guard), CoveragePlots(guard), CountsPlot(guard)
        self.on_sky = CoverageOnSky(sky, state, guard)
        self._contours = checkbox("contours", value=False)
        self._on_sky = checkbox("on the sky", value=True)
        self._opacity = ipywidgets.FloatSlider(
            self.on_sky.opacity, min=0, max=1, step=0.05, description="opacity", readout=False, layout={"width": "auto"}
        )
        self._opacity.style.description_width = "initial"
        self._clear = ipywidgets.Button(description="Clear", tooltip="Look at no flux and no place")
        self._selected = checkbox("selected only", value=False)
        self._corrected = checkbox("correct for Eddington bias", value=False)
        self._background = ipywidgets.BoundedFloatText(
            1.0, min=0.01, max=1e4, description="background counts in a detection cell", layout={"width": "auto"}
        )
        self._background.style.description_width = "initial"
        self._export = CoverageExport(state, workspace.namespace)
        settings = ipywidgets.VBox(
            [
                *(heading("Flux"), *self._controls.unit),
                *(heading("Mosaic"), row(self._contours, self._on_sky), self._opacity),
                *(heading(_COUNTS), self._selected, self._corrected, self._background),
                *(heading("Export"), self._export.widget),
            ]
        )
        mosaic = ipywidgets.VBox([self._bar, self.mosaic_plot.widget])
        mosaic.add_class("csc-limits-map")
        views = {
            "Area": self.plots.cumulative.widget,
            "By limit": self.plots.histogram.widget,
            _COUNTS: self.counts_plot.widget,
        }
        self.views = Deck(views, guard)
        plots = ipywidgets.Box([self.views.bar, self.views])
        plots.add_class("csc-down")
        self.options = {
            "view": self.views.switch,
            "contours": self._contours,
            "on_sky": self._on_sky,
            "opacity": self._opacity,
            "corrected": self._corrected,
            "background": self._background,
        }
        self._ask = row()
        self.widget = PanelBody(
            [self._ask, self._clear], [mosaic, plots], across=True, settings=settings, foot=self._note
        )
        self.widget.add_class("csc-coverage")
        self._wire()
        self._choose_background()
        self._show()
        self._show_summary()

    def _wire(self) -> None:
        state, bind = self.state, self.bind
        bind.when(state, ("coverage", "unit", "photon_index", "nh"), self._show)
        bind.when(state, ("coverage", "unit", "photon_index", "nh", "band", "threshold"), self._show_summary)
        bind.when(self.workspace.explorer, "region", self._show_summary)
        bind.when(state, ("flux", "place"), self._show_looked_at)
        bind.when(state, ("only_selected", "background"), self._show_counts)
        bind.when(self.views.switch, "value", self._say)
        for control in (self._corrected, self._background):
            bind.when(control, "value", self._choose_background)
        bind.when(self.desk.selection, "names", self._selection_changed)
        bind.when_chosen(self._contours, self._show_contours)
        bind.when_chosen(self._on_sky, lambda visible: setattr(self.on_sky, "visible", visible))
        bind.when_chosen(self._opacity, lambda opacity: setattr(self.on_sky, "opacity", opacity))
        bind.tie(state, "only_selected", self._selected)
        bind.when_pressed(self._clear, self._look_at_nothing)
        self.plots.on_click(lambda flux: setattr(state, "flux", flux))
        self.mosaic_plot.on_click(self._look_at)
        self.mosaic_plot.on_hover(self._pointed)
        self.sky.on_place(self._look_at)

    def _choose_background(self) -> None:
        self._background.layout.display = None if self._corrected.value else "none"
        self.state.background = self._background.value if self._corrected.value else np.nan

    def _look_at(self, place: SkyCoord) -> None:
        if self.state.coverage is not None:
            self.state.place = place

    def _look_at_nothing(self) -> None:
        self.state.flux, self.state.place = np.nan, None

    def _pointed(self, place: SkyCoord | None) -> None:
        """Say the limit under the pointer, and mark it on the curve."""
        found = self.state.coverage
        if found is None or place is None:
            self.mosaic_plot.hint(None, "")
            self.plots.point(np.nan)
            return
        self.mosaic_plot.hint(place, limit_text(found, self.axis, place))
        self.plots.point(float(found.mosaic.limit_at(place)["limit"][0].value))

    def _selection_changed(self) -> None:
        if self.state.only_selected:
            self._show_counts()

    @property
    def axis(self) -> FluxAxis:
        """The flux that is shown."""
        return FluxAxis(self.state.current.mosaic.band, self.state.calibration)

    def _show(self) -> None:
        found, controls = self.state.coverage, self._controls
        self._clear.layout.display = "" if found else "none"
        if found is None:
            self._ask.children = controls.question
            self.widget.invite(_INVITATION, controls.run, controls=True)
            return
        self._ask.children = [*controls.question, controls.run]
        self.widget.fill()
        axis = self.axis
        self._show_mosaic()
        self._bar.value = LimitColours.of(found.picture.limit).bar(axis)
        self.plots.show(self.state.curve, axis)
        self._show_looked_at()
        self._show_counts()

    def _show_mosaic(self) -> None:
        found = self.state.coverage
        if found is not None:
            colours = LimitColours.of(found.picture.limit)
            self.mosaic_plot.show(found, colours, contours=self._contours.value)

    def _show_contours(self, contours: bool) -> None:
        self.on_sky.contours = contours
        self._show_mosaic()

    def _show_summary(self) -> None:
        found, state = self.state.coverage, self.state
        if found is None:
            return
        asked = (state.explorer.region, state.band, state.threshold)
        here = (found.region, found.mosaic.band, found.mosaic.threshold)
        stale = "" if asked == here else "<b>Region, band or limits were changed since: run again.</b> "
        self._words |= {"summary": stale + coverage_words(found, self.axis), "unknown": unknown_words(found)}
        self._say()

    def _say(self) -> None:
        """In the foot: first of what is looked at."""
        words = dict(self._words)
        first = words.pop("counts" if self.views.switch.value == _COUNTS else "looked at")
        self._note.value = note(" ".join(filter(None, (first, *words.values()))))

    def _show_looked_at(self) -> None:
        found, state = self.state.coverage, self.state
        if found is None:
            return
        axis, words = self.axis, []
        self.mosaic_plot.shade(state.flux)
        self.mosaic_plot.mark(state.place)
        self.plots.mark(state.flux)
        if state.place is not None:
            at = state.place.to_string("hmsdms", precision=1)
            words.append(f"{at}: {escape(limit_text(found, axis, state.place))}.")
        if np.isfinite(state.flux):
            area = found.curve.at(state.flux * PHOTON_FLUX)
            share = float((area / found.curve.total).value)
            words.append(
                f"A source of {axis.words(state.flux)} would be detected in {area.value:.4g} deg² ({share:.1%}), shaded"
                " on the sky; the rest is veiled on the mosaic."
            )
        self._words["looked at"] = " ".join(words) or _HINT
        self._clear.disabled = not words
        self._say()

    def _show_counts(self) -> None:
        if self.state.coverage is None:
            return
        if np.isfinite(self.state.background):
            self.state.in_background("Correcting number counts", lambda _: self._count(), self._show_corrected)
        else:
            self._draw_counts(self._count())

    def _count(self) -> NumberCounts | CscError:
        try:
            return self.state.counts()
        except CscError as error:
            return error

    def _show_corrected(self, counts: NumberCounts | CscError) -> None:
        if np.isfinite(self.state.background):  # it may have been switched off meanwhile
            self._draw_counts(counts)

    def _draw_counts(self, counts: NumberCounts | CscError) -> None:
        index = self.state.photon_index
        if isinstance(counts, CscError):
            self.counts_plot.show(None, self.axis, photon_index=index)
            self._words["counts"] = escape(str(counts))
        else:
            self.counts_plot.show(counts, self.axis, photon_index=index)
            compared = self.counts_plot.published
            self._words["counts"] = counts_words(counts, self.axis, index, self.state.background, compared)
        self._say()

    @property
    def mosaic(self) -> Mosaic:
        """The combined maps; waits for a running one.

        Raises
        ------
        CscError
            If there is none yet, or what the last run or search failed with, until one succeeds; so do all others here.
        """
        self.state.settle()
        return self.state.current.mosaic

    @property
    def curve(self) -> CoverageCurve:
        """The area in the region against flux, with the calibration that is chosen."""
        self.state.settle()
        return self.state.curve

    @property
    def counts(self) -> NumberCounts:
        """Number counts of the sources in the region, or of the selected ones."""
        self.state.settle()
        return self.state.counts()

    @property
    def stacks(self) -> QTable:
        """The stacks that may reach into the region: observed area, where they are the deepest, and why if unknown."""
        self.state.settle()
        return self.state.current.stacks

    def histogram(self) -> QTable:
        """Area by limiting flux, and its running sum, in bins of 0.05 dex."""
        self.state.settle()
        return self.state.histogram()

    def limit_at(self, coords: SkyCoord) -> QTable:
        """The limit at positions, with stack, band and threshold; "not observed" outside all maps."""
        self.state.settle()
        return self.state.limit_at(coords)

    def image(self, resolution: u.Quantity = 4 * u.arcsec) -> ImageMosaic:
        """The mosaic of the region as an image with pixels of a size, from the maps themselves."""
        self.state.settle()
        return self.state.image(resolution)

    def run(self) -> None:
        """Combine the maps of the explorer's region in the chosen band, in the background.

        Raises
        ------
        CscError
            What the search failed with: there is no region then.
        """
        self.state.explorer.settle()
        self.state.run()

    @property
    def table(self) -> QTable:
        """The area in the region against flux, as it is drawn."""
        return self.curve.table()

    def settle(self) -> None:
        """Wait for the maps."""
        self.state.settle()

    @property
    def provenances(self) -> list[Provenance | None]:
        """Where the sources that are counted came from."""
        return [self.state.current.sources.meta.get("provenance")]

    @property
    def code(self) -> Code:
        """What is shown as parts of a script; see `script`."""
        return coverage_code(self.state)

    def figure(self) -> PaperFigure:
        """The mosaic and the coverage curve as a matplotlib figure, for the paper."""
        from ..maps.coverage_figure import coverage_figure  # noqa: PLC0415 (imports matplotlib)

        curve = self.curve
        return coverage_figure(self.state.current, curve, self.axis)

    def counts_figure(self) -> PaperFigure:
        """The number counts as a matplotlib figure."""
        self._draw_counts(self.counts)
        figure = self.paper_figure(figsize=(6, 4.8), simulated=self.mosaic.simulated)
        axes = figure.add_subplot()
        self.counts_plot.plot.draw(axes)
        figure.suptitle(self.state.current.title, fontsize=10)
        return figure

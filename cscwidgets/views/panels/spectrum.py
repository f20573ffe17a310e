"""The spectrum panel: spectra of the source in focus, a model to drag and fit, and what the fit says."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets
from astropy.table import QTable

from cscwidgets.csc.observation import ObservationKey

from ...errors import CscError
from ...science.spectrum import Spectrum
from ...state.observed import Missing
from ...state.spectral_model import CATALOGUE_BAND
from ...state.workspace import Workspace
from ..controls import checkbox, dropdown, heading, note, row
from ..lazy import LazyAccordion
from ..panel import Panel, panel
from ..plots.line_plot import SERIES
from ..sky import Sky
from ..spectra.fit_bar import FitBar
from ..spectra.fit_questions import FitQuestions
from ..spectra.fit_report import counts_table, fit_words, limit_words
from ..spectra.model_bar import ModelBar
from ..spectra.parameter_table import ParameterTable
from ..spectra.spectrum_plot import QUANTITIES, RESIDUALS, Display, Series, SpectrumPlot
from ..theme import SIMULATED_BADGE

if TYPE_CHECKING:  # they import matplotlib and Sherpa
    from ...export.figure import PaperFigure
    from ...science.spectra.fit_result import FitResult

__all__ = ["SpectrumPanel"]

_SEEN = (0.3, 10.0)  # keV

_DRAWN = (
    "Crosses: net counts with 1σ errors (Poisson, Gehrels 1986, the background's added); steps: the folded model;"
    " dotted: background scaled to the source region. Bins are for the eye: the fit has the channels. Drag over the"
    " data to choose the band, Escape resets it."
)
_UNFOLDED = " Unfolded values are the model's times data over folded model: they depend on the model."


@panel("Spectrum", name="spectrum", after="Light curves")
class SpectrumPanel(Panel):
    """Spectra of the source in focus, a model of them, and its fit."""

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self.state, self.model, self.fitting = workspace.spectrum, workspace.spectral_model, workspace.spectral_fit
        guard = self.desk.messages.guard
        self._observations = ipywidgets.SelectMultiple(
            description="Observations",
            rows=5,
            layout=ipywidgets.Layout(width="480px"),
            style={"description_width": "86px"},
        )
        self._catalogue_of: tuple[object, ...] = ()
        self._quantity = dropdown("Show", list(QUANTITIES.items()), "210px")
        self._residual = dropdown("", list(RESIDUALS.items()), "150px")
        self._axis = dropdown("", [("energy", "energy"), ("wavelength", "wavelength")], "120px")
        self._log = checkbox("logarithmic", value=True)
        self._background = checkbox("background", value=True)
        self._least = ipywidgets.BoundedIntText(
            15, min=1, max=10_000, description="counts a bin", layout=ipywidgets.Layout(width="160px")
        )
        self._least.style.description_width = "84px"
        self._own = checkbox("file's own groups", value=False)
        self._note, self._report = ipywidgets.HTML(), ipywidgets.HTML()
        self.plot = SpectrumPlot(guard, self._brushed, self._reset_band)
        self._model_bar = ModelBar(self.model, guard)
        self._parameters = ParameterTable(self.model, guard)
        self._fit_bar = FitBar(self.model, self.fitting, guard)
        self._questions = FitQuestions(self.model, self.fitting, guard)
        more = LazyAccordion(self._questions.pages, guard)
        self.widget = ipywidgets.VBox(
            [
                heading("Spectra"),
                row(
                    self._observations,
                    ipywidgets.VBox(
                        [
                            row(self._quantity, self._residual, self._axis),
                            row(self._least, self._own, self._background, self._log),
                        ]
                    ),
                ),
                self.plot.widget,
                self._note,
                heading("Model"),
                self._model_bar.widget,
                self._parameters.widget,
                self._fit_bar.widget,
                self._report,
                more,
            ]
        )
        self.widget.add_class("csc-spectrum")
        self._wire()
        self._show()

    def _wire(self) -> None:
        state, model, fitting, bind = self.state, self.model, self.fitting, self.bind
        bind.when_chosen(self._observations, lambda keys: setattr(state, "chosen", keys))
        for control in (
            *(self._quantity, self._residual, self._axis),
            *(self._log, self._background, self._least, self._own),
        ):
            bind.when(control, "value", self._show)
        bind.when(state, ("observations", "chosen"), self._show_observations)
        bind.when(state, ("spectra", "chosen", "absent"), self._show)
        bind.when(model, ("preview", "band"), self._show)
        bind.when(model, "parameters", self._show_parameters)
        bind.when(fitting, ("result", "limit", "goodness"), self._show_report)
        bind.when(fitting, "result", self._draw)
        bind.when(fitting, "intervals", lambda: self._parameters.show_found(fitting.intervals))

    def _show_parameters(self) -> None:
        self._draw()
        # Not at every step of a drag: the catalogue's values change with the source and the model only.
        asked = (self.state.source.name, self.model.choice, *(one.name for one in self.model.parameters))
        if asked != self._catalogue_of:
            self._catalogue_of = asked
            self._parameters.show_catalogue(self.fitting.catalogue_parameters())

    def _show_observations(self) -> None:
        observations = self.state.observations
        options = [(words, key) for key, words in observations.items()]
        self.bind.offer(self._observations, options, [key for key in self.state.chosen if key in observations])

    def _brushed(self, low: float, high: float) -> None:
        self.model.band = (low, high)

    def _reset_band(self) -> None:
        self.model.band = CATALOGUE_BAND

    @property
    def _display(self) -> Display:
        return Display(
            quantity=self._quantity.value,
            residual=self._residual.value,
            wavelength=self._axis.value == "wavelength",
            logarithmic=self._log.value,
            least=self._least.value,
            own_groups=self._own.value,
            background=self._background.value,
        )

    def _coloured(self) -> dict[ObservationKey, tuple[str, Spectrum]]:
        """Colour and spectrum of the chosen observations that have one."""
        shown = self.state.shown
        return {
            key: (SERIES[number % len(SERIES)], shown[key])
            for number, key in enumerate(self.state.chosen)
            if key in shown
        }

    def _draw(self) -> dict[ObservationKey, Any]:
        """Draw data and model; the bins by observation."""
        drawn = {key: pair for key, pair in self._coloured().items() if not pair[1].refusal}
        preview = self.model.preview
        spectra = [spectrum for _, spectrum in drawn.values()]
        # While another selection is being set up, the model belongs to the one before.
        fits = preview is not None and list(map(id, preview.spectra)) == list(map(id, spectra))
        folded = self.fitting.scaled(self.model.folded()) if fits else [None] * len(spectra)
        series = [Series(colour, one, model) for (colour, one), model in zip(drawn.values(), folded, strict=True)]
        low, high = self.model.band
        seen = (min(_SEEN[0], low), max(_SEEN[1], high))
        bins = self.plot.show(series, preview.photons if fits else None, (low, high), seen, self._display)
        return dict(zip(drawn, bins, strict=True))

    def _show(self) -> None:
        state = self.state
        bins = self._draw()
        names = state.observations
        rows = [(names[key], colour, one, bins.get(key)) for key, (colour, one) in self._coloured().items()]
        remarks = [
            f"{names.get(key, key)}: {found.why}"
            for key in state.chosen
            if isinstance(found := state.spectra.get(key), Missing)
        ]
        if not names:
            invitation = "Bring a source into focus: click it on the sky, or type its name."
            self._note.value = note(escape(state.absent) or invitation)
            return
        words = f"{self._whose()} " + (counts_table(rows, self.model.band) if rows else "")
        words += "".join(f"<div>{escape(text)}</div>" for text in remarks)
        words += _DRAWN + (_UNFOLDED if self._quantity.value != "counts" else "")
        self._note.value = note(words)

    def _show_report(self) -> None:
        fitting = self.fitting
        if fitting.limit is not None:
            words = limit_words(fitting.limit)
        elif fitting.result is not None:
            words = fit_words(fitting.result, fitting.goodness)
        else:
            words = ""
        self._report.value = note(words)

    def _whose(self) -> str:
        source = self.state.source
        badge = f"{SIMULATED_BADGE} " if source.simulated else ""
        return f"{badge}{escape(source.name)}, {escape(source.release.title if source.release else '')}."

    @property
    def spectra(self) -> dict[ObservationKey, Spectrum]:
        """The chosen spectra, by "obsid.obi.region_id"; waits for them.

        Raises
        ------
        CscError
            What the source or the fetching of its spectra failed with, until it succeeds; so do all others here, or
            what the fit failed with. Also if none of the observations has a spectrum; where some have, a warning names
            the others.
        """
        self.state.settle()
        return self.state.of_chosen("spectra", self.state.spectra)

    @property
    def result(self) -> FitResult | None:
        """The last fit, None if none was made of what is shown; waits for what runs."""
        self._settle_fit()
        found: FitResult | None = self.fitting.result
        return found

    @property
    def table(self) -> QTable | None:
        """The fitted parameters with their intervals, None without a fit."""
        result = self.result
        return None if result is None else result.parameters

    def fit(self, model: Any = None, *, band: tuple[float, float] | None = None) -> FitResult:
        """Fit the chosen observations, as the button does, and wait.

        Parameters
        ----------
        model : str or Sherpa model, optional
            An emission such as ``powerlaw+bbody`` behind the panel's absorption, a whole model such as
            ``tbabs*powerlaw``, or a Sherpa model object of your own.
        band : tuple of float, optional
            keV.

        Raises
        ------
        CscError
            If there is nothing to fit, or what the source, its spectra, the model or the fit failed with.
        """
        self.state.settle()
        if band is not None:
            self.model.band = band
        if model is not None:
            self.model.choose(model)
        self.model.settle()
        self.fitting.fit()
        self._settle_fit()
        result: FitResult | None = self.fitting.result
        if result is None:
            limit = self.fitting.limit
            why = "too few counts: see the limit" if limit else "the model or the data were changed meanwhile"
            raise CscError("There is no fit", why)
        return result

    def _settle_fit(self) -> None:
        """Wait for the fit, and raise what it, or what it rests on, failed with."""
        self.state.source.settle("spectra", "spectral model", "spectral fit")

    def script(self) -> str:
        """A Sherpa script that does the fit again; empty without one."""
        self._settle_fit()
        return self.fitting.script()

    def figure(self) -> PaperFigure:
        """What is shown, as a matplotlib figure for the paper."""
        self.model.settle("spectral fit")
        figure = self.paper_figure(figsize=(8, 5.5), simulated=self.state.source.simulated)
        panels = figure.subplots(2, sharex=True, height_ratios=(2.2, 1))
        for plot, axes in zip(self.plot.plots, panels, strict=True):
            plot.draw(axes)
        panels[0].set_xlabel("")
        source = self.state.source
        names = ", ".join(self.state.observations[key] for key in self.state.shown)
        title = f"{source.name}, {source.release.title if source.release else ''}\n{names}"
        result = self.fitting.result
        if result is not None:
            title += (
                f"\n{result.model.label}: {result.statistic_used.name} = {result.statistic:.1f}, {result.dof} d.o.f."
            )
        figure.suptitle(title, fontsize=8)
        return figure

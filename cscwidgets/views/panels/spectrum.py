"""The spectrum panel: spectra of the source in focus, a model to drag and fit, and what the fit says."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets
from astropy.table import QTable

from cscwidgets.csc.observation import ObservationKey

from ...archive import Provenance
from ...errors import CscError
from ...export.script import Code
from ...science.spectra.grouping import SpectralBins
from ...science.spectra.summing import summed_counts, summed_spectrum
from ...science.spectrum import Spectrum
from ...state.catalogue_values import catalogue_parameters
from ...state.observed import Missing
from ...state.scripts.spectrum import spectrum_code
from ...state.spectral_model import CATALOGUE_BAND
from ...state.workspace import Workspace
from ..controls import checkbox, choice, dropdown, field, note, observation_list, row, settings
from ..deck import Deck
from ..panel import Panel, panel
from ..panel_body import PanelBody
from ..plot_area import PlotArea
from ..plots.layers import SERIES
from ..sky import Sky
from ..source_field import INVITATION, SourceField
from ..spectra.fit_bar import FitBar
from ..spectra.fit_questions import HINTS, FitQuestions
from ..spectra.fit_report import counts_table, fit_line, limit_words
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
_SUMMED = (
    "Sum of {} observations: counts, backgrounds and folded models added channel by channel in one energy grid, over"
    " the summed exposure; a drawing, the fit is a joint one. "
)
_FAINT = 100  # counts in an observation below which several are drawn as their sum
_UNFOLDED = " Unfolded values are the model's times data over folded model: they depend on the model."


@panel("Spectrum", name="spectrum", after="Light curves")
class SpectrumPanel(Panel):
    """Spectra of the source in focus, a model of them, and its fit."""

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self.state, self.model, self.fitting = workspace.spectrum, workspace.spectral_model, workspace.spectral_fit
        guard = self.desk.messages.guard
        self._observations = observation_list()
        self._catalogue_of: tuple[object, ...] = ()
        self._sum_of: tuple[list[Spectrum], Spectrum | None] = ([], None)
        self._own_choice = ""  # of which source the reader said whether to sum
        self._together = choice(
            [("Each", False), ("Sum", True)],
            [
                "Each observation by itself",
                "Data and models of all observations added, to be seen; the fit stays joint",
            ],
        )
        self._quantity = field(dropdown("Show", list(QUANTITIES.items()), ""))
        self._residual = field(dropdown("Below", list(RESIDUALS.items()), ""))
        self._axis = field(dropdown("Axis", [("energy", "energy"), ("wavelength", "wavelength")], ""))
        self._log = checkbox("logarithmic", value=True)
        self._background = checkbox("background", value=True)
        self._least = field(ipywidgets.BoundedIntText(15, min=1, max=10_000, description="counts a bin"), "150px")
        self._own = checkbox("file's own groups", value=False)
        self._note, self._report, self._counts = (ipywidgets.HTML() for _ in range(3))
        self._counts.add_class("csc-scrolled")
        self.plot = SpectrumPlot(guard, self._brushed, self._reset_band)
        self._area = PlotArea(self.plot.widget)
        self._model_bar = ModelBar(self.model, guard)
        self._parameters = ParameterTable(self.model, guard)
        self._fit_bar = FitBar(self.model, self.fitting, guard)
        self._questions = FitQuestions(self.model, self.fitting, guard)
        self._report.add_class("csc-report")
        column = ipywidgets.VBox([self._model_bar.widget, self._parameters.widget, self._fit_bar.widget, self._report])
        column.add_class("csc-column")
        drawn = ipywidgets.Box([self._area, column])
        drawn.add_class("csc-across")
        views = {"Spectrum": drawn, "Counts": self._counts, **self._questions.views}
        self._views = Deck(views, guard, {"Counts": "Exposure and counts of each observation", **HINTS})
        self.options = {
            "view": self._views.switch,
            "together": self._together,
            "quantity": self._quantity,
            "residual": self._residual,
            "axis": self._axis,
            "log": self._log,
            "background": self._background,
            "least": self._least,
            "own_groups": self._own,
        }
        self._field = SourceField(self.state.source)
        self.widget = PanelBody(
            [self._views.switch, self._together],
            [self._views],
            settings=settings(
                *("Observations", self._observations),
                *("Drawing", self._quantity, self._residual, self._axis, self._least, self._own),
                row(self._background, self._log),
                *("Model", *self._model_bar.settings),
                *("Fit", *self._fit_bar.settings),
                *("Ties", self._parameters.ties),
            ),
            foot=self._note,
        )
        self.widget.add_class("csc-spectrum")
        self._wire()
        self._show_observations()
        self._show()
        self._show_parameters()
        self._show_found()
        self._show_report()

    def _wire(self) -> None:
        state, model, fitting, bind = self.state, self.model, self.fitting, self.bind
        bind.when_chosen(self._observations, lambda keys: setattr(state, "chosen", keys))
        bind.when_chosen(self._together, self._sum_chosen)
        for control in (
            *(self._quantity, self._residual, self._axis),
            *(self._log, self._background, self._least, self._own),
        ):
            bind.when(control, "value", self._show)
        bind.when(state, ("observations", "chosen"), self._show_observations)
        bind.when(state, ("spectra", "chosen", "absent"), self._show)
        bind.when(model, ("preview", "band"), self._show)
        bind.when(model, "parameters", self._show_parameters)
        bind.when(fitting, ("result", "limit"), self._show_report)
        bind.when(fitting, "result", self._draw)
        bind.when(fitting, "intervals", self._show_found)

    def _show_parameters(self) -> None:
        self._draw()
        # Not at every step of a drag: the catalogue's values change with the source and the model only.
        asked = (self.state.source.name, self.model.choice, *(one.name for one in self.model.parameters))
        if asked != self._catalogue_of:
            self._catalogue_of = asked
            self._parameters.show_catalogue(catalogue_parameters(self.state.source.row, self.model.choice.expression))

    def _show_found(self) -> None:
        self._parameters.show_found(self.fitting.intervals)

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

    def _sum_chosen(self, _: bool) -> None:
        self._own_choice = self.state.source.name
        self._show()

    def _offer_sum(self, spectra: list[Spectrum]) -> None:
        """Faint spectra over each other cannot be read: they are summed, until the reader wishes otherwise."""
        several = len(spectra) > 1
        faint = any(one.source.counts[one.within(*CATALOGUE_BAND)].sum() < _FAINT for one in spectra)
        with self.bind.showing():
            if not several:
                self._together.value = False
            elif self._own_choice != self.state.source.name:
                self._together.value = faint
        self._together.disabled = not several
        self._own.disabled = self._together.value

    def _coloured(self) -> dict[ObservationKey, tuple[str, Spectrum]]:
        """Colour and spectrum of the chosen observations that have one."""
        shown = self.state.shown
        return {
            key: (SERIES[0 if self._together.value else number % len(SERIES)], shown[key])
            for number, key in enumerate(self.state.chosen)
            if key in shown
        }

    def _series(self, drawn: list[tuple[str, Spectrum]], folded: list[Any]) -> list[Series]:
        """What is drawn: the observations with their models, or the sum of all."""
        spectra = [one for _, one in drawn]
        if self._together.value:
            known, total = self._sum_of
            if total is None or list(map(id, known)) != list(map(id, spectra)):
                total = summed_spectrum(spectra)
                self._sum_of = spectra, total
            whole = None if any(model is None for model in folded) else summed_counts(spectra, folded)
            return [Series(SERIES[0], total, whole, SERIES[1], f"sum of {len(spectra)}")]
        if len(drawn) == 1:
            return [Series(drawn[0][0], spectra[0], folded[0], SERIES[1], spectra[0].label)]
        return [
            Series(colour, one, model, "", one.label, number)
            for number, ((colour, one), model) in enumerate(zip(drawn, folded, strict=True))
        ]

    def _draw(self) -> dict[ObservationKey, SpectralBins]:
        """Draw data and model; the bins by observation."""
        self._offer_sum(self.state.fittable)
        drawn = {key: pair for key, pair in self._coloured().items() if not pair[1].refusal}
        if not drawn:
            self._area.invite("; ".join(self._remarks()) or "The spectra of this source are being fetched.")
            self.plot.clear()
            return {}
        preview = self.model.preview
        spectra = [spectrum for _, spectrum in drawn.values()]
        # While another selection is being set up, the model belongs to the one before.
        fits = preview is not None and list(map(id, preview.spectra)) == list(map(id, spectra))
        folded = self.fitting.scaled(self.model.folded()) if fits else [None] * len(spectra)
        series = self._series(list(drawn.values()), folded)
        low, high = self.model.band
        seen = (min(_SEEN[0], low), max(_SEEN[1], high))
        photons = preview.photons if fits else None
        bins = self.plot.show(series, photons, (low, high), seen, self._display)
        self._area.fill()
        return {} if self._together.value else dict(zip(drawn, bins, strict=True))

    def _remarks(self) -> list[str]:
        """Why there is no spectrum of some observations, or nothing to draw of it, and what their files say."""
        names, found = self.state.observations, self.state.spectra
        said = {key: [one.why] if isinstance(one, Missing) else [one.refusal, *one.notes] for key, one in found.items()}
        return [f"{names.get(key, key)}: {text}" for key in self.state.chosen for text in said.get(key, []) if text]

    def _show(self) -> None:
        state = self.state
        names = state.observations
        if not names:
            self.widget.invite(state.absent or INVITATION, self._field)
            return
        self.widget.fill()
        bins = self._draw()
        rows = [(names[key], colour, one, bins.get(key)) for key, (colour, one) in self._coloured().items()]
        self._counts.value = note(counts_table(rows, self.model.band)) if rows else ""
        remarks = "".join(f" <b>{escape(text)}.</b>" for text in self._remarks())
        summed = _SUMMED.format(len(state.fittable)) if self._together.value else ""
        unfolded = _UNFOLDED if self._quantity.value != "counts" else ""
        self._note.value = note(f"{self._whose()}{remarks} {summed}{_DRAWN}{unfolded}")

    def _show_report(self) -> None:
        fitting = self.fitting
        if fitting.limit is not None:
            words = limit_words(fitting.limit)
        elif fitting.result is not None:
            words = fit_line(fitting.result)
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

    def settle(self) -> None:
        """Wait for the spectra, the model and the fit."""
        self.model.settle("spectral fit")

    @property
    def provenances(self) -> list[Provenance | None]:
        """Where the detections came from."""
        return [self.state.source.detections.meta.get("provenance")]

    @property
    def code(self) -> Code:
        """What is shown as parts of a script; see `script`."""
        return spectrum_code(self.fitting)

    def figure(self) -> PaperFigure:
        """What is shown, as a matplotlib figure for the paper."""
        self.model.settle("spectral fit")
        if not self.state.shown:
            raise CscError("There is no figure", "no spectrum is shown", "Bring a source with a spectrum into focus.")
        figure = self.paper_figure(figsize=(8, 5.5), simulated=self.state.source.simulated)
        figure.higher(1.6)
        panels = figure.subplots(2, sharex=True, height_ratios=(2.2, 1))
        for plot, axes in zip(self.plot.plots, panels, strict=True):
            plot.draw(axes)
        panels[0].set_xlabel("")
        source = self.state.source
        shown = list(self.state.shown)
        if len(shown) == 1:
            names = self.state.observations[shown[0]]
        else:  # which is which is in the legend
            names = f"{'sum of ' * self._together.value}ObsID {', '.join(key.partition('.')[0] for key in shown)}"
        title = f"{source.name}, {source.release.title if source.release else ''}\n{names}"
        result = self.fitting.result
        if result is not None:
            title += (
                f"\n{result.model.label}: {result.statistic_used.name} = {result.statistic:.1f}, {result.dof} d.o.f."
            )
        figure.suptitle(title, fontsize=8)
        return figure

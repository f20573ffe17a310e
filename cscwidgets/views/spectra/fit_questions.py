"""What a fit can be asked further: fluxes, contours, goodness, posterior, its log and its script."""

from __future__ import annotations

from html import escape

import astropy.units as u
import ipywidgets

from ...errors import CscError
from ...state.catalogue_values import catalogue_hardness
from ...state.spectral_fit import SpectralFitState
from ...state.spectral_model import SpectralModelState
from ..bind import Bindings
from ..callbacks import Guard
from ..controls import dropdown, field, note, row, spoken, text
from ..copy_button import CopyButton
from .contour_plot import ContourPlot
from .fit_bar import LEVELS, band_fields
from .fit_report import estimates_table, fit_words, posterior_table

__all__ = ["HINTS", "FitQuestions"]

HINTS = {
    "Fluxes": "Fluxes, luminosity and hardness ratios of the fitted model",
    "Contours": "Joint confidence of two parameters",
    "Goodness": "Goodness of fit, and the posterior of the parameters",
    "Script": "Sherpa script and log of the fit",
}

_SIMULATIONS, _DRAWS = 100, 5000


class FitQuestions:
    """Views by title in `views`, with what each is about in `HINTS`.

    Parameters
    ----------
    model : SpectralModelState
    fitting : SpectralFitState
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, model: SpectralModelState, fitting: SpectralFitState, guard: Guard) -> None:
        self._model, self._fitting, self._guard = model, fitting, guard
        self._bind = bind = Bindings(guard)
        self._buttons: list[ipywidgets.Button] = []
        self.views = {
            "Fluxes": self._flux_page(),
            "Contours": self._contour_page(),
            "Goodness": self._chance_page(),
            "Script": self._script_page(),
        }
        bind.when(fitting, ("result", "fluxes", "contour", "goodness", "posterior", "log"), self._show)
        bind.when(model, "parameters", self._show_choice)
        self._show_choice()
        self._show()

    def _button(self, words: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=words)
        button.add_class("csc-button")
        self._buttons.append(button)
        return button

    def _flux_page(self) -> ipywidgets.VBox:
        self._low, self._high = band_fields(0.5, 7.0, most=100)
        self._distance, self._redshift = (
            field(text(description=words, placeholder="unknown"), width)
            for words, width in (("distance / kpc", "170px"), ("or redshift", "150px"))
        )
        self._flux_level = spoken(dropdown("", LEVELS, "64px"), "Confidence of the intervals")
        button = self._button("Find fluxes")
        self._bind.when_pressed(button, self._find_fluxes)
        self._fluxes = ipywidgets.HTML()
        controls = row(self._low, self._high, self._distance, self._redshift, self._flux_level, button)
        return _page(controls, self._fluxes)

    def _contour_page(self) -> ipywidgets.VBox:
        self._first, self._second = spoken(dropdown("", [], "170px"), "One parameter"), dropdown("and", [], "210px")
        button = self._button("Find contours")
        self._bind.when_pressed(button, self._find_contour)
        self._contours = ContourPlot(self._guard)
        return _page(row(self._first, self._second, button), self._contours.widget)

    def _chance_page(self) -> ipywidgets.VBox:
        simulate, draw = self._button("Goodness of fit"), self._button("Sample the posterior")
        self._bind.when_pressed(simulate, lambda: self._fitting.find_goodness(_SIMULATIONS))
        self._bind.when_pressed(draw, lambda: self._fitting.sample_posterior(_DRAWS))
        nested = self._button("Nested sampling")
        self._bind.when_pressed(nested, self._fitting.sample_nested)
        self._chances = ipywidgets.HTML()
        return _page(row(simulate, draw, nested), self._chances)

    def _script_page(self) -> ipywidgets.VBox:
        self._copy = CopyButton(label="Copy as Sherpa script")
        self._script = ipywidgets.Textarea(rows=14, tooltip="The fit as a Sherpa script")
        self._script.add_class("csc-script")
        self._log = ipywidgets.HTML()
        return _page(self._copy, ipywidgets.VBox([self._script, self._log]))

    def _find_fluxes(self) -> None:
        distance, redshift = _number(self._distance, "distance"), _number(self._redshift, "redshift")
        if distance is not None and redshift is not None:
            raise CscError("The luminosity needs one of the two", "a distance and a redshift are given", "Clear one.")
        self._fitting.find_fluxes(
            self._low.value,
            self._high.value,
            distance=None if distance is None else distance * u.kpc,
            redshift=redshift,
            level=self._flux_level.value,
        )

    def _find_contour(self) -> None:
        first, second = self._first.value, self._second.value
        if first == second:
            raise CscError("There are no contours of one parameter", "", "Choose two that are free.")
        self._fitting.find_contour(first, second)

    def _show_choice(self) -> None:
        free = [one.name for one in self._model.parameters if not (one.fixed or one.tied_to)]
        for number, control in enumerate((self._first, self._second)):
            if list(control.options) != free:
                kept = control.value
                control.options = free
                control.value = kept if kept in free else free[min(number, len(free) - 1)] if free else None

    def _show(self) -> None:
        fitting = self._fitting
        ask = _ASK if fitting.result is not None else f"{_ASK} Fit first."
        for button in self._buttons:
            button.disabled = fitting.result is None
        words = (
            estimates_table(fitting.fluxes, catalogue_hardness(fitting.spectra.source.row)) if fitting.fluxes else ask
        )
        if fitting.fluxes and fitting.result is not None and fitting.result.factors:
            words += "Fluxes are those of the first observation, whose factor is 1."
        self._fluxes.value = note(words)
        self._contours.show(fitting.contour)
        words = ""
        if fitting.result is not None:
            words += fit_words(fitting.result, fitting.goodness)
        if fitting.posterior is not None:
            words += posterior_table(fitting.posterior, 0.68)
        self._chances.value = note(words or ask)
        self._copy.text = self._script.value = fitting.script()
        self._script.layout.display = "" if self._copy.text else "none"
        log = escape("\n".join(fitting.log)) or "Nothing was fitted yet."
        self._log.value = f'<pre class="csc-log">{log}</pre>'


_ASK = "Intervals follow from the parameters' covariance, or from the posterior once it was sampled."


def _page(controls: ipywidgets.Widget, answer: ipywidgets.Widget) -> ipywidgets.VBox:
    answer.add_class("csc-scrolled")
    page = ipywidgets.VBox([controls, answer])
    page.add_class("csc-down")
    return page


def _number(box: ipywidgets.Text, what: str) -> float | None:
    text = box.value.strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value <= 0:
        raise CscError(f"{text!r} is no {what}", "it is a positive number")
    return value

"""How a model is fitted, and the buttons that do it."""

from __future__ import annotations

import ipywidgets

from ...errors import CscError
from ...state.spectralfit import METHODS, STATISTICS, SpectralFitState
from ...state.spectralmodel import SpectralModelState
from ..callbacks import Guard
from ..controls import checkbox, dropdown, row

__all__ = ["LEVELS", "FitBar"]

LEVELS = [("68%", 0.68), ("90%", 0.90), ("95%", 0.95)]


class FitBar:
    """Band, statistic, optimiser; fit and errors.

    Parameters
    ----------
    model : SpectralModelState
    fitting : SpectralFitState
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, model: SpectralModelState, fitting: SpectralFitState, guard: Guard) -> None:
        self._model, self._fitting = model, fitting
        self._follows = False  # the boxes show a band that was chosen elsewhere
        self._low, self._high = (
            ipywidgets.BoundedFloatText(
                value, min=0.05, max=20, step=0.1, description=words, layout=ipywidgets.Layout(width="130px")
            )
            for value, words in zip(model.band, ("keV from", "to"), strict=True)
        )
        self._low.style.description_width, self._high.style.description_width = "64px", "20px"
        self._statistic = dropdown("", [(words, name) for name, words in STATISTICS.items()], "230px")
        self._method = dropdown("", [(words, name) for name, words in METHODS.items()], "220px")
        self._factors = checkbox("free factor for each", value=False)
        self._factors.layout.width = "160px"
        layout = ipywidgets.Layout(width="90px")
        self._fit = ipywidgets.Button(description="Fit", button_style="primary", layout=layout)
        self._errors = ipywidgets.Button(description="Errors", layout=layout)
        self._level = dropdown("", LEVELS, "80px")
        self.widget = row(
            *(self._low, self._high, self._statistic, self._method, self._factors),
            *(self._fit, self._errors, self._level),
        )
        for control in (self._low, self._high):
            control.observe(guard(lambda _: self._choose_band()), "value")
        for control, trait in (
            (self._statistic, "statistic"),
            (self._method, "method"),
            (self._factors, "cross_normalisation"),
        ):
            control.observe(guard(lambda change, trait=trait: setattr(fitting, trait, change["new"])), "value")
            fitting.observe(guard(lambda change, control=control: setattr(control, "value", change["new"])), trait)
        self._fit.on_click(guard(lambda _: fitting.fit()))
        self._errors.on_click(guard(lambda _: fitting.find_intervals(self._level.value)))
        model.observe(guard(lambda change: self._show_band(change["new"])), "band")
        fitting.observe(guard(lambda _: self._enable()), "result")
        self._enable()

    def _choose_band(self) -> None:
        low, high = self._low.value, self._high.value
        if self._follows:
            return
        if low >= high:
            raise CscError("The band was not changed", f"{low:g} keV is not below {high:g} keV")
        self._model.band = (low, high)

    def _show_band(self, band: tuple[float, float]) -> None:
        self._follows = True
        try:
            self._low.value, self._high.value = band
        finally:
            self._follows = False

    def _enable(self) -> None:
        self._errors.disabled = self._fitting.result is None

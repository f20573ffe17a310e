"""How a model is fitted, and the buttons that do it."""

from __future__ import annotations

import ipywidgets

from ...errors import CscError
from ...state.fit_settings import METHODS, STATISTICS
from ...state.spectral_fit import SpectralFitState
from ...state.spectral_model import SpectralModelState
from ..bind import Bindings
from ..callbacks import Guard
from ..controls import checkbox, dropdown, field, row, spoken

__all__ = ["LEVELS", "FitBar", "band_fields"]

LEVELS = [("68%", 0.68), ("90%", 0.90), ("95%", 0.95)]


class FitBar:
    """The buttons that fit and find errors; band, statistic and optimiser among the `settings`.

    Parameters
    ----------
    model : SpectralModelState
    fitting : SpectralFitState
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, model: SpectralModelState, fitting: SpectralFitState, guard: Guard) -> None:
        self._fitting = fitting
        self._low, self._high = band_fields(*model.band, most=20)
        statistics, methods = ([(words, name) for name, words in one.items()] for one in (STATISTICS, METHODS))
        self._statistic = spoken(field(dropdown("", statistics, "")), "Statistic")
        self._method = spoken(field(dropdown("", methods, "")), "Optimiser")
        self._factors = checkbox("free factor for each", value=False)
        self._fit = ipywidgets.Button(description="Fit", button_style="primary", tooltip="Fit the model")
        self._errors = ipywidgets.Button(description="Errors", tooltip="Find confidence intervals of what is free")
        self._errors.add_class("csc-button")
        self._level = spoken(dropdown("", LEVELS, "60px"), "Confidence of the errors")
        self.widget = row(self._fit, self._errors, self._level)
        self.settings = (row(self._low, self._high), self._statistic, self._method, self._factors)
        bind = Bindings(guard)
        bind.tie(model, "band", self._low, self._high, to_state=_band)
        bind.tie(fitting, "statistic", self._statistic)
        bind.tie(fitting, "method", self._method)
        bind.tie(fitting, "cross_normalisation", self._factors)
        bind.when_pressed(self._fit, fitting.fit)
        bind.when_pressed(self._errors, lambda: fitting.find_intervals(self._level.value))
        bind.when(fitting, "result", self._enable)
        self._enable()

    def _enable(self) -> None:
        self._errors.disabled = self._fitting.result is None


def band_fields(low: float, high: float, *, most: float) -> tuple[ipywidgets.Widget, ipywidgets.Widget]:
    """Two fields for the ends of a band in keV."""
    first, last = (
        field(ipywidgets.BoundedFloatText(value, min=0.05, max=most, step=0.1, description=words), width)
        for value, words, width in ((low, "keV from", "124px"), (high, "to", "82px"))
    )
    return first, last


def _band(low: float, high: float) -> tuple[float, float]:
    if low >= high:
        raise CscError("The band was not changed", f"{low:g} keV is not below {high:g} keV")
    return low, high

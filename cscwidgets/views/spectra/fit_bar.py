"""How a model is fitted, and the buttons that do it."""

from __future__ import annotations

import ipywidgets

from ...errors import CscError
from ...state.spectral_fit import METHODS, STATISTICS, SpectralFitState
from ...state.spectral_model import SpectralModelState
from ..bind import Bindings
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
        self._fitting = fitting
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


def _band(low: float, high: float) -> tuple[float, float]:
    if low >= high:
        raise CscError("The band was not changed", f"{low:g} keV is not below {high:g} keV")
    return low, high

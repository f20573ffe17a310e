"""The parameters of a model: values to type or drag, what is fixed or tied, and what a fit found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets

from ...errors import CscError
from ...state.model_choice import Parameter
from ...state.spectral_model import SpectralModelState
from ..bind import Bindings
from ..callbacks import Guard
from ..disposal import close_all
from ..numbers import MISSING, interval, power_of_ten
from ..units import unit_html

if TYPE_CHECKING:  # imports Sherpa
    from ...science.spectra.confidence import Interval

__all__ = ["ParameterTable"]

_DECADES = 2.0  # that an amplitude's slider spans to either side
_STEPS = 400
_SPANS = {"nH": (0.0, 2.0), "gamma": (-1.0, 5.0), "PhoIndex": (-1.0, 5.0), "redshift": (0.0, 1.0)}
_FREE = "–"


class _Row:
    """One parameter's widgets."""

    def __init__(self, table: ParameterTable, name: str, guard: Guard) -> None:
        self._table, self._name = table, name
        self._bind = bind = Bindings(guard)
        self._span, self._log = (0.0, 1.0), False
        layout = ipywidgets.Layout
        self.label = ipywidgets.HTML(layout=layout(width="180px"))
        self.value = ipywidgets.Text(continuous_update=False, layout=layout(width="100px"))
        self.value.add_class("csc-parameter-value")
        self.slider = ipywidgets.IntSlider(0, 0, _STEPS, readout=False, layout=layout(width="150px"))
        self.fixed = ipywidgets.Checkbox(description="fixed", indent=False, layout=layout(width="66px"))
        self.tie = ipywidgets.Dropdown(
            options=[_FREE], description="tied to", layout=layout(width="176px"), style={"description_width": "46px"}
        )
        self.found = ipywidgets.HTML(layout=layout(width="190px"))
        self.catalogue = ipywidgets.HTML(layout=layout(width="250px"))
        self.widget = ipywidgets.HBox(
            [self.label, self.value, self.slider, self.fixed, self.tie, self.found, self.catalogue],
            layout=layout(flex_flow="row wrap", align_items="center"),
        )
        bind.when_chosen(self.value, self._typed)
        bind.when_chosen(self.slider, self._dragged)
        bind.when_chosen(self.fixed, lambda fixed: self._changed(fixed=fixed))
        bind.when_chosen(self.tie, lambda other: self._changed(tied_to="" if other == _FREE else other))

    def _dragged(self, step: int) -> None:
        low, high = self._span
        at = step / _STEPS
        value = low * (high / low) ** at if self._log else low + (high - low) * at
        self._changed(value=float(f"{value:.4g}"), dragged=True)

    def _typed(self, text: str) -> None:
        try:
            value = float(text)
        except ValueError as error:
            self._table.refresh()
            raise CscError(f"{self._name} was not changed", f"{text!r} is no number") from error
        self._changed(value=value)

    def _changed(self, *, dragged: bool = False, **changes: Any) -> None:
        try:
            self._table.change(self._name, dragged=dragged, **changes)
        except CscError:
            self._table.refresh()
            raise

    def show(self, parameter: Parameter, names: list[str], *, rescale: bool) -> None:
        """Show the parameter as it is; `rescale` puts the slider's ends anew around it."""
        with self._bind.showing():
            # XSPEC's amplitudes have units that only their definition explains.
            unit = "" if parameter.is_norm else f' <span class="csc-unit">{unit_html(parameter.unit)}</span>'
            self.label.value = f'<span title="{escape(parameter.unit)}"><b>{escape(parameter.name)}</b>{unit}</span>'
            self.value.value = f"{parameter.value:.5g}"
            self.fixed.value = parameter.fixed
            if rescale or not self._span[0] <= parameter.value <= self._span[1]:
                self._span, self._log = _span(parameter)
            self.slider.value = self._step(parameter.value)
            others = [_FREE, *(name for name in names if name != parameter.name)]
            if list(self.tie.options) != others:
                self.tie.options = others
            self.tie.value = parameter.tied_to or _FREE
            for control in (self.value, self.slider, self.fixed):
                control.disabled = bool(parameter.tied_to)

    def _step(self, value: float) -> int:
        low, high = self._span
        at = math.log(max(value, low) / low) / math.log(high / low) if self._log else (value - low) / (high - low)
        return round(min(max(at, 0.0), 1.0) * _STEPS)


class ParameterTable:
    """The rows of all parameters.

    Parameters
    ----------
    model : SpectralModelState
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, model: SpectralModelState, guard: Guard) -> None:
        self._model, self._guard = model, guard
        self._rows: dict[str, _Row] = {}
        self._dragging = False
        self.widget = ipywidgets.VBox()
        self.widget.add_class("csc-parameters")
        Bindings(guard).when(model, "parameters", self.refresh)
        self.refresh()

    def change(self, name: str, *, dragged: bool, **changes: Any) -> None:
        """Change a parameter for one of the rows."""
        self._dragging = dragged
        try:
            self._model.change(name, **changes)
        finally:
            self._dragging = False

    def refresh(self) -> None:
        """Show the parameters as they are."""
        parameters: tuple[Parameter, ...] = self._model.parameters
        names = [one.name for one in parameters]
        if names != list(self._rows):
            gone = self.widget.children
            self._rows = {name: _Row(self, name, self._guard) for name in names}
            self.widget.children = [row.widget for row in self._rows.values()]
            for widget in gone:
                close_all(widget)
        for one in parameters:
            stand = [other.name for other in parameters if not other.tied_to]
            self._rows[one.name].show(one, stand, rescale=not self._dragging)

    def show_found(self, intervals: Mapping[str, Interval]) -> None:
        """Show confidence intervals beside the values they belong to."""
        values = {one.name: one.value for one in self._model.parameters}
        # While another model arrives, the rows may still be those of the one before.
        for name, row in self._rows.items():
            found = intervals.get(name) if name in values else None
            row.found.value = "" if found is None else found_words(values[name], found)

    def show_catalogue(self, fits: Mapping[str, tuple[float, float, float]]) -> None:
        """Show the catalogue's own values, with their 68% intervals."""
        for name, row in self._rows.items():
            words = f'<span class="csc-unit">catalogue 68%:</span> {interval(*fits[name])}' if name in fits else ""
            row.catalogue.value = words


def found_words(value: float, found: Interval) -> str:
    """A value with its interval, or its limit, as HTML."""
    level = f' <span class="csc-unit">{found.level:.0%}</span>'
    if found.limit == "upper":
        return f"&lt; {power_of_ten(found.upper)}{level}"
    if found.limit == "lower":
        return f"&gt; {power_of_ten(found.lower)}{level}"
    if found.limit:
        return f"{MISSING} not constrained{level}"
    return interval(value, found.lower, found.upper) + level


def _span(parameter: Parameter) -> tuple[tuple[float, float], bool]:
    """Ends of a parameter's slider, and whether it is logarithmic."""
    value, name = parameter.value, parameter.name.rsplit(".", 1)[-1]
    if parameter.is_norm or (name == "kT" and value > 0):
        reach = 10 ** (_DECADES if parameter.is_norm else 1.0)
        middle = value if value > 0 else 1e-5
        low, high = max(middle / reach, parameter.low), min(middle * reach, parameter.high)
        if 0 < low < high:
            return (low, high), True
    low, high = _SPANS.get(name, (value - abs(value) - 1, value + abs(value) + 1))
    low, high = min(low, value), max(high, 2 * value)
    low, high = max(low, parameter.low), min(high, parameter.high)
    return ((low, high) if low < high else (value, value + 1)), False

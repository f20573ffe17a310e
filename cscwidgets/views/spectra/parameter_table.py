"""The parameters of a model: values to type or drag, what is fixed or tied, and what a fit found."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from typing import TYPE_CHECKING, Any

import ipywidgets

from ...errors import CscError
from ...state.model_choice import Parameter
from ...state.spectral_model import SpectralModelState
from ..bind import Bindings
from ..callbacks import Guard
from ..controls import field, note, spoken, text
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
_HEAD = '<div class="csc-parameter"><span></span><span>value</span><span>fixed</span><span>error{}</span></div>'


class _Row:
    """One parameter's widgets."""

    def __init__(self, table: ParameterTable, name: str, guard: Guard) -> None:
        self._table, self._name = table, name
        self._bind = bind = Bindings(guard)
        self._span, self._log = (0.0, 1.0), False
        self.label, self.found = ipywidgets.HTML(), ipywidgets.HTML()
        self.value = spoken(text(), f"Value of {name}")
        self.slider = spoken(ipywidgets.IntSlider(0, 0, _STEPS, readout=False), f"Drag {name}")
        self.fixed = spoken(ipywidgets.Checkbox(indent=False), f"{name} is fixed")
        self.widget = ipywidgets.Box([self.label, self.value, self.fixed, self.found, self.slider])
        self.widget.add_class("csc-parameter")
        self.tie = field(ipywidgets.Dropdown(options=[_FREE], description=f"{name} tied to"))
        self.tie.add_class("csc-tie")
        self.catalogue = ipywidgets.HTML()
        self.more = ipywidgets.VBox([self.tie, self.catalogue])
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

    def show(self, parameter: Parameter, names: list[str], short: str, *, rescale: bool) -> None:
        """Show the parameter as it is, by a `short` name; `rescale` puts the slider's ends anew around it."""
        with self._bind.showing():
            # XSPEC's amplitudes have units that only their definition explains.
            unit = "" if parameter.is_norm else f' <span class="csc-unit">{unit_html(parameter.unit)}</span>'
            whole = escape(f"{parameter.name} {parameter.unit}".strip())
            self.label.value = f'<span title="{whole}"><b>{escape(short)}</b>{unit}</span>'
            self.value.value = _written(parameter.value, 5)
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

    def show_found(self, value: float, found: Interval | None) -> None:
        """Show an interval as the distances of its ends; in words where it is pointed at."""
        if found is None:
            self.found.value = ""
            return
        words = found_words(value, found)
        if found.limit:
            short = words.partition(" <span")[0].replace("not constrained", "")
        else:
            short = f"+{_written(found.upper - value, 2)}<br>−{_written(value - found.lower, 2)}"
        self.found.value = f'<div class="csc-found" title="{escape(_plain(words))}">{short}</div>'

    def _step(self, value: float) -> int:
        low, high = self._span
        at = math.log(max(value, low) / low) / math.log(high / low) if self._log else (value - low) / (high - low)
        return round(min(max(at, 0.0), 1.0) * _STEPS)


class _Table(ipywidgets.VBox):  # type: ignore[misc]
    """Rows below a head, which is out of the page while there are none."""

    def __init__(self, head: ipywidgets.Widget) -> None:
        self.pages = (head,)
        super().__init__()


class ParameterTable:
    """The rows of all parameters in the `widget`; to what they are tied and the catalogue's values in `ties`.

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
        self._head = ipywidgets.HTML()
        self.widget, self.ties = _Table(self._head), ipywidgets.VBox()
        self.widget.add_class("csc-parameters")
        Bindings(guard).when(model, "parameters", self.refresh)
        self.refresh()
        self.show_found({})

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
            gone = (*self.widget.children[1:], *self.ties.children)
            self._rows = {name: _Row(self, name, self._guard) for name in names}
            self.widget.children = [self._head, *(row.widget for row in self._rows.values())] if names else []
            self.ties.children = [row.more for row in self._rows.values()]
            for widget in gone:
                close_all(widget)
        short = _short(names)
        for one in parameters:
            stand = [other.name for other in parameters if not other.tied_to]
            self._rows[one.name].show(one, stand, short[one.name], rescale=not self._dragging)

    def show_found(self, intervals: Mapping[str, Interval]) -> None:
        """Show confidence intervals beside the values they belong to."""
        values = {one.name: one.value for one in self._model.parameters}
        # While another model arrives, the rows may still be those of the one before.
        for name, row in self._rows.items():
            row.show_found(values.get(name, 0.0), intervals.get(name) if name in values else None)
        levels = {f" {found.level:.0%}" for found in intervals.values()}
        self._head.value = _HEAD.format("".join(levels))

    def show_catalogue(self, fits: Mapping[str, tuple[float, float, float]]) -> None:
        """Show the catalogue's own values, with their 68% intervals."""
        for name, row in self._rows.items():
            words = f"{escape(name)}, catalogue 68%: {interval(*fits[name])}" if name in fits else ""
            row.catalogue.value = note(words) if words else ""
            row.catalogue.layout.display = "" if words else "none"


def _short(names: Sequence[str]) -> dict[str, str]:
    """Names without their components, where that is clear."""
    last = {name: name.rsplit(".", 1)[-1] for name in names}
    every = list(last.values())
    return {name: short if every.count(short) == 1 else name for name, short in last.items()}


def _written(value: float, digits: int) -> str:
    """A number as it is typed, without the zero of its exponent."""
    return f"{value:.{digits}g}".replace("e-0", "e-")


def _plain(words: str) -> str:
    """HTML of an interval as a hint can show it."""
    return unescape(re.sub("<[^>]*>", "", words.replace("<sup>", "^")))


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

"""What coverage is asked for, and the flux it is shown in."""

from __future__ import annotations

import ipywidgets

from cscwidgets.csc.bands import BANDS

from ...state.coverage import CoverageState
from ..bind import Bindings
from ..callbacks import Guard
from ..controls import dropdown, note
from .coverage_words import MEANING

__all__ = ["CoverageControls"]

_UNITS = {
    "photon": "photon flux, as in the maps",
    "CSC": "energy flux, the CSC's calibration",
    "power law": "energy flux, of a power law",
}


class CoverageControls:
    """Band, threshold, unit, and the button that runs.

    Parameters
    ----------
    state : CoverageState
    guard : callable
        Wraps callbacks so that their errors are shown.

    Attributes
    ----------
    question : list of Widget
        What is asked.
    run : Button
    unit : list of Widget
        The flux it is shown in.
    """

    def __init__(self, state: CoverageState, guard: Guard) -> None:
        self._state = state
        self._bind = Bindings(guard)
        self._band = dropdown("Band", [(str(band), letter) for letter, band in BANDS.items()], "auto")
        self._threshold = dropdown("Limits", [(name, name) for name in MEANING], "auto")
        self.run = ipywidgets.Button(
            description="Run",
            icon="play",
            button_style="primary",
            tooltip="Fetch the sensitivity maps of the region's stacks and combine them",
        )
        self._meaning = ipywidgets.HTML()
        self._unit = dropdown("Flux", [], "auto")
        self._index, self._nh = (
            ipywidgets.BoundedFloatText(
                value, min=low, max=high, step=step, description=words, layout=ipywidgets.Layout(width="auto")
            )
            for value, low, high, step, words in (
                (state.photon_index, -3.0, 10.0, 0.1, "photon index"),
                (state.nh, 0.0, 100.0, 0.01, "nH / 10²² cm⁻²"),
            )
        )
        for box in (self._index, self._nh):
            box.style.description_width = "100px"
        self.question = [self._band, self._threshold]
        self.unit = [self._meaning, self._unit, self._index, self._nh]
        for control in self.question:
            control.style.description_width = "initial"
        self._wire()
        self._show()

    def _wire(self) -> None:
        state, bind = self._state, self._bind
        bind.tie(state, "band", self._band)
        bind.tie(state, "threshold", self._threshold)
        bind.tie(state, "photon_index", self._index)
        bind.tie(state, "nh", self._nh)
        bind.when_chosen(self._unit, lambda unit: setattr(state, "unit", unit))
        bind.when_pressed(self.run, state.run)
        bind.when(state, ("band", "threshold", "unit", "coverage"), self._show)

    def _show(self) -> None:
        state = self._state
        possible = state.units_of(state.band if state.coverage is None else state.coverage.mosaic.band)
        offered = [(words, unit) for unit, words in _UNITS.items() if possible[unit]]
        usable = state.unit if possible[state.unit] else offered[0][1]
        self._bind.offer(self._unit, offered, usable)
        for box in (self._index, self._nh):
            box.layout.display = None if state.unit == "power law" else "none"
        self._meaning.value = note(f"{state.threshold}: {MEANING[state.threshold]}.")

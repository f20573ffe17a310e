"""What coverage is asked for, and the flux it is shown in."""

from __future__ import annotations

import ipywidgets

from cscwidgets.csc.bands import BANDS

from ...state.coverage import CoverageState
from ..callbacks import Guard
from ..controls import dropdown, note, row
from .coveragewords import MEANING

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
    """

    def __init__(self, state: CoverageState, guard: Guard) -> None:
        self._state = state
        self._follows = False
        layout = ipywidgets.Layout
        self._band = dropdown("Band", [(str(band), letter) for letter, band in BANDS.items()], "270px")
        self._threshold = dropdown("Limits", [(name, name) for name in MEANING], "170px")
        self._run = ipywidgets.Button(
            description="Run",
            icon="play",
            button_style="primary",
            tooltip="Fetch the sensitivity maps of the region's stacks and combine them",
            layout=layout(width="90px"),
        )
        self._meaning = ipywidgets.HTML()
        self._unit = dropdown("Flux", [], "310px")
        self._index, self._nh = (
            ipywidgets.BoundedFloatText(
                value, min=low, max=high, step=step, description=words, layout=layout(width=width)
            )
            for value, low, high, step, words, width in (
                (state.photon_index, -3.0, 10.0, 0.1, "photon index", "170px"),
                (state.nh, 0.0, 100.0, 0.01, "nH / 10²² cm⁻²", "190px"),
            )
        )
        for box in (self._index, self._nh):
            box.style.description_width = "100px"
        self.widget = ipywidgets.VBox([row(self._band, self._threshold, self._run), self._meaning])
        self.unit_widget = row(self._unit, self._index, self._nh)
        self._wire(guard)
        self._show()

    def _wire(self, guard: Guard) -> None:
        state = self._state
        for widget, name in (
            *((self._band, "band"), (self._threshold, "threshold"), (self._unit, "unit")),
            *((self._index, "photon_index"), (self._nh, "nh")),
        ):
            widget.observe(guard(lambda change, name=name: self._chosen(name, change["new"])), "value")
        self._run.on_click(guard(lambda _: state.run()))
        state.observe(guard(lambda _: self._show()), ["band", "threshold", "unit", "photon_index", "nh", "coverage"])

    def _chosen(self, name: str, value: object) -> None:
        if not self._follows:
            setattr(self._state, name, value)

    def _show(self) -> None:
        state = self._state
        band = state.band if state.coverage is None else state.coverage.mosaic.band
        possible = state.units_of(band)
        offered = [(words, unit) for unit, words in _UNITS.items() if possible[unit]]
        self._follows = True  # new options would choose the first of them
        try:
            if list(self._unit.options) != offered:
                self._unit.options = offered
            self._band.value, self._threshold.value = state.band, state.threshold
            self._index.value, self._nh.value = state.photon_index, state.nh
            if possible[state.unit]:
                self._unit.value = state.unit
        finally:
            self._follows = False
        for box in (self._index, self._nh):
            box.layout.display = None if state.unit == "power law" else "none"
        self._meaning.value = note(f"{state.threshold}: {MEANING[state.threshold]}.")

"""Diagrams of sources with their counterparts: colour–hardness, flux–magnitude, colour–magnitude, or what one likes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import astropy.units as u
import ipywidgets
import numpy as np
from astropy.table import QTable

from ...science.column_expression import numeric_columns, quoted
from ...state.crossmatch import CrossmatchState
from ..controls import checkbox, dropdown, spoken
from ..plots.free_diagram import Drawing, FreeDiagram
from ..plots.linked_diagram import tool_choice

if TYPE_CHECKING:  # what figures for the paper are drawn on
    from ...export.figure import PaperFigure

__all__ = ["MatchDiagrams", "magnitudes", "usual_axes"]

_TITLES = ("Colour and hardness", "Flux and magnitude", "Colour and magnitude")
_HARDNESS = ("hard_hs", "hard_hm", "hard_ms")
_FLUXES = ("flux_aper_b", "flux_aper_w", "flux_aper_s", "flux_aper_h")
_ERROR_WORDS = ("e_", "err", "_unc", "sig")
_COLOUR = re.compile(r".+-.+|bp_rp|bp_g|g_rp", re.IGNORECASE)


class MatchDiagrams:
    """Three diagrams of the counterparts, linked to the explorer's selection; one where there is no room for three.

    Parameters
    ----------
    state : CrossmatchState

    Attributes
    ----------
    controls, settings : list of Widget
        What is often, and what is seldom changed.
    """

    def __init__(self, state: CrossmatchState) -> None:
        self._state = state
        guard = state.desk.messages.guard
        self.diagrams = [FreeDiagram(title, state.explorer) for title in _TITLES]
        self._only_matched = checkbox("matched only", value=True)
        self._bars = checkbox("errors", value=True)
        self._tool = tool_choice([diagram.diagram for diagram in self.diagrams], guard)
        self._columns: list[str] = []
        self._which = spoken(dropdown("", [(title, at) for at, title in enumerate(_TITLES)], "auto"), "Which diagram")
        self._which.value = len(_TITLES) - 1
        self._which.add_class("csc-which")
        self.controls = [self._which, self._tool]
        self.settings = [self._only_matched, self._bars]
        self.widget = ipywidgets.Box([diagram.widget for diagram in self.diagrams])
        self.widget.add_class("csc-across")
        self.widget.add_class("csc-match-diagrams")
        for control in (self._only_matched, self._bars):
            control.observe(guard(lambda _: self._draw()), "value")
        self._which.observe(guard(lambda _: self._choose()), "value")
        state.observe(guard(lambda _: self._draw()), "counterparts")
        self.options = {"only_matched": self._only_matched, "errors": self._bars, "diagram": self._which}
        self._choose()
        self._draw()

    def _choose(self) -> None:
        """Where there is no room for three, the chosen one is shown."""
        for at, diagram in enumerate(self.diagrams):
            (diagram.widget.remove_class if at == self._which.value else diagram.widget.add_class)("csc-other")

    def _draw(self) -> None:
        table = self._state.counterparts
        # Other columns need other axes; those a reader chose stay as long as there are the same.
        others = table.colnames != self._columns
        self._columns = table.colnames
        axes = usual_axes(table) if others else [None] * len(self.diagrams)
        if len(table):
            matched = np.asarray(table["verdict"]) == "matched"
            shown = matched if self._only_matched.value else np.asarray(table["candidates"]) > 0
            value = np.nan_to_num(np.asarray(table["p_match"], float))
        else:
            shown, value = np.zeros(0, bool), np.empty(0)
        for diagram, formulas in zip(self.diagrams, axes, strict=True):
            diagram.show(table, value, shown, formulas, options=Drawing(bars=self._bars.value))

    def draw(self, figure: PaperFigure) -> None:
        """Draw the diagrams into a figure, side by side where there is room."""
        panels = figure.beside(len(self.diagrams), gridspec_kw={"wspace": 0.06})  # each has an axis of its own
        for diagram, axes in zip(self.diagrams, panels, strict=True):
            points = diagram.diagram.draw(axes)
        figure.colorbar(points, ax=panels, label="Probability of the match")


def magnitudes(table: QTable) -> list[str]:
    """Columns of magnitudes and colours, their errors left out."""
    return [
        name
        for name in numeric_columns(table)
        if getattr(table[name], "unit", None) == u.mag and not any(word in name.lower() for word in _ERROR_WORDS)
    ]


def usual_axes(table: QTable) -> list[tuple[str, str]]:
    """Formulas of the three diagrams, as far as the table has columns for them.

    A colour is one of the catalogue's, or that of the bluest and the reddest magnitude, which catalogues list in this
    order. Without magnitudes there is the separation.
    """
    columns = numeric_columns(table)
    if not columns:
        return [("", "")] * len(_TITLES)
    hardness = next((name for name in _HARDNESS if name in columns), "")
    flux = next((name for name in _FLUXES if name in columns), "")
    known = magnitudes(table)
    colours = [name for name in known if _COLOUR.fullmatch(name)]
    bands = [name for name in known if name not in colours][:3]
    if not bands:
        return [("separation", hardness), ("separation", flux), ("separation", "p_match")]
    blue, red = bands[0], bands[-1]
    colour = colours[0] if colours else f"{quoted(blue)} - {quoted(red)}" if blue != red else "separation"
    return [(colour, hardness), (blue, flux), (colour, red)]

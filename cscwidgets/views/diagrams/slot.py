"""One diagram of the panel: points, or a distribution, as its choice says."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from astropy.table import QTable

from cscwidgets.arrays import Floats

from ...errors import CscError
from ...state.diagrams import DiagramChoice
from ...state.explorer import ExplorerState
from ..callbacks import Guard
from ..deck import Deck
from ..plots.distribution import Distribution
from ..plots.free_axis import FreeAxis, free_axis
from ..plots.free_diagram import Drawing, FreeDiagram
from ..theme import PROBABILITY

if TYPE_CHECKING:  # what figures for the paper are drawn on
    from matplotlib.figure import SubFigure

__all__ = ["Slot"]

_SMALLEST, _LARGEST = 2.0, 7.0  # pixels
_POINTS, _DISTRIBUTION = "points", "distribution"


class Slot:
    """A diagram and what draws it.

    Parameters
    ----------
    number : int
        Its place, from 1.
    choice : DiagramChoice
    explorer : ExplorerState

    Attributes
    ----------
    widget : Widget
    """

    def __init__(self, number: int, choice: DiagramChoice, explorer: ExplorerState) -> None:
        self.choice, self._explorer = choice, explorer
        guard: Guard = explorer.desk.messages.guard
        self.title = f"Diagram {number}"
        self.points = FreeDiagram(self.title, explorer)
        self.distribution = Distribution(self.title, explorer)
        self.widget = Deck({_POINTS: self.points.widget, _DISTRIBUTION: self.distribution.widget}, guard)
        self.points.on_formulas(self._written)
        self.distribution.on_formula(lambda text: setattr(choice, "x", text))
        choice.observe(guard(lambda _: self.draw()))
        self._colour_label = ""

    def draw(self) -> None:
        """Draw the table as it is now."""
        choice, table = self.choice, self._explorer.table
        if choice.kind == "scatter":
            self.widget.switch.value = _POINTS
            every = np.ones(len(table), bool)
            self.points.diagram.label("", "")
            value, drawing = self._drawing(table)
            self.points.show(table, value, every, (choice.x, choice.y), options=drawing)
        else:
            self.widget.switch.value = _DISTRIBUTION
            self.distribution.show(
                table,
                choice.x,
                cumulative=choice.kind == "cumulative",
                scale=choice.x_scale,
                counts=choice.y_scale == "log",
            )

    def paint(self, figure: SubFigure) -> None:
        """Draw the same for the paper."""
        axes = figure.subplots()
        if self.choice.kind == "scatter":
            points = self.points.diagram.draw(axes)
            axes.set_title("")
            if self._colour_label:
                bar = figure.colorbar(points, ax=axes, label=self._colour_label)
                bar.set_ticks(list(self._colour_ticks), labels=list(self._colour_ticks.values()))
        else:
            self.distribution.plot.draw(axes)

    def _written(self, formulas: tuple[str, str]) -> None:
        with self.choice.hold_trait_notifications():
            self.choice.x, self.choice.y = formulas

    def _drawing(self, table: QTable) -> tuple[Floats, Drawing]:
        choice = self.choice
        scales = (choice.x_scale, choice.y_scale)
        colour, size = (self._third(text, table) for text in (choice.colour, choice.size))
        radius = None
        if size is not None:
            radius = np.nan_to_num(_SMALLEST + (_LARGEST - _SMALLEST) * size.parts, nan=_SMALLEST)
        self._colour_label = "" if colour is None else colour.label
        if colour is None:
            plain = np.zeros(len(table))
            return plain, Drawing(choice.errors, scales, radius, legend="", hint="")
        low, high = colour.span
        self._colour_ticks = {(at - low) / (high - low): words for at, words in colour.ticks.items()}
        first, last = _ends(colour)
        ramp = f'<i class="csc-ramp" style="background:linear-gradient(to right,{",".join(PROBABILITY)})"></i>'
        legend = f'<span class="csc-legend">{escape(colour.label)} {first} {ramp} {last} · </span>'
        hint = f"{colour.label.replace('{', '').replace('}', '')}: {{colour:.4g}}"
        return colour.parts, Drawing(choice.errors, scales, radius, legend, hint, colour.quantity)

    def _third(self, text: str, table: QTable) -> FreeAxis | None:
        if not text or not len(table):
            return None
        try:
            return free_axis(text, table, np.ones(len(table), bool))
        except CscError as error:  # the points are drawn all the same
            self._explorer.desk.messages.error(error)
            return None


def _ends(axis: FreeAxis) -> tuple[str, str]:
    """The numbers at the ends of a scale, without the room that an axis leaves."""
    known = axis.quantity[np.isfinite(axis.values)]
    return (f"{known.min():.3g}", f"{known.max():.3g}") if len(known) else ("", "")

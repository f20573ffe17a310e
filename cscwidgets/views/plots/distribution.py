"""A histogram, or a cumulative curve, of a column or formula: linked, a range of values is picked in it."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets
import numpy as np
from astropy.table import QTable

from cscwidgets.arrays import Flags, Floats
from cscwidgets.state.rows import RowIndex, index_of

from ...errors import CscError
from ...science.column_expression import numeric_columns
from ...science.kaplan_meier import CumulativeCurve, cumulative_curve
from ...state.diagrams import Scale
from ...state.explorer import ExplorerState
from ...state.selection import Mode
from ..controls import formula, note, row
from ..theme import ACCENT
from .free_axis import FreeAxis, free_axis
from .layers import SERIES, Band, Layer, Line, padded, steps
from .line_plot import LinePlot

__all__ = ["Distribution"]

_BINS = 30


class Distribution:
    """One plot of how values are distributed, all and those selected.

    Parameters
    ----------
    title : str
        What it is, also its key in the selection.
    explorer : ExplorerState
        Whose selection is read and changed.
    """

    def __init__(self, title: str, explorer: ExplorerState) -> None:
        self._key, self._explorer = title, explorer
        guard = explorer.desk.messages.guard
        self.plot = LinePlot(guard, title, tool="band")
        self._note = ipywidgets.HTML()
        self._note.add_class("csc-drawn")
        self._formula = formula("Across")
        self._told: Callable[[str], object] = lambda _: None
        self.widget = ipywidgets.VBox([row(self._formula, self._note), self.plot.widget])
        self.widget.add_class("csc-free-diagram")
        self._index = RowIndex()
        self._axis: FreeAxis | None = None
        self._cumulative = self._counts = False
        self._formula.observe(guard(lambda change: self._told(change["new"])), "value")
        self.plot.selector.on_shape(self._picked)
        self.plot.selector.on_escape(explorer.desk.selection.clear)
        explorer.desk.selection.observe(guard(lambda _: self._draw()), "names")

    def on_formula(self, callback: Callable[[str], object]) -> None:
        """Call with the formula when the reader wrote one."""
        self._told = callback

    def show(self, table: QTable, text: str, *, cumulative: bool, scale: Scale = "usual", counts: bool = False) -> None:
        """Draw a column or formula in place of the one before.

        Parameters
        ----------
        table : QTable
            With a column ``name``.
        text : str
            The column or formula.
        cumulative : bool
            The part of the sources with a value or more, instead of how many in each bin.
        scale : {"usual", "linear", "log", "inverted"}
            Of the values.
        counts : bool
            Whether a cumulative curve shows the logarithm of how many, not the part.
        """
        self._formula.options = numeric_columns(table)
        self._formula.value = text
        self._cumulative, self._counts, self._axis, self._index = cumulative, counts, None, RowIndex()
        try:
            if len(table) and text:
                self._axis = free_axis(text, table, np.ones(len(table), bool), scale=scale)
                self._index = index_of(table)
        except CscError as error:
            self._explorer.desk.messages.error(error)
        self._draw()

    def _draw(self) -> None:
        axis = self._axis
        if axis is None:
            self._note.value = note("Choose what to draw.")
            self.plot.label("", "")
            self.plot.show([], (0.0, 1.0), (0.0, 1.0))
            return
        label = f"log10 {axis.label}" if axis.logarithmic else axis.label
        chosen = self._index.selected(self._explorer.desk.selection.names)
        if self._cumulative:
            self.plot.label(label, "log10 N(≥ value)" if self._counts else "part of the sources ≥ value")
            self._show_cumulative(axis, chosen)
        else:
            self.plot.label(label, "sources in a bin")
            self._show_histogram(axis, chosen)

    def _show_histogram(self, axis: FreeAxis, chosen: Flags) -> None:
        limits = axis.upper | axis.lower
        drawn = np.isfinite(axis.values) & ~limits
        edges = np.linspace(*axis.span, _BINS + 1)
        layers: list[Layer] = []
        most = 1.0
        for rows, colour in ((drawn, SERIES[0]), (drawn & chosen, ACCENT)):
            if not rows.any():
                continue
            counts = np.histogram(axis.values[rows], edges)[0].astype(float)
            along, height = steps(edges, counts)
            layers += [Band(along, np.zeros_like(height), height, colour, 0.25), Line(along, height, colour, 1.6)]
            most = max(most, counts.max())
        self.plot.show(layers, axis.span, (0.0, 1.05 * most))
        words = f"{int(drawn.sum()):,} drawn, {int((drawn & chosen).sum()):,} of them selected"
        words += f"; {int(limits.sum()):,} limits are not in it" if limits.any() else ""
        self._say(words, len(axis.values) - int((drawn | limits).sum()))

    def _show_cumulative(self, axis: FreeAxis, chosen: Flags) -> None:
        layers: list[Layer] = []
        curves = []
        for rows, colour in ((np.ones(len(axis.values), bool), SERIES[0]), (chosen, ACCENT)):
            if rows.any():
                curve = cumulative_curve(axis.values[rows], axis.upper[rows], axis.lower[rows])
                curves.append(curve)
                layers += self._curve(curve, axis.span, colour)
        heights = padded([part for layer in layers if isinstance(layer, Line) for part in (layer.y,)])
        self.plot.show(layers, axis.span, heights if self._counts and layers else (0.0, 1.05))
        every = curves[0] if curves else cumulative_curve([])
        words = f"{every.measured:,} measured"
        if every.limits:
            words += f" and {every.limits:,} {every.kind} limits (Kaplan–Meier), 68% band"
        self._say(words, every.left_out)

    def _curve(self, curve: CumulativeCurve, span: tuple[float, float], colour: str) -> list[Layer]:
        """A curve that goes down just above each value."""
        if not len(curve.values):
            return []
        edges = np.concatenate([[span[0]], curve.values])
        parts = [steps(edges, part)[1] for part in (curve.fraction, curve.low, curve.high)]
        if self._counts:
            total = curve.measured + curve.limits
            parts = [np.log10(np.where(part > 0, part * total, np.nan)) for part in parts]
        middle, low, high = parts
        along = steps(edges, curve.fraction)[0]
        return [Band(along, low, high, colour, 0.2), Line(along, middle, colour, 1.8)]

    def _say(self, words: str, left_out: int) -> None:
        words += f"; {left_out:,} without a value" if left_out else ""
        self._note.value = note(words)

    def _picked(self, corner_x: Floats, _: Floats, mode: Mode | None) -> None:
        if self._axis is None:
            raise CscError("Nothing was selected", "the diagram is empty")
        low, high = corner_x.min(), corner_x.max()
        inside = (self._axis.values >= low) & (self._axis.values <= high)
        if not self._cumulative:
            inside &= ~(self._axis.upper | self._axis.lower)  # they are not in the histogram
        self._explorer.desk.selection.publish(self._key, self._index.names[inside].tolist(), mode)

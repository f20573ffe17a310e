"""A diagram whose axes the reader chooses among the columns of a table, linked to the selection and the focus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets
import numpy as np
from astropy.table import QTable
from bqplot import LinearScale
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from ...errors import CscError
from ...science.column_expression import numeric_columns
from ...state.explorer import ExplorerState
from ...state.selection import Mode
from ..controls import note, row
from ..marks import error_bars
from ..rows import RowIndex
from ..theme import ACCENT, FAINT, PROBABILITY
from .diagram import Diagram, Points
from .freeaxis import FreeAxis, free_axis

__all__ = ["FreeDiagram"]

Floats = NDArray[np.float64]

_COLOURS = LinearSegmentedColormap.from_list("probability", PROBABILITY)


class FreeDiagram:
    """One diagram.

    Parameters
    ----------
    title : str
        What the diagram is, also its key in the selection.
    explorer : ExplorerState
        Whose selection and focus are read and changed.
    """

    def __init__(self, title: str, explorer: ExplorerState) -> None:
        self._title, self._explorer = title, explorer
        guard = explorer.desk.messages.guard
        self.diagram = Diagram(title, (LinearScale(min=0, max=1), LinearScale(min=0, max=1)), guard)
        layout = self.diagram.widget.layout
        layout.width, layout.flex, layout.min_width = "100%", "0 0 auto", None
        self._table, self._value, self._shown = QTable(), np.empty(0), np.zeros(0, bool)
        self._drawn = np.zeros(0, bool)
        self._axes: tuple[FreeAxis, FreeAxis] | None = None
        self._index = RowIndex()
        self._bars = True
        self._follows = False
        self._x, self._y = (_formula(words) for words in ("Across", "Up"))
        self._note = ipywidgets.HTML()
        self.widget = ipywidgets.VBox(
            [row(self._x, self._y), self.diagram.widget, self._note],
            layout=ipywidgets.Layout(flex="1 1 0", min_width="330px", overflow="hidden"),
        )
        for control in (self._x, self._y):
            control.observe(guard(lambda _: self._chosen()), "value")
        selector = self.diagram.selector
        selector.on_shape(self._picked)
        selector.on_click(self._clicked)
        selector.on_hover(self._hovered)
        selector.on_escape(explorer.desk.selection.clear)
        explorer.observe(guard(lambda _: self._focus()), "focus")
        explorer.desk.selection.observe(guard(lambda _: self._highlight()), "names")

    @property
    def formulas(self) -> tuple[str, str]:
        """What the axes show."""
        return self._x.value, self._y.value

    @formulas.setter
    def formulas(self, formulas: tuple[str, str]) -> None:
        self._follows = True
        try:
            self._x.value, self._y.value = formulas
        finally:
            self._follows = False
        self._draw()

    def show(
        self,
        table: QTable,
        value: Floats,
        shown: NDArray[np.bool_],
        formulas: tuple[str, str] | None = None,
        *,
        bars: bool = True,
    ) -> None:
        """Draw rows of a table in place of those before.

        Parameters
        ----------
        table : QTable
            With a column ``name``.
        value : ndarray, shape (rows,)
            From 0 to 1, the points' colour.
        shown : ndarray of bool, shape (rows,)
            The rows to draw.
        formulas : (str, str), optional
            What the axes show from now on.
        bars : bool
            Draw error bars.
        """
        self._table, self._value, self._shown, self._bars = table, value, shown, bars
        self._index = RowIndex(map(str, table["name"]) if len(table) else ())
        columns = numeric_columns(table)
        for control in (self._x, self._y):
            if list(control.options) != columns:
                control.options = columns
        self.formulas = formulas or self.formulas

    def use_tool(self, tool: str) -> None:
        """Pick with the "lasso" or the "box"."""
        self.diagram.selector.tool = tool

    def _chosen(self) -> None:
        if not self._follows:
            self._draw()

    def _draw(self) -> None:
        try:
            self._axes = self._chosen_axes()
        except CscError as error:  # said here, so that other diagrams are drawn
            self._axes = None
            self._explorer.desk.messages.error(error)
        if self._axes is None:
            self._drawn = np.zeros(len(self._index), bool)
            self._note.value = note("Choose what to draw." if len(self._table) else "")
            nothing = np.empty(0)
            self.diagram.label("", "")
            for name in "xy":
                self.diagram.span(name, 0.0, 1.0, {})
            self.diagram.show(Points(nothing, nothing, nothing, (nothing, nothing), (nothing, nothing)))
        else:
            self._show_axes(*self._axes)
        self._highlight()
        self._focus()

    def _chosen_axes(self) -> tuple[FreeAxis, FreeAxis] | None:
        if not len(self._table) or not all(self.formulas):
            return None
        across, up = self.formulas
        table, shown = self._table, self._shown
        return free_axis(across, table, shown), free_axis(up, table, shown, brighter_up=True)

    def _show_axes(self, x: FreeAxis, y: FreeAxis) -> None:
        self._drawn = drawn = self._shown & np.isfinite(x.values) & np.isfinite(y.values)
        for name, axis in (("x", x), ("y", y)):
            self.diagram.span(name, *axis.span, axis.ticks, reverse=axis.reverse)
        self.diagram.label(x.label, y.label)
        no_arrows = np.empty(0), np.empty(0)
        self.diagram.show(Points(x.values[drawn], y.values[drawn], self._value[drawn], self._segments(), no_arrows))
        left_out = int(self._shown.sum()) - int(drawn.sum())
        words = f"{int(drawn.sum()):,} drawn"
        self._note.value = note(words + (f", {left_out:,} without a value on one of the axes" if left_out else ""))

    def _segments(self) -> tuple[Floats, Floats]:
        if self._axes is None or not self._bars:
            return np.empty(0), np.empty(0)
        x, y = self._axes
        drawn = self._drawn
        up = error_bars(x.values[drawn], y.low[drawn], y.high[drawn])
        across = error_bars(y.values[drawn], x.low[drawn], x.high[drawn])
        return np.concatenate([up[0], across[1]]), np.concatenate([up[1], across[0]])

    @property
    def _positions(self) -> tuple[Floats, Floats]:
        if self._axes is None:
            return np.empty(0), np.empty(0)
        x, y = self._axes
        return np.where(self._drawn, x.values, np.nan), np.where(self._drawn, y.values, np.nan)

    def _picked(self, corner_x: Floats, corner_y: Floats, mode: Mode | None) -> None:
        if self._axes is None:
            raise CscError("Nothing was selected", "the diagram is empty")
        inside = self.diagram.selector.inside(*self._positions, (corner_x, corner_y))
        self._explorer.desk.selection.publish(self._title, self._index.names[inside].tolist(), mode)

    def _clicked(self, place: Mapping[str, Any], mode: Mode | None) -> None:
        at = self.diagram.selector.nearest(*self._positions, place)
        if at is not None:
            name = self._index.names[at]
            self._explorer.focus = name
            self._explorer.desk.selection.publish(self._title, [name], mode)

    def _hovered(self, place: Mapping[str, Any] | None) -> None:
        at = None if place is None else self.diagram.selector.nearest(*self._positions, place)
        if at is None or self._axes is None:
            self.diagram.selector.hint = {}
            return
        x, y = (float(values[at]) for values in self._positions)
        lines = [self._index.names[at], f"probability {self._value[at]:.3f}"]
        for axis, value in zip(self._axes, (x, y), strict=True):
            lines.append(f"{axis.label}: {10**value if axis.logarithmic else value:.4g}".replace("-", "−"))
        self.diagram.selector.hint = {"x": x, "y": y, "text": "\n".join(lines)}

    def _highlight(self) -> None:
        self.diagram.highlight(self._index.marks(self._explorer.desk.selection.names)[self._drawn])

    def _focus(self) -> None:
        at = self._index.row(self._explorer.focus)
        self.diagram.focus(None if at is None or not self._drawn[at] else int(self._drawn[:at].sum()))

    def draw(self, axes: Axes) -> None:
        """Draw the same on matplotlib axes, for the paper."""
        axes.set_title(self._title, fontsize="medium")
        if self._axes is None:
            return
        x, y = self._axes
        axes.plot(*self._segments(), color=FAINT, lw=0.5, alpha=0.6, zorder=1)
        drawn = self._drawn
        values = self._value[drawn]
        axes.scatter(x.values[drawn], y.values[drawn], s=12, c=values, cmap=_COLOURS, vmin=0, vmax=1, zorder=2)
        chosen = self._index.marks(self._explorer.desk.selection.names) & drawn
        axes.scatter(x.values[chosen], y.values[chosen], s=36, facecolors="none", edgecolors=ACCENT, zorder=3)
        (left, right), (low, high) = self.diagram.ranges
        axes.set(xlim=(left, right), ylim=(low, high), xlabel=x.label, ylabel=y.label)
        axes.set_xticks(list(x.ticks), list(x.ticks.values()))
        axes.set_yticks(list(y.ticks), list(y.ticks.values()))


def _formula(words: str) -> ipywidgets.Combobox:
    box = ipywidgets.Combobox(
        description=words,
        ensure_option=False,
        continuous_update=False,
        tooltip="A column, or a formula: Jmag - Kmag, log10(flux_aper_b)",
        layout=ipywidgets.Layout(width="215px"),
    )
    box.style.description_width = "50px"
    return box

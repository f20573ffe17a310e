"""A diagram whose axes the reader chooses among the columns of a table, linked to the selection and the focus."""

from __future__ import annotations

import ipywidgets
import numpy as np
from astropy.table import QTable
from bqplot import LinearScale

from cscwidgets.arrays import Flags, Floats

from ...errors import CscError
from ...science.column_expression import numeric_columns
from ...state.explorer import ExplorerState
from ..controls import note, row
from ..marks import error_bars
from ..rows import RowIndex
from ..theme import probability_ramp
from .diagram import Points
from .free_axis import FreeAxis, free_axis
from .hints import literal
from .linked_diagram import LinkedDiagram

__all__ = ["FreeDiagram"]


_NO_SEGMENTS = np.empty(0), np.empty(0)


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
        self._messages = explorer.desk.messages
        guard = explorer.desk.messages.guard
        self.diagram = LinkedDiagram(title, title, explorer, (LinearScale(min=0, max=1), LinearScale(min=0, max=1)))
        self._table, self._value, self._shown = QTable(), np.empty(0), np.zeros(0, bool)
        self._bars = True
        self._formulas = ("", "")
        self._x, self._y = (_formula(words) for words in ("Across", "Up"))
        self._note = ipywidgets.HTML()
        self._note.add_class("csc-drawn")
        self.widget = ipywidgets.VBox([row(self._x, self._y, self._note), self.diagram.widget])
        self.widget.add_class("csc-free-diagram")
        for axis, control in enumerate((self._x, self._y)):
            control.observe(guard(lambda change, axis=axis: self._choose(axis, change["new"])), "value")

    @property
    def formulas(self) -> tuple[str, str]:
        """What the axes show."""
        return self._formulas

    @formulas.setter
    def formulas(self, formulas: tuple[str, str]) -> None:
        self._formulas = formulas
        self._x.value, self._y.value = formulas
        self._draw()

    def show(
        self,
        table: QTable,
        value: Floats,
        shown: Flags,
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
        columns = numeric_columns(table)
        for control in (self._x, self._y):
            if list(control.options) != columns:
                control.options = columns
        self.formulas = formulas or self.formulas

    def _choose(self, axis: int, formula: str) -> None:
        if self._formulas[axis] != formula:
            across, up = self._formulas
            self.formulas = (formula, up) if axis == 0 else (across, formula)

    def _draw(self) -> None:
        try:
            axes = self._chosen_axes()
        except CscError as error:  # said here, so that other diagrams are drawn
            axes = None
            self._messages.error(error)
        if axes is None:
            self._show_nothing()
        else:
            self._show_axes(*axes)

    def _chosen_axes(self) -> tuple[FreeAxis, FreeAxis] | None:
        if not len(self._table) or not all(self._formulas):
            return None
        across, up = self._formulas
        table, shown = self._table, self._shown
        return free_axis(across, table, shown), free_axis(up, table, shown, brighter_up=True)

    def _show_nothing(self) -> None:
        self._note.value = note("Choose what to draw." if len(self._table) else "")
        self.diagram.label("", "")
        for name in "xy":
            self.diagram.span(name, 0.0, 1.0, {})
        nothing = np.empty(0)
        self.diagram.show_sources(RowIndex(), Points(nothing, nothing, nothing, _NO_SEGMENTS, _NO_SEGMENTS))

    def _show_axes(self, x: FreeAxis, y: FreeAxis) -> None:
        drawn = self._shown & np.isfinite(x.values) & np.isfinite(y.values)
        for name, axis in (("x", x), ("y", y)):
            self.diagram.span(name, *axis.span, axis.ticks, reverse=axis.reverse)
        self.diagram.label(x.label, y.label)
        value = self._value[drawn]
        bars = _bars(x, y, drawn) if self._bars else _NO_SEGMENTS
        self.diagram.show_sources(
            RowIndex(map(str, self._table["name"][drawn])),
            Points(x.values[drawn], y.values[drawn], value, bars, _NO_SEGMENTS),
            [["probability {value:.3f}"], [_line(x, "across")], [_line(y, "up")]],
            {"value": value, "across": x.quantity[drawn], "up": y.quantity[drawn]},
        )
        left_out = int(self._shown.sum()) - int(drawn.sum())
        words = f"{int(drawn.sum()):,} drawn"
        words += f", {left_out:,} without a value on one of the axes" if left_out else ""
        self._note.value = note(f'<span title="{words}">{probability_ramp("p")} {words}</span>')


def _bars(x: FreeAxis, y: FreeAxis, drawn: Flags) -> tuple[Floats, Floats]:
    up = error_bars(x.values[drawn], y.low[drawn], y.high[drawn])
    across = error_bars(y.values[drawn], x.low[drawn], x.high[drawn])
    return np.concatenate([up[0], across[1]]), np.concatenate([up[1], across[0]])


def _line(axis: FreeAxis, column: str) -> str:
    return f"{literal(axis.label)}: {{{column}:.4g}}"


def _formula(words: str) -> ipywidgets.Combobox:
    box = ipywidgets.Combobox(
        description=words,
        ensure_option=False,
        continuous_update=False,
        tooltip="A column, or a formula: Jmag - Kmag, log10(flux_aper_b)",
        layout=ipywidgets.Layout(width="auto"),
    )
    box.style.description_width = "initial"
    return box

"""A diagram whose axes the reader chooses among the columns of a table, linked to the selection and the focus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import ipywidgets
import numpy as np
from astropy.table import QTable
from bqplot import LinearScale

from cscwidgets.arrays import Flags, Floats
from cscwidgets.state.rows import RowIndex, index_of

from ...errors import CscError
from ...science.column_expression import numeric_columns
from ...state.diagrams import Scale
from ...state.explorer import ExplorerState
from ..controls import formula, note, row
from ..marks import error_bars, limit_arrows
from ..theme import probability_ramp
from .diagram import Points
from .free_axis import FreeAxis, free_axis
from .hints import literal
from .linked_diagram import LinkedDiagram
from .point_layer import NO_SEGMENTS

__all__ = ["Drawing", "FreeDiagram"]


_ARROW, _HEAD = 0.045, 0.008  # of an axis


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
        self._options = Drawing()
        self._formulas = ("", "")
        self._told: Callable[[tuple[str, str]], object] = lambda _: None
        self._x, self._y = (formula(words) for words in ("Across", "Up"))
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

    def on_formulas(self, callback: Callable[[tuple[str, str]], object]) -> None:
        """Call with the formulas when the reader wrote one."""
        self._told = callback

    def show(
        self,
        table: QTable,
        value: Floats,
        shown: Flags,
        formulas: tuple[str, str] | None = None,
        *,
        options: Drawing | None = None,
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
        options : Drawing, optional
            How.
        """
        self._table, self._value, self._shown, self._options = table, value, shown, options or Drawing()
        columns = numeric_columns(table)
        for control in (self._x, self._y):
            if list(control.options) != columns:
                control.options = columns
        self.formulas = formulas or self.formulas

    def _choose(self, axis: int, text: str) -> None:
        if self._formulas[axis] != text:
            across, up = self._formulas
            self.formulas = (text, up) if axis == 0 else (across, text)
            self._told(self._formulas)

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
        x_scale, y_scale = self._options.scales
        x = free_axis(across, table, shown, scale=x_scale)
        return x, free_axis(up, table, shown, brighter_up=True, scale=y_scale)

    def _show_nothing(self) -> None:
        self._note.value = note("Choose what to draw." if len(self._table) else "")
        self.diagram.label("", "")
        for name in "xy":
            self.diagram.span(name, 0.0, 1.0, {})
        nothing = np.empty(0)
        self.diagram.show_sources(RowIndex(), Points(nothing, nothing, nothing, NO_SEGMENTS, NO_SEGMENTS))

    def _show_axes(self, x: FreeAxis, y: FreeAxis) -> None:
        drawn = self._shown & np.isfinite(x.values) & np.isfinite(y.values)
        for name, axis in (("x", x), ("y", y)):
            self.diagram.span(name, *axis.span, axis.ticks, reverse=axis.reverse)
        self.diagram.label(x.label, y.label)
        value, options = self._value[drawn], self._options
        bars = _bars(x, y, drawn) if options.bars else NO_SEGMENTS
        colour = {} if options.colour is None else {"colour": options.colour[drawn]}
        self.diagram.show_sources(
            index_of(self._table).of(drawn),
            Points(x.values[drawn], y.values[drawn], value, bars, _arrows(x, y, drawn), _some(options.radius, drawn)),
            [[options.hint, "no value for the colour"] if options.hint else [], [_line(x, "across")], [_line(y, "up")]],
            {"value": value, "across": x.quantity[drawn], "up": y.quantity[drawn], **colour},
        )
        words = f"{int(drawn.sum()):,} drawn{_left_out(x, y, self._shown)}"
        self._note.value = note(f'<span title="{escape(words)}">{options.legend} {escape(words)}</span>')


@dataclass(frozen=True)
class Drawing:
    """How a diagram draws its points.

    Attributes
    ----------
    bars : bool
        Whether error bars are drawn.
    scales : (str, str)
        Of the axes, see `free_axis`.
    radius : ndarray, shape (rows,), optional
        Of the points, in pixels.
    legend : str
        HTML of what the colours are.
    hint : str
        What is said of a point's colour, from ``{value}`` or ``{colour}``.
    colour : ndarray, shape (rows,), optional
        The numbers behind the colours.
    """

    bars: bool = True
    scales: tuple[Scale, Scale] = ("usual", "usual")
    radius: Floats | None = None
    legend: str = probability_ramp("p")
    hint: str = "probability {value:.3f}"
    colour: Floats | None = None


def _some(values: Floats | None, rows: Flags) -> Floats | None:
    return None if values is None else values[rows]


def _left_out(x: FreeAxis, y: FreeAxis, shown: Flags) -> str:
    """Why rows are not drawn, each counted once."""
    words, left = [], shown.copy()
    for axis in (x, y):
        name = axis.label.partition(" / ")[0]
        for rows, why in (
            (axis.unplaced & ~np.isfinite(axis.values), f"not above 0 in {name}, on a logarithmic axis"),
            (~np.isfinite(axis.values), f"without a value of {name}"),
        ):
            if number := int((left & rows).sum()):
                words.append(f"{number:,} {why}")
            left &= ~rows
    limits = int((left & (x.upper | x.lower | y.upper | y.lower)).sum())
    found = [f", {limits:,} of them limits"] if limits else []
    return "".join([*found, *(f", {part}" for part in words)])


def _bars(x: FreeAxis, y: FreeAxis, drawn: Flags) -> tuple[Floats, Floats]:
    across, up = (drawn & ~(axis.upper | axis.lower) for axis in (x, y))
    vertical = error_bars(x.values[up], y.low[up], y.high[up])
    level = error_bars(y.values[across], x.low[across], x.high[across])
    return np.concatenate([vertical[0], level[1]]), np.concatenate([vertical[1], level[0]])


def _arrows(x: FreeAxis, y: FreeAxis, drawn: Flags) -> tuple[Floats, Floats]:
    """Of limits, to where the value may be."""
    wide, high = np.ptp(x.span), np.ptp(y.span)
    parts = []
    for limits, sign in (("upper", -1), ("lower", 1)):
        up, across = drawn & getattr(y, limits), drawn & getattr(x, limits)
        parts.append(limit_arrows(x.values[up], y.values[up], sign * _ARROW * high, _HEAD * wide))
        level = limit_arrows(y.values[across], x.values[across], sign * _ARROW * wide, _HEAD * high)
        parts.append((level[1], level[0]))
    along_x, along_y = zip(*parts, strict=True)
    return np.concatenate(along_x), np.concatenate(along_y)


def _line(axis: FreeAxis, column: str) -> str:
    return f"{literal(axis.label)}: {{{column}:.4g}}"

"""A diagram of sources that is linked: picked, clicked and pointed at, and marked with what is selected anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import bqplot
import ipywidgets
import numpy as np

from cscwidgets.arrays import Flags, Floats
from cscwidgets.state.rows import RowIndex

from ...errors import CscError
from ...state.explorer import ExplorerState
from ...state.selection import Mode
from ..theme import ACCENT, FAINT, PROBABILITY_COLOURS
from .diagram import Diagram, Points
from .hints import Hints

if TYPE_CHECKING:  # what figures for the paper are drawn on
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection

__all__ = ["LinkedDiagram", "tool_choice"]


class LinkedDiagram(Diagram):
    """One diagram of an explorer.

    Parameters
    ----------
    title : str
        What the diagram is.
    key : str
        Of what is picked here, in the selection.
    explorer : ExplorerState
        Whose selection and focus are read and changed.
    scales, ticks
        See `Diagram`.
    unknown : str
        What points without a colour are.
    """

    def __init__(
        self,
        title: str,
        key: str,
        explorer: ExplorerState,
        scales: tuple[bqplot.LinearScale, bqplot.LinearScale],
        ticks: Sequence[float] = (),
        *,
        unknown: str = "no value",
    ) -> None:
        guard = explorer.desk.messages.guard
        super().__init__(title, scales, guard, ticks)
        self._title, self._key, self._explorer = title, key, explorer
        self._unknown = unknown
        self._index = RowIndex()
        self.selector.on_shape(self._picked)
        self.selector.on_click(self._clicked)
        self.selector.on_escape(explorer.desk.selection.clear)
        explorer.observe(guard(lambda _: self._focus()), "focus")
        explorer.desk.selection.observe(guard(lambda _: self._highlight()), "names")
        explorer.own_columns.observe(guard(lambda _: self._group()), "groups")

    def show_sources(
        self,
        index: RowIndex,
        points: Points,
        lines: Sequence[Sequence[str]] = (),
        numbers: Mapping[str, Floats] | None = None,
    ) -> None:
        """Draw sources in place of those before.

        Parameters
        ----------
        index : RowIndex
            Their names, point by point.
        points : Points
        lines, numbers
            What is said beside a point, below its name; see `Hints`.
        """
        self._index = index
        self.show(points)
        words = [["{name}"], *lines]
        self.selector.say(Hints(points.x, points.y, words, numbers or {}, {"name": index.names.tolist()}))
        self._group()
        self._highlight()
        self._focus()

    def _picked(self, corner_x: Floats, corner_y: Floats, mode: Mode | None) -> None:
        if not len(self._index):
            raise CscError("Nothing was selected", "the diagram is empty")
        inside = self.selector.inside(self._points.x, self._points.y, (corner_x, corner_y))
        self._explorer.desk.selection.publish(self._key, self._index.names[inside].tolist(), mode)

    def _clicked(self, place: Mapping[str, Any], mode: Mode | None) -> None:
        row = self.selector.nearest(self._points.x, self._points.y, place)
        if row is not None:
            self._explorer.picked(self._key, self._index.names[row], mode)

    def _groups(self) -> list[tuple[str, Flags]]:
        return [(group.colour, self._index.marks(group.names)) for group in self._explorer.own_columns.groups]

    def _group(self) -> None:
        self.show_groups(self._groups())

    def _highlight(self) -> None:
        self.highlight(self._index.selected(self._explorer.desk.selection.names))

    def _focus(self) -> None:
        self.focus(self._index.row(self._explorer.focus))

    def draw(self, axes: Axes) -> PathCollection:
        """Draw the same on matplotlib axes, for the paper; all points, however many.

        Returns
        -------
        PathCollection
            The coloured points, for a colour bar.
        """
        points = self._points
        bars, arrows = points.segments
        axes.plot(*bars, color=FAINT, lw=0.5, alpha=0.6, zorder=1)
        axes.plot(*arrows, color=FAINT, lw=0.8, zorder=1)
        known = np.isfinite(points.colour)
        if not known.all():
            axes.scatter(points.x[~known], points.y[~known], s=8, color=FAINT, zorder=2, label=self._unknown)
        size = 12 if points.radius is None else points.radius[known] ** 2 * 12 / 9
        coloured = axes.scatter(
            points.x[known], points.y[known], s=size, c=points.colour[known], cmap=PROBABILITY_COLOURS, vmin=0, vmax=1
        )
        coloured.set_zorder(3)
        for group in self._explorer.own_columns.groups:
            members = self._index.marks(group.names)
            if members.any():
                at = (points.x[members], points.y[members])
                axes.scatter(*at, s=14, color=group.colour, marker="s", zorder=3.5, label=group.name)
        chosen = self._index.selected(self._explorer.desk.selection.names)
        if chosen.any():
            rings = axes.scatter(points.x[chosen], points.y[chosen], s=36, zorder=4, label="selected")
            rings.set(facecolors="none", edgecolors=ACCENT)
        axes.set_title(self._title, fontsize="medium")
        (left, right), (low, high) = self.ranges
        across, up = self.axes
        axes.set(xlim=(left, right), ylim=(low, high), xlabel=across.label, ylabel=up.label)
        for axis, set_ticks in ((across, axes.set_xticks), (up, axes.set_yticks)):
            if axis.tick_labels:
                set_ticks(axis.tick_values, list(axis.tick_labels.values()))
        return coloured


def tool_choice(diagrams: Sequence[Diagram], guard: Callable[..., Any]) -> ipywidgets.ToggleButtons:
    """Buttons that choose the tool which picks in diagrams."""
    buttons = ipywidgets.ToggleButtons(
        options=[("Lasso", "lasso"), ("Box", "box")],
        style={"button_width": "auto"},
        tooltips=["Free shape", "Rectangle"],
    )

    def choose(change: Mapping[str, Any]) -> None:
        for diagram in diagrams:
            diagram.selector.tool = change["new"]

    buttons.observe(guard(choose), "value")
    return buttons

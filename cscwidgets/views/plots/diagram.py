"""One scatter diagram: points coloured by a probability, error bars, limits, picking.

Up to `MANY` points are drawn one by one; more become a picture computed here. Picking is decided
on the numbers either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bqplot
import ipywidgets
import numpy as np

from cscwidgets.arrays import Flags, Floats

from ..theme import title_style
from .density import density_png, selected_png
from .plot_selector import PlotSelector
from .point_layer import NO_SEGMENTS, PointLayer, Segments

__all__ = ["MANY", "Diagram", "Points"]

MANY = 10_000
_FEW = 500  # rings that still leave a picture legible

_MARGINS = {"top": 20, "right": 12, "bottom": 38, "left": 64}


@dataclass(frozen=True)
class Points:
    """What a diagram shows: n points, the segments of their bars and arrows, and their radii in pixels."""

    x: Floats
    y: Floats
    colour: Floats
    bars: Segments
    arrows: Segments
    radius: Floats | None = None

    @property
    def many(self) -> bool:
        """Whether there are too many to draw one by one."""
        return len(self.x) > MANY

    @property
    def segments(self) -> tuple[Segments, Segments]:
        """The bars and arrows that are drawn, on the screen as on paper: none of too many points."""
        return (NO_SEGMENTS, NO_SEGMENTS) if self.many else (self.bars, self.arrows)


class Diagram:
    """A bqplot figure of axes, the points with their bars and limits above it, and a picking layer above them.

    Parameters
    ----------
    title : str
        What the colour means.
    scales : (LinearScale, LinearScale)
        Shared by linked diagrams. A logarithmic axis is a linear one of logarithms, with ticks to say so.
    guard : callable
        Wraps callbacks so that their errors are shown.
    ticks : sequence of float
        Where both axes have ticks, until `span` says otherwise.
    """

    def __init__(
        self,
        title: str,
        scales: tuple[bqplot.LinearScale, bqplot.LinearScale],
        guard: Callable[..., Any],
        ticks: Sequence[float] = (),
    ) -> None:
        x, y = scales
        self._scales = {"x": x, "y": y}
        self._points = Points(*(np.empty(0),) * 3, (np.empty(0),) * 2, (np.empty(0),) * 2)
        self.axes = [
            bqplot.Axis(scale=x, tick_values=list(ticks), grid_lines="none", label_offset="31px"),
            bqplot.Axis(scale=y, tick_values=list(ticks), grid_lines="none", side="left", label_offset="49px"),
        ]
        self._figure = bqplot.Figure(
            title=title,
            title_style=title_style(),
            axes=self.axes,
            fig_margin=_MARGINS,
            padding_x=0,
            padding_y=0,
            animation_duration=0,
            display_toolbar=False,
            layout=ipywidgets.Layout(width="100%", height="100%", min_width="0"),
        )
        self.points = PointLayer(margins=_MARGINS)
        self.selector = PlotSelector(guard, self._figure, margins=_MARGINS, label=title)
        self.widget = ipywidgets.Box(
            [self._figure, self.points, self.selector],
            layout=ipywidgets.Layout(flex="1 1 0", overflow="hidden"),
        )
        self.widget.add_class("csc-diagram")

    @property
    def ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """What the axes span, from left to right and from below."""
        x, y = (
            (scale.max, scale.min) if scale.reverse else (scale.min, scale.max)
            for scale in (self._scales["x"], self._scales["y"])
        )
        return x, y

    def span(self, name: str, low: float, high: float, ticks: Mapping[float, str], *, reverse: bool = False) -> None:
        """Let the axis "x" or "y" show a range, with words at places along it; growing leftwards or downwards."""
        scale, axis = self._scales[name], self.axes["xy".index(name)]
        # The words first: bqplot moves ticks in a transition that writes, a frame later, the words it began with.
        # The browser looks them up by how JavaScript writes a number.
        axis.tick_labels = {np.format_float_positional(place, trim="-"): words for place, words in ticks.items()}
        axis.tick_values = np.array(list(ticks), float)
        with scale.hold_sync():
            scale.min, scale.max, scale.reverse = low, high, reverse

    def label(self, x: str, y: str) -> None:
        """Name the axes."""
        for axis, text in zip(self.axes, (x, y), strict=True):
            axis.label = text

    def show(self, points: Points) -> None:
        """Draw points in place of the ones before."""
        self._points = points
        for layer in (self.points, self.selector):
            layer.x_range, layer.y_range = map(list, self.ranges)
        if points.many:
            self.points.show_picture(density_png(points.x, points.y, points.colour, self.ranges))
        else:
            self.points.show(points.x, points.y, points.colour, points.radius)
        self.points.show_segments(*points.segments)

    def highlight(self, chosen: Flags) -> None:
        """Mark points; a boolean of shape (n,)."""
        x, y = self._points.x[chosen], self._points.y[chosen]
        if self._points.many and len(x) > _FEW:
            self.points.mark_picture(selected_png(x, y, self.ranges))
        else:
            self.points.mark(x, y)

    def show_groups(self, groups: Sequence[tuple[str, Flags]]) -> None:
        """Mark points in colours; of each a boolean of shape (n,)."""
        rows = [(colour, np.flatnonzero(members)[:MANY]) for colour, members in groups]
        self.points.show_groups([(colour, self._points.x[some], self._points.y[some]) for colour, some in rows])

    def focus(self, row: int | None) -> None:
        """Mark the one point in focus."""
        place = () if row is None else (float(self._points.x[row]), float(self._points.y[row]))
        self.points.focus(*place)

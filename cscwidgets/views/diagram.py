"""One scatter diagram: points coloured by a probability, error bars, limits, picking.

Up to `MANY` points are drawn one by one; more become a picture computed here. Picking is decided
on the numbers either way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import bqplot
import ipywidgets
import numpy as np
from numpy.typing import NDArray

from .density import density_png, selected_png
from .disposal import close_all
from .plot_selector import PlotSelector
from .theme import ACCENT, FAINT, PROBABILITY

__all__ = ["MANY", "Diagram", "Points"]

MANY = 10_000
_FEW = 500  # rings that still leave a picture legible

Floats = NDArray[np.float64]
Segments = tuple[Floats, Floats]

_MARGINS = {"top": 34, "right": 14, "bottom": 46, "left": 58}
_NO_PICTURE = b""


@dataclass(frozen=True)
class Points:
    """What a diagram shows: n points and the segments of their bars and arrows."""

    x: Floats
    y: Floats
    colour: Floats
    bars: Segments
    arrows: Segments

    @property
    def many(self) -> bool:
        """Whether there are too many to draw one by one."""
        return len(self.x) > MANY


class Diagram:
    """A bqplot figure with a picking layer.

    Parameters
    ----------
    title : str
        What the colour means.
    ranges : ((float, float), (float, float))
        What the axes span.
    scales : (LinearScale, LinearScale)
        Shared by linked diagrams.
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(
        self,
        title: str,
        scales: tuple[bqplot.LinearScale, bqplot.LinearScale],
        guard: Callable[..., Any],
        ticks: Sequence[float],
    ) -> None:
        x, y = scales
        self._scales = {"x": x, "y": y}
        colour = bqplot.ColorScale(min=0.0, mid=0.5, max=1.0, colors=list(PROBABILITY))
        self._points = Points(*(np.empty(0),) * 3, (np.empty(0),) * 2, (np.empty(0),) * 2)
        self.bars = bqplot.Lines(scales=self._scales, colors=[FAINT], stroke_width=0.8, opacities=[0.6])
        self.arrows = bqplot.Lines(scales=self._scales, colors=[FAINT], stroke_width=1.2)
        self.plain = self._scatter(colors=[FAINT], default_size=22)
        self.coloured = self._scatter({**self._scales, "color": colour}, default_size=28, stroke="#00000055")
        self.focused = self._scatter(
            colors=[ACCENT], default_size=260, fill=False, stroke_width=2.2, marker="crosshair"
        )
        self._density = self._picture()
        self._selected_density = self._picture()
        self.axes = [
            bqplot.Axis(scale=x, tick_values=list(ticks), grid_lines="none", label_offset="32px"),
            bqplot.Axis(scale=y, tick_values=list(ticks), grid_lines="none", side="left", label_offset="40px"),
        ]
        self._figure = bqplot.Figure(
            title=title,
            title_style={"font-size": "13px", "font-weight": "600"},
            axes=self.axes,
            marks=[
                *(self._density, self._selected_density),
                *(self.bars, self.arrows, self.plain, self.coloured, self.focused),
            ],
            fig_margin=_MARGINS,
            padding_x=0,
            padding_y=0,
            animation_duration=0,
            display_toolbar=False,
            layout=ipywidgets.Layout(width="100%", height="340px", min_width="0"),
        )
        self.selector = PlotSelector(guard, margins=_MARGINS, label=title)
        self.widget = ipywidgets.Box(
            [self._figure, self.selector],
            layout=ipywidgets.Layout(flex="1 1 0", min_width="300px", overflow="hidden"),
        )
        self.widget.add_class("csc-diagram")

    def _scatter(self, scales: dict[str, Any] | None = None, **style: Any) -> bqplot.Scatter:
        return bqplot.Scatter(x=[], y=[], scales=scales or self._scales, display_names=False, **style)

    def _picture(self) -> bqplot.Image:
        return bqplot.Image(
            image=ipywidgets.Image(value=_NO_PICTURE, format="png"),
            scales=self._scales,
            visible=False,
        )

    @property
    def ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """What the axes span."""
        x, y = self._scales["x"], self._scales["y"]
        return (x.min, x.max), (y.min, y.max)

    def label(self, x: str, y: str) -> None:
        """Name the axes."""
        for axis, text in zip(self.axes, (x, y), strict=True):
            axis.label = text

    def show(self, points: Points) -> None:
        """Draw points in place of the ones before."""
        self._points = points
        x_range, y_range = self.ranges
        self.selector.x_range, self.selector.y_range = list(x_range), list(y_range)
        none = np.empty(0)
        known = np.isfinite(points.colour)
        drawn = np.zeros(len(points.x), bool) if points.many else np.isfinite(points.x) & np.isfinite(points.y)
        if points.many:
            self._put_picture(self._density, density_png(points.x, points.y, points.colour, self.ranges))
        self._density.visible = points.many
        with self.coloured.hold_sync():
            self.coloured.x, self.coloured.y = points.x[drawn & known], points.y[drawn & known]
            self.coloured.color = points.colour[drawn & known]
        with self.plain.hold_sync():
            self.plain.x, self.plain.y = points.x[drawn & ~known], points.y[drawn & ~known]
        for mark, segments in ((self.bars, points.bars), (self.arrows, points.arrows)):
            with mark.hold_sync():
                mark.x, mark.y = (none, none) if points.many else segments

    def highlight(self, chosen: NDArray[np.bool_]) -> None:
        """Mark points; a boolean of shape (n,)."""
        x, y = self._points.x[chosen], self._points.y[chosen]
        as_picture = self._points.many and len(x) > _FEW
        self.selector.ring(*(along[: 0 if as_picture else None] for along in (x, y)))
        if as_picture:
            self._put_picture(self._selected_density, selected_png(x, y, self.ranges))
        self._selected_density.visible = as_picture

    def focus(self, row: int | None) -> None:
        """Mark the one point in focus."""
        with self.focused.hold_sync():
            rows = [] if row is None else [row]
            self.focused.x, self.focused.y = self._points.x[rows], self._points.y[rows]

    def _put_picture(self, mark: bqplot.Image, png: bytes) -> None:
        # bqplot hears of a new image widget, not of new bytes in the old one.
        old = mark.image
        with mark.hold_sync():
            mark.image = ipywidgets.Image(value=png, format="png")
            mark.x, mark.y = self.ranges
        close_all(old)

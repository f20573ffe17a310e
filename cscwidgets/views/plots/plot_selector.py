"""Picking in a plot: a layer over the drawing area that reports shapes and clicks in data units.

bqplot's own selectors work on drawn points only, and its brush dies in an environment that has
bqplot-gl. This layer needs neither: what lies inside is decided here, exactly, for any number of
sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import bqplot
import numpy as np
from traitlets import Bool, Dict, Enum, Unicode

from cscwidgets.arrays import Flags, Floats
from cscwidgets.sky.sphere import inside_polygon

from ...state.selection import Mode
from .. import assets
from .hints import Hints
from .plot_axes import PlotAxes

__all__ = ["PlotSelector"]

_CLICK_RADIUS = 10.0  # pixels
_AT_ONCE = 10_000


class PlotSelector(PlotAxes, anywidget.AnyWidget):
    """The picking layer of one plot.

    Parameters
    ----------
    guard : callable
        Wraps callbacks so that their errors are shown.
    figure : bqplot.Figure, optional
        The figure below, which is then drawn anew in each frame while its size is changed.
    **traits
        ``label``: what the plot is, for screen readers; and those of `PlotAxes`.
    """

    _esm = assets.module("plot")
    _css = assets.style("plot")

    tool = Enum(("lasso", "box", "band"), default_value="lasso").tag(sync=True)
    label = Unicode("").tag(sync=True)
    hint = Dict().tag(sync=True)
    _hints = Dict().tag(sync=True)
    _asks_kernel = Bool(False).tag(sync=True)

    _figure = Unicode("").tag(sync=True)

    def __init__(self, guard: Callable[..., Any], figure: bqplot.Figure | None = None, **traits: Any) -> None:
        super().__init__(_figure="" if figure is None else str(figure.model_id), **traits)
        self.hints: Hints | None = None
        self._callbacks: dict[str, list[Callable[..., None]]] = {}
        self.on_msg(guard(self._heard))
        self.add_class("csc-overlay")

    def on_shape(self, callback: Callable[[Floats, Floats, Mode | None], None]) -> None:
        """Call with the corners of a lasso, box or band, in data units, and the mode its keys asked for."""
        self._callbacks.setdefault("shape", []).append(callback)

    def on_click(self, callback: Callable[[Mapping[str, Any], Mode | None], None]) -> None:
        """Call with the place of a click (see `PlotSelector.nearest`) and the mode its keys asked for."""
        self._callbacks.setdefault("click", []).append(callback)

    def on_hover(self, callback: Callable[[Mapping[str, Any] | None], None]) -> None:
        """Call with the place the pointer rests at, and with None when it leaves, to say it by `hint`.

        This is for what the kernel alone can tell; see `say`.
        """
        self._asks_kernel = True
        self._callbacks.setdefault("hover", []).append(callback)

    def say(self, hints: Hints | None) -> None:
        """What the browser says about points, without asking the kernel; nothing with None.

        Of very many points the columns are sent when somebody points at one for the first time.
        """
        self.hints = hints
        many = hints is not None and len(hints) > _AT_ONCE
        self._hints = {} if hints is None else {"waiting": True} if many else hints.packed()

    def on_escape(self, callback: Callable[[], None]) -> None:
        """Call when Escape is pressed and nothing is being drawn."""
        self._callbacks.setdefault("escape", []).append(callback)

    def _heard(self, _widget: Any, message: Mapping[str, Any], _buffers: Any) -> None:
        kind = message.get("kind")
        if kind == "shape":
            corners = np.asarray(message["x"], float), np.asarray(message["y"], float)
            self._call("shape", *corners, message["mode"])
        elif kind == "click":
            self._call("click", message, message["mode"])
        elif kind == "hover":
            self._call("hover", message)
        elif kind == "leave":
            self._call("hover", None)
        elif kind == "hints":
            self._hints = {} if self.hints is None else self.hints.packed()
        elif kind == "escape":
            self._call("escape")

    def _call(self, event: str, *args: Any) -> None:
        for callback in self._callbacks.get(event, []):
            callback(*args)

    def inside(self, x: Floats, y: Floats, corners: tuple[Floats, Floats]) -> Flags:
        """Which points a shape drawn on this plot holds; straight lines are straight on the screen."""
        px, vx = (np.log10(values) if self.x_log else values for values in (x, corners[0]))
        py, vy = (np.log10(values) if self.y_log else values for values in (y, corners[1]))
        return inside_polygon(px, py, vx, vy)

    def nearest(self, x: Floats, y: Floats, place: Mapping[str, Any]) -> int | None:
        """Row of the point under the pointer, or None if none is within ten pixels."""
        across = _fraction(x, self.x_range, log=self.x_log) - _fraction(place["x"], self.x_range, log=self.x_log)
        up = _fraction(y, self.y_range, log=self.y_log) - _fraction(place["y"], self.y_range, log=self.y_log)
        distance = np.hypot(across * place["width"], up * place["height"])
        distance = np.where(np.isfinite(distance), distance, np.inf)
        if not distance.size:
            return None
        row = int(distance.argmin())
        return row if distance[row] <= _CLICK_RADIUS else None


def _fraction(values: Any, limits: list[float], *, log: bool) -> Any:
    low, high = np.log10(limits) if log else np.asarray(limits, float)
    return ((np.log10(values) if log else values) - low) / (high - low)

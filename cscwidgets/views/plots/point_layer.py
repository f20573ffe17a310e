"""The points of a diagram and their error bars, on a layer above the plot.

bqplot gives every point an SVG node with a place of its own, and all bars one SVG path. Ten thousand of the former make
the browser take half a second for every change anywhere in the page, a thousand of the latter 0.1 s for every change of
the plot's size; here they are drawn on canvases and cost milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import anywidget
import numpy as np
from traitlets import Bytes, Dict, Float, List, Unicode

from cscwidgets.arrays import Floats

from .. import assets
from ..theme import ACCENT, FAINT, PROBABILITY
from .plot_axes import PlotAxes

__all__ = ["NO_SEGMENTS", "PointLayer", "Segments"]

_NONE = np.empty(0)

Segments = tuple[Floats, Floats]
"""Coordinates of the corners of lines, NaN between two of them."""

NO_SEGMENTS: Segments = (_NONE, _NONE)


class PointLayer(PlotAxes, anywidget.AnyWidget):
    """Points coloured by a value from 0 to 1, bars, limits, groups, rings around some, a crosshair on one.

    Pictures take the place of points and rings where there are too many.
    """

    _esm = assets.module("points")
    _css = assets.style("points")

    colours = List(Unicode(), list(PROBABILITY)).tag(sync=True)
    faint = Unicode(FAINT).tag(sync=True)
    accent = Unicode(ACCENT).tag(sync=True)

    _points = Dict().tag(sync=True)
    _bars = Bytes().tag(sync=True)
    _arrows = Bytes().tag(sync=True)
    _picture = Bytes().tag(sync=True)
    _marked = Bytes().tag(sync=True)
    _marked_picture = Bytes().tag(sync=True)
    _groups = List(Dict()).tag(sync=True)
    _focused = List(Float()).tag(sync=True)

    def show(self, x: Floats, y: Floats, value: Floats, radius: Floats | None = None) -> None:
        """Draw points; arrays of shape (n,). Those with a NaN value are drawn faint; radii are in pixels."""
        radii = {} if radius is None else {"radii": _packed(radius)}
        with self.hold_sync():
            self._points = {"positions": _packed(x, y), "values": _packed(value), **radii}
            self._picture = b""

    def show_groups(self, groups: Sequence[tuple[str, Floats, Floats]]) -> None:
        """Draw a square of a colour at the places of each group."""
        self._groups = [{"colour": colour, "positions": _packed(x, y)} for colour, x, y in groups]

    @property
    def groups(self) -> list[tuple[str, Floats, Floats]]:
        """Colour and places of each group."""
        return [(group["colour"], *_unpacked(group["positions"])) for group in self._groups]

    def show_segments(self, bars: Segments, arrows: Segments) -> None:
        """Draw error bars and limit arrows below the points, as `views.marks` gives them."""
        with self.hold_sync():
            self._bars, self._arrows = _packed(*bars), _packed(*arrows)

    def show_picture(self, png: bytes) -> None:
        """Fill the plot with a picture in place of points."""
        with self.hold_sync():
            self._points, self._picture = {}, png

    def mark(self, x: Floats, y: Floats) -> None:
        """Draw rings around points; arrays of shape (n,)."""
        with self.hold_sync():
            self._marked, self._marked_picture = _packed(x, y), b""

    def mark_picture(self, png: bytes) -> None:
        """Fill the plot with a picture in place of rings."""
        with self.hold_sync():
            self._marked, self._marked_picture = b"", png

    def focus(self, x: float | None = None, y: float | None = None) -> None:
        """Draw a crosshair on a place, or none."""
        self._focused = [] if x is None or y is None else [x, y]

    @property
    def points(self) -> tuple[Floats, Floats, Floats]:
        """Position and value of the points drawn, arrays of shape (n,)."""
        if not self._points:
            return _NONE, _NONE, _NONE
        x, y = _unpacked(self._points["positions"])
        return x, y, np.frombuffer(self._points["values"])

    @property
    def bars(self) -> Segments:
        """The error bars drawn."""
        return _unpacked(self._bars)

    @property
    def arrows(self) -> Segments:
        """The limit arrows drawn."""
        return _unpacked(self._arrows)

    @property
    def marked(self) -> tuple[Floats, Floats]:
        """Position of the rings, arrays of shape (n,)."""
        return _unpacked(self._marked)


def _packed(*columns: Floats) -> bytes:
    return np.concatenate(columns, dtype=np.float64).tobytes()


def _unpacked(positions: bytes) -> tuple[Floats, Floats]:
    x, y = np.frombuffer(positions).reshape(2, -1)
    return x, y

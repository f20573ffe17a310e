"""Joint confidence of two parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

import contourpy
import numpy as np

from cscwidgets.arrays import Floats

from ..callbacks import Guard
from ..plot_area import PlotArea
from ..plots.layers import SERIES, Layer, Line, Symbols
from ..plots.line_plot import LinePlot
from ..theme import ACCENT

if TYPE_CHECKING:  # imports Sherpa
    from ...science.spectra.confidence import Contour

__all__ = ["ContourPlot"]

_STYLES = ("solid", "dashed", "dotted")

_Chunks: TypeAlias = tuple[Sequence[Floats | None]]  # what contourpy gives for lines joined by NaN


class ContourPlot:
    """Contours of the statistic around its minimum."""

    def __init__(self, guard: Guard) -> None:
        self.plot = LinePlot(guard, "Contours of joint confidence")
        self.widget = PlotArea(self.plot.widget)

    def show(self, contour: Contour | None) -> None:
        """Draw, or say how to get there."""
        if contour is None:
            self.plot.show([], (0, 1), (0, 1))
            self.widget.invite("Choose two free parameters of a fit to see which values of both it allows together.")
            return
        lines = contourpy.contour_generator(
            contour.x, contour.y, contour.rise, line_type=contourpy.LineType.ChunkCombinedNan
        )
        layers: list[Layer] = [
            Line(*_joined(cast("_Chunks", lines.lines(threshold))), SERIES[0], 1.8, style)
            for threshold, style in zip(contour.thresholds, _STYLES, strict=False)
        ]
        row, column = np.unravel_index(int(np.argmin(contour.rise)), contour.rise.shape)
        layers.append(Symbols(contour.x[[column]], contour.y[[row]], ACCENT))
        levels = ", ".join(f"{level:.0%} ({style})" for level, style in zip(contour.levels, _STYLES, strict=False))
        self.plot.label(contour.x_name, contour.y_name, "", f"Joint confidence of both: {levels}")
        ends = ((float(axis[0]), float(axis[-1])) for axis in (contour.x, contour.y))
        self.plot.show(layers, *ends)
        self.widget.fill()


def _joined(lines: _Chunks) -> tuple[Floats, Floats]:
    """Coordinates of lines with NaN between them; NaN alone where there are none."""
    points = next((chunk for chunk in lines[0] if chunk is not None), np.full((1, 2), np.nan))
    return points[:, 0], points[:, 1]

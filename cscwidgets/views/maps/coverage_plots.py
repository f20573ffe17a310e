"""The coverage curve and its histogram, with the flux that is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cscwidgets.arrays import Floats

from ...science.maps.coverage_curve import BIN, CoverageCurve, bin_edges
from ..callbacks import Guard
from ..plots.hints import Hints
from ..plots.layers import SERIES, Band, Layer, Line, steps
from ..plots.line_plot import LinePlot
from ..theme import ACCENT, FAINT
from .flux_axis import FluxAxis

__all__ = ["CoveragePlots", "drawn_curve"]


_MORE = 0.1  # dex beyond the limits on each side


class CoveragePlots:
    """The area against flux, cumulative above and in bins below.

    Parameters
    ----------
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, guard: Guard) -> None:
        self.cumulative = LinePlot(guard, "Area against flux", 1.2, x_log=True, tool="band", x_format="~e", decades=30)
        self.histogram = LinePlot(guard, "Area by limiting flux", x_log=True, tool="band", x_format="~e", decades=30)
        self._plots = (self.cumulative, self.histogram)
        self.curve: CoverageCurve | None = None
        self.axis = FluxAxis("b")
        self._flux, self._pointed = np.nan, np.nan

    def on_click(self, callback: Callable[[float], Any]) -> None:
        """Call with the photon flux that was clicked."""
        for plot in self._plots:
            plot.selector.on_click(lambda place, _: callback(float(self.axis.photon(place["x"]))))

    def show(self, curve: CoverageCurve | None, axis: FluxAxis) -> None:
        """Draw a curve in place of the one before."""
        self.curve, self.axis = curve, axis
        self.cumulative.label(f"flux, {axis.unit_words}", "area Ω", "deg²", "Sky coverage Ω(F > Fmin)")
        self.histogram.label(f"limiting flux, {axis.unit_words}", "area per bin", "deg²", f"Area by limit, {BIN:g} dex")
        for plot in self._plots:
            plot.selector.say(None if curve is None else self._hints(curve))
        self._draw()

    def mark(self, flux: float) -> None:
        """Mark the photon flux that is looked at, NaN for none."""
        self._flux = flux
        self._draw()

    def point(self, flux: float) -> None:
        """Mark the limit where the pointer is on the mosaic, NaN for none."""
        self._pointed = flux
        self._draw()

    def _draw(self) -> None:
        curve = self.curve
        if curve is None:
            for plot in self._plots:
                plot.show([], (0.1, 1), (0, 1))
            return
        flux, area = drawn_curve(curve, self.axis)
        x = float(flux[0]), float(flux[-1])
        bins = curve.histogram(bin_edges(*self.axis.shown(curve.flux[[0, -1]])) * self.axis.unit)
        edges = np.append(bins["flux_low"].value, bins["flux_high"].value[-1])
        self._draw_one(self.cumulative, flux, area, x)
        self._draw_one(self.histogram, *steps(edges, bins["area"].value), x)

    def _draw_one(self, plot: LinePlot, flux: Floats, area: Floats, x: tuple[float, float]) -> None:
        top = 1.08 * float(area.max())
        height = np.array([0, top])
        looked_at, pointed = (float(self.axis.shown(one)) for one in (self._flux, self._pointed))
        reached = np.where(flux <= looked_at, area, np.nan)
        layers: list[Layer] = [
            Band(flux, np.zeros(len(flux)), reached, ACCENT, 0.15),
            Line(flux, area, SERIES[0], 1.8),
            Line(np.full(2, pointed), height, FAINT, 1.2, "dashed"),
            Line(np.full(2, looked_at), height, ACCENT, 1.6),
        ]
        plot.show(layers, x, (0.0, top))

    def _hints(self, curve: CoverageCurve) -> Hints:
        """The curve under the pointer, from no area below the faintest limit to the whole of it."""
        steps = 1 if curve.smooth else 2
        flux, area = self.axis.shown(curve.flux), curve.area
        begin, end = (float(flux[side] * 10**more) for side, more in ((0, -_MORE), (-1, _MORE)))
        x = np.concatenate([[begin, flux[0]], np.repeat(flux, steps)[steps - 1 :], [end]])
        y = np.concatenate([[0, 0], np.repeat(area, steps), [area[-1]] * (2 - steps)])
        words = f"{{x:.3g}} {self.axis.unit_words}: {{y:.4g}} deg² ({{share:.0%}})"
        return Hints(x, y, [[words]], {"share": y / curve.total.value}, along=True)


def drawn_curve(curve: CoverageCurve, axis: FluxAxis) -> tuple[Floats, Floats]:
    """Fluxes of an axis and areas (deg**2): from no area, a little below the faintest limit, to the whole one."""
    table = curve.table()
    flux, area = axis.shown(table["photon_flux"].value), table["area"].value
    begin, end = flux[0] * 10**-_MORE, flux[-1] * 10**_MORE
    return np.concatenate([[begin, flux[0]], flux, [end]]), np.concatenate([[0, 0], area, area[-1:]])

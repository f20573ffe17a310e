"""The coverage curve and its histogram, with the flux that is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...science.maps.coverage_curve import BIN, CoverageCurve, bin_edges
from ...science.maps.sensitivity_map import PHOTON_FLUX
from ..callbacks import Guard
from ..plots.lineplot import SERIES, Band, Layer, Line, LinePlot, steps
from ..theme import ACCENT, FAINT
from .fluxaxis import FluxAxis

__all__ = ["CoveragePlots"]

Floats = NDArray[np.float64]

_MORE = 0.1  # dex beyond the limits on each side


class CoveragePlots:
    """The area against flux, cumulative above and in bins below.

    Parameters
    ----------
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, guard: Guard) -> None:
        self.cumulative = LinePlot(guard, "Area against flux", "240px", x_log=True, tool="band", x_format="~e")
        self.histogram = LinePlot(guard, "Area by limiting flux", "200px", x_log=True, tool="band", x_format="~e")
        self._plots = (self.cumulative, self.histogram)
        self.curve: CoverageCurve | None = None
        self.axis = FluxAxis("b")
        self._flux, self._pointed = np.nan, np.nan
        for plot in self._plots:
            plot.selector.on_hover(partial(self._hint, plot))

    def on_click(self, callback: Callable[[float], Any]) -> None:
        """Call with the photon flux that was clicked."""
        for plot in self._plots:
            plot.selector.on_click(lambda place, _: callback(float(self.axis.photon(place["x"]))))

    def show(self, curve: CoverageCurve | None, axis: FluxAxis) -> None:
        """Draw a curve in place of the one before."""
        self.curve, self.axis = curve, axis
        self.cumulative.label(f"flux, {axis.unit_words}", "area Ω", "deg²", "Sky coverage Ω(F > Fmin)")
        self.histogram.label(f"limiting flux, {axis.unit_words}", "area per bin", "deg²", f"Area by limit, {BIN:g} dex")
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
        ends = self.axis.shown(curve.flux[[0, -1]])
        x = float(ends[0] * 10**-_MORE), float(ends[1] * 10**_MORE)
        # The curve begins at no area and stays at the whole one.
        table = curve.table()
        flux = np.concatenate([[x[0], ends[0]], self.axis.shown(table["photon_flux"].value), [x[1]]])
        area = table["area"].value
        area = np.concatenate([[0, 0], area, area[-1:]])
        bins = curve.histogram(bin_edges(*ends) * self.axis.unit)
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

    def _hint(self, plot: LinePlot, place: Mapping[str, Any] | None) -> None:
        if place is None or self.curve is None:
            plot.selector.hint = {}
            return
        flux = float(self.axis.photon(place["x"]))
        area = self.curve.at(flux * PHOTON_FLUX)
        share = float((area / self.curve.total).value)
        text = f"{self.axis.text(flux)}: {area.value:.4g} deg² ({share:.0%})"
        plot.selector.hint = {"x": place["x"], "y": place["y"], "text": text}

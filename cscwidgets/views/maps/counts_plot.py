"""Number counts (logN-logS) beside published ones."""

from __future__ import annotations

import math
from itertools import cycle

import astropy.units as u
import ipywidgets
import numpy as np

from ...csc.bands import BANDS_KEV
from ...science.maps.reference_counts import REFERENCES, ReferenceCounts
from ...science.number_counts import NumberCounts
from ..callbacks import Guard
from ..plots.layers import SERIES, Band, Layer, Line, steps
from ..plots.legend import legend_line
from ..plots.line_plot import LinePlot
from .flux_axis import FluxAxis

__all__ = ["CountsPlot", "references_for"]

_WIDER = 1.4  # than the narrowest band around the catalogue's, in the logarithm
_POINTS = 60  # of a published curve
_STYLES = "dashed", "dash_dotted", "dotted"
_STEPS = 200  # of the measured one; beyond, not every source has its own


def references_for(band: str) -> list[ReferenceCounts]:
    """Published counts in energies that hold a band of the catalogue and little more."""
    if band not in BANDS_KEV:
        return []
    low, high = BANDS_KEV[band]
    around = [one for one in REFERENCES if one.band[0] <= low and high <= one.band[1]]
    width = [math.log(one.band[1] / one.band[0]) for one in around]
    return [one for one, here in zip(around, width, strict=True) if here <= _WIDER * min(width)]


class CountsPlot:
    """Sources per square degree at least as bright as a flux.

    Parameters
    ----------
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, guard: Guard) -> None:
        self.plot = LinePlot(guard, "Number counts", x_log=True, y_log=True, x_format="~e", decades=30)
        self._words = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([self.plot.widget, self._words])
        self.widget.add_class("csc-with-legend")

    @property
    def published(self) -> list[str]:
        """Names and papers of the published counts that are drawn."""
        return [layer.name for layer in self.plot.layers if isinstance(layer, Line)][1:]

    def show(self, counts: NumberCounts | None, axis: FluxAxis, *, photon_index: float) -> None:
        """Draw counts in place of those before.

        Parameters
        ----------
        counts : NumberCounts or None
        axis : FluxAxis
        photon_index : float
            Of the sources, with which published counts are taken from their energies to the band's.
        """
        self.plot.label(f"flux S, {axis.unit_words}", "sources N(≥ S)", "deg⁻²", "Number counts")
        self._words.value = ""
        if counts is None:
            self.plot.show([], (0.1, 1), (0.1, 1))
            return
        faintest, brightest = counts.span
        flux = np.unique(counts.flux[(counts.flux >= faintest) & (counts.flux <= brightest)])
        if len(flux) > _STEPS:
            flux = np.append(np.geomspace(flux[0], flux[-1], _STEPS)[:-1], flux[-1])
        table = counts.cumulative(flux * counts.unit)
        value, low, high = (table[name].to_value(u.deg**-2) for name in ("counts", "counts_low", "counts_high"))
        x = float(flux[0]) / 1.3, float(flux[-1]) * 1.3
        # A step goes down just beyond the flux of each source.
        edges = np.concatenate([[flux[0] / 1.05], flux])
        along, height = steps(edges, value)
        here = "here, with 68% errors"
        layers: list[Layer] = [
            Band(along, steps(edges, low)[1], steps(edges, high)[1], SERIES[0], 0.25, here),
            Line(along, height, SERIES[0], 2.0, name=here),
        ]
        seen = [value, low[low > 0], high]
        if axis.calibration is not None:
            wide = np.geomspace(*x, _POINTS)
            band = BANDS_KEV[axis.band]
            published = zip(references_for(axis.band), SERIES[1:], cycle(_STYLES), strict=False)
            for one, colour, style in published:
                expected = one.cumulative(wide * axis.unit, band, photon_index=photon_index).value
                if np.isfinite(expected).any():
                    layers.append(Line(wide, expected, colour, 1.4, style, name=f"{one.name} ({one.paper})"))
                    seen.append(expected[np.isfinite(expected)])
        all_seen = np.concatenate(seen)
        self.plot.show(layers, x, (float(all_seen.min()) / 1.4, float(all_seen.max()) * 1.4))
        self._words.value = legend_line(layers, lambda name: name.partition(" (")[0])

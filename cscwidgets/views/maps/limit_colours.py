"""The colours of limiting fluxes: dark where faint sources are seen, in steps of the logarithm."""

from __future__ import annotations

import math
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LogNorm, to_hex, to_rgb

from cscwidgets.arrays import Pixels

from ..plots.png import png
from ..theme import FAINT
from .flux_axis import FluxAxis

__all__ = ["LimitColours"]

_MAP = "viridis"  # even in lightness, for colour-blind eyes too, and known to Aladin Lite by the same name
_CONTOURS = 4
_RAMP = 12  # colours in the bar
_BRIGHT = 99.8  # per cent of the pixels: gaps between chips would else take most of the colours
_FEWEST_TICKS = 3
_STEPS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 4, 6, 8), tuple(step / 10 for step in range(10, 100)))
_ROOM = 0.2  # of the bar in a narrow panel, that the words of a tick take


@dataclass(frozen=True)
class LimitColours:
    """A colour for each limit between two, photon/s/cm**2."""

    low: float
    high: float

    @classmethod
    def of(cls, limit: Pixels) -> LimitColours:
        """For an image of limits, NaN where there is none."""
        known = limit[np.isfinite(limit)]
        if not len(known):
            return cls(1e-7, 1e-6)
        low, high = float(known.min()), float(np.percentile(known, _BRIGHT))
        return cls(low, max(high, 1.05 * low))

    @property
    def name(self) -> str:
        """Of the colour map."""
        return _MAP

    @property
    def levels(self) -> list[float]:
        """Limits to draw contours of."""
        return [float(level) for level in np.geomspace(self.low, self.high, _CONTOURS + 2)[1:-1]]

    @property
    def norm(self) -> LogNorm:
        """For matplotlib."""
        return LogNorm(self.low, self.high)

    def png(self, limit: Pixels) -> bytes:
        """The image, transparent where there is no limit."""
        with np.errstate(invalid="ignore"):
            picture = mpl.colormaps[_MAP](self.norm(np.ma.masked_invalid(limit)))
        picture[~np.isfinite(limit), 3] = 0
        return png(picture)

    @staticmethod
    def shade_png(limit: Pixels, flux: float) -> bytes:
        """A veil over what does not reach a photon flux."""
        with np.errstate(invalid="ignore"):
            beyond = limit > flux
        picture = np.zeros((*limit.shape, 4))
        picture[beyond] = (*to_rgb(FAINT), 0.8)
        return png(picture)

    def bar(self, axis: FluxAxis) -> str:
        """HTML of the colour scale with ticks in the axis's flux."""
        low, high = (float(end) for end in axis.shown([self.low, self.high]))
        exponent = math.floor(math.log10(low))
        ramp = ",".join(to_hex(colour) for colour in mpl.colormaps[_MAP](np.linspace(0, 1, _RAMP)))
        marks = "".join(
            f'<span style="left:{100 * place:.1f}%">{tick / 10.0**exponent:.4g}</span>'
            for tick, place in _ticks(low, high)
        )
        power = f"10<sup>{exponent}</sup>".replace("-", "\N{MINUS SIGN}")
        return (
            f'<div class="csc-limits"><b class="csc-colourbar-label">Limiting flux, {power} {axis.unit_words}</b>'
            f'<div class="csc-colourbar-ramp" style="background:linear-gradient(to right,{ramp})"></div>'
            f'<div class="csc-colourbar-ticks">{marks}</div></div>'
        )


def _ticks(low: float, high: float) -> list[tuple[float, float]]:
    """Round fluxes between two, and how far along each is; few enough for their words."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in _STEPS:
        ticks = [step * 10.0**decade for decade in decades for step in steps if low <= step * 10.0**decade <= high]
        if len(ticks) >= _FEWEST_TICKS:
            break
    found: list[tuple[float, float]] = []
    for tick in ticks:
        place = math.log(tick / low) / math.log(high / low)
        if not found or place - found[-1][1] >= _ROOM:
            found.append((tick, place))
    return found if len(found) > 1 else [(low, 0.0), (high, 1.0)]

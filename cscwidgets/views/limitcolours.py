"""The colours of limiting fluxes: dark where faint sources are seen, in steps of the logarithm."""

from __future__ import annotations

import io
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LogNorm, to_rgb
from matplotlib.image import imsave
from matplotlib.ticker import LogLocator
from numpy.typing import NDArray

from .fluxaxis import FluxAxis
from .theme import FAINT

__all__ = ["LimitColours"]

_MAP = "viridis"  # even in lightness, for colour-blind eyes too, and known to Aladin Lite by the same name
_RAMP = 12  # colours in the bar
_BRIGHT = 99.8  # per cent of the pixels: gaps between chips would else take most of the colours
_FEWEST_TICKS = 3

Image = NDArray[np.float32]


@dataclass(frozen=True)
class LimitColours:
    """A colour for each limit between two, photon/s/cm**2."""

    low: float
    high: float

    @classmethod
    def of(cls, limit: Image) -> LimitColours:
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
    def norm(self) -> LogNorm:
        """For matplotlib."""
        return LogNorm(self.low, self.high)

    def png(self, limit: Image) -> bytes:
        """The image, transparent where there is no limit."""
        with np.errstate(invalid="ignore"):
            picture = mpl.colormaps[_MAP](self.norm(np.ma.masked_invalid(limit)))
        picture[~np.isfinite(limit), 3] = 0
        return _png(picture)

    @staticmethod
    def shade_png(limit: Image, flux: float) -> bytes:
        """A veil over what does not reach a photon flux."""
        with np.errstate(invalid="ignore"):
            beyond = limit > flux
        picture = np.zeros((*limit.shape, 4))
        picture[beyond] = (*to_rgb(FAINT), 0.8)
        return _png(picture)

    def bar(self, axis: FluxAxis) -> str:
        """HTML of the colour scale with ticks in the axis's flux."""
        low, high = (float(end) for end in axis.shown([self.low, self.high]))
        ramp = ",".join(mpl.colors.to_hex(colour) for colour in mpl.colormaps[_MAP](np.linspace(0, 1, _RAMP)))
        marks = "".join(
            f'<span style="left:{100 * np.log(tick / low) / np.log(high / low):.1f}%">{tick:.3g}</span>'
            for tick in _ticks(low, high)
        )
        return (
            f'<div class="csc-colourbar csc-limits"><div><div class="csc-colourbar-ramp" '
            f'style="background:linear-gradient(to right,{ramp})"></div>'
            f'<div class="csc-colourbar-ticks">{marks}</div></div>'
            f'<span class="csc-colourbar-label">limiting flux, {axis.unit_words}</span></div>'
        )


def _ticks(low: float, high: float) -> list[float]:
    """Round fluxes between two: few enough for their words."""
    for subs in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), tuple(np.arange(1.0, 10.0)), tuple(np.arange(1.0, 10.0, 0.2))):
        ticks = [
            float(tick) for tick in LogLocator(subs=subs, numticks=50).tick_values(low, high) if low <= tick <= high
        ]
        if len(ticks) >= _FEWEST_TICKS:
            return ticks[:: 1 + len(ticks) // 7]
    return [low, high]


def _png(picture: NDArray[np.float64]) -> bytes:
    buffer = io.BytesIO()
    imsave(buffer, picture, format="png", origin="lower")
    return buffer.getvalue()

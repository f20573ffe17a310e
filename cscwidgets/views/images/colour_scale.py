"""What the colours of an image mean: a scale with the values at its ends and in its middle."""

from __future__ import annotations

from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex

from cscwidgets.csc.bands import BANDS
from cscwidgets.science.images import STRETCHES

from ...state.shown_images import ShownImages

__all__ = ["colour_scale"]

_RAMP = 24
_CHANNELS = (("red", "#e0403a"), ("green", "#2f9e44"), ("blue", "#3b6fd4"))
_MARKS = (0.0, 0.5, 1.0)


def colour_scale(shown: ShownImages) -> str:
    """HTML of the scale of one image, or of what is red, green and blue."""
    unit = escape(shown.images[0].unit or "the file's unit")
    if len(shown.images) == 1:
        (low, high), display = shown.picture.cuts[0], shown.display
        ramp = ",".join(to_hex(colour) for colour in mpl.colormaps[display.colour_map](np.linspace(0, 1, _RAMP)))
        brightness = STRETCHES[display.stretch](np.linspace(0, 1, 4097))
        at = np.interp(_MARKS, brightness, np.linspace(low, high, len(brightness)))
        marks = "".join(
            f'<span style="left:{100 * place:.0f}%">{value:.3g}</span>' for place, value in zip(_MARKS, at, strict=True)
        )
        return (
            f'<div class="csc-limits"><b class="csc-colourbar-label">{unit}, {display.stretch}</b>'
            f'<div class="csc-colourbar-ramp" style="background:linear-gradient(to right,{ramp})"></div>'
            f'<div class="csc-colourbar-ticks">{marks}</div></div>'
        )
    parts = [
        f'<span class="csc-entry"><span class="csc-swatch" style="background:{colour}"></span>'
        f"{name}: {escape(BANDS[band].name)}, {low:.3g} to {high:.3g}</span>"
        for (name, colour), band, (low, high) in zip(_CHANNELS, shown.bands, shown.picture.cuts, strict=True)
    ]
    return f'<span class="csc-legend">{" ".join(parts)} {unit}, {shown.display.stretch}</span>'

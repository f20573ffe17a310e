"""Colours that are told apart by colour-blind eyes, on light and on dark paper."""

from __future__ import annotations

from matplotlib.colors import LinearSegmentedColormap

__all__ = [
    "ACCENT",
    "FAINT",
    "PROBABILITY",
    "PROBABILITY_COLOURS",
    "SIMULATED_BADGE",
    "probability_bar",
    "probability_ramp",
    "title_style",
]

PROBABILITY = ("#3b7dd8", "#a06bb5", "#ef6c1a")
"""Probability 0, 0.5 and 1: blue to orange at equal lightness, visible on white and on black."""

PROBABILITY_COLOURS = LinearSegmentedColormap.from_list("probability", PROBABILITY)

ACCENT = "#e6007e"
"""What is selected."""

FAINT = "#8c8c8c"
"""What has no value on the colour scale, and error bars."""

SIMULATED_BADGE = '<span class="csc-simulated" role="note" title="No telescope saw these sources">SIMULATED</span>'


def title_style(raised: int = 7) -> dict[str, str]:
    """Of a plot's title: bqplot sets it below the middle of the upper margin; so many pixels above that."""
    return {"font-size": "12px", "font-weight": "600", "transform": f"translateY(-{raised}px)"}


def probability_ramp(label: str) -> str:
    """HTML of the colours of probabilities, 0 to 1, within a line of controls."""
    ramp = f'<i class="csc-ramp" style="background:linear-gradient(to right,{",".join(PROBABILITY)})"></i>'
    return f'<span class="csc-legend">{label} 0 {ramp} 1</span>'


def probability_bar(label: str) -> str:
    """HTML of the colour bar of probabilities, 0 to 1."""
    ticks = "".join(f'<span style="left:{100 * tick:g}%">{tick:g}</span>' for tick in (0, 0.25, 0.5, 0.75, 1))
    return (
        f'<div class="csc-colourbar"><span class="csc-colourbar-label">{label}</span>'
        f'<div><div class="csc-colourbar-ramp" style="background:linear-gradient(to right,{",".join(PROBABILITY)})">'
        f'</div><div class="csc-colourbar-ticks">{ticks}</div></div>'
        f'<span class="csc-colourbar-none" style="background:{FAINT}"></span><span>no estimate</span></div>'
    )

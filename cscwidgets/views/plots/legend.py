"""What the named layers of a plot are: a line of keys on the screen, a legend for the paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from .layers import Band, Layer, Line, Symbols

if TYPE_CHECKING:  # what figures for the paper are drawn on
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

__all__ = ["PAPER_MARKERS", "PAPER_STYLES", "draw_legend", "legend_line"]

PAPER_STYLES = {"solid": "-", "dashed": "--", "dotted": ":", "dash_dotted": "-."}
PAPER_MARKERS = {
    "circle": "o",
    "square": "s",
    "triangle-up": "^",
    "diamond": "D",
    "triangle-down": "v",
    "cross": "P",
}
_DASHES = {"solid": "none", "dashed": "4 2", "dotted": "1.5 2", "dash_dotted": "5 2 1.5 2"}
_SHAPES = {  # in a key of 14 by 10
    "circle": "M7 1.5a3.5 3.5 0 1 0 .01 0z",
    "square": "M4 2h6v6H4z",
    "triangle-up": "M7 1l4 7.5H3z",
    "diamond": "M7 .5L11.5 5 7 9.5 2.5 5z",
    "triangle-down": "M7 9L3 1.5h8z",
    "cross": "M5.5 1h3v2.5H11v3H8.5V9h-3V6.5H3v-3h2.5z",
}


def _named(layers: Sequence[Layer]) -> dict[str, list[Layer]]:
    """Layers by their names."""
    found: dict[str, list[Layer]] = {}
    for layer in layers:
        if layer.name:
            found.setdefault(layer.name, []).append(layer)
    return found


def _colour(layer: Layer, together: Sequence[Layer], neutral: str) -> str:
    """Of a key: a name that goes with several colours has none of them."""
    return layer.colour if len({one.colour for one in together}) == 1 else neutral


def _looks(layers: Sequence[Layer]) -> list[Layer]:
    """One layer of each kind; a small symbol is not told from others with bars through it."""
    looks = {type(layer): layer for layer in reversed(layers)}
    if Symbols in looks and getattr(looks.get(Line), "bars", False):
        del looks[Line]
    return list(looks.values())[::-1]


def legend_line(layers: Sequence[Layer], words: Callable[[str], str] = str) -> str:
    """HTML of the keys of all named layers.

    Parameters
    ----------
    layers : sequence of Layer
    words : callable
        What is said of a name, where there is little room.
    """
    keys = "".join(
        '<span class="csc-key"><svg viewBox="0 0 14 10">'
        + "".join(_key(layer, _colour(layer, together, "currentColor")) for layer in _looks(together))
        + f"</svg>{escape(words(name))}</span> "
        for name, together in _named(layers).items()
    )
    return f'<span class="csc-legend">{keys}</span>' if keys else ""


def _key(layer: Layer, colour: str) -> str:
    if isinstance(layer, Line):
        path, dashes = ("M1 5H13M7 0V10", "none") if layer.bars else ("M0 5H14", _DASHES[layer.style])
        return f'<path d="{path}" stroke="{colour}" stroke-width="{layer.width:g}" stroke-dasharray="{dashes}"/>'
    if isinstance(layer, Band):
        return f'<path d="M0 1h14v8H0z" fill="{colour}" fill-opacity="{layer.opacity:g}"/>'
    fill = "none" if layer.hollow else colour
    return f'<path d="{_SHAPES[layer.marker]}" stroke="{colour}" fill="{fill}"/>'


def draw_legend(axes: Axes, layers: Sequence[Layer], **options: Any) -> None:
    """Write the legend into matplotlib axes, if anything has a name; options as matplotlib's ``legend`` has them."""
    named = _named(layers)
    if named:
        handles = [
            tuple(_handle(layer, _colour(layer, together, "0.3")) for layer in _looks(together))
            for together in named.values()
        ]
        axes.legend(handles, list(named), **({"fontsize": 7} | options))


def _handle(layer: Layer, colour: str) -> Artist:
    from matplotlib.lines import Line2D  # noqa: PLC0415 (takes a while)
    from matplotlib.patches import Patch  # noqa: PLC0415 (takes a while)

    if isinstance(layer, Line):
        upright = "|" if layer.bars else ""
        return Line2D([], [], color=colour, lw=layer.width, ls=PAPER_STYLES[layer.style], marker=upright, ms=8)
    if isinstance(layer, Band):
        return Patch(color=colour, alpha=layer.opacity, lw=0)
    face = "none" if layer.hollow else colour
    return Line2D([], [], color=colour, marker=PAPER_MARKERS[layer.marker], mfc=face, ms=5, ls="none")

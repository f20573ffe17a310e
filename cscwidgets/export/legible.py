"""Words of a figure kept inside it and apart: lines are broken and ticks left out until they fit."""

from __future__ import annotations

import re
import textwrap
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullFormatter
from matplotlib.transforms import BboxBase

__all__ = ["make_legible"]

_GAP = 0.5  # between the numbers of an axis, in heights of their letters
_ANGLE = 5.0  # width of a right ascension with its gap, in heights of its letters
_MOST = 5  # ticks along an axis of the sky, the default of astropy
_ROUNDS = 3
_SHORTEST = 8  # letters of a line
_FORMULA = re.compile(r"\$[^$]+\$")


def make_legible(figure: Figure) -> None:
    """Break titles and names of axes that are longer than their room, and thin ticks whose numbers touch.

    Sizes are those of the layout: what is done depends on the figure's size and fonts alone.

    Parameters
    ----------
    figure : Figure
    """
    _lay_out(figure)
    lines = [(title, 0, figure.bbox) for title in figure.texts]  # the figure's own title is one of them
    for axes in figure.get_axes():
        lines += [(axes.title, 0, axes.bbox), (axes.xaxis.label, 0, figure.bbox), (axes.yaxis.label, 1, figure.bbox)]
    for _ in range(_ROUNDS):  # more lines leave less room for others
        if not sum(_wrap(*line) for line in lines):
            break
        _lay_out(figure)
    for axes in figure.get_axes():
        if hasattr(axes, "coords"):
            _thin_sky(axes)
        else:
            _thin(axes.xaxis, 0)
            _thin(axes.yaxis, 1)


def _lay_out(figure: Figure) -> None:
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)


def _wrap(words: Text, along: int, room: BboxBase) -> bool:
    """Break lines that leave the room, between words and never within a formula; whether any did."""
    text = words.get_text()
    lines = [_FORMULA.sub(lambda formula: formula[0].replace(" ", "\0"), line) for line in text.splitlines()]
    letters = max(map(len, lines), default=0)
    while letters > _SHORTEST and (share := _share(words, along, room)) > 1:
        letters = min(letters - 1, int(letters / share))
        broken = (textwrap.fill(line, letters, break_long_words=False) for line in lines)
        words.set_text("\n".join(broken).replace("\0", " "))
    return words.get_text() != text


def _share(words: Text, along: int, room: BboxBase) -> float:
    """The length of words to what is free on both sides of their middle."""
    extent = words.get_window_extent()
    middle = (extent.min[along] + extent.max[along]) / 2
    free = 2 * min(middle - room.min[along], room.max[along] - middle)
    return float(extent.size[along] / max(free, 1.0))


def _thin(axis: Axis, along: int) -> None:
    locator = axis.get_major_locator()
    if isinstance(locator, LogLocator) and _touch(axis, along):
        axis.set_minor_formatter(NullFormatter())
    number = len(axis.get_majorticklabels())
    while number > 1 and _touch(axis, along):
        number -= max(1, number // 8)
        if isinstance(locator, LogLocator):
            locator.set_params(numticks=number)
        elif isinstance(locator, MaxNLocator | FixedLocator):
            locator.set_params(nbins=number)


def _touch(axis: Axis, along: int) -> bool:
    """Whether any number of an axis begins where the one before has not ended."""
    labels = [*axis.get_majorticklabels(), *axis.get_minorticklabels()]
    shown = [label for label in labels if label.get_visible() and label.get_text()]
    ends = sorted((box.min[along], box.max[along]) for box in (label.get_window_extent() for label in shown))
    gap = _GAP * _pixels(shown[0]) if shown and along == 0 else 0.0
    return any(after[0] < before[1] + gap for before, after in pairwise(ends))


def _pixels(label: Text) -> float:
    """Height of its letters."""
    return float(label.get_fontsize()) * label.get_figure(root=True).dpi / 72  # type: ignore[union-attr]


def _thin_sky(axes: Axes) -> None:
    """As many right ascensions as there is room for, as if each had all its fields."""
    along: Any = axes.coords[0]  # type: ignore[attr-defined]
    room = int(axes.bbox.width / (_ANGLE * _pixels(axes.xaxis.label)))
    along.set_ticks(number=max(2, min(_MOST, room)))
    for coordinate in axes.coords:  # type: ignore[attr-defined]
        coordinate.set_ticklabel(exclude_overlapping=True)

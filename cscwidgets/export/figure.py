"""Figures for the paper."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.text import Text

from .journal import TALLEST_MM, current_column
from .legible import make_legible

__all__ = ["PaperFigure"]

_WARNING = "SIMULATED. "


class PaperFigure(Figure):
    """A matplotlib figure that a notebook shows also where pyplot was never imported.

    Under `cscwidgets.export.journal.journal_style` it has the width of a column, whatever size it is asked for: the
    height keeps the shape.

    Parameters
    ----------
    simulated : bool
        Whether the sources are: every title of the figure then begins with it, and one without a title gets one.
    **options
        As matplotlib's `~matplotlib.figure.Figure` takes them.

    Attributes
    ----------
    simulated : bool
    """

    def __init__(self, *, simulated: bool = False, **options: Any) -> None:
        self.simulated = False
        self._legible_in: tuple[float, ...] = ()
        self._column = column = current_column()
        if column is not None:
            width, height = options.pop("figsize", (6.4, 4.8))
            options["figsize"] = column.inches, min(height / width * column.inches, TALLEST_MM / 25.4)
        super().__init__(**({"layout": "constrained"} | options))
        self.simulated = simulated
        if simulated:
            self.suptitle("", fontsize=10)

    @property
    def narrow(self) -> bool:
        """Whether parts should stand one below the other."""
        return self._column is not None and self._column.narrow

    def suptitle(self, t: str, **options: Any) -> Text:
        """The figure's title; see matplotlib."""
        if self._column is not None:
            options["fontsize"] = 7
        return super().suptitle(f"{_WARNING}{t}" if self.simulated else t, **options)

    def draw(self, renderer: RendererBase) -> None:
        """Draw; at the first time in a size, lines that are too long are broken, and ticks that touch become fewer."""
        size = tuple(self.get_size_inches())
        if size != self._legible_in:
            self._legible_in = size
            make_legible(self)
        super().draw(renderer)

    def shape_of(self, number: int) -> tuple[int, int]:
        """Rows and columns for so many parts that stand beside each other where there is room.

        In a narrow column they are put one below the other, and the figure becomes as much higher.
        """
        if not self.narrow:
            return 1, number
        width, height = self.get_size_inches()
        tall = min(height * number * number * 0.8, TALLEST_MM / 25.4)
        self.set_size_inches(width, tall)
        return number, 1

    def higher(self, factor: float) -> None:
        """Become higher in a narrow column, where letters take more of the height."""
        if self.narrow:
            width, height = self.get_size_inches()
            self.set_size_inches(width, min(height * factor, TALLEST_MM / 25.4))

    def beside(self, number: int, **options: Any) -> list[Any]:
        """Axes that stand beside each other, or one below the other; see `shape_of`."""
        return list(np.ravel(self.subplots(*self.shape_of(number), **({"squeeze": False} | options))))

    def legend_below(self, *parts: Axes) -> None:
        """Below everything, what the labels in some axes mean, each once."""
        every = [pair for axes in parts for pair in zip(*axes.get_legend_handles_labels(), strict=True)]
        named = {words: handle for handle, words in every}
        if named:
            options = {"ncols": 2 if self.narrow else 4, "fontsize": 7, "frameon": False}
            self.legend(list(named.values()), list(named), loc="outside lower center", **options)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=100)
        return buffer.getvalue()

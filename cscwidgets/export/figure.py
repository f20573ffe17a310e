"""Figures for the paper."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text

__all__ = ["PaperFigure"]

_WARNING = "SIMULATED. "


class PaperFigure(Figure):
    """A matplotlib figure that a notebook shows also where pyplot was never imported.

    Parameters
    ----------
    simulated : bool
        Whether the sources are: every title of the figure then begins with it, and one without a title gets one.
    **options
        As matplotlib's `~matplotlib.figure.Figure` takes them.
    """

    def __init__(self, *, simulated: bool = False, **options: Any) -> None:
        self._simulated = False
        super().__init__(**({"layout": "constrained"} | options))
        self._simulated = simulated
        if simulated:
            self.suptitle("", fontsize=10)

    def suptitle(self, t: str, **options: Any) -> Text:
        """The figure's title; see matplotlib."""
        return super().suptitle(f"{_WARNING}{t}" if self._simulated else t, **options)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=100)
        return buffer.getvalue()

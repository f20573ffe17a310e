"""Figures for the paper."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.figure import Figure

__all__ = ["PaperFigure"]


class PaperFigure(Figure):
    """A matplotlib figure that a notebook shows also where pyplot was never imported."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"layout": "constrained"} | options))

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=100)
        return buffer.getvalue()

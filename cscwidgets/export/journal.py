"""The style of journals: widths of their columns, sizes of letters and lines, colours, fonts in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cscwidgets.errors import CscError

from .palette import PALETTE

__all__ = ["COLUMNS", "Column", "column_called", "current_column", "journal_style"]

_MM_PER_INCH = 25.4


@dataclass(frozen=True)
class Column:
    """The width that a figure is printed with; `narrow` where panels stand one below the other."""

    width_mm: float
    narrow: bool

    @property
    def inches(self) -> float:
        """The width in inches."""
        return self.width_mm / _MM_PER_INCH


COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "AAS column": Column(3.5 * _MM_PER_INCH, narrow=True),
        "AAS page": Column(7.1 * _MM_PER_INCH, narrow=False),
        "A&A column": Column(88.0, narrow=True),
        "A&A page": Column(180.0, narrow=False),
    }
)
"""Widths by name; those of Astronomy & Astrophysics are in its author's guide, "Figures"."""

TALLEST_MM = 230.0
"""Printed area of a page less a caption of a few lines."""

_COLUMN: ContextVar[Column | None] = ContextVar("column", default=None)

_STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, and has all signs that we write
        "font.size": 8.0,
        "axes.titlesize": "medium",
        "axes.labelsize": "medium",
        "xtick.labelsize": 7.0,
        "ytick.labelsize": 7.0,
        "legend.fontsize": 7.0,
        "figure.titlesize": 8.0,
        "axes.linewidth": 0.6,
        "lines.linewidth": 1.0,
        "lines.markersize": 4.0,
        "xtick.direction": "in",
        "ytick.direction": "in",
        "xtick.top": True,
        "ytick.right": True,
        "axes.prop_cycle": f"cycler('color', {list(PALETTE)})",
    }
)


def column_called(name: str) -> Column:
    """A width by its name.

    Raises
    ------
    CscError
        If there is none of that name.
    """
    if name not in COLUMNS:
        raise CscError(f"There is no width {name!r}", "", f"There are {', '.join(COLUMNS)}.")
    return COLUMNS[name]


def current_column() -> Column | None:
    """The width that figures are made for now; None for a notebook."""
    return _COLUMN.get()


@contextmanager
def journal_style(name: str) -> Iterator[None]:
    """Make each `PaperFigure` in the style and with the width of a journal's column.

    Parameters
    ----------
    name : str
        One of `COLUMNS`.

    Raises
    ------
    CscError
        If there is no such width.
    """
    import matplotlib as mpl  # noqa: PLC0415 (takes a while)

    token = _COLUMN.set(column_called(name))
    try:
        with mpl.rc_context(dict(_STYLE)):
            yield
    finally:
        _COLUMN.reset(token)

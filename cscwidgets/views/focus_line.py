"""The source in focus, as a line of the top bar that leads to its panel."""

from __future__ import annotations

import ipywidgets

from ..state.shape import Shape
from ..state.source import SourceState
from .bind import Bindings
from .source_card import source_line

__all__ = ["FocusLine"]


class FocusLine:
    """Name, flux and variability of the source in focus; pressed, it brings the panel of the source to the front.

    Parameters
    ----------
    source : SourceState
    shape : Shape
    panel : str
        Name of the panel that has all of it.
    """

    def __init__(self, source: SourceState, shape: Shape, panel: str) -> None:
        self._source = source
        self.widget = ipywidgets.Button(layout=ipywidgets.Layout(min_width="64px"))
        self.widget.add_class("csc-focus")
        bind = Bindings(source.desk.messages.guard)
        bind.when_pressed(self.widget, lambda: setattr(shape, "front", panel))
        bind.when(source, "row", self._show)
        bind.when(source.explorer, "focus", self._show)
        self._show()

    def _show(self) -> None:
        focus, row = self._source.explorer.focus, self._source.row
        known = row is not None and focus == str(row["name"])
        self.widget.description = source_line(row) if known else focus
        self.widget.tooltip = f"{self.widget.description}. Press for all that the archive has on it." if focus else ""
        self.widget.layout.display = "" if focus else "none"

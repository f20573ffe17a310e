"""The button in the bar that opens what more can be asked than a place."""

from __future__ import annotations

import ipywidgets

from ...state.workspace import Workspace
from ..bind import Bindings

__all__ = ["MoreButton"]

_PANEL = "query"


class MoreButton:
    """Brings the query panel to the front; pressed again, the panel that was there before.

    Parameters
    ----------
    workspace : Workspace
    """

    def __init__(self, workspace: Workspace) -> None:
        self._shape, self._query = workspace.shape, workspace.query
        self._before = self._shape.front
        self.widget = ipywidgets.Button(icon="sliders")
        self.widget.add_class("csc-more")
        bind = Bindings(workspace.desk.messages.guard)
        bind.when_pressed(self.widget, self._turn)
        bind.when(self._query, ("columns", "cuts", "where"), self._show)
        self._show()

    def _turn(self) -> None:
        if self._shape.front == _PANEL:
            self._shape.front = self._before
        else:
            self._before = self._shape.front
            self._shape.front = _PANEL
            self._shape.folded = [area for area in self._shape.folded if area != "panels"]

    def _show(self) -> None:
        columns, cuts = len(self._query.columns), len(self._query.conditions)
        chosen = f" ({columns} columns and {cuts} cuts are chosen)" if columns or cuts else ""
        self.widget.tooltip = f"More: choose columns, cut, count, write a query, paste a list{chosen}"
        (self.widget.add_class if chosen else self.widget.remove_class)("csc-more-chosen")

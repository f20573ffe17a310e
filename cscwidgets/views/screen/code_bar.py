"""The control that hands out what is shown as code: to the clipboard, or to a new cell of the notebook."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from ...state.workspace import Workspace
from ..bind import Bindings
from ..controls import dropdown, row, spoken
from ..copy_button import CopyButton
from ..panel import Panel
from .panels import Panels

__all__ = ["CodeBar"]

_SOURCES = "sources"


class CodeBar:
    """Copies scripts.

    Parameters
    ----------
    workspace : Workspace
    panels : Panels
    script : callable
        The script of the table and the selection.
    to_cell : callable
        Puts a text into a new cell of the notebook.
    """

    def __init__(
        self, workspace: Workspace, panels: Panels, script: Callable[[], str], to_cell: Callable[[str], None]
    ) -> None:
        self._workspace, self._panels, self._script = workspace, panels, script
        written = [(kind.title, name) for name, kind in panels.kinds.items() if kind.code is not Panel.code]
        self.what = spoken(dropdown("", [("Table and selection", _SOURCES), *written], "150px"), "Code of")
        self._copy = CopyButton(label="Copy code", asked=self.text, guard=workspace.desk.messages.guard)
        self._cell = ipywidgets.Button(
            description="New cell",
            icon="plus",
            tooltip="Put the code into a new cell of the notebook",
            layout={"width": "96px"},
        )
        self.widget = row(self.what, self._copy, self._cell)
        bind = Bindings(workspace.desk.messages.guard)
        bind.when(workspace.shape, "front", self._follow)
        bind.when_pressed(self._cell, lambda: to_cell(self.text()))
        self._follow()

    def text(self) -> str:
        """The script that is chosen."""
        return self._script() if self.what.value == _SOURCES else self._panels[self.what.value].script()

    def _follow(self) -> None:
        """The code is that of the panel in front, as far as it has any."""
        front = self._workspace.shape.front
        if front in dict(self.what.options).values():
            self.what.value = front

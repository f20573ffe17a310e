"""The control that hands out what is shown as code: to the clipboard, or to a new cell of the notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ipywidgets

from ...state.workspace import Workspace
from ..bind import Bindings
from ..controls import dropdown, row, spoken
from ..copy_button import CopyButton
from ..panel import Panel
from .panels import Panels

__all__ = ["CodeBar"]


class CodeBar:
    """Copies scripts.

    Parameters
    ----------
    workspace : Workspace
    panels : Panels
    others : mapping of str to callable
        What else can be handed out, by its words.
    to_cell : callable
        Puts a text into a new cell of the notebook.
    """

    def __init__(
        self,
        workspace: Workspace,
        panels: Panels,
        others: Mapping[str, Callable[[], str]],
        to_cell: Callable[[str], None],
    ) -> None:
        self._workspace, self._panels, self._others = workspace, panels, others
        written = [(kind.title, name) for name, kind in panels.kinds.items() if kind.code is not Panel.code]
        self.what = spoken(dropdown("", [*((words, words) for words in others), *written], "150px"), "Code of")
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
        what = self.what.value
        return self._others[what]() if what in self._others else self._panels[what].script()

    def _follow(self) -> None:
        """The code is that of the panel in front, as far as it has any."""
        front = self._workspace.shape.front
        if front in dict(self.what.options).values():
            self.what.value = front

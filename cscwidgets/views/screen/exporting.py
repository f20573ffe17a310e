"""What the menu Export of the bar has: rows, a figure, the code, regions, other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import ipywidgets
from astropy.table import QTable

from ...export.files import votable_text
from ...state.workspace import Workspace
from ..controls import heading, row
from ..copy_button import CopyButton
from ..export import ExportBar
from ..sky import Sky
from .code_bar import CodeBar
from .figure_bar import FigureBar
from .neighbours import Neighbours
from .panels import Panels

__all__ = ["export_menu"]


class Exported(Protocol):
    """An explorer, as far as it is exported."""

    workspace: Workspace
    panels: Panels
    sky: Sky

    def export(self, name: str, *, overwrite: bool = False) -> QTable:
        """Write the selected rows to a variable."""

    def write(self, path: str, *, overwrite: bool = False) -> Path:
        """Write them to a file."""

    def write_regions(self, path: str, what: str = "region", *, overwrite: bool = False) -> Path:
        """Write the region, or the sources as regions, to a file."""

    @property
    def call(self) -> str:
        """The last action as code."""

    @property
    def selected(self) -> QTable:
        """The selected rows."""

    def script(self) -> str:
        """The table and the selection as code."""


def export_menu(explorer: Exported, to_cell: Callable[[str], None]) -> ipywidgets.VBox:
    """The controls that hand out an explorer's results.

    Parameters
    ----------
    explorer : Explorer
    to_cell : callable
        Puts a text into a new cell of the notebook.
    """
    workspace, panels = explorer.workspace, explorer.panels
    guard = workspace.desk.messages.guard
    rows = ExportBar(explorer.export, explorer.write, workspace.desk.messages)
    copy = CopyButton(label="Copy as VOTable", asked=lambda: votable_text(explorer.selected), guard=guard)
    figure = FigureBar(workspace, panels, explorer.sky)
    others = {"Table and selection": explorer.script, "Last action": lambda: explorer.call}
    code = CodeBar(workspace, panels, others, to_cell)
    menu = ipywidgets.VBox(
        [
            *(heading("Selected rows"), rows.widget, row(copy)),
            *(heading("Figure for a journal"), figure.widget),
            *(heading("Code"), code.widget),
            Neighbours(workspace, explorer.write_regions).widget,
        ]
    )
    menu.add_class("csc-exporting")
    return menu

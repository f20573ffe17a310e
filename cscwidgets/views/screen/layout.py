"""What an explorer is made of: the bar, the sky, the panels, the table, and the frame that arranges them."""

from __future__ import annotations

from collections.abc import Mapping

import ipywidgets

from ...state.workspace import Workspace
from ..bind import Bindings
from ..export import ExportBar
from ..panel import Panel
from ..sky import Sky
from .frame import Frame
from .menu import Menu
from .search import SearchBar
from .selection import SelectionBar
from .sourcespanel import SourcesPanel
from .stage import Stage
from .style import style
from .tasks import MessagesPanel, TasksPanel

__all__ = ["explorer_layout"]


def explorer_layout(
    workspace: Workspace,
    *,
    search: SearchBar,
    sky: Sky,
    panels: Mapping[str, Panel],
    sources: SourcesPanel,
    export: ExportBar,
    beside: ipywidgets.Widget,
    height: int,
) -> ipywidgets.Box:
    """The whole of an explorer.

    Parameters
    ----------
    workspace : Workspace
    search : SearchBar
    sky : Sky
    panels : mapping of str to Panel
    sources : SourcesPanel
    export : ExportBar
    beside : Widget
        The button that shows the whole beside the notebook.
    height : int
        See `Frame`.
    """
    desk = workspace.desk
    frame = Frame(workspace.shape, {name: panel.title for name, panel in panels.items()}, height)
    Bindings(desk.messages.guard).when(desk.messages, "entries", lambda: _tell(frame, workspace))
    bar = ipywidgets.HBox(
        [
            *search.widgets,
            TasksPanel(desk.tasks, desk.messages).widget,
            MessagesPanel(desk.messages).widget,
            *(panel.line for panel in panels.values() if panel.line is not None),
            beside,
            Menu(
                export.widget, "export", "Rows into a variable or a file", description="Export", icon="download"
            ).widget,
        ]
    )
    table = ipywidgets.Box([SelectionBar(desk.selection, desk.messages).widget, sources.widget])
    sky.add_class("csc-area-sky")
    box = ipywidgets.Box([style(), frame, bar, sky, Stage(panels, frame, desk.messages.guard), table])
    for widget, name in ((bar, "csc-bar-top"), (table, "csc-area-table"), (box, "csc-explorer")):
        widget.add_class(name)
    return box


def _tell(frame: Frame, workspace: Workspace) -> None:
    """Open the messages when there is a new one that should not be overlooked."""
    entries = workspace.desk.messages.entries
    if entries and entries[-1].level != "note":
        frame.news += 1

"""What an explorer is made of: the bar, the sky, the panels, the table, and the frame that arranges them."""

from __future__ import annotations

import ipywidgets

from ...state.workspace import Workspace
from ..bind import Bindings
from ..sky import Sky
from .frame import Frame
from .marking import MarkingMenu
from .menu import Menu
from .messages import MessagesPanel
from .more import MoreButton
from .panels import Panels
from .search import SearchBar
from .selection import SelectionBar
from .sourcespanel import SourcesPanel
from .stage import Stage
from .style import style
from .tasks import TasksPanel

__all__ = ["explorer_layout"]


def explorer_layout(
    workspace: Workspace,
    *,
    search: SearchBar,
    sky: Sky,
    panels: Panels,
    sources: SourcesPanel,
    export: ipywidgets.Widget,
    beside: ipywidgets.Widget,
    height: int,
) -> ipywidgets.Box:
    """The whole of an explorer.

    Parameters
    ----------
    workspace : Workspace
    search : SearchBar
    sky : Sky
    panels : Panels
    sources : SourcesPanel
    export : Widget
        What the menu Export has.
    beside : Widget
        The button that shows the whole beside the notebook.
    height : int
        See `Frame`.
    """
    desk = workspace.desk
    frame = Frame(workspace.shape, panels.titles, height)
    Bindings(desk.messages.guard).when(desk.messages, "entries", lambda: _tell(frame, workspace))
    bar = ipywidgets.HBox(
        [
            *search.widgets,
            MoreButton(workspace).widget,
            TasksPanel(desk.tasks, desk.messages).widget,
            MessagesPanel(desk.messages).widget,
            *filter(None, (kind.line(workspace) for kind in panels.kinds.values())),
            beside,
            Menu(
                export,
                "export",
                "Rows, regions, a figure, the code, other programs",
                description="Export",
                icon="download",
            ).widget,
        ]
    )
    marking = MarkingMenu(workspace.explorer).widget
    table = ipywidgets.Box([SelectionBar(desk.selection, desk.messages, marking).widget, sources.widget])
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

"""How an explorer is laid out: bars, the sky beside the table, the panels below."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets

from ..state.workspace import Workspace
from .export import ExportBar
from .search import SearchBar
from .selection import SelectionBar
from .style import style
from .tasks import MessagesPanel, TasksPanel

__all__ = ["explorer_layout"]


def explorer_layout(
    workspace: Workspace,
    search: SearchBar,
    export: ExportBar,
    beside: ipywidgets.Widget,
    *,
    top: Sequence[ipywidgets.Widget],
    below: Sequence[ipywidgets.Widget],
) -> ipywidgets.VBox:
    """The whole of an explorer.

    Parameters
    ----------
    workspace : Workspace
    search : SearchBar
    export : ExportBar
    beside : Widget
        The button that shows the whole beside the notebook.
    top : sequence of Widget
        Side by side.
    below : sequence of Widget
        One below another.
    """
    desk = workspace.desk
    bars = ipywidgets.HBox(
        [SelectionBar(desk.selection, desk.messages).widget, export.widget, beside],
        layout=ipywidgets.Layout(flex_flow="row wrap", justify_content="space-between"),
    )
    box = ipywidgets.VBox(
        [
            style(),
            search.widget,
            TasksPanel(desk.tasks, desk.messages).widget,
            MessagesPanel(desk.messages).widget,
            bars,
            ipywidgets.HBox(top, layout=ipywidgets.Layout(flex_flow="row wrap")),
            *below,
        ]
    )
    box.add_class("csc-explorer")
    return box

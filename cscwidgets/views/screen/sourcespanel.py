"""The table of an explorer's sources: shows its rows and its selection, and changes the selection and the focus."""

from __future__ import annotations

import ipywidgets

from cscwidgets.state.own_columns import LABEL, NOTE
from cscwidgets.state.selection import Mode
from cscwidgets.state.workspace import Workspace

from ..bind import Bindings
from ..limits import limit_cells
from ..table import SourceTable

__all__ = ["SourcesPanel"]

# What is shown first; the column chooser has the others.
_COLUMNS = (
    *("name", "significance", "flux_aper_b", "flux_aper_w", "hard_hm", "hard_hs", "hard_ms"),
    *("var_intra_prob_b", "var_inter_prob_b", "extent_flag", "conf_flag", "sat_src_flag", "ra", "dec"),
)


class SourcesPanel:
    """Links a table to the states of an explorer.

    Parameters
    ----------
    workspace : Workspace
    """

    def __init__(self, workspace: Workspace) -> None:
        self._explorer, self._selection = workspace.explorer, workspace.desk.selection
        self._own = workspace.explorer.own_columns
        guard = workspace.desk.messages.guard
        self.widget = SourceTable(guard=guard, height=0, layout=ipywidgets.Layout(min_width="0"))
        bind = Bindings(guard)
        bind.when(self._explorer, "table", self._show)
        bind.when(self._selection, "names", self._highlight)
        bind.when(self._own, "revision", self._renew)
        bind.when(self._own, "groups", self._colour)
        self.widget.on_select(self._picked)
        self.widget.on_edit(self._edited)
        self._offer()

    def _show(self) -> None:
        table = self._explorer.table
        further = [name for name in self._explorer.columns if name in table.colnames and name not in _COLUMNS]
        shown = [name for name in (*_COLUMNS, *self._added()) if name in table.colnames]
        shown[1:1] = further  # beside the name: who asked for them looks for them
        self.widget.show(table, shown, format_cell=limit_cells(table))
        self._colour()
        self._offer()
        self._highlight()

    def _renew(self) -> None:
        table = self._explorer.table
        if len(table.colnames):
            self.widget.renew(table, self._added(), format_cell=limit_cells(table))
        self._offer()

    def _added(self) -> list[str]:
        """The reader's columns that are shown; the ends of their errors can be chosen."""
        return [name for name in self._own.names if "_lolim" not in name and "_hilim" not in name]

    def _colour(self) -> None:
        self.widget.colour((group.colour, group.names) for group in self._own.groups)

    def _offer(self) -> None:
        self.widget.edit({LABEL: list(self._own.annotations.colours), NOTE: []})

    def _edited(self, name: str, column: str, text: str) -> None:
        if column == LABEL:
            self._own.label([name], text)
        else:
            self._own.annotations.note(name, text)

    def _highlight(self) -> None:
        self.widget.highlight(self._selection.names)

    def _picked(self, names: list[str], mode: Mode | None) -> None:
        if len(names) == 1 and mode is None:
            self._explorer.picked("table", names[0], mode)
        else:
            self._selection.publish("table", names, mode)

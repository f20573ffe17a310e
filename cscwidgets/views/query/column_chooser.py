"""The columns of a table to choose from, by group and by words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import anywidget
from traitlets import Dict, List, Unicode

from cscwidgets.csc.column_groups import GROUPS, group_of
from cscwidgets.csc.families import Column

from .. import assets

__all__ = ["ColumnChooser"]


class ColumnChooser(anywidget.AnyWidget):
    """Boxes for any number of columns; finding them happens in the browser.

    Attributes
    ----------
    chosen : list of str
        Names of the chosen columns.
    usual : list of str
        Those that always come along, and cannot be left out.
    """

    _esm = assets.module("columns")
    _css = assets.style("columns")

    columns = List(Dict()).tag(sync=True)
    groups = List(Unicode(), list(GROUPS)).tag(sync=True)
    chosen = List(Unicode()).tag(sync=True)
    usual = List(Unicode()).tag(sync=True)

    def offer(self, columns: Mapping[str, Column], usual: Iterable[str]) -> None:
        """Show a table's columns."""
        with self.hold_sync():
            self.usual = [name for name in usual if name in columns]
            self.columns = [
                {
                    "name": name,
                    "unit": column.unit,
                    "description": column.description,
                    "group": group_of(name),
                }
                for name, column in columns.items()
            ]

"""The source table: a hundred rows at a time of a table that stays in the kernel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import anywidget
import numpy as np
from astropy.table import QTable
from ipywidgets import Layout
from numpy.typing import NDArray
from traitlets import Bool, Dict, Int, List, Unicode

from cscwidgets.arrays import Flags
from cscwidgets.state.rows import RowIndex, index_of

from ..errors import CscError
from ..state.selection import Mode
from . import assets
from .callbacks import Callbacks, Guard, unguarded
from .table_columns import TableColumn
from .table_filter import FilterError, matches

__all__ = ["PAGE", "SourceTable"]

PAGE = 100
"""Rows of a page."""

CellFormat: TypeAlias = Callable[[str, int], str | None]
"""Words for the value of a column in a row, or None for the usual ones."""

_WISHES = ("_shown", "_sort", "_filters", "_page", "_only_selected")


class SourceTable(anywidget.AnyWidget):
    """A table of sources: sort, filter, choose columns, select.

    Sorting and filtering happen in the kernel, over all rows; the browser gets one page of text. What it shows is
    state, so that a view displayed late, twice or after a page reload shows the same.

    Parameters
    ----------
    key : str
        The column of unique names.
    height : int
        Height of the rows in pixels; 0 fills what the table stands in.
    noun : str
        What the rows are.
    guard : callable, optional
        Wraps every callback, as `cscwidgets.state.messages.Messages.guard` does.

    Notes
    -----
    A pick carries its mode: "add" with Ctrl, "remove" with Ctrl on a selected row or with Alt, None without a key
    (Shift picks a range), which leaves it to the receiver's current mode.
    """

    _esm = assets.module("table")
    _css = assets.style("table")

    height = Int(340).tag(sync=True)
    noun = Unicode("sources").tag(sync=True)

    _columns = List(Dict()).tag(sync=True)
    _key = Unicode("name").tag(sync=True)
    _content = Dict().tag(sync=True)
    _status = Dict().tag(sync=True)
    # What the reader wishes to see: set by the views.
    _shown = List(Unicode()).tag(sync=True)
    _sort = List(Unicode()).tag(sync=True)
    _filters = Dict().tag(sync=True)
    _page = Int(0).tag(sync=True)
    _only_selected = Bool(False).tag(sync=True)
    # Columns that the reader may write in, and what is offered there.
    _editable = Dict().tag(sync=True)

    def __init__(
        self, *, key: str = "name", height: int = 340, noun: str = "sources", guard: Guard | None = None, **kwargs: Any
    ) -> None:
        self._lock = threading.RLock()
        self._guard = guard or unguarded
        self._picked, self._edited = Callbacks(self._guard), Callbacks(self._guard)
        self._colours: dict[str, str] = {}
        self._by_name: dict[str, TableColumn] = {}
        self._index = RowIndex()
        self._selected: Flags = np.array([], dtype=bool)
        self._wanted: tuple[str, ...] = ()
        self._format_cell: CellFormat | None = None
        self._order: NDArray[np.intp] = np.array([], dtype=np.intp)
        self._errors: dict[str, str] = {}
        self._following = True
        kwargs["layout"] = kwargs.get("layout") or Layout(flex="1 1 0", min_width="380px")
        super().__init__(height=height, noun=noun, _key=key, **kwargs)
        assets.serve_libraries(self)
        self.on_msg(self._receive)
        self.observe(self._guard(self._on_wish), _WISHES)
        self._refresh()

    def show(
        self, table: QTable, columns: Sequence[str] | None = None, *, format_cell: CellFormat | None = None
    ) -> None:
        """Show a table in place of the one before; sorting and filters stay where its columns have them.

        Parameters
        ----------
        table : QTable
            One row a source. It stays in the kernel and is not changed.
        columns : sequence of str, optional
            The columns to begin with, where they exist; the first dozen unless told. All can be chosen.
        format_cell : callable, optional
            ``format_cell(column, row)`` returns the words for a cell of ``table``, or None for the usual ones;
            for limits ("< 1.2e-15").
        """
        key = self._key
        if len(table.colnames) and key not in table.colnames:
            raise CscError("The table cannot be shown", f"it has no column {key!r}", "Name the column of source names.")
        with self._lock:
            self._by_name = {name: TableColumn(table, name) for name in table.colnames}
            if self._by_name and getattr(table[key], "dtype", np.dtype(object)).kind == "U":
                self._index = index_of(table, key)
            else:
                self._index = RowIndex(self._by_name[key].text.to_pylist() if self._by_name else ())
            self._format_cell = format_cell
            self._mark()
            usual = [name for name in columns or table.colnames[:12] if name in self._by_name]
            kept = [name for name in self._shown if name in self._by_name]
            self._update(
                _columns=[column.describe() for column in self._by_name.values()],
                _shown=[key, *(name for name in (kept if columns is None and kept else usual) if name != key)]
                if self._by_name
                else [],
                _sort=self._sort if self._sort and self._sort[0] in self._by_name else [],
                _filters={name: text for name, text in self._filters.items() if name in self._by_name},
                _page=0,
            )
            self._reorder()
            self._refresh()

    def renew(self, table: QTable, added: Collection[str], *, format_cell: CellFormat | None = None) -> None:
        """Show columns that changed, came or went, of a table with the same rows; sorting, filters and page stay.

        Parameters
        ----------
        table : QTable
        added : collection of str
            Columns that are shown when they come.
        format_cell : callable, optional
            See `show`.
        """
        with self._lock:
            self._format_cell = format_cell
            kept = {name: column for name, column in self._by_name.items() if column.is_of(table, name)}
            came = [name for name in table.colnames if name in added and name not in self._by_name]
            self._by_name = {name: kept.get(name) or TableColumn(table, name) for name in table.colnames}
            self._update(
                _columns=[column.describe() for column in self._by_name.values()],
                _shown=[*(name for name in self._shown if name in self._by_name), *came],
                _sort=self._sort if self._sort and self._sort[0] in self._by_name else [],
                _filters={name: text for name, text in self._filters.items() if name in self._by_name},
            )
            self._reorder()
            self._refresh()

    def colour(self, groups: Iterable[tuple[str, Iterable[str]]]) -> None:
        """Give the rows of groups a stripe of their colour; the last one counts."""
        with self._lock:
            self._colours = {name: colour for colour, names in groups for name in names}
            self._say()

    def edit(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Let the reader write in columns of text, whether they are there yet or not; of each, what is offered."""
        self._editable = {name: list(offered) for name, offered in columns.items()}

    def on_edit(self, callback: Callable[[str, str, str], Any], *, remove: bool = False) -> None:
        """Call ``callback(name, column, text)`` when the reader wrote beside a source."""
        self._edited.add(callback, remove=remove)

    def highlight(self, names: Iterable[str]) -> None:
        """Mark these rows as selected; names that are not in the table wait for one that has them."""
        with self._lock:
            self._wanted = tuple(names)
            self._mark()
            if self._only_selected:
                self._reorder()
                self._refresh()
            else:
                self._say()

    def on_select(self, callback: Callable[[list[str], Mode | None], Any], *, remove: bool = False) -> None:
        """Call ``callback(names, mode)`` when rows are picked."""
        self._picked.add(callback, remove=remove)

    def view_names(self) -> list[str]:
        """The names after filtering, in the order shown."""
        return list(self._index.names[self._order])

    def close(self) -> None:
        """Remove the views and free everything behind them."""
        self._picked.clear()
        self._edited.clear()
        super().close()

    def _mark(self) -> None:
        self._selected = self._index.marks(self._wanted)

    def _update(self, **traits: Any) -> None:
        """Set traits without acting on them as on a reader's wish."""
        self._following = False
        try:
            with self.hold_sync():
                for name, value in traits.items():
                    setattr(self, name, value)
        finally:
            self._following = True

    def _on_wish(self, change: Any) -> None:
        with self._lock:
            if not self._following:
                return
            if change["name"] in ("_sort", "_filters", "_only_selected"):
                self._reorder()
                self._update(_page=0)
            self._refresh()

    def _reorder(self) -> None:
        rows = np.flatnonzero(self._selected) if self._only_selected else np.arange(len(self._index))
        self._errors = {}
        for name, text in self._filters.items():
            try:
                rows = rows[matches(self._by_name[name], text)[rows]]
            except FilterError as error:
                self._errors[name] = str(error)
        if self._sort:
            name, direction = self._sort
            rows = self._by_name[name].order(rows, descending=direction == "desc")
        self._order = rows

    @property
    def _pages(self) -> int:
        return max(1, -(-len(self._order) // PAGE))

    def _on_page(self) -> NDArray[np.intp]:
        first = min(max(0, self._page), self._pages - 1) * PAGE
        return self._order[first : first + PAGE]

    def _refresh(self) -> None:
        rows = self._on_page()
        shown = [self._by_name[name] for name in self._shown if name in self._by_name]
        self._content = {
            "columns": [column.name for column in shown],
            "names": list(self._index.names[rows]),
            "cells": [[self._cell(column, int(row)) for column in shown] for row in rows],
        }
        self._say()

    def _cell(self, column: TableColumn, row: int) -> str:
        special = self._format_cell(column.name, row) if self._format_cell else None
        return column.show(row) if special is None else special

    def _say(self) -> None:
        self._status = {
            "page": min(max(0, self._page), self._pages - 1),
            "pages": self._pages,
            "total": len(self._index),
            "filtered": len(self._order),
            "selected": int(self._selected.sum()),
            "colours": self._stripes(),
            "marked": np.flatnonzero(self._selected[self._on_page()]).tolist(),
            "errors": self._errors,
        }

    def _stripes(self) -> dict[str, str]:
        """Colours of the rows of the page that have one, by their places."""
        if not self._colours:
            return {}
        names = enumerate(self._index.names[self._on_page()])
        return {str(place): self._colours[name] for place, name in names if name in self._colours}

    def _receive(self, _widget: Any, message: dict[str, Any], _buffers: list[memoryview]) -> None:
        event = message.get("event_type")
        if event == "rows_picked":
            self._picked(message["names"], message["mode"])
        elif event == "edited" and message["column"] in self._editable:
            self._edited(message["name"], message["column"], message["text"])
        elif event == "all_picked":
            self._picked(self.view_names(), message["mode"])

"""A query to read and write, with what may stand where the cursor is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
from traitlets import Dict, Unicode

from cscwidgets.csc.families import Column

from .. import assets
from ..callbacks import Callbacks, Guard

__all__ = ["AdqlBox"]


class AdqlBox(anywidget.AnyWidget):
    """Text of ADQL; tables and columns are completed in the browser.

    Attributes
    ----------
    value : str
        The text, told to the kernel when typing pauses.
    """

    _esm = assets.module("adql")
    _css = assets.style("adql")

    value = Unicode("").tag(sync=True)
    tables = Dict().tag(sync=True)

    def __init__(self, guard: Guard) -> None:
        self._run = Callbacks(guard)
        super().__init__()
        self.on_msg(self._receive)

    def offer(self, tables: Mapping[str, Mapping[str, Column]]) -> None:
        """Complete the names of these tables and columns."""
        self.tables = {
            table: [{"name": one.name, "unit": one.unit, "description": one.description} for one in columns.values()]
            for table, columns in tables.items()
        }

    def on_run(self, callback: Callable[[], object]) -> None:
        """Call when the query is sent by a key."""
        self._run.add(callback)

    def close(self) -> None:
        """Remove the views and free everything behind them."""
        self._run.clear()
        super().close()

    def _receive(self, _widget: Any, message: dict[str, Any], _buffers: list[memoryview]) -> None:
        if message.get("event_type") == "run":
            self._run()

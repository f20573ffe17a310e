"""The explorer beside the notebook, and what JupyterLab's list of explorers shows of it.

The page's half is `js/beside`, which hands all of it to the JupyterLab extension, `js/lab`.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import anywidget
import ipywidgets
from traitlets import Bool, Dict, Unicode

from ..state.explorer import ExplorerState
from ..state.report import Report
from . import assets
from .cells import after_each_cell
from .disposal import close_all

__all__ = ["Beside"]

_WAITING = "Waiting for the page to show the explorer beside the notebook."
_SHOWN = "The explorer is shown beside the notebook."
_NOT_HERE = (
    "The explorer is shown here, because this page has no JupyterLab with the extension of cscwidgets"
    " that could show it beside the notebook."
)


class Beside(anywidget.AnyWidget):
    """A button that shows an explorer beside the notebook; `show` does the same from code.

    Parameters
    ----------
    explorer : ExplorerState
    variable : callable
        Tells the name of the variable that holds the explorer, empty if none does.
    codes : mapping of str to callable
        What commands of JupyterLab put into a new cell, by their names.

    Attributes
    ----------
    extension : bool or None
        Whether the page has the extension of JupyterLab; None until a page has said so.
    """

    _esm = assets.module("beside")
    _css = assets.style("beside")

    _root = Unicode("").tag(sync=True)
    _report = Dict().tag(sync=True)
    _asked = Bool(False).tag(sync=True)

    def __init__(
        self,
        explorer: ExplorerState,
        variable: Callable[[], str] = lambda: "",
        codes: Mapping[str, Callable[[], str]] = MappingProxyType({}),
    ) -> None:
        self._codes, self._messages = codes, explorer.desk.messages
        self._state = Report(explorer, variable)
        super().__init__(_report=self._state.value)
        guard = explorer.desk.messages.guard
        self._state.observe(guard(lambda change: self.set_trait("_report", change["new"])), "value")
        self._forget_cells = after_each_cell(self._state.later)
        self.extension: bool | None = None
        self._whole: ipywidgets.Widget | None = None
        self._display: Callable[[ipywidgets.Widget], object] = lambda _: None
        self._boxes: list[ipywidgets.Box] = []
        self._waiting: list[ipywidgets.Box] = []
        self.on_msg(guard(self._answered))

    def serve(self, whole: ipywidgets.Widget, display: Callable[[ipywidgets.Widget], object]) -> None:
        """Tell which widget is the whole of the explorer, and how one is displayed in its place."""
        self._whole, self._display = whole, display
        self._root = whole.model_id

    def show(self) -> None:
        """Show the explorer beside the notebook; where that cannot be, below the cell.

        Only the page knows which: a box below the cell waits for its answer. Without a page nothing waits but that box.
        """
        box = ipywidgets.HBox([_words(_WAITING)])
        self._boxes.append(box)
        self._waiting.append(box)
        self._display(box)
        self._asked = True

    def insert(self, code: str) -> None:
        """Put code into a new cell of the notebook; where the page cannot, a message says so."""
        self.send({"event_type": "insert", "code": code})

    def close(self) -> None:
        """Free the button, the boxes below cells, and what keeps the report current."""
        self._forget_cells()
        self._state.close()
        boxes, self._boxes = self._boxes, []
        super().close()
        for box in boxes:
            close_all(box)

    def _answered(self, _widget: Any, message: dict[str, Any], _buffers: list[memoryview]) -> None:
        if message.get("event_type") == "page":
            self.extension = bool(message.get("extension"))
        if message.get("event_type") == "code" and message.get("what") in self._codes:
            self.insert(self._codes[message["what"]]())
        if message.get("event_type") == "insert" and not message.get("inserted"):
            why = str(message.get("why") or "this page has no JupyterLab with the extension of cscwidgets")
            self._messages.warn("The code was not put into a cell", why, "Copy it instead.")
        if message.get("event_type") != "beside":
            return
        self._asked = False
        boxes, self._waiting = self._waiting, []
        for box in boxes:
            (words,) = box.children
            if message.get("shown"):
                words.value = _SHOWN
                box.children = [self, words]
            else:
                words.value = html.escape(str(message.get("why") or _NOT_HERE))
                box.layout.flex_flow = "column"
                box.children = [words, self._whole]


def _words(text: str) -> ipywidgets.HTML:
    words = ipywidgets.HTML(text)
    words.add_class("csc-panel-note")
    return words

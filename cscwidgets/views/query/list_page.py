"""A list of positions or names: where it is pasted, what came of it, and each of its rows."""

from __future__ import annotations

from html import escape
from pathlib import Path

import ipywidgets
import numpy as np
from astropy.table import QTable

from cscwidgets.csc.bands import BANDS
from cscwidgets.export.files import write_table
from cscwidgets.export.variable import to_variable
from cscwidgets.state.position_list import PLACE_COLOURS
from cscwidgets.state.selection import Mode
from cscwidgets.state.workspace import Workspace

from ..bind import Bindings
from ..controls import dropdown, legend, row, spoken, text
from ..export import ExportBar
from ..lazy import LazyBox
from ..table import SourceTable

__all__ = ["ListPage"]

_LINE = "#"
_PASTE = """Paste positions or names, one a line:
83.82 -5.39
05:35:17.3 -05:23:28
l=209.0 b=-19.4
2CXO J053515.7-052309
Or the path of a file, or a table of this notebook."""
_SHOWN = (
    _LINE,
    "input",
    "status",
    "name",
    "separation",
    "candidates",
    "limit",
    "repeats",
    "note",
    "ra",
    "dec",
    "stacks",
)


class ListPage:
    """Asks for a list, and shows what its rows are.

    Parameters
    ----------
    workspace : Workspace

    Attributes
    ----------
    widget : Box
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._state = workspace, workspace.listed
        self._selection = workspace.desk.selection
        state, messages = self._state, workspace.desk.messages
        area = ipywidgets.Textarea(placeholder=_PASTE, layout={"width": "auto", "height": "190px", "flex": "0 1 auto"})
        self._text = spoken(area, "Positions or names, one a line; a file's path; or a notebook variable")
        self._radius = text(
            placeholder="its error",
            description="within",
            tooltip="How far its source may be from a position: the source's error (95 %) unless told, as in 3 arcsec",
            layout={"width": "132px"},
            style={"description_width": "42px"},
        )
        self._find = ipywidgets.Button(
            description="Find sources", icon="search", button_style="primary", tooltip="Ask what each row is"
        )
        bands = [(f"{one.name} band", letter) for letter, one in BANDS.items()]
        self._band = spoken(dropdown("", bands, "120px"), "Band of the limits")
        self._level = spoken(dropdown("", [("TRUE", "TRUE"), ("MARGINAL", "MARGINAL")], "104px"), "Level of the limits")
        self._limits = ipywidgets.Button(
            description="Add limits", icon="plus", tooltip="Fetch the sensitivity maps where no source was found"
        )
        self._words = ipywidgets.HTML()
        self._words.add_class("csc-list-words")
        self._notes = ipywidgets.HTML()
        self.rows = SourceTable(key=_LINE, noun="rows", height=0, guard=messages.guard)
        self.rows.layout = ipywidgets.Layout(flex="1 1 0", min_width="0", min_height="0")
        self._export = ExportBar(self.export, self.write, messages, name="listed").widget
        self._change = ipywidgets.Button(description="Change the list", icon="pencil", tooltip="Paste, or change lines")
        self._asking = (self._text, row(self._find, self._radius))
        self._asked = row(self._change, self._band, self._level, self._limits)
        self.widget = LazyBox(*self._asking, self._asked, self._words, self._notes, self.rows, self._export)
        self.widget.show(*self._asking)
        self.widget.add_class("csc-list-page")
        bind = Bindings(messages.guard)
        bind.tie(state, "band", self._band)
        bind.tie(state, "threshold", self._level)
        bind.when_pressed(self._find, self._ask)
        bind.when_pressed(self._limits, state.limits)
        bind.when_pressed(self._change, self._ask_again)
        bind.when(state, "answer", self._show)
        bind.when(self._selection, "names", self._highlight)
        self.rows.on_select(self._picked)
        self._show()

    def export(self, name: str, *, overwrite: bool = False) -> QTable:
        """Write the list's answer to a notebook variable, and return it."""
        answer = self._answer.copy()
        to_variable(answer, name, self._workspace.namespace, overwrite=overwrite)
        return answer

    def write(self, path: str, *, overwrite: bool = False) -> Path:
        """Write the list's answer to a file: VOTable, ECSV, FITS or Parquet by its ending."""
        return write_table(self._answer, path, overwrite=overwrite)

    @property
    def _answer(self) -> QTable:
        self._state.settle()
        return self._state.answer

    def _ask(self) -> None:
        self._state.read(self._text.value, self._workspace.namespace, self._radius.value)

    def _show(self) -> None:
        answer = self._state.answer
        if not len(answer):
            return
        colours = legend({status: colour for status, colour in PLACE_COLOURS.items() if status in answer["status"]})
        self._words.value = f"<b>{escape(self._state.words)}</b> {colours}"
        self._notes.value = escape(self._state.notes)
        shown = answer.copy(copy_data=False)
        shown.add_column(np.array([str(line) for line in answer["line"]], dtype=str), name=_LINE, index=0)
        self.rows.show(shown, [name for name in _SHOWN if name in shown.colnames])
        self._highlight()
        notes = [self._notes] if self._state.notes else []
        self.widget.show(self._asked, self._words, *notes, self.rows, self._export)

    def _ask_again(self) -> None:
        self.widget.show(*self._asking)

    def _highlight(self) -> None:
        names, answer = self._selection.names, self._state.answer
        if len(answer):
            rows = zip(answer["line"], answer["name"], strict=True)
            self.rows.highlight([str(line) for line, name in rows if name in names])

    def _picked(self, keys: list[str], mode: Mode | None) -> None:
        answer = self._state.answer
        at = np.flatnonzero(np.isin(np.asarray(answer["line"]).astype(str), keys))
        if len(at) == 1 and mode is None:
            self._state.look_at(int(at[0]))
        elif names := list(dict.fromkeys(str(name) for name in answer["name"][at] if name)):
            self._selection.publish("list", names, mode)

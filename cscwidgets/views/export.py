"""The export control: rows into a notebook variable or a file."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

import ipywidgets
from astropy.table import QTable

from ..export.files import USUAL_FORMATS
from ..state.messages import Messages
from .bind import Bindings
from .controls import spoken, text

__all__ = ["ExportBar"]


class ExportBar:
    """Where selected or matched rows go.

    Parameters
    ----------
    to_variable : callable
        ``to_variable(name, overwrite=...)`` sets a notebook variable and returns the table.
    to_file : callable
        ``to_file(path, overwrite=...)`` writes a file and returns its path.
    messages : Messages
        Where refusals are shown.
    name : str
        What the variable or file is called unless told.
    """

    def __init__(
        self,
        to_variable: Callable[..., QTable],
        to_file: Callable[..., Path],
        messages: Messages,
        name: str = "sources",
    ) -> None:
        self._name = text(name, description="Export to", layout={"width": "210px"}, style={"description_width": "66px"})
        kind = ipywidgets.Dropdown(
            options=[
                ("notebook variable", ""),
                *((f"file *{ending}", ending) for ending in USUAL_FORMATS),
            ],
            layout=ipywidgets.Layout(width="160px"),
        )
        self._kind = spoken(kind, "What it is exported to")
        self._overwrite = ipywidgets.Checkbox(
            value=False, description="overwrite", indent=False, layout=ipywidgets.Layout(width="96px")
        )
        self._go = ipywidgets.Button(
            description="Export", icon="download", tooltip="Export the rows", layout={"width": "90px"}
        )
        self._done = ipywidgets.HTML()
        self.widget = ipywidgets.HBox(
            [self._name, self._kind, self._overwrite, self._go, self._done],
            layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"),
        )
        self._to_variable = to_variable
        self._to_file = to_file
        Bindings(messages.guard).when_pressed(self._go, self._export)

    def _export(self) -> None:
        self._done.value = ""
        name, ending, overwrite = self._name.value.strip(), self._kind.value, self._overwrite.value
        if ending:
            path = self._to_file(name if name.endswith(ending) else f"{name}{ending}", overwrite=overwrite)
            self._done.value = f"written to {escape(str(path))}"
        else:
            table = self._to_variable(name, overwrite=overwrite)
            self._done.value = f"{len(table):,} rows in <code>{escape(name)}</code>"
        self._overwrite.value = False

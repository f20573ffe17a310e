"""The control that puts a table or an area of one's own on the sky: a variable of the notebook, or a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import ipywidgets

from ...archive.catalogues.own_table import is_own_table
from ...export.variable import variables
from ...state.area_layer import is_area
from ...state.workspace import Workspace
from ..bind import Bindings
from ..controls import row, spoken

__all__ = ["LayerBar"]

_WORDS = "A table or regions: a variable of the notebook, or the path of a file"


class LayerBar:
    """Adds layers; the legend on the sky takes them off.

    Parameters
    ----------
    workspace : Workspace
    """

    def __init__(self, workspace: Workspace) -> None:
        self._layers = workspace.layers
        self._namespace: Mapping[str, Any] = workspace.namespace
        box = ipywidgets.Combobox(
            placeholder="variable, or path of a file",
            ensure_option=False,
            continuous_update=False,
            layout={"width": "250px"},
        )
        self.what = spoken(box, _WORDS)
        self.add = ipywidgets.Button(
            description="Add", icon="plus", tooltip="Show it on the sky", layout={"width": "76px"}
        )
        self.widget = row(self.what, self.add)
        bind = Bindings(workspace.desk.messages.guard)
        bind.when_pressed(self.add, self._add)
        # The notebook's variables change without a word: they are looked at when something happens here.
        bind.when(workspace.explorer, "table", self._offer)
        bind.when(self._layers, ("layers", "areas"), self._offer)
        self._offer()

    def _offer(self) -> None:
        self.what.options = [name for name, value in variables(self._namespace) if _is_layer(value)]

    def _add(self) -> None:
        text = self.what.value.strip()
        if not text:
            return
        if text in self._namespace:
            thing = self._namespace[text]
            (self._layers.add_area if is_area(thing) else self._layers.add)(thing, text)
        else:
            self._layers.read_path(text)
        self.what.value = ""


def _is_layer(value: object) -> bool:
    return not isinstance(value, str | os.PathLike) and (is_own_table(value) or is_area(value))

"""How picks combine, undo, redo, clear: in the table's bar."""

from __future__ import annotations

import ipywidgets

from ...state.messages import Messages
from ...state.selection import MODES, Selection
from ..bind import Bindings

__all__ = ["SelectionBar"]

_TOOLTIPS = {
    "new": "A pick replaces the selection",
    "add": "A pick is added (or hold Shift)",
    "remove": "A pick is taken away (or hold Alt)",
    "intersect": "Only what is in both stays (or hold Shift and Alt)",
}


class SelectionBar:
    """Controls of a selection.

    Parameters
    ----------
    selection : Selection
    messages : Messages
        Where errors of the controls are shown.
    *more : Widget
        What else is done with what is selected.
    """

    def __init__(self, selection: Selection, messages: Messages, *more: ipywidgets.Widget) -> None:
        self._selection = selection
        self._mode = ipywidgets.ToggleButtons(
            options=[(mode.capitalize(), mode) for mode in MODES],
            value=selection.mode,
            tooltips=[_TOOLTIPS[mode] for mode in MODES],
            style={"button_width": "auto"},
        )
        self._undo = self._button("undo", "Undo the last change of the selection")
        self._redo = self._button("repeat", "Redo")
        self._clear = self._button("times", "Select nothing (Esc in a diagram)")
        self.widget = ipywidgets.HBox([self._mode, self._undo, self._redo, self._clear, *more])
        self.widget.add_class("csc-selection-bar")
        bind = Bindings(messages.guard)
        bind.tie(selection, "mode", self._mode)
        bind.when_pressed(self._undo, selection.undo)
        bind.when_pressed(self._redo, selection.redo)
        bind.when_pressed(self._clear, selection.clear)
        bind.when(selection, ("count", "can_undo", "can_redo"), self._show)
        self._show()

    @staticmethod
    def _button(icon: str, tooltip: str) -> ipywidgets.Button:
        return ipywidgets.Button(icon=icon, tooltip=tooltip)

    def _show(self) -> None:
        self._undo.disabled = not self._selection.can_undo
        self._redo.disabled = not self._selection.can_redo
        self._clear.disabled = self._selection.count == 0

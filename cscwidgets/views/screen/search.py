"""The search bar: where to look, and what came back."""

from __future__ import annotations

import html

import ipywidgets

from ...state.explorer import ExplorerState
from ..bind import Bindings
from ..theme import SIMULATED_BADGE

__all__ = ["SearchBar"]


class SearchBar:
    """Target, radius and what the last answer was.

    Parameters
    ----------
    state : ExplorerState
    target, radius : str
        What the fields hold at first.
    """

    def __init__(self, state: ExplorerState, target: str, radius: str) -> None:
        self._state = state
        self._target = ipywidgets.Text(
            value=target,
            placeholder='name, "RA Dec", or DS9 region',
            description="Look at",
            layout=ipywidgets.Layout(width="300px"),
            style={"description_width": "56px"},
        )
        self._radius = ipywidgets.Text(
            value=radius,
            description="within",
            layout=ipywidgets.Layout(width="150px"),
            style={"description_width": "44px"},
        )
        self._go = _button("Search", "search", "Ask the archive", "90px")
        self._rest = _button("Get the rest", "plus", "Ask for the rows the service did not send", "120px")
        self._rest.layout.display = "none"
        self._status = ipywidgets.HTML()
        self.widget = ipywidgets.HBox(
            [self._target, self._radius, self._go, self._rest, self._status],
            layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"),
        )
        bind = Bindings(state.desk.messages.guard)
        bind.when_pressed(self._go, self._search)
        for field in (self._target, self._radius):
            field.continuous_update = False
            bind.when(field, "value", self._search)
        bind.when_pressed(self._rest, lambda: state.search(state.region, complete=True))
        bind.when(state, ("table", "archive_title"), self._show)
        self._show()

    def _search(self) -> None:
        self._state.search(self._target.value, self._radius.value.strip() or None)

    def _show(self) -> None:
        provenance = self._state.provenance
        if provenance is None or self._state.region is None:
            self._status.value = f"<b>{html.escape(self._state.desk.archive.name)}</b>: nothing asked yet"
            return
        badge = f"{SIMULATED_BADGE} " if provenance.simulated else ""
        where = html.escape(str(self._state.region))
        self._status.value = f'<span title="{where}">{badge}{html.escape(str(provenance))}</span>'
        self._rest.layout.display = "none" if provenance.complete else ""


def _button(text: str, icon: str, tooltip: str, width: str) -> ipywidgets.Button:
    return ipywidgets.Button(description=text, icon=icon, tooltip=tooltip, layout=ipywidgets.Layout(width=width))

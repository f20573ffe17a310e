"""Where to look, and what came back."""

from __future__ import annotations

import html

import ipywidgets

from ...sky.target import as_typed
from ...state.explorer import ExplorerState
from ..bind import Bindings
from ..controls import spoken, text
from ..theme import SIMULATED_BADGE

__all__ = ["SearchBar"]


class SearchBar:
    """Target, radius and what the last answer was, for the top bar.

    Parameters
    ----------
    state : ExplorerState
    target, radius : str
        What the fields hold at first.
    """

    def __init__(self, state: ExplorerState, target: str, radius: str) -> None:
        self._state, self._is_writing = state, False
        field = text(
            target,
            placeholder='name, "RA Dec", or DS9 region',
            layout=ipywidgets.Layout(flex="0 1 110px", min_width="80px"),
        )
        self._target = spoken(field, "Where to look: a name, coordinates, or a region in DS9's words")
        self._radius = text(
            radius,
            description="within",
            tooltip="Radius around a name or a position",
            layout=ipywidgets.Layout(width="128px", flex="0 0 auto"),
            style={"description_width": "42px"},
        )
        self._go = ipywidgets.Button(icon="search", tooltip="Search: ask the archive")
        self._rest = ipywidgets.Button(
            description="Get the rest",
            icon="plus",
            tooltip="Ask for the rows the service did not send",
            layout=ipywidgets.Layout(display="none"),
        )
        self._status = ipywidgets.HTML()
        self._status.add_class("csc-answer")
        self.widgets = (self._target, self._radius, self._go, self._status, self._rest)
        bind = Bindings(state.desk.messages.guard)
        bind.when_pressed(self._go, self._search)
        for field in (self._target, self._radius):
            bind.when(field, "value", self._typed)
        bind.when_pressed(self._rest, lambda: state.search(state.region, complete=True))
        bind.when(state, ("table", "archive_title"), self._show)
        bind.when(state, ("region", "place"), self._show_place)
        bind.when(state.desk.selection, "count", self._show)
        self._show()

    def _typed(self) -> None:
        if not self._is_writing:
            self._search()

    def _show_place(self) -> None:
        """Whatever asked for it, the fields say what the sources are from: it can be asked for again."""
        region = self._state.region
        target, radius = ("", "") if region is None else as_typed(self._state.place, region)
        self._is_writing = True
        try:
            self._target.value = target
            self._radius.value = radius or self._radius.value
        finally:
            self._is_writing = False

    def _search(self) -> None:
        self._state.search(self._target.value, self._radius.value.strip() or None)

    def _show(self) -> None:
        provenance = self._state.provenance
        if provenance is None:
            self._status.value = f"<b>{html.escape(self._state.desk.archive.name)}</b>: nothing asked yet"
            return
        kept = len(self._state.table)
        words = [provenance.release] if not provenance.simulated else []
        words.append(f"{kept:,} source{'s' if kept != 1 else ''}, {'complete' if provenance.complete else 'NOT ALL'}")
        if selected := self._state.desk.selection.count:  # the table, which says it too, may be folded
            words.append(f"{selected:,} selected")
        badge = f"{SIMULATED_BADGE} " if provenance.simulated else ""
        applied = [str(condition) for condition in self._state.applied]
        if applied:
            words.append(f"{len(applied)} cut{'s' if len(applied) != 1 else ''}")
        everything = html.escape("\n".join([str(provenance), str(self._state.region or self._state.place), *applied]))
        self._status.value = f'{badge}<span title="{everything}">{html.escape(" · ".join(words))}</span>'
        # Of a list or a query the region only says where they are.
        self._rest.layout.display = "none" if provenance.complete or self._state.asked != "region" else ""

"""The catalogue to match with: one that is offered, a notebook variable, a file or a service."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets

from ...archive.catalogues.own_table import is_own_table
from ...archive.catalogues.table_catalogue import TableCatalogue
from ...errors import CscError
from ...export.variable import variables
from ...state.crossmatch import CrossmatchState
from ..bind import Bindings
from ..callbacks import Guard
from ..controls import dropdown, row, spoken, text

__all__ = ["CatalogueChooser"]

_VARIABLE, _WRITTEN = "variable", "written"
_ADDRESS = "file, TAP address and table, cone search address, or VizieR table"


class CatalogueChooser:
    """Sets the state's catalogue.

    Parameters
    ----------
    state : CrossmatchState
    namespace : mapping
        The notebook's variables.
    guard : callable
        Wraps callbacks so that their errors are shown.

    Attributes
    ----------
    title : HTML
        Which catalogue was found, where the choice does not say it.
    """

    def __init__(self, state: CrossmatchState, namespace: Mapping[str, Any], guard: Guard) -> None:
        self._state, self._namespace = state, namespace
        self._bind = bind = Bindings(guard)
        self._choice = dropdown("Match with", [("–", None)], "auto")
        self._choice.style.description_width = "initial"
        self._variable = spoken(dropdown("", [], "auto"), "A table of this notebook")
        self._look = ipywidgets.Button(icon="refresh", tooltip="Look for tables in the notebook")
        address = text(placeholder=_ADDRESS, layout=ipywidgets.Layout(width="auto"))
        self._address = spoken(address, _ADDRESS)
        self._from_notebook = row(self._variable, self._look)
        self.title = ipywidgets.HTML()
        self.widget = row(self._choice, self._from_notebook, self._address)
        self.widget.add_class("csc-catalogue-chooser")
        bind.when_chosen(self._choice, lambda _: self._chosen())
        bind.when_chosen(self._variable, self._variable_chosen)
        bind.when_pressed(self._look, self._list_variables)
        bind.when_chosen(self._address, lambda _: self._written())
        bind.when(state, "offered", self._show_offered)
        bind.when(state, "catalogue", self._show_catalogue)
        self._show_offered()

    def _show_offered(self) -> None:
        options = [
            ("–", None),
            *((one.title, one) for one in self._state.offered),
            ("A table of this notebook ...", _VARIABLE),
            ("A file or a service ...", _WRITTEN),
        ]
        kept = self._choice.value
        self._bind.offer(self._choice, options, kept if kept in dict(options).values() else None)
        self._show_catalogue()

    def _show_catalogue(self) -> None:
        catalogue, choice = self._state.catalogue, self._choice.value
        titles = {one.title: one for one in self._state.offered}
        offered = None if catalogue is None else titles.get(catalogue.title)
        by_reader = choice == _VARIABLE or (choice == _WRITTEN and (catalogue is None or self._address.value.strip()))
        if not by_reader or (offered is catalogue is not None):
            with self._bind.showing():
                self._choice.value = _WRITTEN if catalogue is not None and offered is None else offered
        self.title.value = "" if offered or catalogue is None else f"→ {escape(catalogue.title)}"
        self._show_rest()

    def _show_rest(self) -> None:
        self._from_notebook.layout.display = "" if self._choice.value == _VARIABLE else "none"
        self._address.layout.display = "" if self._choice.value == _WRITTEN else "none"

    def _chosen(self) -> None:
        self._show_rest()
        own = {_VARIABLE: self._list_variables, _WRITTEN: self._written}.get(self._choice.value)
        self._state.catalogue = None if own else self._choice.value
        if own:
            own()

    def _list_variables(self) -> None:
        names = [name for name, value in variables(self._namespace) if is_own_table(value)]
        if not names:
            raise CscError("There is no table to choose", "no variable of the notebook holds one", "Make one first.")
        kept = self._variable.value
        self._bind.offer(self._variable, names, kept if kept in names else names[0])
        self._variable_chosen(self._variable.value)

    def _variable_chosen(self, name: str | None) -> None:
        if name:
            if name not in self._namespace:
                raise CscError(f"There is no table {name} any more", "", "Look for tables again.")
            self._state.catalogue = TableCatalogue(self._namespace[name], title=name)

    def _written(self) -> None:
        text = self._address.value.strip()
        if text:
            self._state.find(text)

"""Cuts as rows: a column, a comparison, a value, a unit."""

from __future__ import annotations

import ipywidgets

from cscwidgets.archive.cuts import COMPARISONS, Cut

from ...state.catalogue_query import CatalogueQuery
from ..bind import Bindings
from ..callbacks import Guard
from ..controls import row, spoken, text

__all__ = ["CutRows"]

_WORDS = {">=": "≥", "<=": "≤", "<>": "≠"}
_ALONE = frozenset(COMPARISONS[-4:])


class CutRows:
    """The cuts of a query, one below another; a row without a column or value is none yet.

    Parameters
    ----------
    state : CatalogueQuery
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, state: CatalogueQuery, guard: Guard) -> None:
        self._state, self._guard = state, guard
        self._rows: list[_Row] = []
        self._list = ipywidgets.VBox()
        add = ipywidgets.Button(description="Add a cut", icon="plus", tooltip="Another condition that must hold")
        self._where = ipywidgets.Textarea(
            continuous_update=False, rows=2, placeholder="flux_aper_h > 2 * flux_aper_s AND acis_num > 1"
        )
        self._where = spoken(self._where, "What else must hold, in ADQL")
        self._where.layout.width = "auto"
        words = ipywidgets.HTML("and, in ADQL:")
        self.widget = ipywidgets.VBox([self._list, row(add), words, self._where])
        for one, name in ((self._list, "csc-cuts"), (self.widget, "csc-cut-page"), (self.widget, "csc-scrolled")):
            one.add_class(name)
        self._bind = bind = Bindings(guard)
        bind.when_pressed(add, self._add)
        bind.tie(state, "where", self._where)
        bind.when(state, "cuts", self._show)
        bind.when(state, ("schema", "table"), self._offer)
        self._show()

    @property
    def pages(self) -> tuple[ipywidgets.Widget, ...]:
        """What is closed with it."""
        return (self.widget,)

    def _columns(self) -> list[str]:
        schema = self._state.schema
        return [] if schema is None else list(schema.columns(self._state.table))

    def _offer(self) -> None:
        names = self._columns()
        for one in self._rows:
            one.column.options = names

    def _show(self) -> None:
        if self._cuts() != self._state.cuts:
            self._replace([self._row(cut) for cut in self._state.cuts])
        if not self._rows:
            self._add()

    def _replace(self, rows: list[_Row]) -> None:
        gone = [one.widget for one in self._rows if one not in rows]
        self._rows = rows
        self._list.children = [one.widget for one in rows]
        for widget in gone:
            for part in (*widget.children, widget):
                part.close()

    def _add(self) -> None:
        self._replace([*self._rows, self._row(Cut("", ">", ""))])

    def _row(self, cut: Cut) -> _Row:
        made = _Row(cut, self._columns())
        for control in made.controls:
            self._bind.when_chosen(control, lambda _: self._changed())
        self._bind.when_pressed(made.remove, lambda: self._remove(made))
        return made

    def _remove(self, gone: _Row) -> None:
        self._replace([one for one in self._rows if one is not gone])
        self._changed()
        if not self._rows:
            self._add()

    def _changed(self) -> None:
        for one in self._rows:
            one.follow()
        self._state.cuts = self._cuts()

    def _cuts(self) -> tuple[Cut, ...]:
        return tuple(cut for one in self._rows if (cut := one.cut) is not None)


class _Row:
    def __init__(self, cut: Cut, columns: list[str]) -> None:
        value = " .. ".join(map(str, cut.value)) if isinstance(cut.value, tuple | list) else str(cut.value or "")
        self._given = (cut, value)
        self.column = spoken(
            ipywidgets.Combobox(
                value=cut.column,
                options=columns,
                placeholder="column",
                continuous_update=False,
                layout={"width": "auto"},
            ),
            "Column",
        )
        options = [(_WORDS.get(one, one), one) for one in COMPARISONS]
        chosen = cut.comparison if cut.comparison in COMPARISONS else ">"
        self.comparison = spoken(ipywidgets.Dropdown(options=options, value=chosen), "Comparison")
        self.comparison.layout.width = "96px"
        self.value = spoken(text(value, placeholder="value", layout={"width": "120px"}), "Value")
        self.unit = spoken(text(cut.unit, placeholder="its unit", layout={"width": "120px"}), "Unit of the value")
        self.remove = ipywidgets.Button(icon="times", tooltip="Leave this cut out", layout={"width": "28px"})
        self.controls = (self.column, self.comparison, self.value, self.unit)
        self.widget = ipywidgets.HBox([*self.controls, self.remove])
        self.widget.add_class("csc-cut")
        self.follow()

    def follow(self) -> None:
        """Show a value where the comparison takes one."""
        hidden = self.comparison.value in _ALONE
        for control in (self.value, self.unit):
            control.layout.visibility = "hidden" if hidden else None  # "visible" would show through the page in front
        self.value.placeholder = {"between": "1.5 .. 2.5", "like": "2CXO J01%"}.get(self.comparison.value, "value")

    @property
    def cut(self) -> Cut | None:
        """What is written; None while it is not complete."""
        column, comparison = self.column.value.strip(), self.comparison.value
        value, unit = self.value.value.strip(), self.unit.value.strip()
        if not column or not (value or comparison in _ALONE):
            return None
        if comparison in _ALONE:
            return Cut(column, comparison)
        given, written = self._given
        # What code gave stays as it is until somebody writes: a number is no text.
        same = (given.column, given.comparison, written, given.unit) == (column, comparison, value, unit)
        return given if same else Cut(column, comparison, value, unit)

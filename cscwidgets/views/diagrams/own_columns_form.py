"""Where columns of one's own are written, in the panel."""

from __future__ import annotations

import ipywidgets

from ...state.own_columns import OwnColumns
from ..bind import Bindings
from ..callbacks import Guard
from ..controls import field, formula, offer, settings, spoken, text

__all__ = ["OwnColumnsForm"]


class OwnColumnsForm:
    """A form that adds columns by a formula, and takes them away.

    Parameters
    ----------
    own : OwnColumns
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, own: OwnColumns, guard: Guard) -> None:
        self._own = own
        self.name = field(text(description="Name", placeholder="hs_ratio"))
        self.formula = field(formula("Formula"))
        self.formula.placeholder = "log10(flux_aper_h / flux_aper_s)"
        self.description = field(text(description="Words", placeholder="what it is"))
        self.add = ipywidgets.Button(description="Add column", icon="plus", tooltip="Add it to the table")
        listed = field(ipywidgets.Dropdown(tooltip="Columns of your own"))
        self.listed = spoken(listed, "Columns of your own")
        self.remove = ipywidgets.Button(description="Remove", icon="minus", tooltip="Take this column away")
        self.widget = settings(
            "Columns of your own",
            *(self.name, self.formula, self.description, self.add),
            ipywidgets.HBox([self.listed, self.remove]),
        )
        bind = Bindings(guard)
        bind.when_pressed(self.add, self._add)
        bind.when_pressed(self.remove, lambda: own.remove(self.listed.value))
        bind.when(own, ("expressions", "values"), self._show)
        self._show()

    def offer(self, columns: list[str]) -> None:
        """Offer these columns for formulas."""
        if list(self.formula.options) != columns:
            self.formula.options = columns

    def _add(self) -> None:
        self._own.add(self.name.value.strip(), self.formula.value, self.description.value)
        self.name.value = self.formula.value = self.description.value = ""

    def _show(self) -> None:
        names = [one["name"] for one in self._own.expressions] + list(self._own.values)
        offer(self.listed, names)
        self.listed.layout.display = self.remove.layout.display = "" if names else "none"

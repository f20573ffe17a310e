"""Labels and named subsets of what is selected: a menu of the table's bar."""

from __future__ import annotations

import ipywidgets

from ...errors import CscError
from ...export.palette import PALETTE
from ...state.explorer import ExplorerState
from ..bind import Bindings
from ..controls import dropdown, field, heading, legend, note, offer, spoken, text
from .menu import Menu

__all__ = ["MarkingMenu"]


class MarkingMenu:
    """Gives what is selected a label, or keeps it as a subset, in a colour.

    Parameters
    ----------
    explorer : ExplorerState
    """

    def __init__(self, explorer: ExplorerState) -> None:
        self._selection, self._own = explorer.desk.selection, explorer.own_columns
        self.label = spoken(
            ipywidgets.Combobox(placeholder="label", ensure_option=False, continuous_update=False), "Label"
        )
        colours = [("its colour", ""), *((words, colour) for colour, words in PALETTE.items())]
        self.colour = spoken(dropdown("", colours, "auto"), "Colour of the label")
        self.give = ipywidgets.Button(description="Label selected", tooltip="Give the selected sources this label")
        self.subset = spoken(text(placeholder="name of a subset"), "Name of the subset")
        self.condition = spoken(text(placeholder="or a condition: flux_aper_b > 1e-14"), "Condition of the subset")
        self.keep = ipywidgets.Button(
            description="Keep subset", tooltip="Keep the selected sources, or those of the condition"
        )
        listed = ipywidgets.Dropdown(tooltip="Subsets and labels that there are")
        self.listed = spoken(field(listed), "Subsets and labels")
        self.select = ipywidgets.Button(description="Select", tooltip="Select its sources")
        self.remove = ipywidgets.Button(icon="trash", tooltip="Forget it; its sources stay")
        self._legend = ipywidgets.HTML()
        keys = note("On a row: l label, n note, 1–9 a label again, 0 none, ↑ ↓ another source.")
        content = ipywidgets.VBox(
            [
                heading("Label"),
                ipywidgets.HBox([self.label, self.colour, self.give]),
                ipywidgets.HTML(keys),
                heading("Subset"),
                ipywidgets.HBox([self.subset, self.keep]),
                self.condition,
                self._legend,
                ipywidgets.HBox([self.listed, self.select, self.remove]),
            ]
        )
        content.add_class("csc-marking")
        self.widget = Menu(content, "marking", "Labels and named subsets", description="Mark", icon="tag").widget
        bind = Bindings(explorer.desk.messages.guard)
        bind.when_pressed(self.give, self._give)
        bind.when_pressed(self.keep, self._keep)
        bind.when_pressed(self.select, self._select)
        bind.when_pressed(self.remove, self._remove)
        bind.when(self._own, "groups", self._show)
        self._show()

    def _give(self) -> None:
        names = self._selection.names
        if not names:
            raise CscError("Nothing was labelled", "no source is selected", "Select some, or press l on a row.")
        self._own.label(names, self.label.value, self.colour.value or None)
        self.colour.value = ""

    def _keep(self) -> None:
        condition, names = self.condition.value.strip(), self._selection.names
        if not condition and not names:
            raise CscError("The subset was not kept", "no source is selected", "Select some, or write a condition.")
        told = {"condition": condition} if condition else {"names": names}
        self._own.keep_subset(self.subset.value.strip(), **told)
        self.subset.value = self.condition.value = ""

    def _select(self) -> None:
        group = next((one for one in self._own.groups if one.name == self.listed.value), None)
        if group is not None:
            self._selection.publish(f"subset {group.name}", group.names)

    def _remove(self) -> None:
        name = self.listed.value
        if name in self._own.annotations.colours:
            self._own.annotations.forget_label(name)
        elif name:
            self._own.subsets.remove(name)

    def _show(self) -> None:
        groups = self._own.groups
        self.label.options = list(self._own.annotations.colours)
        self._legend.value = legend({f"{one.name} ({len(one.names):,})": one.colour for one in groups})
        offer(self.listed, [one.name for one in groups])
        for control in (self.listed, self.select, self.remove):
            control.layout.display = "" if groups else "none"

"""The diagrams panel: any columns or formulas of the table, as points, histograms and cumulative curves, all linked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
from astropy.table import QTable

from ...export.script import Code
from ...science.column_expression import drawn_columns, numeric_columns
from ...state.diagrams import KINDS, MOST, SCALES, DiagramChoice, presets_for
from ...state.scripts.panels import diagrams_code
from ...state.workspace import Workspace
from ..controls import checkbox, dropdown, field, formula, legend, settings, spoken
from ..diagrams.own_columns_form import OwnColumnsForm
from ..diagrams.slot import Slot
from ..lazy import LazyBox
from ..panel import Panel, panel
from ..panel_body import PanelBody
from ..plots.diagram import MANY
from ..plots.linked_diagram import tool_choice
from ..sky import Sky
from ..theme import SIMULATED_BADGE

if TYPE_CHECKING:  # imports matplotlib
    from ...export.figure import PaperFigure

__all__ = ["DiagramsPanel"]

_KINDS = {"scatter": "points", "histogram": "histogram", "cumulative": "cumulative"}
_SCALES = {"usual": "usual", "linear": "linear", "log": "logarithmic", "inverted": "upside down"}


@panel("Diagrams", name="diagrams", after="Hardness")
class DiagramsPanel(Panel):
    """Diagrams of the reader's choice, linked to the selection."""

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self._explorer, self._state = workspace.explorer, workspace.diagrams
        self._own = workspace.explorer.own_columns
        guard = self.desk.messages.guard
        self.slots = [
            Slot(number, choice, self._explorer) for number, choice in enumerate(self._state.diagrams, start=1)
        ]
        self._which = spoken(dropdown("", [(slot.title, at) for at, slot in enumerate(self.slots)], "auto"), "Diagram")
        self._preset = spoken(dropdown("", [], "150px"), "Diagrams that people publish")
        self._kind = spoken(dropdown("", [(_KINDS[kind], kind) for kind in KINDS], "auto"), "How it is drawn")
        self._count = dropdown("Side by side", [(str(number), number) for number in range(1, MOST + 1)], "auto")
        self._fields = {
            "kind": self._kind,
            "colour": field(formula("Colour")),
            "size": field(formula("Size")),
            "x_scale": field(dropdown("Scale across", [(_SCALES[scale], scale) for scale in SCALES], "auto")),
            "y_scale": field(dropdown("Scale up", [(_SCALES[scale], scale) for scale in SCALES], "auto")),
            "errors": checkbox("68% errors", value=True),
        }
        self.columns = OwnColumnsForm(self._own, guard)
        self._side = LazyBox(*(slot.widget for slot in self.slots))
        self._side.add_class("csc-side-by-side")
        self._note = ipywidgets.HTML()
        tools = tool_choice([slot.points.diagram for slot in self.slots], guard)
        form = settings("The diagram", *(part for name, part in self._fields.items() if name != "kind"))
        self.widget = PanelBody(
            [self._preset, self._which, self._kind, tools],
            [self._side],
            across=True,
            settings=ipywidgets.VBox([form, settings(self._count), self.columns.widget]),
            foot=self._note,
        )
        self.widget.add_class("csc-diagrams")
        for name, control in self._fields.items():
            self.bind.when_chosen(control, partial(self._change, name))
        for choice in self._state.diagrams:
            self.bind.when(choice, [*self._fields, "x", "y"], self._show_choice)
        self.bind.when_chosen(self._preset, self._take)
        self.bind.when(self._which, "value", self._show_choice)
        self.bind.tie(self._state, "count", self._count)
        self.bind.when(self._state, "count", self._arrange)
        self.bind.when(self._explorer, "table", self.redraw)
        self.bind.when(self._own, "revision", self.redraw)
        self.bind.when(self._own, "groups", self._say)
        self._arrange()
        self.redraw()

    @property
    def _choice(self) -> DiagramChoice:
        choice: DiagramChoice = self._state.diagrams[self._which.value]
        return choice

    def _change(self, name: str, value: Any) -> None:
        setattr(self._choice, name, value)

    @property
    def _shown(self) -> list[Slot]:
        return self.slots[: self._state.count]

    def _arrange(self) -> None:
        for slot in self._shown:
            slot.draw()
        self._side.show(*(slot.widget for slot in self._shown))
        self._which.layout.display = "" if self._state.count > 1 else "none"
        self.bind.offer(
            self._which,
            [(slot.title, at) for at, slot in enumerate(self._shown)],
            min(self._which.value, self._state.count - 1),
        )
        self._show_choice()

    def _take(self, title: str) -> None:
        if title:
            self._choice.take(
                next(preset for preset in presets_for(self._explorer.table.colnames) if preset.title == title)
            )

    def _show_choice(self) -> None:
        with self.bind.showing():
            for name, control in self._fields.items():
                control.value = getattr(self._choice, name)
        presets = presets_for(self._explorer.table.colnames)
        titles = [("Choose a diagram", ""), *((preset.title, preset.title) for preset in presets)]
        chosen = next((preset.title for preset in presets if preset.is_of(self._choice)), "")
        self.bind.offer(self._preset, titles, chosen)
        scatter = self._choice.kind == "scatter"
        for name in ("colour", "size", "errors"):
            self._fields[name].layout.display = "" if scatter else "none"

    def redraw(self) -> None:
        """Draw the table anew."""
        table = self._explorer.table
        columns = numeric_columns(table)
        for name in ("colour", "size"):
            if list(self._fields[name].options) != columns:
                self._fields[name].options = columns
        self.columns.offer(columns)
        self._show_choice()
        self.widget.fill_or_invite(len(table), "Search for sources, then draw any of their columns against any other.")
        for slot in self._shown:
            slot.draw()
        self._say()

    def _say(self) -> None:
        groups = {f"{group.name} ({len(group.names):,})": group.colour for group in self._own.groups}
        words = [legend(groups)] if groups else []
        if len(self._explorer.table) > MANY:
            words.append(
                f"More than {MANY:,} sources: the picture shows how many in each cell, no errors; picking is exact."
            )
        words.append(
            "Errors are 68% intervals; of formulas they are those of their columns, taken as independent, added in "
            "quadrature on each side. Arrows are limits."
        )
        badge = f"{SIMULATED_BADGE} " if self._explorer.simulated else ""
        self._note.value = f'<div class="csc-panel-note">{badge}{" ".join(words)}</div>'

    @property
    def table(self) -> QTable:
        """What is drawn: the name of every source, and the values, ends and limits of each axis, colour and size.

        Raises
        ------
        CscError
            What the search failed with, or a formula that cannot be computed.
        """
        self.settle()
        table = self._explorer.table
        return drawn_columns(table, self._state.drawn) if len(table.colnames) else QTable()

    @property
    def code(self) -> Code:
        """What is shown as parts of a script; see `script`."""
        return diagrams_code(self._explorer, self._state)

    def figure(self) -> PaperFigure:
        """The diagrams as a matplotlib figure, for the paper; raises as `table` does."""
        self.settle()
        shown = self._shown
        figure = self.paper_figure(figsize=(5.5 * len(shown), 4.5), simulated=self._explorer.simulated)
        parts = np.ravel(figure.subfigures(*figure.shape_of(len(shown)), squeeze=False)).tolist()
        for slot, part in zip(shown, parts, strict=True):
            slot.paint(part)
        figure.legend_below(*figure.axes)
        figure.suptitle(f"{self._explorer.archive_title}: {len(self._explorer.table):,} sources", fontsize=9)
        return figure

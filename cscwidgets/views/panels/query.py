"""The query panel: which columns and rows of which table are asked for, how many they are, and a query of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import ipywidgets
import numpy as np
from astropy.table import QTable

from cscwidgets.archive import Provenance
from cscwidgets.archive.cuts import Cut
from cscwidgets.archive.query import chosen_columns
from cscwidgets.csc.column_groups import PRESETS, preset
from cscwidgets.export.files import write_table
from cscwidgets.export.script import Code
from cscwidgets.export.variable import to_variable
from cscwidgets.state.catalogue_query import SOURCES, CatalogueQuery
from cscwidgets.state.scripts.panels import query_code
from cscwidgets.state.selection import Mode
from cscwidgets.state.workspace import Workspace
from cscwidgets.views.controls import dropdown, row, spoken, text
from cscwidgets.views.copy_button import CopyButton
from cscwidgets.views.deck import Deck
from cscwidgets.views.export import ExportBar
from cscwidgets.views.lazy import LazyBox
from cscwidgets.views.panel import Panel, panel
from cscwidgets.views.panel_body import PanelBody
from cscwidgets.views.query.adql_box import AdqlBox
from cscwidgets.views.query.column_chooser import ColumnChooser
from cscwidgets.views.query.cut_rows import CutRows
from cscwidgets.views.query.list_page import ListPage
from cscwidgets.views.sky import Sky
from cscwidgets.views.table import SourceTable

__all__ = ["QueryPanel"]

_TABLES = (
    ("Sources", SOURCES),
    ("Detections in stacks", "stack_source"),
    ("Detections in observations", "observation_source"),
)
_ROW, _LIST = "#", "List"
_NO_ROWS = "Detections, and the rows of your own query, come here. Sources come into the table below."


@panel("Query", name="query", after="Images")
class QueryPanel(Panel):
    """Columns and cuts of the next search, the query they make, and its rows where they are not the explorer's own.

    Attributes
    ----------
    state : CatalogueQuery
        What is asked; set ``columns``, ``cuts``, ``where`` or ``edit()`` it.

    Examples
    --------
    >>> app.query.search(["powlaw_gamma"], Cut("powlaw_gamma", ">", 1.5))  # doctest: +SKIP
    >>> app.table["powlaw_gamma"]  # doctest: +SKIP
    """

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self.state = state = workspace.query
        guard = self.desk.messages.guard
        self.table_choice = spoken(dropdown("", _TABLES, "200px"), "Rows of which table")
        self._count = ipywidgets.Button(description="Count", tooltip="How many rows would there be?")
        self._words = ipywidgets.HTML()
        self._words.add_class("csc-rows-count")
        self._search = ipywidgets.Button(
            description="Search", icon="search", button_style="primary", tooltip="Ask for the rows"
        )
        self.chooser = ColumnChooser()
        self.cuts = CutRows(state, guard)
        self.box = AdqlBox(guard)
        self.rows = SourceTable(key=_ROW, noun="rows", height=0, guard=guard)
        self.rows.layout = ipywidgets.Layout(flex="1 1 0", min_width="0", min_height="0")
        self._keys: dict[str, str] = {}
        export = ExportBar(self.export, self.write, self.desk.messages, name="rows")
        self._rest = ipywidgets.Button(
            description="Get the rest", icon="plus", tooltip="Ask for the rows the service did not send"
        )
        self._copy = CopyButton(label="Copy")
        self._back = ipywidgets.Button(description="As chosen", tooltip="The query of the columns and cuts again")
        self._edited = ipywidgets.HTML()
        self._problem = ipywidgets.HTML()
        self._problem.add_class("csc-problem-line")
        self._foot = ipywidgets.HTML()
        self._no_rows, self._export = ipywidgets.HTML(_NO_ROWS), row(self._rest, export.widget)
        self._rows_page = LazyBox(self._no_rows, self.rows, self._export)
        self._rows_page.add_class("csc-rows-page")
        self.list_page = ListPage(workspace)
        pages = {
            "Columns": _page("csc-columns-page", self._presets(), self.chooser),
            "Cuts": self.cuts.widget,
            "ADQL": _page("csc-adql-page", row(self._copy, self._back, self._edited), self.box),
            "Rows": self._rows_page,
            _LIST: self.list_page.widget,
        }
        self.deck = Deck(
            pages,
            guard,
            hints={
                "Columns": "Which columns come with the rows",
                "Cuts": "What must hold for the rows",
                "ADQL": "The query that will be sent: copy it, or write another",
                "Rows": "Rows of detections and of your own query",
                _LIST: "Paste positions or names, and see what each is",
            },
            controls={title: (self.table_choice,) for title in pages if title != _LIST},
        )
        self._asking = row(self._search, self._count, self._words)
        self.options = {"view": self.deck.switch}
        self.widget = PanelBody([self.deck.bar, self._asking], [self.deck, self._problem], foot=self._foot)
        self.widget.add_class("csc-query")
        self._tie()

    def _presets(self) -> ipywidgets.Widget:
        self._preset = spoken(ipywidgets.Dropdown(layout={"width": "150px"}), "Add columns of a usual choice")
        self._clear = ipywidgets.Button(description="Clear", tooltip="Choose no further columns")
        self._add = ipywidgets.Button(
            description="Add to the table", icon="plus", tooltip="Ask for these columns of the rows that are shown"
        )
        self._title = spoken(text(placeholder="name", layout={"width": "90px"}), "Name of this choice")
        self._keep = ipywidgets.Button(description="Keep", tooltip="Keep this choice under the name, for next time")
        return row(self._preset, self._clear, self._title, self._keep, self._add)

    def _tie(self) -> None:
        state, bind = self.state, self.bind
        bind.tie(state, "table", self.table_choice)
        bind.when(state, "columns", self._mark)
        self.chooser.observe(self.desk.messages.guard(lambda _: self._choose()), "chosen")
        bind.when(state, ("schema", "table"), self._offer)
        bind.when(state, ("text", "edited"), self._show_text)
        bind.when(state, ("problem", "schema", "rows", "columns", "result", "rest"), self._say)
        bind.when(self.workspace.explorer, "table", self._say)
        bind.when(state, "result", self._show_rows)
        bind.when(state, "rest", self._offer_the_rest)
        bind.when_pressed(self._rest, state.get_the_rest)
        bind.when(self.desk.selection, "names", self._highlight)
        bind.when(self.workspace.explorer, "archive_title", self._open)
        bind.when_chosen(self.box, self._edit)
        bind.when_chosen(self._preset, self._take_preset)
        bind.when_pressed(self._clear, lambda: setattr(state, "columns", ()))
        bind.when_pressed(self._keep, self._keep_choice)
        bind.when_pressed(self._add, state.add_columns)
        bind.when_pressed(self._count, state.count)
        bind.when_pressed(self._search, self._go)
        bind.when_pressed(self._back, lambda: state.edit(""))
        bind.when(self.deck.switch, "value", self._turned)
        self.box.on_run(self._go)
        self.rows.on_select(self._picked)
        self._offer_presets()
        self._offer()
        self._show_text()
        self._say()
        self._show_rows()
        self._offer_the_rest()

    def shown(self, visible: bool) -> None:
        """Find out which columns there are, once somebody looks."""
        if visible:
            self._open()

    def _open(self) -> None:
        if self.workspace.explorer.archive_title:
            self.state.open()

    def settle(self) -> None:
        """Wait for what was asked, and raise what it failed with."""
        self.state.settle()

    @property
    def table(self) -> QTable:
        """The rows of the last search from here: of detections or one's own query, else the explorer's sources."""
        self.settle()
        return self.state.result if len(self.state.result.colnames) else self.workspace.explorer.table

    @property
    def code(self) -> Code:
        """What is shown as parts of a script; see `script`."""
        return query_code(self.state)

    @property
    def provenances(self) -> list[Provenance | None]:
        """Where the rows came from."""
        return [(self.state.result if self.state.answered else self.workspace.explorer.table).meta.get("provenance")]

    def search(
        self,
        columns: Sequence[str] = (),
        where: Cut | str | Sequence[Cut | str] = (),
        *,
        table: str = SOURCES,
    ) -> None:
        """Search the explorer's region for rows of a table, in the background.

        Parameters
        ----------
        columns : sequence of str
            Columns besides the usual ones.
        where : Cut, str or sequence of them
            What must hold.
        table : {"master_source", "stack_source", "observation_source"}
            Sources become the explorer's; of detections see `table`.

        Raises
        ------
        CscError
            At once, if a column or condition is none: which word, why, what is near it.
        """
        parts = [where] if isinstance(where, str | Cut) else list(where)
        state = self._opened()
        state.edit("")
        state.table = table
        with state.hold_trait_notifications():
            state.columns = tuple(columns)
            state.cuts = tuple(part for part in parts if isinstance(part, Cut))
            state.where = " AND ".join(f"({part})" for part in parts if isinstance(part, str))
        state.search()

    def run(self, adql: str) -> None:
        """Run a query of one's own in the background; see `table`."""
        state = self._opened()
        state.edit(adql)
        state.search()

    def get_the_rest(self) -> None:
        """Ask for the rows that the service did not send, in the background; see `table`."""
        self.state.get_the_rest()

    def count(self) -> int:
        """How many rows there would be now, or would be at most in a large region (``state.at_most``); waits."""
        state = self._opened()
        state.count()
        state.settle()
        return state.rows or 0

    def _opened(self) -> CatalogueQuery:
        self.desk.tasks.settle("search")
        self.state.open()
        self.desk.tasks.settle("columns")
        return self.state

    def export(self, name: str, *, overwrite: bool = False) -> QTable:
        """Write the rows to a notebook variable, and return them."""
        rows = self.table.copy()
        to_variable(rows, name, self.workspace.namespace, overwrite=overwrite)
        return rows

    def write(self, path: str, *, overwrite: bool = False) -> Path:
        """Write the rows to a file: VOTable, ECSV, FITS or Parquet by its ending."""
        return write_table(self.table, path, overwrite=overwrite)

    def _mark(self) -> None:
        self.chooser.chosen = list(self.state.columns)

    def _choose(self) -> None:
        self.state.columns = tuple(self.chooser.chosen)

    def _go(self) -> None:
        self.state.search()

    def _turned(self) -> None:
        # A list is asked for in its own way.
        for part in (self._asking, self._foot):
            part.layout.display = "none" if self.deck.switch.value == _LIST else ""
        self._say()

    def _edit(self, value: str) -> None:
        if value != self.state.text:
            self.state.edit(value)

    def _offer(self) -> None:
        schema = self.state.schema
        if schema is None:
            return
        columns = schema.columns(self.state.table)
        self.chooser.offer(columns, chosen_columns(None, list(columns)))
        if self.box.tables.keys() != schema.tables.keys():
            self.box.offer(schema.tables)

    def _offer_presets(self) -> None:
        own = self.state.memory.own
        options = [("Add a preset …", ""), *((title, title) for title in PRESETS)]
        self.bind.offer(self._preset, [*options, *((f"{title} (own)", f"own:{title}") for title in own)], "")

    def _take_preset(self, chosen: str) -> None:
        schema = self.state.schema
        if chosen and schema is not None:
            there = schema.columns(self.state.table)
            title = chosen.removeprefix("own:")
            names = self.state.memory.own.get(title, ()) if chosen.startswith("own:") else preset(title, there)
            if absent := [name for name in names if name not in there]:
                self.desk.messages.note(f"This table has no {', '.join(absent)}", "the choice was kept for another")
            usual = set(self.chooser.usual)
            added = [name for name in names if name in there and name not in usual]
            self.state.columns = tuple(dict.fromkeys([*self.state.columns, *added]))
        with self.bind.showing():
            self._preset.value = ""

    def _keep_choice(self) -> None:
        self.state.memory.keep(self._title.value, self.state.columns)
        self._title.value = ""
        self._offer_presets()

    def _show_text(self) -> None:
        with self.bind.showing():
            self.box.value = self.state.text
        self._copy.text = self.state.text
        self._back.disabled = not self.state.edited
        words = "Your own query: columns and cuts do not count." if self.state.edited else "Follows columns and cuts."
        self._edited.value = words

    def _say(self) -> None:
        state = self.state
        self._problem.value = escape(state.problem)
        self._problem.layout.display = "" if state.problem and self.deck.switch.value != _LIST else "none"
        self._search.disabled = self._count.disabled = bool(state.problem)
        self._add.disabled = not state.missing or bool(state.problem)
        if state.rows is None:
            self._words.value = ""
        elif not state.at_most:
            self._words.value = f"{state.rows:,} rows"
        else:
            self._words.value = (
                f'<span title="So many lie in the box around the region">at most {state.rows:,} rows</span>'
            )
        parts = [] if state.schema is None else [f"Columns {state.schema.origin}."]
        if state.result_words:
            parts.append(f"Rows: {state.result_words}.")
        if state.rest:
            parts.insert(0, f"{state.rest}.")  # first: what has no room is cut off at the end
        self._foot.value = escape(" ".join(parts)) or "The columns are listed once a place was searched."

    def _show_rows(self) -> None:
        rows = self.state.result
        self._keys = {}
        if not len(rows.colnames):
            self._rows_page.show(self._no_rows)
            return
        self._rows_page.show(self.rows, self._export)
        shown = rows.copy(copy_data=False)
        numbers = [str(number) for number in range(1, len(rows) + 1)]
        shown.add_column(np.array(numbers, dtype=str), name=_ROW, index=0)
        self.rows.show(shown, shown.colnames[:14])
        if "name" in rows.colnames:
            self._keys = dict(zip(numbers, map(str, rows["name"]), strict=True))
        self._highlight()
        self.deck.switch.value = "Rows"

    def _offer_the_rest(self) -> None:
        self._rest.layout.display = "" if self.state.rest else "none"
        self._rest.tooltip = f"Ask for the rows the service did not send. {self.state.rest}."

    def _highlight(self) -> None:
        names = self.desk.selection.names
        self.rows.highlight([key for key, name in self._keys.items() if name in names])

    def _picked(self, keys: list[str], mode: Mode | None) -> None:
        names = list(dict.fromkeys(self._keys[key] for key in keys if key in self._keys))
        if len(names) == 1 and mode is None:
            self.workspace.explorer.picked("query", names[0], mode)
        elif names:
            self.desk.selection.publish("query", names, mode)


def _page(name: str, *parts: ipywidgets.Widget) -> ipywidgets.Box:
    page = ipywidgets.Box(list(parts))
    page.add_class(name)
    return page

"""Columns of the reader's own, in every table that is searched: formulas, values, labels, notes and subsets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any, ClassVar

import astropy.units as u
import numpy as np
from astropy.table import Column, MaskedColumn, QTable
from astropy.utils.masked import Masked
from numpy.typing import NDArray
from traitlets import Dict, Int, List, Tuple

from cscwidgets.arrays import Flags
from cscwidgets.errors import CscError
from cscwidgets.export.palette import next_colour
from cscwidgets.io.reading import Unreadable
from cscwidgets.science.column_expression import computed_columns, condition

from .annotations import Annotations
from .keeping import Keeps, Kept
from .kept_columns import COLOURS, EXPRESSIONS, LABELS, NOTES, SUBSETS, VALUES, kept_values
from .live_table import LiveTable
from .messages import Messages
from .rows import index_of
from .subsets import Subsets

__all__ = ["LABEL", "NOTE", "Group", "OwnColumns"]

LABEL, NOTE = "label", "note"
"""Columns of labels and notes."""


@dataclass(frozen=True)
class Group:
    """Sources that all views show in one colour."""

    name: str
    colour: str
    names: frozenset[str]


class OwnColumns(Keeps):
    """What a reader adds to the table.

    Parameters
    ----------
    messages : Messages
        Where it is said what cannot be in a table.

    Attributes
    ----------
    expressions : list of dict
        Each with ``name``, ``formula`` and ``description``. Plain values: a session can keep them.
    values : dict of str to (list of str, column)
        Columns that code assigned, and the names of the sources that they belong to.
    annotations : Annotations
    subsets : Subsets
    names : list of str
        Columns of the present table that are the reader's own.
    groups : tuple of Group
        Labels and subsets that are shown, with the sources of the present table; the last is drawn on top.
    revision : int
        Goes up when columns of the present table changed.
    """

    fields: ClassVar = {
        "expressions": EXPRESSIONS,
        "values": VALUES,
        "labels": LABELS,
        "notes": NOTES,
        "colours": COLOURS,
        "kept_subsets": SUBSETS,
    }

    expressions = List(Dict())
    values = Dict()
    names: List[str] = List()
    groups = Tuple()
    revision = Int(0)

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self._messages = messages
        self._table = LiveTable()
        self.annotations, self.subsets = Annotations(), Subsets()
        changed = messages.guard(lambda _: self._renew())
        self._written: tuple[Mapping[str, str], ...] = ({}, {}, {})
        self.annotations.observe(messages.guard(lambda _: self._renew_annotated()), ["labels", "notes", "colours"])
        self.subsets.observe(changed, "subsets")
        self.observe(changed, "expressions")

    @property
    def labels(self) -> dict[str, str]:
        """Labels by source."""
        return dict(self.annotations.labels)

    @property
    def notes(self) -> dict[str, str]:
        """Notes by source."""
        return dict(self.annotations.notes)

    @property
    def colours(self) -> dict[str, str]:
        """Colours by label."""
        return dict(self.annotations.colours)

    @property
    def kept_subsets(self) -> list[dict[str, Any]]:
        """Named subsets."""
        return list(self.subsets.subsets)

    @classmethod
    def read_kept(cls, kept: Kept) -> Kept:
        """The values of a record, in which each label has its colour."""
        values = super().read_kept(kept)
        if without := {*values["labels"].values()} - values["colours"].keys():
            raise Unreadable(f"the label {min(without)!r} has no colour")
        return values

    def unkept(self) -> Iterator[str]:
        """Columns of code that are too many, or of other kinds than numbers, flags and texts."""
        for name, why in kept_values(self.values)[1].items():
            yield f"the column {name}: {why}"

    def restore(self, kept: Kept) -> Iterator[None]:
        """Add what was added."""
        self.values = kept["values"]
        for name in ("colours", "labels", "notes"):
            setattr(self.annotations, name, kept[name])
        self.subsets.subsets = kept["kept_subsets"]
        self.expressions = kept["expressions"]
        yield from ()

    def added_to(self, table: QTable) -> QTable:
        """A table with these columns, which from now on is the present one; its own are not copied."""
        if table is self._table or not len(table.colnames):
            return table
        catalogue = table[[name for name in table.colnames if name not in self.names]] if self.names else table
        self._table = LiveTable.of(catalogue, self._assigned)
        self._fill()
        return self._table

    def add(self, name: str, formula: str, description: str = "") -> None:
        """Add a column by a formula, in place of an own one of that name; in later tables it is computed anew.

        Parameters
        ----------
        name : str
            Letters, digits and underscores.
        formula : str
            See `cscwidgets.science.column_expression.evaluate`, or a condition for a column of true and false.
        description : str

        Raises
        ------
        CscError
            If the name is taken or no name, or it cannot be computed in the present table.
        """
        self._check(name)
        if len(self._table):
            computed_columns(self._table, name, formula)
        made = {"name": name, "formula": formula.strip(), "description": description.strip()}
        self.values = {other: value for other, value in self.values.items() if other != name}
        self.expressions = [one for one in self.expressions if one["name"] != name] + [made]

    def remove(self, name: str) -> None:
        """Take a column away that was added by a formula or by code.

        Raises
        ------
        CscError
            If it is none of these.
        """
        if name not in self.values and all(one["name"] != name for one in self.expressions):
            raise CscError(f"There is no column {name!r} to remove", "only columns of one's own can be removed")
        self.values = {other: value for other, value in self.values.items() if other != name}
        expressions = [one for one in self.expressions if one["name"] != name]
        if expressions == self.expressions:
            self._renew()
        self.expressions = expressions

    def label(self, names: Collection[str], label: str, colour: str | None = None) -> None:
        """Give sources a label, see `Annotations.label`, in a colour that no other label or subset has unless told."""
        known = label in self.annotations.colours
        self.annotations.label(names, label, colour or (None if known else self._free_colour()))

    def _free_colour(self) -> str:
        taken = [*self.annotations.colours.values(), *(one["colour"] for one in self.subsets.subsets)]
        return next_colour(taken)

    def keep_subset(self, name: str, **told: Any) -> None:
        """Keep a subset, see `Subsets.add`, whose name is that of no other column, and whose condition can be computed.

        Raises
        ------
        CscError
            As `Subsets.add` does, if the name is taken, or for a condition that cannot be computed.
        """
        if all(one["name"] != name for one in self.subsets.subsets):
            self._check(name, {*self.values, *(one["name"] for one in self.expressions)})
        if told.get("condition") and len(self._table):
            condition(told["condition"], self._table)
        known = any(one["name"] == name for one in self.subsets.subsets)
        colour = told.pop("colour", None) or (None if known else self._free_colour())
        self.subsets.add(name, colour=colour, **told)

    def _check(self, name: str, more: Collection[str] = ()) -> None:
        reserved = {LABEL, NOTE, *(one["name"] for one in self.subsets.subsets), *more}
        catalogue = set(self._table.colnames) - set(self.names)
        if not name.isidentifier():
            why, hint = f"{name!r} is no name of a column", "Use letters, digits and underscores."
        elif name in catalogue:
            why, hint = f"the catalogue has a column {name}", "Choose another name."
        elif name in reserved:
            why, hint = f"there are labels, notes, a subset or a column of the name {name}", "Choose another name."
        else:
            return
        raise CscError("The column was not added", why, hint)

    def _assigned(self, name: str) -> None:
        """Code set or removed a column of the present table."""
        table = self._table
        if name in (LABEL, NOTE) and name in table.colnames:
            self._annotated(name)
            return
        if name in table.colnames and any(one["name"] == name for one in self.subsets.subsets):
            members = np.asarray(table[name], bool)
            self.subsets.add(name, names=np.asarray(table["name"], str)[members].tolist())
            return
        values = {other: value for other, value in self.values.items() if other != name}
        if name in table.colnames:
            values[name] = ([str(source) for source in table["name"]], table[name])
        self.values = values
        expressions = [one for one in self.expressions if one["name"] != name]
        if expressions != self.expressions:
            self.expressions = expressions
        else:
            self._renew()

    def _annotated(self, name: str) -> None:
        """Labels or notes were assigned as a column: those of these sources take their places."""
        column = np.ma.filled(np.ma.asarray(self._table[name]).astype(str), "")
        written = dict(zip(map(str, self._table["name"]), column.tolist(), strict=True))
        if name == LABEL:
            for label in dict.fromkeys(written.values()):
                self.annotations.label([source for source, text in written.items() if text == label], label)
        else:
            others = {source: text for source, text in self.annotations.notes.items() if source not in written}
            self.annotations.notes = others | {source: text for source, text in written.items() if text}
        self._renew()

    def _renew_annotated(self) -> None:
        """A label and its colour come together, and are told one after the other."""
        written = self.annotations.labels, self.annotations.notes, self.annotations.colours
        if not all(map(is_, written, self._written)):
            self._written = written
            self._renew()

    def _renew(self) -> None:
        """Compute the columns of the present table anew."""
        if len(self._table.colnames):
            # What code assigned stays in its place: it may have been changed there since.
            kept = [name for name in self.values if name in self._table.colnames]
            with self._table.quiet():
                self._table.remove_columns({*self.names} & {*self._table.colnames} - {*kept})
            self._fill(kept)
        self.revision += 1

    def _fill(self, kept: Sequence[str] = ()) -> None:
        table, made = self._table, list(kept)
        for columns in (self._of_values(kept), self._of_formulas(), self._of_annotations(), self._of_subsets()):
            for name, column, description in columns:
                if name in table.colnames:
                    self._messages.note(
                        f"The column {name} of your own is not in the table", "there is another one of that name"
                    )
                    continue
                with table.quiet():
                    table[name] = column
                    table[name].info.description = description
                made.append(name)
        self.names = made
        self.groups = tuple(self._groups())

    def _of_values(self, kept: Sequence[str]) -> Iterator[tuple[str, Any, str]]:
        for name, (sources, column) in self.values.items():
            if name in kept:
                continue
            same = len(sources) == len(self._table) and sources == [str(source) for source in self._table["name"]]
            try:
                carried = column if same else self._carried(sources, column)
            except (TypeError, ValueError) as error:
                self._messages.note(f"The column {name} of the table before is not in this one", str(error))
                continue
            yield name, carried, str(column.info.description or "")

    def _carried(self, sources: Sequence[str], column: Any) -> Any:
        """A column of another table, by the names of the sources; masked where there is no such source."""
        place = {source: row for row, source in enumerate(sources)}
        rows = np.array([place.get(str(source), -1) for source in self._table["name"]], int)
        if not len(rows) or not (rows >= 0).any():
            raise ValueError("it has none of its sources")
        taken, missing = column[rows], rows < 0
        if isinstance(taken, u.Quantity):
            masked = Masked(getattr(taken, "unmasked", taken), mask=missing | getattr(taken, "mask", False))
            return masked if missing.any() else taken
        if not isinstance(taken, Column):
            raise TypeError(f"values of the kind {type(column).__name__} are not carried over")
        masked = MaskedColumn(taken)
        masked.mask = np.ma.getmaskarray(masked) | missing
        return masked

    def _of_formulas(self) -> Iterator[tuple[str, Any, str]]:
        for one in self.expressions:
            try:
                yield from computed_columns(self._table, one["name"], one["formula"], one["description"])
            except CscError as error:
                self._messages.note(f"The column {one['name']} of your own is not in the table", str(error))

    def _of_annotations(self) -> Iterator[tuple[str, Any, str]]:
        for name, texts in ((LABEL, self.annotations.labels), (NOTE, self.annotations.notes)):
            if texts:
                column = np.full(len(self._table), "", dtype=f"U{max(map(len, texts.values()))}")
                rows, present = self._rows_of(texts)
                column[rows] = [texts[source] for source in present]
                words = "Label" if name == LABEL else "Note"
                yield name, MaskedColumn(column, mask=column == ""), f"{words} given by the reader"

    def _of_subsets(self) -> Iterator[tuple[str, Any, str]]:
        for subset in self.subsets.subsets:
            try:
                members = self._members(subset)
            except CscError as error:
                self._messages.note(f"The subset {subset['name']} is not in the table", str(error))
                continue
            told = f": {subset['condition']}" if "condition" in subset else ""
            yield subset["name"], members, f"Subset of the reader{told} (colour {subset['colour']})"

    def _members(self, subset: Mapping[str, Any]) -> Flags:
        if "condition" in subset:
            return condition(subset["condition"], self._table)
        members = np.zeros(len(self._table), bool)
        members[self._rows_of(subset["names"])[0]] = True
        return members

    def _rows_of(self, sources: Mapping[str, str] | Sequence[str]) -> tuple[NDArray[np.intp], list[str]]:
        """Rows of those sources that are in the table, and these sources."""
        row = index_of(self._table).row
        present = {source: place for source in sources if (place := row(source)) is not None}
        return np.array([*present.values()], np.intp), [*present]

    def _groups(self) -> Iterator[Group]:
        names = np.asarray(self._table["name"], str)
        for subset in self.subsets.subsets:
            if subset["shown"] and subset["name"] in self.names:
                yield Group(subset["name"], subset["colour"], frozenset(names[self._table[subset["name"]]].tolist()))
        by_label: dict[str, list[str]] = {label: [] for label in self.annotations.colours}
        for source in self._rows_of(self.annotations.labels)[1]:
            by_label[self.annotations.labels[source]].append(source)
        for label, sources in by_label.items():
            if sources:
                yield Group(label, self.annotations.colours[label], frozenset(sources))

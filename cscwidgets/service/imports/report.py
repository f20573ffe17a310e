"""What an import read, decided and wrote, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .placement import SURE, Decision

__all__ = ["FileReport", "ImportReport", "TableReport", "listed"]


@dataclass(frozen=True)
class FileReport:
    """What became of one table of a file.

    Attributes
    ----------
    origin : str
        The file, and which of its tables.
    rows : int
    recognised : int
        Columns of the catalogue.
    unknown : tuple of str
        Other columns, and where they are now.
    left_out : dict
        Columns that no table of the catalogue can have, with the reason.
    repeated : dict
        Columns that say what others say.
    decisions : tuple of Decision
        Where each column went.
    not_understood : dict
        Column to how many of its values are null now.
    without_key : dict
        Table to how many rows are not in it since they lack what identifies them.
    kept_as : str
        The table that has the file as it is, if not everything fits the catalogue's tables.
    notes : tuple of str
        What else is to be said.
    other_doubts : tuple of str
        What is not certain of its rows.
    """

    origin: str
    rows: int
    recognised: int
    unknown: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    repeated: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    not_understood: Mapping[str, int] = field(default_factory=dict)
    without_key: Mapping[str, int] = field(default_factory=dict)
    kept_as: str = ""
    notes: tuple[str, ...] = ()
    other_doubts: tuple[str, ...] = ()

    @property
    def doubtful(self) -> tuple[Decision, ...]:
        """The decisions that are not certain."""
        return tuple(decision for decision in self.decisions if decision.certainty not in SURE)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a reader of the archive should know, one sentence each."""
        names = [decision.column for decision in self.doubtful]
        said = []
        if names:
            said.append(f"of {self.origin}, {listed(names, 4)} went to tables by their rows or their order")
        if self.left_out:
            said.append(f"{listed(list(self.left_out), 4)} fit no table, and are in {self.kept_as}")
        said += [f"{count} values of {name} were not understood" for name, count in self.not_understood.items()]
        return (*said, *self.other_doubts)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for ``archive.json``."""
        doubtful = [vars(decision) for decision in self.doubtful]
        return {
            "file": self.origin,
            "rows": self.rows,
            "not certain": doubtful,
            "in no table of the catalogue": dict(self.left_out),
            "said twice": dict(self.repeated),
            "values not understood": dict(self.not_understood),
            "rows without a key": dict(self.without_key),
            "kept as": self.kept_as,
            "notes": [*self.notes, *self.other_doubts],
        }

    def __str__(self) -> str:
        lines = [f"{self.origin}: {self.rows} rows read, {self.recognised} columns recognised"]
        if self.unknown:
            lines.append(f"  {len(self.unknown)} columns not of the catalogue: {listed(self.unknown)}")
        for (certainty, table, reason), names in _alike(self.doubtful).items():
            lines.append(f"  {certainty.upper()}: {listed(names)} in {table}: {reason}")
        if self.doubtful:
            lines.append("  (--column NAME=TABLE.COLUMN says where a column belongs)")
        by_reason: dict[str, list[str]] = {}
        for name, reason in self.left_out.items():
            by_reason.setdefault(reason, []).append(name)
        lines += [f"  NOT in the catalogue's tables ({why}): {listed(names)}" for why, names in by_reason.items()]
        lines += [f"  {name}: {reason}" for name, reason in self.repeated.items()]
        lines += [f"  {count} values of {name} not understood, null now" for name, count in self.not_understood.items()]
        lines += [f"  {count} rows without the key of {table} not in it" for table, count in self.without_key.items()]
        lines += [f"  {note}" for note in (*self.notes, *self.other_doubts)]
        if self.kept_as:
            lines.append(f"  The whole of it is kept as it is in the table {self.kept_as}.")
        return "\n".join(lines)


@dataclass(frozen=True)
class TableReport:
    """What one table of the folder holds: rows, rows merged into others, conflicting and null values."""

    name: str
    rows: int
    merged: int
    conflicts: Mapping[str, int]
    nulls: int
    cells: int

    def __str__(self) -> str:
        text = f"{self.name}: {self.rows} rows written, {self.merged} duplicate rows merged, "
        text += f"{self.nulls} of {self.cells} values null"
        if self.conflicts:
            worst = sorted(self.conflicts, key=lambda name: -self.conflicts[name])
            names = listed([f"{name} ({self.conflicts[name]})" for name in worst])
            text += (
                f"\n  {sum(self.conflicts.values())} values contradict each other, the first was kept,"
                f" all are in the table contradictions: {names}"
            )
        return text


@dataclass(frozen=True)
class ImportReport:
    """What was read and what was written; its text is for people."""

    folder: Path
    files: tuple[FileReport, ...] = ()
    tables: tuple[TableReport, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([*map(str, self.files), f"Written to {self.folder}:", *map(str, self.tables), *self.notes])


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names for a sentence, the first of them if they are many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _alike(decisions: Sequence[Decision]) -> dict[tuple[str, str, str], list[str]]:
    alike: dict[tuple[str, str, str], list[str]] = {}
    for decision in decisions:
        table = decision.place.partition(".")[0]
        alike.setdefault((decision.certainty, table, decision.reason), []).append(decision.column)
    return alike

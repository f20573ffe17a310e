"""Which catalogue table and column each column of a file belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.families import Column

from .readers import RawColumn, RawTable
from .values import unit_factor

__all__ = ["KEYS", "Mapped", "Placement", "place"]

KEYS = {
    "master_source": ("name",),
    "stack_source": ("detect_stack_id", "region_id"),
    "observation_source": ("obsid", "obi", "region_id"),
    "master_stack_assoc": ("name", "detect_stack_id", "region_id"),
    "stack_observation_assoc": ("detect_stack_id", "region_id", "obsid", "obi"),
}
"""What identifies a row of each table."""

_KEY_COLUMNS = {name for key in KEYS.values() for name in key}

# search_csc renames columns that two tables share; VOTables qualify them with the usual aliases.
_RENAMED = {
    "mstr_": "master_source",
    "stk_": "stack_source",
    "obi_": "observation_source",
    "m.": "master_source",
    "s.": "stack_source",
    "o.": "observation_source",
    "a.": "master_stack_assoc",
    "b.": "stack_observation_assoc",
}


@dataclass(frozen=True)
class Mapped:
    """A column of a file in its place; ``known`` is None for columns the catalogue does not have."""

    raw: RawColumn
    table: str
    column: str
    known: Column | None
    factor: float = 1.0


@dataclass
class Placement:
    """The columns of one file in their tables, and what could not be placed, with the reason."""

    columns: list[Mapped] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def place(raw: RawTable) -> Placement:
    """Sort the columns of a file into the catalogue's tables.

    A column goes where the file says it belongs; else to the finest table the file has rows of, since
    ``search_csc`` writes the plain name (``flux_aper_b``) for the observation's value and
    ``mstr_flux_aper_b`` for the source's. A column nobody knows stays with the coarsest table.
    """
    placement = Placement()
    hints = [_hint(column) for column in raw.columns]
    have = {name for _, name in hints}
    tables = [table for table, key in KEYS.items() if set(key) <= have]
    finest = [t for t in ("observation_source", "stack_source", "master_source") if t in tables]
    for column, (hint, name) in zip(raw.columns, hints, strict=True):
        if name in _KEY_COLUMNS:
            _place_key(placement, column, hint, name, tables)
            continue
        table, reason = _table_for(hint, name, tables, finest)
        if not table:
            placement.left_out[_label(column)] = reason
            continue
        catalogue_column = TABLES[table].get(name)
        factor = unit_factor(column.unit, catalogue_column.unit) if catalogue_column else 1.0
        # Numbers in a unit that is not the catalogue's must not pass for the catalogue's.
        mapped = (
            Mapped(column, table, f"{name}_as_given", None)
            if factor is None
            else Mapped(column, table, name, catalogue_column, factor)
        )
        if any((m.table, m.column) == (table, mapped.column) for m in placement.columns):
            placement.left_out[_label(column)] = f"the file has {table}.{mapped.column} twice"
            continue
        placement.columns.append(mapped)
        if mapped.known is None:
            placement.unknown.append(f"{column.name} (kept as {table}.{mapped.column})")
    return placement


def _place_key(placement: Placement, column: RawColumn, hint: str, name: str, tables: Sequence[str]) -> None:
    """A key column serves every table it identifies, unless another one is declared for that table."""
    used = False
    for table in tables:
        previous = next((m for m in placement.columns if (m.table, m.column) == (table, name)), None)
        if name not in KEYS[table] or (previous is not None and hint != table):
            continue
        if previous is not None:
            placement.columns.remove(previous)
        placement.columns.append(Mapped(column, table, name, TABLES[table][name]))
        used = True
    if not used:
        placement.left_out[column.name] = "the file lacks some of the columns that identify the rows"


def _label(column: RawColumn) -> str:
    return f"{column.table}.{column.column}" if column.table else column.name


def _hint(column: RawColumn) -> tuple[str, str]:
    """The table a column declares, if any, and its catalogue name."""
    name = (column.column or column.name).lower()
    if column.table in KEYS and name in TABLES[column.table]:
        return column.table, name
    for prefix, table in _RENAMED.items():
        rest = name.removeprefix(prefix)
        if rest != name and rest in TABLES[table]:
            return table, rest
    return (column.table if column.table in KEYS else ""), re.sub(r"\W+", "_", name)


def _table_for(hint: str, name: str, tables: Sequence[str], finest: Sequence[str]) -> tuple[str, str]:
    if hint in tables:
        return hint, ""
    if hint:
        return "", f"a row of {hint} is identified by {', '.join(KEYS[hint])}, and the file does not have them all"
    if not finest:
        return "", "the file has no source names and no detection numbers"
    # A source's position is the master's, also in a table of detections.
    order = ["master_source", *finest] if name in ("ra", "dec") and "master_source" in tables else finest
    for table in [*order, *tables]:
        if name in TABLES[table]:
            return table, ""
    return finest[-1], ""

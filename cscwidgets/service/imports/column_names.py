"""What a file calls the catalogue's columns: its own names, csccli's, those of joins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.columns import TABLES

from .dialects import dialect
from .readers import RawColumn

__all__ = ["NamedColumn", "family", "named_columns"]

_TABLES = {name: columns for name, columns in TABLES.items() if name != "detect_stack"}
_KNOWN = frozenset(name for columns in TABLES.values() for name in columns)

# csccli and search_csc mark a column that two tables share; scripts qualify columns with the usual aliases.
_QUALIFIED = MappingProxyType(
    {
        "master": "master_source",
        "mstr": "master_source",
        "m": "master_source",
        "stack": "stack_source",
        "stk": "stack_source",
        "s": "stack_source",
        "obs": "observation_source",
        "obi": "observation_source",
        "o": "observation_source",
        "a": "master_stack_assoc",
        "b": "stack_observation_assoc",
    }
    | {table: table for table in _TABLES}
)
_WORDS = "|".join(sorted((word for word in _QUALIFIED if len(word) > 1), key=len, reverse=True))
_PREFIX = re.compile(rf"(?:[\w]+\.)?(?:(?P<word>{_WORDS})[._]|(?P<alias>[msoab])\.)(?P<name>\w+)")
_SUFFIX = re.compile(rf"(?P<name>\w+?)[._](?P<word>{_WORDS})")
# pandas writes ".1", and "_x" and "_y" in a merge; TOPCAT, astropy and the embedded service "_1" and "_2".
_JOINED = re.compile(r"(?P<name>.+?)(?P<side>\.\d+|_\d+|_[xy]|_left|_right)")


@dataclass(frozen=True)
class NamedColumn:
    """A column of a file and what it is called in the catalogue.

    Attributes
    ----------
    raw : RawColumn
        The column.
    name : str
        The catalogue's name of it, or its own in small letters.
    table : str
        The catalogue's table that it declares, or "".
    side : str
        Which of several columns of this name it is, as the file marks it: "", ".1", "_2".
    told : bool
        Whether the reader said so.
    """

    raw: RawColumn
    name: str
    table: str = ""
    side: str = ""
    told: bool = False

    @property
    def label(self) -> str:
        """What the file calls it, with the table that it declares; the second of one name with "#2"."""
        name = f"{self.raw.table}.{self.raw.column}" if self.raw.table else self.raw.name
        return name + (self.side if self.side.startswith("#") else "")


def named_columns(columns: Sequence[RawColumn]) -> list[NamedColumn]:
    """The columns of a file with the catalogue's names for them."""
    translated = dialect(columns)
    named: list[NamedColumn] = []
    used: set[tuple[str, str, str]] = set()
    for column in columns:
        item = _named(column, translated)
        number = 1
        while (item.name, item.table, item.side) in used and not item.table:
            number += 1
            item = NamedColumn(column, item.name, item.table, f"#{number}")
        used.add((item.name, item.table, item.side))
        named.append(item)
    return named


def family(name: str) -> str:
    """What a column measures, without its band and limits: the members of a family stand in one table.

    Examples
    --------
    >>> family("flux_aper_lolim_b"), family("hard_hm_hilim"), family("obsid")
    ('flux_aper', 'hard_hm', 'obsid')
    """
    stem, _, band = name.rpartition("_")
    base = stem if stem and band in BANDS else name
    return base.removesuffix("_lolim").removesuffix("_hilim")


def _named(column: RawColumn, translated: Mapping[str, tuple[str, str]]) -> NamedColumn:
    if column.column:
        declared = column.column.lower()
        item = _from_name(column, declared)  # csccli declares "master_source.mstr_flux_aper_b"
        own = column.table in TABLES and (item.table != column.table or declared in TABLES[column.table])
        return NamedColumn(column, declared, column.table) if own else item
    if column.name in translated:
        name, unit = translated[column.name]
        return NamedColumn(replace(column, unit=unit), name, "master_source")
    return _from_name(column, column.name.strip().lower())


def _from_name(column: RawColumn, text: str) -> NamedColumn:
    if text in _KNOWN:
        return NamedColumn(column, text)
    for pattern in (_PREFIX, _SUFFIX):
        match = pattern.fullmatch(text)
        if match:
            parts = match.groupdict()
            table = _QUALIFIED[parts.get("word") or parts.get("alias") or ""]
            if parts["name"] in TABLES[table]:
                return NamedColumn(column, parts["name"], table)
    joined = _JOINED.fullmatch(text)
    if joined and (joined["name"] in _KNOWN or joined["side"].startswith(".")):
        return NamedColumn(column, _plain(joined["name"]), side=joined["side"])
    return NamedColumn(column, _plain(text))


def _plain(text: str) -> str:
    """A name that needs no quotes in ADQL."""
    plain = re.sub(r"\W+", "_", text).strip("_") or "column"
    return f"_{plain}" if plain[0].isdigit() else plain

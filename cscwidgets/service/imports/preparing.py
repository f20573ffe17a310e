"""What a file lacks or calls by other names, mended before its columns are placed, and each time said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from cscwidgets.csc.releases import RELEASES
from cscwidgets.sky.source_names import source_name

from .column_names import NamedColumn, named_columns
from .readers import RawColumn, RawTable

__all__ = ["Prepared", "prepare", "stated_release"]

_CATALOGUE_NAME = re.compile(r"(?:2?CXO|SIM) J")
_FOREIGN = "name_as_given"

_RELEASES = (  # the most precise first
    (re.compile(r"IX/57|\bcsc2\.\w|CSC ?2\.0|Release 2\.0|rel2\.0", re.IGNORECASE), "csc2.0"),
    (re.compile(r"IX/70|\bcsc21\.\w|CSC ?2\.1|Release 2\.1|rel2\.1", re.IGNORECASE), "csc2.1"),
)


@dataclass(frozen=True)
class Prepared:
    """One table of a file with the names and numbers that its rows can have."""

    raw: RawTable
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    foreign: bool = False
    """Whether it has names, and they are not the catalogue's."""


def prepare(raw: RawTable) -> Prepared:
    """Look at what identifies the rows of a table.

    Names without the catalogue's prefix get it; if most names are none of the catalogue's, the table is not of the
    catalogue. Detections without interval or region number, but of a known observation, get numbers that no real
    detection has.
    """
    notes: list[str] = []
    doubts: list[str] = []
    names = [(number, item) for number, item in enumerate(named_columns(raw.columns)) if item.name == "name"]
    foreign = False
    columns = list(raw.columns)
    for number, item in names:
        column, note, doubt, strange = _checked_names(item.raw)
        columns[number] = column
        notes += [note] if note else []
        doubts += [doubt] if doubt else []
        foreign |= strange
    prepared = replace(raw, columns=tuple(columns))
    added, words = _stand_ins(named_columns(prepared.columns))
    whole = replace(prepared, columns=(*prepared.columns, *added))
    return Prepared(whole, tuple(notes), (*doubts, *words), foreign)


def stated_release(about: str) -> str:
    """The release that the words of a file name, or ""; none if they name two.

    Examples
    --------
    >>> stated_release("IX/57/csc2master"), stated_release("my sources")
    ('csc2.0', '')
    """
    found = {release for pattern, release in _RELEASES if pattern.search(about)}
    found |= {name for name in RELEASES if name.startswith("csc") and re.search(rf"\b{re.escape(name)}\b", about)}
    return found.pop() if len(found) == 1 else ""


def _checked_names(column: RawColumn) -> tuple[RawColumn, str, str, bool]:
    """A column of names in the catalogue's spelling, a note and a doubt, and whether it is no such column."""
    values = pc.cast(column.values, pa.string())
    present = len(values) - values.null_count
    if not present:
        return column, "", "", False
    encoded = values.dictionary_encode()
    written = encoded.dictionary.to_pylist()
    spelled = [_spelled(str(text)) for text in written]
    names = pc.take(pa.array(spelled, pa.string()), encoded.indices)
    count = len(names) - names.null_count
    if 2 * count <= present:
        words = f"{present - count} of {present} names in {column.name} are not the catalogue's: not its sources"
        return replace(column, column=_FOREIGN, table=""), "", words, True
    other = sum(name is not None and name != str(text).strip() for name, text in zip(spelled, written, strict=True))
    note = f"{other} names in {column.name} are written in the catalogue's way now" if other else ""
    doubt = f"{present - count} of {present} names in {column.name} are not the catalogue's" if count < present else ""
    return replace(column, values=names), note, doubt, False


def _spelled(text: str) -> str | None:
    """A name as the catalogue writes it, or None for one that is none of the catalogue's."""
    name = source_name(text)
    return name if _CATALOGUE_NAME.match(name) else None


def _stand_ins(columns: list[NamedColumn]) -> tuple[list[RawColumn], list[str]]:
    """The numbers that rows of known sources and observations lack to be detections."""
    have: Mapping[str, RawColumn] = {item.name: item.raw for item in reversed(columns)}
    if not {"name", "obsid"} <= set(have) or {"obi", "region_id"} <= set(have):
        return [], []
    names, observations = have["name"].values, have["obsid"].values
    added, notes = [], []
    intervals = have["obi"].values if "obi" in have else pc.if_else(pc.is_valid(observations), "0", None)
    if "obi" not in have:
        added.append(RawColumn("obi", intervals))
        notes.append("A GUESS: there is no column obi: the observation interval 0, which most have, stands in")
    if "region_id" not in have:
        added.append(RawColumn("region_id", _numbered(names, observations, intervals)))
        notes.append("there is no column region_id: numbers below 0 stand in, and these detections have no files")
    return added, notes


def _numbered(names: pa.Array, *observation: pa.Array) -> pa.Array:
    """A number below 0 for each source of an observation."""
    numbers: dict[tuple[object, ...], dict[object, int]] = {}
    given: list[int | None] = []
    for name, *key in zip(*(values.to_pylist() for values in (names, *observation)), strict=True):
        if name is None or None in key:
            given.append(None)
            continue
        sources = numbers.setdefault(tuple(key), {})
        given.append(sources.setdefault(name, -len(sources) - 1))
    return pa.array(given, pa.int64())

"""The tables of a VOTable, of whatever serialisation, and what the service says of its answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from astropy.io.votable.tree import CooSys, Info, Resource, TableElement, VOTableFile

from ..reading import Unreadable
from ..votable import all_infos, error_words, overflow_words, parse_votable
from .arrow_columns import null_note, of_numpy
from .astropy_columns import left_out_note
from .raw import RawColumn, RawTable

__all__ = ["read_votable"]


def read_votable(content: bytes, origin: str) -> list[RawTable]:
    """All tables of a VOTable, under their columns' names, not their IDs.

    Raises
    ------
    Unreadable
        If it is not one to be trusted, holds no table, or a service's error: with its words.
    Exception
        Whatever astropy raises over a damaged document: call it inside `cscwidgets.io.reading.reading`.
    """
    document = parse_votable(content)
    error = error_words(all_infos(document))
    if error is not None:
        raise Unreadable(f"it holds a service's error in place of a table: {error}")
    found = [pair for resource in document.resources for pair in _tables(resource, list(document.infos))]
    if not found:
        raise Unreadable("it holds no table")
    frames = {str(system.ID): _frame(system) for system in _systems(document)}
    return [_table(table, infos, frames, number, origin) for number, (table, infos) in enumerate(found, start=1)]


def _tables(resource: Resource, above: list[Info]) -> Iterable[tuple[TableElement, list[Info]]]:
    """Tables with the INFO elements that are said of them: of all they lie in, and their own."""
    infos = [*above, *resource.infos]
    for table in resource.tables:
        yield table, [*infos, *table.infos]
    for inner in resource.resources:
        yield from _tables(inner, infos)


def _systems(element: VOTableFile | Resource) -> Iterable[CooSys]:
    yield from element.coordinate_systems
    for resource in element.resources:
        yield from _systems(resource)


def _frame(system: CooSys) -> str:
    return f"{system.system or ''} {system.equinox or ''}"


def _table(table: TableElement, infos: list[Info], frames: Mapping[str, str], number: int, origin: str) -> RawTable:
    columns: list[RawColumn] = []
    left_out: list[str] = []
    words: Counter[str] = Counter()
    for field, identifier in zip(table.fields, table.array.dtype.names or (), strict=True):
        values = np.ma.asarray(table.array[identifier])
        # IDs are often col0, col1, ...: only the name says what a column is.
        name = str(field.name or field.ID)
        array, found = of_numpy(np.ma.getdata(values), np.ma.getmaskarray(values))
        words += found
        if array is None:
            left_out.append(name)
            continue
        said = {"ucd": str(field.ucd or ""), "description": " ".join(str(field.description or "").split())}
        frame = frames.get(str(field.ref), "")
        columns.append(RawColumn(name, array, unit=str(field.unit or ""), frame=frame, **said))
    overflow = overflow_words(infos)
    notes = [*null_note(words), *left_out_note(left_out)]
    if overflow is not None:
        notes.insert(0, f"the service cut the answer short: {overflow}")
    return RawTable(
        origin,
        tuple(columns),
        name=str(table.name or table.ID or ""),
        number=number,
        complete=overflow is None,
        notes=tuple(notes),
        meta={str(info.name): str(info.value) for info in infos},
    )

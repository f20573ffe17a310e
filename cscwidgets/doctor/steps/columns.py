"""Columns against the reference: missing, additional, called otherwise, of another unit or type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import astropy.units as u

from cscwidgets.csc.families import Column
from cscwidgets.io.units import read_unit, scale

from ..findings import NEWER
from ..visit import Listed, NothingToAsk, Step, Visit

__all__ = ["COLUMNS", "same_kind"]

_SURE = "master_source"  # of the other tables, units and types follow their families
# Families of types, as TAP 1.0 and 1.1 spell them.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "text": ("char", "varchar", "unicodechar", "clob", "text", "string", "nvarchar", "timestamp", "unicode"),
    "whole": ("short", "int", "long", "smallint", "integer", "bigint", "unsignedbyte", "tinyint"),
    "real": ("double", "float", "real", "doubleprecision", "numeric", "decimal"),
    "flag": ("boolean", "bit", "bool", "logical"),
}
_ALSO = {"boolean": {"flag", "whole"}, "int": {"whole"}, "double": {"real"}, "char": {"text"}}


def _kind(datatype: str) -> str:
    plain = re.sub(r"^\w+:|\(.*\)|[\s*]|\[.*\]", "", datatype.strip().lower())
    return next((kind for kind, names in _KINDS.items() if plain in names), "")


def same_kind(datatype: str, expected: str) -> bool:
    """Whether a type that a service names holds what the catalogue's does; of one that is not known, True.

    >>> same_kind("adql:BIGINT", "int"), same_kind("VARCHAR(*)", "double")
    (True, False)
    """
    kind = _kind(datatype)
    return not kind or kind in _ALSO[expected]


def _columns(visit: Visit) -> None:
    with visit.part("The list of columns"):
        for table, known in visit.subject.reference.tables.items():
            listed = visit.tables.get(table)
            if listed is None:
                continue  # that a table is missing is another step's finding
            by_name = {name.lower(): column for name, column in known.items()}
            both = [name for name in by_name if name in listed]
            visit.remark(f"{table}: {len(both)} of {len(by_name)} columns.")
            if visit.subject.reference.complete:
                _presence(visit, table, by_name, listed)
            _spelling(visit, table, by_name, {name: listed[name] for name in both})
            _units(visit, table, {name: (by_name[name], listed[name]) for name in both})
            _types(visit, table, {name: (by_name[name], listed[name]) for name in both})
        if not visit.tables:
            raise NothingToAsk("the archive lists no columns of the catalogue's tables")


def _presence(visit: Visit, table: str, known: Mapping[str, Column], listed: Mapping[str, Listed]) -> None:
    missing = [name for name in known if name not in listed]
    asked = [name for name in missing if visit.subject.reference.needs(table, name)]
    if missing:
        visit.deviates(
            f"{table} lacks columns: {_some(asked or missing)}",
            expected=f"{len(known)} columns",
            found=f"{len(known) - len(missing)} of them; missing are {_some(missing)}",
            follows="Searches ask for these unless told otherwise, and fail."
            if asked
            else "Who asks for them is refused; searches as they are go on.",
            do=NEWER if asked or table == _SURE else "Nothing: the reference of this table is partly by analogy.",
            matters=bool(asked) or table == _SURE,
        )
    if additional := [column.name for name, column in listed.items() if name not in known]:
        visit.deviates(
            f"{table} has further columns: {_some(additional)}",
            expected=f"{len(known)} columns",
            found=f"{len(additional)} more",
            follows="They can be asked for by name, and have the unit that the service says.",
            do="Nothing; a newer cscwidgets may know them.",
            matters=False,
        )


def _spelling(visit: Visit, table: str, known: Mapping[str, Column], listed: Mapping[str, Listed]) -> None:
    other = [
        f"{column.name} for {known[name].name}" for name, column in listed.items() if column.name != known[name].name
    ]
    if other:
        visit.deviates(
            f"{table} spells columns in another case: {_some(other)}",
            expected="names in the catalogue's case",
            found=_some(other),
            follows="Searches take them; a table of query() has the service's own names.",
            do="Write names in your code as they come.",
            matters=False,
        )


def _units(visit: Visit, table: str, pairs: Mapping[str, tuple[Column, Listed]]) -> None:
    others, unlike, silent = [], [], []
    for name, (column, listed) in pairs.items():
        expected, said = read_unit(column.unit), read_unit(listed.unit)
        if expected is None:
            continue
        if not listed.unit.strip():
            silent.append(name)
        elif said is None:
            unlike.append(f"{name} in {listed.unit!r}, which is no unit, for {column.unit}")
        else:
            try:
                if not abs(scale(said, expected) - 1) < 1e-9:
                    others.append(f"{name} in {listed.unit} for {column.unit}")
            except u.UnitConversionError:
                unlike.append(f"{name} in {listed.unit} for {column.unit}")
    if others:
        visit.deviates(
            f"{table} has another unit: {_some(others)}",
            expected="the catalogue's units",
            found=_some(others),
            follows="The client converts; conditions in ADQL are in the service's unit.",
            do="Check numbers in your own ADQL.",
        )
    if unlike:
        visit.deviates(
            f"{table} has a unit of another kind: {_some(unlike)}",
            expected="the catalogue's units",
            found=_some(unlike),
            follows="The client warns, and does not take the numbers for what they were.",
            do=NEWER,
            matters=table == _SURE,
        )
    if silent:
        visit.remark(f"{table} says no unit of {len(silent)} columns: the client takes the catalogue's.")


def _types(visit: Visit, table: str, pairs: Mapping[str, tuple[Column, Listed]]) -> None:
    others = [
        f"{name} is {listed.datatype} for {column.datatype}"
        for name, (column, listed) in pairs.items()
        if not same_kind(listed.datatype, column.datatype)
    ]
    if others:
        needed = table == _SURE or any(
            visit.subject.reference.needs(table, name)
            for name, (column, listed) in pairs.items()
            if not same_kind(listed.datatype, column.datatype)
        )
        visit.deviates(
            f"{table} has another type: {_some(others)}",
            expected="the catalogue's types",
            found=_some(others),
            follows="Numbers that come as text, or keys that come as real numbers, may not compare.",
            do=NEWER,
            matters=needed,
        )


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - 6} more" if len(listed) > 6 else ""
    return ", ".join(listed[:6]) + more


COLUMNS = Step("columns", "Columns", _columns)

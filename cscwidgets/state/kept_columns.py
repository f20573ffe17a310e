"""What a reader added to the table, as a session keeps it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import Column, MaskedColumn
from astropy.utils.masked import Masked

from cscwidgets.io.json_schema import listed, nullable, number, one_of, record, text
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.units import read_unit

from .keeping import Field
from .name_sets import NAMES, NameSet

__all__ = ["COLOURS", "EXPRESSIONS", "LABELS", "MOST_VALUES", "NOTES", "SUBSETS", "VALUES", "kept_values"]

MOST_VALUES = 50_000
"""Values that code assigned and that one session keeps, of all columns together."""

_MOST = 1000
_NAME, _COLOUR = text(200), text(40)
_IS_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]+")
_KINDS = {"number": number(), "integer": number(), "flag": {"type": "boolean"}, "text": text(2000)}
_VALUE = nullable({"anyOf": [number(), {"type": "boolean"}, text(2000)]})
_Values = Mapping[str, tuple[Sequence[str], Any]]


def _read_expressions(kept: list[dict[str, str]]) -> list[dict[str, str]]:
    for one in kept:
        _require_name(one["name"])
    return kept


def _require_name(name: str) -> None:
    if not name.isidentifier():
        raise Unreadable(f"{name!r:.60} is no name of a column")


def _require_colour(colour: str) -> None:
    if not _IS_COLOUR.fullmatch(colour):
        raise Unreadable(f"{colour!r} is no colour")


EXPRESSIONS = Field(
    listed(record({"name": _NAME, "formula": text(5000), "description": text(2000)}), _MOST), list, _read_expressions
)
"""Columns by formulas, which are computed, never executed."""


def _write_subsets(subsets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "names": NameSet(frozenset(one["names"]))} if "names" in one else dict(one) for one in subsets]


def _read_subsets(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for one in kept:
        _require_name(one["name"])
        _require_colour(one["colour"])
        if ("names" in one) == ("condition" in one):
            raise Unreadable(f"the subset {one['name']:.60} has either sources or a condition")
    return [{**one, "names": sorted(one["names"])} if "names" in one else one for one in kept]


SUBSETS = Field(
    listed(
        record(
            {"name": _NAME, "colour": _COLOUR, "shown": {"type": "boolean"}, "names": NAMES, "condition": text(5000)},
            optional=("names", "condition"),
        ),
        _MOST,
    ),
    _write_subsets,
    _read_subsets,
)
"""Named subsets."""


def _write_labels(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    sources: dict[str, list[str]] = {}
    for source, label in labels.items():
        sources.setdefault(label, []).append(source)
    return [{"label": label, "names": NameSet(frozenset(names))} for label, names in sources.items()]


def _read_labels(kept: list[dict[str, Any]]) -> dict[str, str]:
    return {source: one["label"] for one in kept for source in sorted(one["names"])}


LABELS = Field(listed(record({"label": text(40), "names": NAMES}), _MOST), _write_labels, _read_labels)
"""Labels of sources."""

NOTES = Field({"type": "object", "additionalProperties": text(2000), "maxProperties": 1_000_000}, dict, dict)
"""Notes beside sources."""


def _read_colours(kept: list[dict[str, str]]) -> dict[str, str]:
    for one in kept:
        _require_colour(one["colour"])
    return {one["label"]: one["colour"] for one in kept}


COLOURS = Field(
    listed(record({"label": text(40), "colour": _COLOUR}), _MOST),
    lambda colours: [{"label": label, "colour": colour} for label, colour in colours.items()],
    _read_colours,
)
"""Colours of labels, in their order."""


def kept_values(values: _Values) -> tuple[list[str], dict[str, str]]:
    """Names of the columns of code that are kept, and why each of the others is not."""
    kept: list[str] = []
    others: dict[str, str] = {}
    room = MOST_VALUES
    for name, (sources, column) in values.items():
        if _kind_of(column) is None:
            others[name] = f"it holds values of the kind {type(column).__name__}"
        elif len(sources) > room:
            others[name] = f"a session keeps {MOST_VALUES:,} values that code assigned"
        else:
            room -= len(sources)
            kept.append(name)
    return kept, others


def _kind_of(column: Any) -> str | None:
    if not isinstance(column, Column | u.Quantity) or column.ndim != 1:
        return None
    return {"f": "number", "i": "integer", "u": "integer", "b": "flag", "U": "text"}.get(column.dtype.kind)


def _write_values(values: _Values) -> list[dict[str, Any]]:
    return [_write_column(name, *values[name]) for name in kept_values(values)[0]]


def _write_column(name: str, sources: Sequence[str], column: Any) -> dict[str, Any]:
    plain = getattr(column, "unmasked", column)
    plain = plain.value if isinstance(plain, u.Quantity) else np.ma.getdata(np.ma.asarray(plain))
    missing = (
        np.ma.getmaskarray(np.ma.asarray(column)) if isinstance(column, Column) else getattr(column, "mask", False)
    )
    missing = np.broadcast_to(missing, plain.shape)
    if plain.dtype.kind == "f":
        missing = missing | ~np.isfinite(plain)
    order = np.argsort(np.asarray(sources, str), kind="stable")
    cells = [None if gone else cell for cell, gone in zip(plain[order].tolist(), missing[order].tolist(), strict=True)]
    unit = "" if getattr(column, "unit", None) is None else column.unit.to_string()
    return {
        "name": name,
        "kind": _kind_of(column),
        "unit": unit,
        "quantity": isinstance(column, u.Quantity),
        "description": str(column.info.description or "")[:2000],
        "names": NameSet(frozenset(sources)),
        "values": cells,
    }


def _read_values(kept: list[dict[str, Any]]) -> dict[str, tuple[list[str], Any]]:
    return {one["name"]: (sorted(one["names"]), _read_column(one)) for one in kept}


def _read_column(one: dict[str, Any]) -> Any:
    _require_name(one["name"])
    cells, kind = one["values"], _DTYPES[one["kind"]]
    if len(cells) != len(one["names"]) or any(not isinstance(cell, kind[0] | None) for cell in cells):
        raise Unreadable(f"the values of the column {one['name']:.60} are not what they are said to be")
    missing = np.array([cell is None for cell in cells], bool)
    unit = read_unit(one["unit"]) if one["unit"] else None
    if one["unit"] and unit is None:
        raise Unreadable(f"{one['unit']!r} is no unit")
    values = np.array([kind[2] if cell is None else cell for cell in cells], kind[1])
    column: Any
    if one["quantity"]:
        column = u.Quantity(values, unit, dtype=kind[1])
        if one["kind"] != "number" and missing.any():
            column = Masked(column, mask=missing)
    elif missing.any() and one["kind"] != "number":
        column = MaskedColumn(values, mask=missing, unit=unit)
    else:
        column = Column(values, unit=unit)
    column.info.description = one["description"]
    return column


_DTYPES: Mapping[str, tuple[Any, Any, Any]] = {
    "number": (int | float, float, np.nan),
    "integer": (int, np.int64, 0),
    "flag": (bool, bool, False),
    "text": (str, str, ""),
}

VALUES = Field(
    listed(
        record(
            {
                "name": _NAME,
                "kind": one_of(_KINDS),
                "unit": text(100),
                "quantity": {"type": "boolean"},
                "description": text(2000),
                "names": NAMES,
                "values": listed(_VALUE, MOST_VALUES),
            }
        ),
        _MOST,
    ),
    _write_values,
    _read_values,
)
"""Columns that code assigned: the values of the sources of a set, in the alphabetical order of their names."""

"""Raw tables of astropy's tables, and astropy's tables of raw ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import astropy.units as u
import numpy as np
import pyarrow as pa
from astropy.coordinates import SkyCoord, UnitSphericalRepresentation
from astropy.table import Column, MaskedColumn, Table
from astropy.time import Time

from ..units import read_unit
from .arrow_columns import null_note, of_numpy
from .cells import typed
from .raw import RawColumn, RawTable

__all__ = ["as_table", "columns_of_astropy", "unique"]


def columns_of_astropy(table: Table) -> tuple[list[RawColumn], list[str]]:
    """The columns of an astropy table, and notes.

    A column of coordinates becomes two in degrees (ICRS), one of times a date (MJD, in days).
    """
    columns: list[RawColumn] = []
    left_out: list[str] = []
    notes: list[str] = []
    words: Counter[str] = Counter()
    for name in table.colnames:
        column = table[name]
        said: Mapping[str, Any] = {"description": str(column.info.description or ""), "ucd": _ucd(column)}
        if isinstance(column, SkyCoord):
            for axis, angle in (("ra", column.icrs.ra), ("dec", column.icrs.dec)):
                values, _ = _of_values(angle.deg)
                ucd = f"pos.eq.{axis};meta.main"
                columns.append(RawColumn(f"{name}.{axis}", values, unit="deg", ucd=ucd))
            if more := _beyond_angles(column):
                notes.append(f"of the coordinates {name} the {more} are left out")
        elif isinstance(column, Time):
            values, _ = _of_values(column.mjd)
            columns.append(RawColumn(name, values, unit="d", description=f"MJD ({column.scale.upper()})"))
        elif isinstance(column, Column | u.Quantity):
            values, found = _of_values(getattr(column, "value", column))
            words += found
            if values is None:
                left_out.append(name)
            else:
                columns.append(RawColumn(name, values, unit=str(column.unit or ""), **said))
        else:
            left_out.append(name)
    return columns, [*notes, *null_note(words), *left_out_note(left_out)]


def _beyond_angles(coordinates: SkyCoord) -> str:
    """What coordinates have beside two angles."""
    distances = not isinstance(coordinates.data, UnitSphericalRepresentation)
    return " and ".join(["distances"] * distances + ["motions"] * bool(coordinates.data.differentials))


def left_out_note(names: Iterable[str]) -> list[str]:
    """What is said of columns that hold what no table of ours does."""
    listed = ", ".join(names)
    return [f"left out, since they hold neither numbers, flags nor text: {listed}"] if listed else []


def as_table(raw: RawTable) -> tuple[Table, list[str]]:
    """A raw table as astropy's, with text in the narrowest type that loses nothing, and notes.

    Columns of the same name get a number. One in a unit that is not known keeps its numbers, and loses the unit.
    """
    table = Table(meta=dict(raw.meta))
    names, notes = unique([column.name for column in raw.columns])
    unknown: dict[str, str] = {}
    for name, column in zip(names, raw.columns, strict=True):
        values = _numpy(typed(column.values))
        unit = read_unit(column.unit) if column.unit.strip() else None
        # Of a text it may say how it is written ("h:m:s"); as_qtable reads it.
        if unit is None and column.unit.strip(" -\"'[]") and values.dtype.kind in "fiu":
            unknown[name] = column.unit
        table[name] = values
        table[name].unit = unit
        table[name].description = column.description or None
        if column.ucd:
            table[name].meta["ucd"] = column.ucd
        if column.frame:
            table[name].meta["frame"] = column.frame
    if unknown:
        listed = ", ".join(f"{name} ({unit[:30]})" for name, unit in list(unknown.items())[:6])
        more = f" and {len(unknown) - 6} more" if len(unknown) > 6 else ""
        notes.append(f"units that are not known, whose numbers are kept without: {listed}{more}")
    return table, notes


def unique(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Names of which no two are the same, by a number after the second, and a note of those that have one.

    >>> unique(["ra", "dec", "ra"])
    (['ra', 'dec', 'ra_2'], ['columns of the same name: another ra is called ra_2'])
    """
    given = list(names)
    taken, result, renamed = set(given), [], []
    seen: set[str] = set()
    for name in given:
        new, number = name, 2
        if name in seen:
            while (new := f"{name}_{number}") in taken:
                number += 1
            taken.add(new)
            renamed.append(f"another {name} is called {new}")
        seen.add(new)
        result.append(new)
    return result, [f"columns of the same name: {', '.join(renamed[:6])}"] if renamed else []


def _of_values(values: Any) -> tuple[pa.Array | None, Counter[str]]:
    masked = np.ma.asarray(values.unmasked if hasattr(values, "unmasked") else values)
    mask = getattr(values, "mask", None) if hasattr(values, "unmasked") else np.ma.getmaskarray(masked)
    return of_numpy(np.ma.getdata(masked), mask)


def _ucd(column: Any) -> str:
    return str((column.info.meta or {}).get("ucd", ""))


def _numpy(values: pa.Array) -> Column:
    """A column of Arrow as astropy has it; what is null is masked."""
    mask = values.is_null().to_numpy(zero_copy_only=False)
    kind = values.type
    if pa.types.is_string(kind):
        data = np.array(["" if text is None else text for text in values.to_pylist()], dtype=str)
    elif pa.types.is_fixed_size_list(kind) and not values.null_count and pa.types.is_primitive(kind.value_type):
        flat = values.flatten()
        data = flat.fill_null(_filling(flat.type)).to_numpy(zero_copy_only=False).reshape(-1, kind.list_size)
        mask = flat.is_null().to_numpy(zero_copy_only=False).reshape(data.shape)
    elif pa.types.is_nested(kind):
        data = np.empty(len(values), object)
        data[:] = [None if item is None else np.asarray(item) for item in values.to_pylist()]
    else:
        data = values.fill_null(_filling(kind)).to_numpy(zero_copy_only=False)
    return MaskedColumn(data, mask=mask) if mask.any() else Column(data)


def _filling(kind: pa.DataType) -> Any:
    return False if pa.types.is_boolean(kind) else np.nan if pa.types.is_floating(kind) else 0

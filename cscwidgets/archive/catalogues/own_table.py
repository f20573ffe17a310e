"""A table of the user's own, whatever it was, as rows of a catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import Column, MaskedColumn, QTable, Table

from cscwidgets.errors import CscError
from cscwidgets.io.reading import reading
from cscwidgets.io.sexagesimal import angles, are_angles
from cscwidgets.io.tables.astropy_columns import as_table
from cscwidgets.io.tables.frames import is_frame, raw_of_frame
from cscwidgets.io.tables.raw import TRUNCATED, RawTable, declares_simulated, declares_truncated
from cscwidgets.io.tables.read import noted
from cscwidgets.io.units import measured, read_unit

from ..provenance import Provenance

__all__ = ["OwnTable", "is_own_table"]


@dataclass(frozen=True, eq=False)
class OwnTable:
    """Rows as they are matched, and what is to be said of them.

    Attributes
    ----------
    rows : QTable
        With NaN for nulls of real numbers.
    notes : tuple of str
    simulated, complete : bool
        Whether no telescope saw them, and whether the service sent all of them.
    """

    rows: QTable
    notes: tuple[str, ...] = ()
    simulated: bool = False
    complete: bool = True

    @classmethod
    def of(cls, thing: Any, title: str) -> OwnTable:
        """Of a table of the notebook; its columns are not copied where they can stay.

        Raises
        ------
        CscError
            If it is no table.
        """
        if isinstance(thing, OwnTable):
            return thing
        if isinstance(thing, Table):
            provenance = thing.meta.get("provenance")
            if isinstance(provenance, Provenance):
                return cls(_qtable(thing), (), provenance.simulated, provenance.complete)
            notes = (TRUNCATED,) if declares_truncated(thing.meta) else ()
            return cls(_qtable(thing), notes, declares_simulated(thing.meta), complete=not notes)
        if not is_frame(thing):
            hint = "Give a table of astropy, pandas, polars or pyarrow."
            raise CscError(f"{title} is no catalogue", f"it is a {type(thing).__name__}", hint)
        with reading(f"{title} cannot be read as a table"):
            return cls.of_raw(noted(raw_of_frame(thing, title)))

    @classmethod
    def of_raw(cls, raw: RawTable) -> OwnTable:
        """Of a table of a file."""
        table, notes = as_table(raw)
        return cls(_qtable(table), (*raw.notes, *notes), raw.simulated, raw.complete)


def is_own_table(thing: object) -> bool:
    """Whether something can be matched with as it is: a table of astropy, pandas, polars, pyarrow ..."""
    return isinstance(thing, Table) or is_frame(thing)


def _qtable(table: Table) -> QTable:
    result = QTable(meta={key: value for key, value in table.meta.items() if key != "provenance"})
    for name in table.colnames:
        column = table[name]
        values: Any = column
        unit = read_unit(str(column.unit)) if isinstance(column, Column) and column.unit is not None else None
        if are_angles(unit) and column.dtype.kind in "OSU":
            texts = np.ma.filled(np.ma.asarray(column).astype(object), None)
            values = u.Quantity(angles((text and _decoded(text) for text in texts), unit), u.deg)
        if isinstance(column, MaskedColumn) and column.dtype.kind == "f":
            values = Column(np.asarray(column.filled(np.nan)), unit=column.unit)
        if isinstance(values, Column) and values.unit is not None and values.dtype.kind in "fiu":
            if unit is None:
                values = Column(np.asarray(values))  # in a unit that is none
            elif not _masked(values):
                values = measured(np.asarray(values, float), unit)
            else:
                values.unit = unit
        result[name] = values
        result[name].info.description = column.info.description
        result[name].info.meta = column.info.meta
    return result


def _decoded(text: Any) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _masked(column: Column) -> bool:
    return isinstance(column, MaskedColumn) and bool(np.ma.getmaskarray(column).any())

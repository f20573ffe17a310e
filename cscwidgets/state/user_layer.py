"""One table of one's own on the sky: read from whatever it is, with the columns of its position."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from cscwidgets.archive.catalogues.file_tables import chosen_table, split_path
from cscwidgets.archive.catalogues.own_table import OwnTable
from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.io.reading import Unreadable, reading
from cscwidgets.io.tables.raw import RawTable
from cscwidgets.io.tables.read import FORMATS, read_table_file
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.sky.on_sky import on_sky
from cscwidgets.sky.position_columns import galactic_columns_of, read_galactic, read_position

__all__ = ["UserLayer", "layer_of_tables", "read_layer"]


@dataclass(frozen=True, eq=False)
class UserLayer:
    """A table on the sky.

    Attributes
    ----------
    name : str
    table : QTable
        As it was given, with its units.
    roles : ColumnRoles
        Which of its columns are position, name, errors.
    ra, dec : ndarray, shape (rows,)
        ICRS degrees, NaN where there is none.
    colour : str
        "#rrggbb".
    notes : tuple of str
        What is to be said of how it was read.
    chosen : ndarray of int
        Rows that are chosen, in order.
    row : int
        The one that is looked at, -1 for none.
    file : str
        Path of the file that it was read from, with the table in it that is meant; empty for others.
    """

    name: str
    table: QTable
    roles: ColumnRoles
    ra: Floats
    dec: Floats
    colour: str
    notes: tuple[str, ...] = ()
    chosen: Integers = field(default_factory=lambda: np.empty(0, int))
    row: int = -1
    file: str = ""

    @property
    def placed(self) -> Flags:
        """Which rows have a position, shape (rows,)."""
        return np.isfinite(self.ra) & np.isfinite(self.dec)

    @property
    def selected(self) -> QTable:
        """The rows that are chosen."""
        return self.table[self.chosen]

    def words(self, row: int) -> list[tuple[str, str]]:
        """Column and value, with its unit, of everything in a row."""
        return [(name, str(self.table[name][row])) for name in self.table.colnames]

    @cached_property
    def labels(self) -> list[str]:
        """What the object of each row is called: its name, or the row's number."""
        names = [""] * len(self.ra)
        if self.roles.name:
            names = np.ma.filled(np.ma.asarray(self.table[self.roles.name]).astype(object), "").tolist()
        texts = (str(name).replace("\0", "").strip() for name in names)
        return [text or f"row {row:,}" for row, text in enumerate(texts, 1)]


def read_layer(thing: Any, name: str = "", roles: ColumnRoles | None = None) -> UserLayer:
    """A table, or the path of a file, as a layer without a colour; see `UserLayers.add`."""
    if isinstance(thing, str | os.PathLike):
        path, wanted = split_path(os.fspath(thing))
        file = Path(path).expanduser()
        with reading(f"{file.name} was not read", FORMATS):
            layer = layer_of_tables(read_table_file(file), file.name, name or file.stem, wanted, roles)
        return replace(layer, file=str(file.resolve()) + os.fspath(thing)[len(path) :])
    return _layer(OwnTable.of(thing, name or "The table"), name or "table", roles)


def layer_of_tables(
    tables: list[RawTable], file: str, name: str, wanted: str = "", roles: ColumnRoles | None = None
) -> UserLayer:
    """Of the tables of a file the one that is wanted, or the only one with a position, as a layer."""
    position = (roles.ra, roles.dec) if roles is not None else ("", "")
    raw, note = chosen_table(tables, file, wanted, position)
    own = OwnTable.of_raw(replace(raw, notes=(note, *raw.notes)) if note else raw)
    return _layer(own, name, roles)


def _layer(own: OwnTable, name: str, roles: ColumnRoles | None) -> UserLayer:
    table = own.rows
    roles = roles or ColumnRoles.guess(table)
    notes = [*own.notes, *([] if own.complete else ["the service sent only a part of it"])]
    notes += ["it is simulated"] if own.simulated else []
    with reading(f"The table {name:.60} was not added", "Say which columns are: roles=ColumnRoles(ra=..., dec=...)."):
        galactic = None if roles.ra and roles.dec else galactic_columns_of(table)
        if galactic is not None:
            sky = SkyCoord(*read_galactic(table, *galactic), unit="deg", frame="galactic").icrs
            ra, dec = np.asarray(sky.ra.deg), np.asarray(sky.dec.deg)
        elif roles.ra and roles.dec:
            ra, dec = read_position(table, roles.ra, roles.dec)
        else:
            raise Unreadable(f"no column of {', '.join(table.colnames[:8])} is known as a position")
        inside = on_sky(ra, dec)
        ra, dec = np.where(inside, ra, np.nan), np.where(inside, dec, np.nan)
        if not (np.isfinite(ra) & np.isfinite(dec)).any():
            raise Unreadable(f"none of its {len(table):,} rows has a position")
    return UserLayer(name, table, roles, ra, dec, "", tuple(notes))

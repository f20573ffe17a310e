"""A catalogue that is a table of the user: in a file, or in the notebook."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import Column, MaskedColumn, QTable, Table

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError
from cscwidgets.io.files import read_file
from cscwidgets.io.reading import reading
from cscwidgets.io.sexagesimal import angles, are_angles
from cscwidgets.io.tables import LARGEST_TABLE, read_fits_table, read_parquet_table, read_text_table
from cscwidgets.io.units import read_unit
from cscwidgets.io.votable import first_table, infos_of, parse_votable

from ..provenance import Provenance
from .catalogue import Catalogue, Neighbourhood
from .margin import Position
from .table_query import position_columns_of

__all__ = ["ENDINGS", "FileCatalogue", "TableCatalogue", "as_qtable"]

_FORMATS = {
    ".fits": "fits", ".fit": "fits", ".fts": "fits", ".vot": "votable", ".votable": "votable", ".xml": "votable",
    ".csv": "ascii.csv", ".ecsv": "ascii.ecsv", ".tsv": "ascii.tab", ".tab": "ascii.tab", ".txt": "ascii",
    ".dat": "ascii", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip


ENDINGS = frozenset(_FORMATS)
"""Of the files that can be read."""


class TableCatalogue(Catalogue):
    """A table that is here already.

    Parameters
    ----------
    table : Table, QTable or pandas.DataFrame
        With a position: columns known by name or UCD, or a column of `SkyCoord`.
    title : str
        What to call it.
    name : str, optional
        The same for short.
    ra, dec : str, optional
        Columns of the position, degrees unless they have another unit.
    """

    def __init__(self, table: Any, title: str = "table", *, name: str = "", ra: str = "", dec: str = "") -> None:
        self.title = title
        self.name = name or "".join(letter if letter.isalnum() else "_" for letter in title).strip("_").lower()
        self._table = as_qtable(table, title)
        self._simulated = _declares_simulated(getattr(table, "meta", {}))
        self._ra, self._dec = ra, dec
        self._origin, self._place = "a table of this session", ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title!r}, {len(self._table):,} rows)"

    def rows(self, around: Neighbourhood) -> QTable:
        """All of them."""
        around.monitor.check()
        rows = self._table.copy(copy_data=False)
        rows.meta["provenance"] = Provenance(
            release=self.title,
            service=self._place,
            query="",
            requested=len(rows),
            returned=len(rows),
            simulated=self._simulated,
            origin=self._origin,
        )
        return rows

    def position(self, rows: QTable) -> Position:
        """By the columns that were named, or are known, or by a column of `SkyCoord`."""
        if self._ra and self._dec:
            missing = [name for name in (self._ra, self._dec) if name not in rows.colnames]
            if missing:
                raise CscError(f"{self.title} cannot be searched", f"it has no column {', '.join(missing)}")
            return Position.of(rows, self._ra, self._dec)
        columns = position_columns_of(rows)
        if columns is not None:
            return Position.of(rows, *columns)
        for name in rows.colnames:
            if isinstance(rows[name], SkyCoord):
                sky = rows[name].icrs
                return Position(_plain_angle(sky.ra), _plain_angle(sky.dec), (f"{name}.ra", f"{name}.dec"))
        raise CscError(
            f"{self.title} cannot be searched",
            f"none of its columns {', '.join(rows.colnames[:8])} is known as a right ascension or declination",
            'Name them: ra="...", dec="...".',
        )


class FileCatalogue(TableCatalogue):
    """A table in a file: FITS, VOTable, CSV, ECSV, TSV or Parquet, also compressed.

    Parameters
    ----------
    path : path
        The file; its ending says what it is.
    title, name, ra, dec : str, optional
        As of `TableCatalogue`.

    Raises
    ------
    CscError
        If it is missing, or cannot be read.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, title: str = "", name: str = "", ra: str = "", dec: str = ""
    ) -> None:
        file = Path(path).expanduser()
        super().__init__(_read(file), title or file.name, name=name or file.name.split(".")[0].lower(), ra=ra, dec=dec)
        self._origin, self._place = f"the file {file.name}", os.fspath(file)


def _read(path: Path) -> Table:
    if not path.is_file():
        raise CscError(f"There is no file {path}", "", "Check its name and folder.")
    endings = [ending.lower() for ending in path.suffixes if ending.lower() not in {".gz", ".bz2", ".xz"}]
    kind = _FORMATS.get(endings[-1] if endings else "")
    if kind is None:
        raise CscError(
            f"{path.name} cannot be read",
            f"the ending {endings[-1] if endings else ''!r} is not a known one",
            "FITS, VOTable, CSV, ECSV, TSV and Parquet are read, by .fits, .vot, .csv, .ecsv, .tsv and .parquet.",
        )
    name = kind.removeprefix("ascii.").upper()
    with reading(f"{path.name} cannot be read as a {name} table"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = read_file(path, LARGEST_TABLE)
        if kind == "votable":
            return _read_votable(content)
        if kind == "fits":
            return read_fits_table(content)
        return read_parquet_table(content) if kind == "parquet" else read_text_table(content, kind)


def _read_votable(content: bytes) -> Table:
    """The first table, under its columns' names, not their IDs, with what the document says of it."""
    document = parse_votable(content)
    element = first_table(document)
    table = element.to_table(use_names_over_ids=True)
    table.meta.update(infos_of(document))
    return table


def as_qtable(table: Any, title: str) -> QTable:
    """Any table as a QTable, with NaN for nulls of real numbers; its columns are not copied where they can stay.

    Raises
    ------
    CscError
        If it is no table.
    """
    if not isinstance(table, Table):
        if not (hasattr(table, "columns") and hasattr(table, "iloc")):
            raise CscError(
                f"{title} is no catalogue", f"it is a {type(table).__name__}", "Give a Table or a DataFrame."
            )
        table = Table.from_pandas(table)
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
                values = u.Quantity(np.asarray(values, float), unit, copy=False)
            else:
                values.unit = unit
        result[name] = values
        result[name].info.description = column.info.description
        result[name].info.meta = column.info.meta
    return result


def _decoded(text: Any) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _plain_angle(angle: Any) -> Floats:
    return np.asarray(np.ma.filled(np.ma.asarray(angle.to_value(u.deg)), np.nan), float)


def _masked(column: Column) -> bool:
    return isinstance(column, MaskedColumn) and bool(np.ma.getmaskarray(column).any())


def _declares_simulated(meta: Mapping[str, Any]) -> bool:
    """Whether a table says that no telescope saw its rows, as those of this package do in every format."""
    provenance = meta.get("provenance")
    if isinstance(provenance, Provenance):
        return provenance.simulated
    return re.search(r"simulated\W+(true|t|1)\b", str(dict(meta)), re.IGNORECASE) is not None

"""A catalogue that is a file of the user."""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from astropy.table import QTable

from cscwidgets.errors import CscError
from cscwidgets.io.reading import reading
from cscwidgets.io.tables.raw import RawTable
from cscwidgets.io.tables.read import FORMATS, read_table_file
from cscwidgets.sky.position_columns import parts_of, position_columns

from .catalogue import Neighbourhood
from .own_table import OwnTable
from .table_catalogue import TableCatalogue

__all__ = ["FileCatalogue", "chosen_table", "names_a_file"]

# "stars.fits[2]" as FTOOLS name an extension, "stars.vot#sources" as TOPCAT does a table.
_NAMED = re.compile(r"(?P<path>.+?)(?:\[(?P<extension>[^\[\]]+)\]|#(?P<table>[^#/\\]+))")
_ENDINGS = re.compile(
    r".*\.(fits?|fts|ftz|vot|votable|xml|csv|ecsv|tsv|tab|txt|dat|asc|tbl|mrt|parquet|pq)(\.(gz|bz2|xz))?",
    re.IGNORECASE,
)


def names_a_file(text: str) -> bool:
    """Whether a text is the path of a file with a table: one that is there, or that ends as such do.

    >>> names_a_file("stars.fits[2]"), names_a_file("II/246/out")
    (True, False)
    """
    path = Path(_split(text)[0])
    return _ENDINGS.fullmatch(path.name) is not None or path.expanduser().is_file()


def _split(text: str) -> tuple[str, str]:
    """A path, and the table in it that is meant."""
    match = _NAMED.fullmatch(text)
    if match is None or Path(text).expanduser().exists():
        return text, ""
    return match["path"], (match["extension"] or match["table"]).strip()


class FileCatalogue(TableCatalogue):
    r"""A table in a file: FITS, VOTable, Parquet or text of whatever layout, also compressed.

    The file is read again when it was written again: its rows are those that are there.

    Parameters
    ----------
    path : path
        The file; its content says what it is. ``stars.fits[2]`` and ``stars.vot#sources`` name one of its tables.
    table : str or int, optional
        Which of several tables: its name, or its number: of a FITS file that of the extension (the first is 1), else
        counted from 1. The only one with a position unless told.
    title, name, ra, dec : str, optional
        As of `TableCatalogue`.

    Raises
    ------
    CscError
        If it is missing, cannot be read, or has several tables with positions.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "stars.csv"
    ...     _ = path.write_text("name;ra;dec\nA;05 35 17;-05 23 28\nB;NULL;NULL\n")
    ...     FileCatalogue(path).notes
    ("read as no value: 'NULL' (2 cells)",)
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        table: str | int = "",
        title: str = "",
        name: str = "",
        ra: str = "",
        dec: str = "",
    ) -> None:
        given, named = _split(os.fspath(path))
        self._file, self._wanted, self._columns = Path(given).expanduser(), str(table) or named, (ra, dec)
        self._written = self.version
        short = re.sub(r"\W+", "_", self._file.name.split(".")[0]).strip("_").lower()
        super().__init__(self._read(), title or self._file.name, name=name or short, ra=ra, dec=dec)
        self._origin, self._place = self._said(), os.fspath(self._file)

    @property
    def version(self) -> tuple[int, int]:
        """When the file was written, and how large it is.

        Raises
        ------
        CscError
            If it is not there.
        """
        if not self._file.is_file():
            raise CscError(f"There is no file {self._file}", "", "Check its name and folder.")
        status = self._file.stat()
        return status.st_mtime_ns, status.st_size

    def rows(self, around: Neighbourhood) -> QTable:
        """All of them, as they are in the file now."""
        written = self.version
        if written != self._written:
            self._own, self._written = self._read(), written
            self._origin = self._said()
        return super().rows(around)

    def _said(self) -> str:
        time = datetime.fromtimestamp(self._written[0] / 1e9, UTC)
        return f"the file {self._file.name} as written {time:%Y-%m-%d %H:%M:%S} UTC"

    def _read(self) -> OwnTable:
        with reading(f"{self._file.name} cannot be read as a table", f"{FORMATS}."), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            raw, note = chosen_table(read_table_file(self._file), self._file.name, self._wanted, self._columns)
            return OwnTable.of_raw(replace(raw, notes=(note, *raw.notes)) if note else raw)


def chosen_table(tables: list[RawTable], file: str, wanted: str, position: tuple[str, str]) -> tuple[RawTable, str]:
    """The table that is meant, and what is to be said of the choice."""
    if wanted:
        named = [one for one in tables if wanted.lower() == one.name.lower()]
        named = named or [one for one in tables if wanted == str(one.number)]
        if len(named) != 1:
            many = "several tables of that name" if named else "no such table"
            raise CscError(f"{file} has {many}: {wanted!r}", f"its tables are {_listed(tables)}", _HOW)
        return named[0], ""
    if len(tables) == 1:
        return tables[0], ""
    placed = [one for one in tables if _has_position(one, position)]
    if len(placed) == 1:
        others = [one for one in tables if one is not placed[0]]
        return placed[0], f"taken of {file}: {_listed(placed)}, the only one with a position; not {_listed(others)}"
    which = f"{len(placed)} tables with positions" if placed else f"{len(tables)} tables, none with a known position"
    example = (placed or tables)[0]
    label = f"{file}[{example.number}]" if file.lower().endswith((".fits", ".fit")) else f"{file}#{_label(example)}"
    raise CscError(f"{file} has {which}", f"they are {_listed(placed or tables)}", f"{_HOW} For instance {label!r}.")


_HOW = 'Say which one: table="...", or its name or number behind the file\'s.'


def _has_position(table: RawTable, position: tuple[str, str]) -> bool:
    names = {column.name for column in table.columns}
    if all(position):
        return all(part in names for role in position for part in parts_of(role))
    return position_columns((column.name, column.ucd) for column in table.columns) is not None


def _label(table: RawTable) -> str:
    return table.name or str(table.number)


def _listed(tables: list[RawTable]) -> str:
    shown = [f"{one.number}{f' ({one.name})' if one.name else ''} with {one.rows:,} rows" for one in tables[:6]]
    return ", ".join([*shown, *([f"and {len(tables) - 6} more"] if len(tables) > 6 else [])])

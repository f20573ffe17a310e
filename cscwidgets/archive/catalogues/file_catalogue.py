"""A catalogue that is a file of the user."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from astropy.table import QTable

from cscwidgets.errors import CscError
from cscwidgets.io.quiet import quiet
from cscwidgets.io.reading import reading
from cscwidgets.io.tables.read import FORMATS, read_table_file

from .catalogue import Neighbourhood
from .file_tables import chosen_table, split_path
from .own_table import OwnTable
from .table_catalogue import TableCatalogue

__all__ = ["FileCatalogue"]


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
        given, named = split_path(os.fspath(path))
        self._reference = "" if title or name or ra or dec else _full(given, str(table) or named)
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

    @property
    def reference(self) -> str:
        """Its full path."""
        return self._reference

    def _read(self) -> OwnTable:
        with reading(f"{self._file.name} cannot be read as a table", f"{FORMATS}."), quiet():
            raw, note = chosen_table(read_table_file(self._file), self._file.name, self._wanted, self._columns)
            return OwnTable.of_raw(replace(raw, notes=(note, *raw.notes)) if note else raw)


def _full(path: str, table: str) -> str:
    full = os.fspath(Path(path).expanduser().absolute())
    return f"{full}[{table}]" if table else full

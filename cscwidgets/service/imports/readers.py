"""Tables as people have them - TSV, CSV, VOTable, FITS - as named columns of cleaned values."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from astropy.io import fits

from cscwidgets.io.files import read_file
from cscwidgets.io.fits import open_fits
from cscwidgets.io.fits_headers import FITS
from cscwidgets.io.reading import Unreadable, reading
from cscwidgets.io.tables import LARGEST_TABLE, require_fair_lines
from cscwidgets.io.votable import infos_of, parse_votable
from cscwidgets.io.yaml_headers import require_plain_unit

from .values import clean

__all__ = ["RawColumn", "RawTable", "read_tables"]


@dataclass(frozen=True)
class RawColumn:
    """A column as a file has it: its name there, the catalogue column it declares, its unit."""

    name: str
    values: pa.Array
    table: str = ""
    column: str = ""
    unit: str = ""
    ucd: str = ""
    description: str = ""


@dataclass(frozen=True)
class RawTable:
    """One table of a file."""

    origin: str
    columns: tuple[RawColumn, ...]
    simulated: bool = False
    notes: tuple[str, ...] = ()
    about: str = ""

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.columns[0].values) if self.columns else 0


def read_tables(path: Path) -> list[RawTable]:
    """Read every table of a file, whatever its format; the content decides, not the name.

    Raises
    ------
    CscError
        If the file is missing, damaged, or of none of the formats.
    """
    with reading(f"{path.name} was not imported", "Check the file's name and place."):
        content = read_file(path, LARGEST_TABLE)
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    with reading(f"{path.name} was not imported", "TSV of CSCview and search_csc, VOTable, FITS and CSV are read."):
        if content.startswith(FITS):
            return _fits(content, path.name)
        if start.startswith(b"<") and b"VOTABLE" in content[:5000]:
            return _votable(content, path.name)
        return [_delimited(content.decode("utf-8-sig"), path.name)]


# ``#Column name (format) description (table.column) ["unit"] [ucd]``, separated by tabs
_DECLARED = re.compile(r"\((\w*)\.(\w+)\)")


def _delimited(text: str, origin: str) -> RawTable:
    declared: list[tuple[str, str, str]] = []
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("#Column\t"):
            parts = line.split("\t")
            match = _DECLARED.fullmatch(parts[4].strip()) if len(parts) > 4 else None
            unit = parts[5].strip(' []"') if len(parts) > 5 else ""
            declared.append((match[1], match[2], unit) if match else ("", "", ""))
        elif line.strip() and not line.startswith("#"):
            lines.append(line)
    if not lines:
        raise Unreadable("it is empty")
    require_fair_lines(lines)
    delimiter = "\t" if "\t" in lines[0] else ","
    header, *rows = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    if len(header) < 2:
        raise Unreadable("its first line names no columns separated by tabs or commas")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise Unreadable(f"row {number} has {len(row)} cells, the header {len(header)}")
    if len(declared) != len(header):
        declared = [("", "", "")] * len(header)
    cells = zip(*rows, strict=True) if rows else ((),) * len(header)
    return RawTable(
        origin,
        tuple(
            RawColumn(name.strip() or f"column_{number}", clean(pa.array(list(values), pa.string())), *description)
            for number, (name, values, description) in enumerate(zip(header, cells, declared, strict=True), start=1)
        ),
    )


def _votable(content: bytes, origin: str) -> list[RawTable]:
    with reading(f"{origin} was not imported", "Save it again, or convert it to CSV or FITS."):
        document = parse_votable(content)
        simulated = infos_of(document).get("simulated") == "true"
        tables = []
        for number, table in enumerate(document.iter_tables(), start=1):
            columns = []
            for field in table.fields:
                # IDs are often col0, col1, ...: only the name says what a column is.
                name = str(field.name or field.ID)
                columns.append(RawColumn(name, _masked(table.array[field.ID]), unit=str(field.unit or "")))
            label = str(table.name or "")
            table_origin = f"{origin} ({label})" if label and number > 1 else origin
            tables.append(RawTable(table_origin, tuple(columns), simulated))
        return tables


def _masked(values: np.ma.MaskedArray) -> pa.Array:
    mask = np.ma.getmaskarray(values)
    data = np.ma.getdata(values)
    if data.ndim == 1 and data.dtype.kind in "fiub":
        return pa.array(data.astype(data.dtype.newbyteorder("=")), mask=mask)
    texts = [item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in data.tolist()]
    return clean(pa.array(texts, pa.string(), mask=mask if mask.ndim == 1 else None))


def _fits(content: bytes, origin: str) -> list[RawTable]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            RawTable(f"{origin}[{hdu.name}]", tuple(_without_prefix(list(_fits_columns(hdu)))))
            for hdu in open_fits(content, largest=LARGEST_TABLE)
            if isinstance(hdu, (fits.BinTableHDU, fits.TableHDU))
        ]


def _fits_columns(hdu: fits.BinTableHDU) -> Iterator[RawColumn]:
    # Column by column through the HDU: Table.read rejects files over a display format.
    for number, column in enumerate(hdu.columns, start=1):
        data = np.asarray(hdu.data[column.name])
        if data.ndim > 1:
            continue
        require_plain_unit(column.unit)
        null = column.null
        if data.dtype.kind in "iu" and null not in (None, ""):
            masked = np.ma.masked_equal(data, int(null))
        else:
            masked = np.ma.array(data)
        yield RawColumn(column.name.strip().lower() or f"column_{number}", _masked(masked), unit=str(column.unit or ""))


def _without_prefix(columns: list[RawColumn]) -> list[RawColumn]:
    """Of a joined table (``a_name``, ``b_name``), take the side that holds CSC names."""
    if any(column.name == "name" for column in columns):
        return columns
    for column in columns:
        match = re.fullmatch(r"(\w+_)name", column.name)
        if match and pa.types.is_string(column.values.type):
            texts = [text for text in column.values.to_pylist() if text]
            if texts and sum(text.startswith(("2CXO J", "SIM J")) for text in texts) > len(texts) / 2:
                prefix = match[1]
                return [RawColumn(c.name.removeprefix(prefix), c.values, unit=c.unit) for c in columns]
    return columns

"""The tables of a FITS file, binary and in text."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.table import Table

from ..fits import open_fits
from ..quiet import quiet
from ..reading import Unreadable
from ..yaml_headers import require_plain_unit, require_plain_yaml
from .arrow_columns import null_note, of_numpy
from .astropy_columns import columns_of_astropy, left_out_note
from .bounds import LARGEST_TABLE
from .raw import RawColumn, RawTable

__all__ = ["read_fits"]

_YAML = ("--BEGIN-ASTROPY-SERIALIZED-COLUMNS--", "--END-ASTROPY-SERIALIZED-COLUMNS--")
_NO_FLAG = 0  # beside "T" and "F" (FITS Standard 4.0, 7.3.3.1)
_STRUCTURE = re.compile(
    r"XTENSION|BITPIX|NAXIS\d*|[PG]COUNT|TFIELDS|THEAP|T[A-Z]{3,4}\d+|EXTNAME|CHECKSUM|DATASUM|COMMENT|HISTORY|"
)


def read_fits(content: bytes, origin: str) -> list[RawTable]:
    """All tables of a FITS file; the number of each is that of its extension.

    Raises
    ------
    Unreadable
        If the file is damaged, contradicts itself, or holds no table.
    Exception
        Whatever astropy raises, as over all files here: call it inside `cscwidgets.io.reading.reading`.
    """
    with quiet():
        hdus = open_fits(content, largest=LARGEST_TABLE)
        tables = [(n, hdu) for n, hdu in enumerate(hdus) if isinstance(hdu, fits.BinTableHDU | fits.TableHDU)]
        if not tables:
            raise Unreadable("none of its parts is a table")
        return [_table(hdu, number, origin) for number, hdu in tables]


def _table(hdu: Any, number: int, origin: str) -> RawTable:
    for column in hdu.columns:
        require_plain_unit(column.unit)
    comments = [str(line) for line in hdu.header.get("COMMENT", ())]
    if _YAML[0] in comments:
        require_plain_yaml(_joined(comments))
        for column in hdu.columns:
            column.disp = None  # of which astropy refuses some, though nothing is displayed
        columns, notes = columns_of_astropy(
            Table.read(hdu, format="fits", unit_parse_strict="silent", astropy_native=True)
        )
        comments = comments[: comments.index(_YAML[0])]
    else:
        columns, notes = _columns(hdu)
    meta: dict[str, Any] = {key: hdu.header[key] for key in hdu.header if not _STRUCTURE.fullmatch(key)}
    if comments:
        meta["comments"] = comments
    return RawTable(
        f"{origin}[{hdu.name or number}]", tuple(columns), name=hdu.name, number=number, notes=tuple(notes), meta=meta
    )


def _columns(hdu: Any) -> tuple[list[RawColumn], list[str]]:
    columns: list[RawColumn] = []
    left_out: list[str] = []
    words: Counter[str] = Counter()
    data = hdu.data
    for index, column in enumerate(hdu.columns):
        name = column.name.strip() or f"column_{index + 1}"
        # By its place: two names that differ in case only are one for FITS.
        values = np.asarray(data.field(index)) if data is not None else np.empty(0)
        array, found = of_numpy(values, _null(hdu, index, values))
        words += found
        if array is None:
            left_out.append(name)
            continue
        described = _said(hdu.header, index + 1)
        columns.append(RawColumn(name, array, unit=str(column.unit or ""), **described))
    return columns, [*null_note(words), *left_out_note(left_out)]


def _said(header: fits.Header, number: int) -> dict[str, str]:
    """UCD and description of a column, as STILTS (TUCD, TCOMM), this package (TCOMM) and most others write them."""
    comment = header.get(f"TCOMM{number}") or header.comments[f"TTYPE{number}"] if f"TTYPE{number}" in header else ""
    if re.fullmatch(r"(label for (field|column)\s*\d*)?", str(comment).strip(), re.IGNORECASE):
        comment = ""
    return {"ucd": str(header.get(f"TUCD{number}", "")).strip(), "description": str(comment).strip()}


def _null(hdu: Any, index: int, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Where a column has what its header declares to stand for none (TNULL), or the byte that is no flag."""
    column = hdu.columns[index]
    if isinstance(hdu, fits.TableHDU):
        if values.dtype.kind not in "fiu":
            return np.zeros(len(values), bool)
        raw = np.char.strip(np.asarray(np.recarray.field(hdu.data, index)).astype(bytes))
        null = str(column.null).strip().encode() if column.null is not None else b""
        return np.asarray((raw == null) | (raw == b""))
    # Both are of what is stored: a scaled number is compared before it is one, and astropy reads no flag as False.
    stored = np.asarray(np.recarray.field(hdu.data, index)) if hdu.data is not None else values
    if stored.shape == values.shape and column.format.format == "L":
        return np.asarray(stored == _NO_FLAG)
    if stored.shape != values.shape or stored.dtype.kind not in "iu" or column.null in (None, ""):
        return np.zeros(values.shape, bool)
    return np.asarray(stored == int(column.null))


def _joined(comments: list[str]) -> str:
    """YAML in the comments of a FITS header, whose long lines go on after 70 characters and a backslash."""
    begin = comments.index(_YAML[0]) + 1
    lines: list[str] = []
    going_on = False
    for line in comments[begin : comments.index(_YAML[1]) if _YAML[1] in comments else None]:
        if going_on:
            lines[-1] += line[:70]
        else:
            lines.append(line[:70])
        going_on = len(line) == 71
    return "\n".join(lines)

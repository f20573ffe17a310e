"""The one reader of tables from outside: of any format, plain or packed, decided by the content."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ..files import read_file
from ..fits_headers import FITS
from .bounds import LARGEST_TABLE
from .declared_frame import frame_note
from .fits_reader import read_fits
from .parquet_reader import read_parquet
from .raw import TRUNCATED, RawColumn, RawTable, declares_simulated, declares_truncated
from .text_reader import read_text
from .votable_reader import read_votable

__all__ = ["FORMATS", "noted", "read_table_file", "read_tables"]

FORMATS = "FITS, VOTable, Parquet, ECSV, IPAC, MRT and values separated by tabs, commas, semicolons or blanks are read"

# Often written for "no value" where the format has a word for that, which was not used.
_SUSPECTS = [float(f"-{nines}") for nines in ("999", "9999", "99999", "999999")]
_RA_UCDS, _RA_NAME = ("pos.eq.ra", "pos_eq_ra"), re.compile(r"_?ra(_?(j2000|icrs|deg))?", re.IGNORECASE)
_SUSPECT_WORDS = pa.array([text for one in _SUSPECTS for text in (f"{one:.0f}", f"{one:.1f}", f"{one:.2f}")])


def read_table_file(path: str | os.PathLike[str]) -> list[RawTable]:
    """All tables of a file; see `read_tables`.

    Raises
    ------
    Unreadable
        If it is no file, or too large.
    OSError
        If it is not there, or may not be read.
    Exception
        Whatever a library raises: call it inside `cscwidgets.io.reading.reading`.
    """
    return read_tables(read_file(path, LARGEST_TABLE), Path(path).name)


def read_tables(content: bytes, origin: str) -> list[RawTable]:
    r"""All tables of a file that is in memory, unpacked.

    Parameters
    ----------
    content : bytes
    origin : str
        What the file is called.

    Returns
    -------
    list of RawTable
        At least one, in their order.

    Raises
    ------
    Unreadable
        If it is of none of the `FORMATS`, holds no table, or is not to be trusted.
    Exception
        Whatever a library raises over a damaged file: call it inside `cscwidgets.io.reading.reading`.

    Examples
    --------
    >>> (table,) = read_tables(b"# mine\nname;ra;dec\nA;83,8;-5,4\n", "mine.csv")
    >>> [column.values.to_pylist() for column in table.columns], table.notes
    ([['A'], ['83.8'], ['-5.4']], ('decimal commas in ra, dec were read as points',))
    """
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if content.startswith(FITS):
        tables = read_fits(content, origin)
    elif content.startswith(b"PAR1"):
        tables = read_parquet(content, origin)
    elif _is_xml(start) and _mentions_votable(content):
        tables = read_votable(content, origin)
    else:
        tables = read_text(content, origin)
    return [noted(table) for table in tables]


def noted(table: RawTable) -> RawTable:
    """A table with what is to be said of any: whether it is simulated or not complete, and what may stand for nulls."""
    truncated = declares_truncated(table.meta)
    notes = [*table.notes]
    if truncated:
        notes.append(TRUNCATED)
    right_ascensions = {c.name: c.frame for c in table.columns if _is_right_ascension(c)}
    notes += filter(None, [frame_note(right_ascensions, table.meta), *map(_suspected, table.columns)])
    return replace(
        table,
        simulated=table.simulated or declares_simulated(table.meta),
        complete=table.complete and not truncated,
        notes=tuple(notes),
    )


def _is_right_ascension(column: RawColumn) -> bool:
    return column.ucd.lower().startswith(_RA_UCDS) or _RA_NAME.fullmatch(column.name) is not None


def _suspected(column: RawColumn) -> str:
    values = column.values
    if pa.types.is_string(values.type):
        found = values.filter(pc.fill_null(pc.is_in(values, value_set=_SUSPECT_WORDS), False))
    elif pa.types.is_floating(values.type) or pa.types.is_signed_integer(values.type):
        numbers = pc.cast(values, pa.float64(), safe=False)
        found = values.filter(pc.fill_null(pc.is_in(numbers, value_set=pa.array(_SUSPECTS)), False))
    else:
        return ""
    if not len(found):
        return ""
    rows = f"{len(found):,} row{'s' if len(found) != 1 else ''}"
    return f"{column.name} is {found[0].as_py()} in {rows}, and kept so: the file does not say that it means none"


def _is_xml(start: bytes) -> bool:
    return start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\0<"))


def _mentions_votable(content: bytes) -> bool:
    return re.search(rb"<(\w+:)?VOTABLE\b", content[:1_000_000].replace(b"\0", b"")) is not None

"""Tables of people's own as astropy reads them, each looked at before astropy makes room for it."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from astropy.io import fits
from astropy.table import Table

from .fits import open_fits
from .reading import Unreadable
from .yaml_headers import require_plain_unit, require_plain_yaml

__all__ = ["LARGEST_TABLE", "read_fits_table", "read_parquet_table", "read_text_table", "require_fair_lines"]

LARGEST_TABLE = 2_000_000_000
"""Bytes of a file with a table."""

_MOST_COLUMNS = 5_000
# A column of text has as much room in every row as its longest one needs, four bytes a character: a file may take so
# many bytes in memory, or so many times its own.
_FAIR_BYTES, _FAIR_TIMES = 400_000_000, 64
_FITS_YAML = ("--BEGIN-ASTROPY-SERIALIZED-COLUMNS--", "--END-ASTROPY-SERIALIZED-COLUMNS--")


def read_fits_table(content: bytes) -> Table:
    """The first table of a FITS file.

    Raises
    ------
    Unreadable
        If the file is damaged, contradicts itself, or holds no table.
    Exception
        Whatever astropy raises, as over all files here: call it inside `cscwidgets.io.reading.reading`.
    """
    hdus = open_fits(content, largest=LARGEST_TABLE)
    hdu = next((hdu for hdu in hdus if isinstance(hdu, fits.BinTableHDU | fits.TableHDU)), None)
    if hdu is None:
        raise Unreadable("none of its parts is a table")
    for column in hdu.columns:
        require_plain_unit(column.unit)
    comments = [str(line) for line in hdu.header.get("COMMENT", ())]
    if _FITS_YAML[0] in comments:
        require_plain_yaml(_joined(comments))
    return Table.read(hdu, format="fits")


def read_text_table(content: bytes, kind: str) -> Table:
    """A table in text.

    Parameters
    ----------
    content : bytes
        UTF-8.
    kind : str
        astropy's name of the format, as "ascii.csv"; "ascii" tries them.
    """
    text = content.decode("utf-8-sig")
    if not text.strip():
        raise Unreadable("it is empty")
    require_fair_lines(text.splitlines())
    if kind == "ascii.ecsv":
        require_plain_yaml("\n".join(line[1:].removeprefix(" ") for line in _first_comments(text)))
    options = {} if kind == "ascii" else {"guess": False}
    # Not as a string: astropy would take one line for the name of a file, or for an address.
    return Table.read(io.BytesIO(text.encode()), format=kind, **options)


def read_parquet_table(content: bytes) -> Table:
    """A table in Parquet, with what the file says of it in ``meta``."""
    file = pq.ParquetFile(pa.BufferReader(content))
    metadata = {key.decode(): value.decode() for key, value in (file.schema_arrow.metadata or {}).items()}
    if "table_meta_yaml" in metadata:
        require_plain_yaml(metadata["table_meta_yaml"])
    _require_fair_parquet(file, metadata, len(content))
    table = Table.read(io.BytesIO(content), format="parquet")
    table.meta.update(metadata)
    return table


def require_fair_lines(lines: list[str]) -> None:
    """Refuse a table in text that is far wider than long, or has a line far longer than the others.

    Raises
    ------
    Unreadable
    """
    wide = (line for line in lines if len(line) >= _MOST_COLUMNS)  # any line may be taken for the header
    columns = max((line.count(delimiter) + 1 for line in wide for delimiter in ",\t;| "), default=0)
    if columns > _MOST_COLUMNS:
        raise Unreadable(f"it has {columns} columns, and {_MOST_COLUMNS} are the most")
    lengths = list(map(len, lines))
    longest = max(lengths, default=0)
    _require_fair(4 * longest * len(lines), sum(lengths), f"one of its lines has {longest} characters")


def _require_fair(needed: int, size: int, why: str) -> None:
    if needed > max(_FAIR_BYTES, _FAIR_TIMES * size):
        raise Unreadable(f"{why}, and it would take {needed / 1e9:,.1f} GB")


def _require_fair_parquet(file: pq.ParquetFile, metadata: dict[str, str], size: int) -> None:
    rows, schema = file.metadata.num_rows, file.schema_arrow
    if len(schema) > _MOST_COLUMNS:
        raise Unreadable(f"it has {len(schema)} columns, and {_MOST_COLUMNS} are the most")
    _require_fair(8 * rows * len(schema), size, f"it says that it has {rows} rows")
    for field in schema:
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type) or pa.types.is_binary(field.type):
            length = int(metadata.get(f"table::len::{field.name}", 0)) or _longest(file, field.name)
            _require_fair(4 * rows * length, size, f"a text in {field.name} has {length} characters")


def _longest(file: pq.ParquetFile, name: str) -> int:
    lengths = pc.binary_length(file.read(columns=[name]).column(0))
    return int(pc.max(lengths).as_py() or 0)


def _first_comments(text: str) -> Iterable[str]:
    """The lines before the data that begin with "#", without what says the version of ECSV."""
    for line in text.splitlines():
        if not line.startswith("#"):
            return
        if not line.startswith("# %ECSV"):
            yield line


def _joined(comments: list[str]) -> str:
    """YAML in the comments of a FITS header, whose long lines go on after 70 characters and a backslash."""
    begin = comments.index(_FITS_YAML[0]) + 1
    lines: list[str] = []
    going_on = False
    for line in comments[begin : comments.index(_FITS_YAML[1]) if _FITS_YAML[1] in comments else None]:
        if going_on:
            lines[-1] += line[:70]
        else:
            lines.append(line[:70])
        going_on = len(line) == 71
    return "\n".join(lines)

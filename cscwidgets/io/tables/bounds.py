"""How large a table of people's own may be: looked at before anybody makes room for it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..reading import Unreadable

__all__ = ["LARGEST_TABLE", "require_fair_lines", "require_fair_parquet"]

LARGEST_TABLE = 2_000_000_000
"""Bytes of a file with a table."""

_MOST_COLUMNS = 5_000
# A column of text has as much room in every row as its longest one needs, four bytes a character: a file may take so
# many bytes in memory, or so many times its own.
_FAIR_BYTES, _FAIR_TIMES = 400_000_000, 64


def require_fair_lines(lines: list[str]) -> None:
    """Refuse a table in text that is far wider than long, or has a line far longer than the others.

    Raises
    ------
    Unreadable
    """
    wide = (line for line in lines if len(line) >= _MOST_COLUMNS)  # any line may be taken for the header
    columns = max((_cells(line) for line in wide), default=0)
    if columns > _MOST_COLUMNS:
        raise Unreadable(f"it has {columns} columns, and {_MOST_COLUMNS} are the most")
    lengths = list(map(len, lines))
    longest = max(lengths, default=0)
    _require_fair(4 * longest * len(lines), sum(lengths), f"one of its lines has {longest} characters")


def _cells(line: str) -> int:
    """How many cells a line may have, by any delimiter; where columns are aligned, any number of blanks is one."""
    between_blanks = len(line.split(maxsplit=_MOST_COLUMNS))
    return max(between_blanks, *(line.count(delimiter) + 1 for delimiter in ",\t;|"))


def require_fair_parquet(file: pq.ParquetFile, metadata: dict[str, str], size: int) -> None:
    """Refuse a Parquet file that says of itself what would take far more memory than it has bytes.

    Raises
    ------
    Unreadable
    """
    rows, schema = file.metadata.num_rows, file.schema_arrow
    if len(schema) > _MOST_COLUMNS:
        raise Unreadable(f"it has {len(schema)} columns, and {_MOST_COLUMNS} are the most")
    _require_fair(8 * rows * len(schema), size, f"it says that it has {rows} rows")
    for field in schema:
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type) or pa.types.is_binary(field.type):
            length = int(metadata.get(f"table::len::{field.name}", 0)) or _longest(file, field.name)
            _require_fair(4 * rows * length, size, f"a text in {field.name} has {length} characters")


def _require_fair(needed: int, size: int, why: str) -> None:
    if needed > max(_FAIR_BYTES, _FAIR_TIMES * size):
        raise Unreadable(f"{why}, and it would take {needed / 1e9:,.1f} GB")


def _longest(file: pq.ParquetFile, name: str) -> int:
    lengths = pc.binary_length(file.read(columns=[name]).column(0))
    return int(pc.max(lengths).as_py() or 0)

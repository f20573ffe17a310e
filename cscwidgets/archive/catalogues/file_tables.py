"""Which table of which file is meant: paths with the name or number of a table, and files of several tables."""

from __future__ import annotations

import re
from pathlib import Path

from cscwidgets.errors import CscError
from cscwidgets.io.tables.raw import RawTable
from cscwidgets.sky.position_columns import parts_of, position_columns

__all__ = ["chosen_table", "ends_as_table", "names_a_file", "split_path"]

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
    return ends_as_table(text) or Path(split_path(text)[0]).expanduser().is_file()


def ends_as_table(text: str) -> bool:
    """Whether a text ends as the path of a file with a table does."""
    return _ENDINGS.fullmatch(Path(split_path(text)[0]).name) is not None


def split_path(text: str) -> tuple[str, str]:
    """A path, and the table in it that is meant."""
    match = _NAMED.fullmatch(text)
    if match is None or Path(text).expanduser().exists():
        return text, ""
    return match["path"], (match["extension"] or match["table"]).strip()


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

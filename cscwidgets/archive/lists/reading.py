"""A list of positions or names from whatever people have: tables, frames, files, coordinates, lines."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from astropy.coordinates import SkyCoord
from astropy.table import Table

from cscwidgets.errors import CscError
from cscwidgets.io.files import read_file
from cscwidgets.io.fits_headers import FITS
from cscwidgets.io.reading import reading
from cscwidgets.io.tables.bounds import LARGEST_TABLE
from cscwidgets.io.tables.encoding import decoded
from cscwidgets.io.tables.raw import RawTable
from cscwidgets.io.tables.read import FORMATS, read_tables
from cscwidgets.io.typed import plain_text
from cscwidgets.sky.position_columns import position_columns
from cscwidgets.sky.position_list import PositionList, of_coordinates, of_lines, of_table
from cscwidgets.sky.positions import in_icrs
from cscwidgets.sky.region_text import looks_like_region

from ..catalogues.file_tables import chosen_table, ends_as_table, split_path
from ..catalogues.own_table import OwnTable, is_own_table

__all__ = ["Positions", "is_list", "read_list"]

Positions: TypeAlias = "PositionList | SkyCoord | Table | Sequence[str] | str | os.PathLike[str] | Any"

MOST = 100_000
"""Rows of a list: more are a catalogue, and matched as such."""

_LONGEST_PATH = 1000
_MAY_BE_REGION = re.compile(r"\.(reg|crtf|fits?|fts)(\.gz)?$", re.IGNORECASE)
_PLAIN = re.compile(r"\.(txt|dat|asc)$", re.IGNORECASE)
_HOW = "Give a table, a SkyCoord, lines of positions or names, or a file of these."
_CELLS = re.compile(r"\s*[,;|\t]\s*|\s+")
# "RA_B1950", "ra (rad)", "elon": whatever they are of, they name columns. "RA:" and "RA=83.8" are labels of a position.
_AXES = tuple(
    re.compile(rf"_?({names})([\W_\d][^:=]*|rad(ians?)?|h|hours?|hms|dms|deg|degrees?|[bj]\d.*)?", re.IGNORECASE)
    for names in ("ra|e?lon|ecllon|alpha|right_?ascension", "de|decl?|e?lat|ecllat|delta|declination")
)
_NO_NAME = re.compile(r"[-+]?\d*[.:]\d.*|.*[:=]|.*=.*")
_BINARY = (FITS, b"PAR1", b"<", b"\xef\xbb\xbf<", b"# %ECSV", b"\\", b"|")


def is_list(thing: object) -> bool:
    r"""Whether something can be nothing but a list: a table, several coordinates, several lines, a file of a table.

    Examples
    --------
    >>> is_list("M33"), is_list(["M33"]), is_list("M33\nM31"), is_list((83.8, -5.4)), is_list("mine.csv")
    (False, True, True, False, True)
    """
    if isinstance(thing, SkyCoord):
        return thing.shape not in {(), (1,)}
    if isinstance(thing, str):
        return _has_lines(thing) or _names_a_list(thing)
    if isinstance(thing, os.PathLike):
        return _names_a_list(os.fspath(thing))
    if isinstance(thing, list | tuple):
        return bool(thing) and all(isinstance(item, str | bytes | SkyCoord) for item in thing)
    return isinstance(thing, PositionList) or is_own_table(thing)


def read_list(positions: Positions) -> PositionList:
    r"""Read a list; see `cscwidgets.Archive.search_list` for what may be one.

    Raises
    ------
    CscError
        If it is none, holds nothing, or more than `MOST` rows; a row that cannot be read is no error, but named.

    Examples
    --------
    >>> read_list("# mine\nM33\n83.82 -5.39").ra
    array([23.4621, 83.82  ])
    """
    listed = _read(positions)
    if not len(listed):
        raise CscError("The list was not read", "there is no position and no name in it", _HOW)
    if len(listed) > MOST:
        raise CscError(
            "The list was not read",
            f"it has {len(listed):,} rows, more than {MOST:,}",
            "Ask for parts of it, or match it as a catalogue in the panel Counterparts.",
        )
    return listed


def _read(positions: Positions) -> PositionList:
    if isinstance(positions, PositionList):
        return positions
    if isinstance(positions, SkyCoord):
        return of_coordinates(positions)
    if is_own_table(positions):
        with reading("The list was not read", _HOW):
            return _of_own(OwnTable.of(positions, "The list"))
    if isinstance(positions, bytes):
        positions = positions.decode("utf-8", "replace")
    if isinstance(positions, os.PathLike) or (isinstance(positions, str) and _is_path(positions)):
        return _of_file(_path(os.fspath(positions)))
    if isinstance(positions, str):
        return _of_text(positions, "the lines")
    if isinstance(positions, list | tuple) and positions:
        if all(isinstance(one, SkyCoord) for one in positions):
            return of_coordinates(SkyCoord([in_icrs(one) for one in positions]).reshape(-1))
        if all(isinstance(one, str | bytes) for one in positions):
            lines = [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in positions]
            return of_lines(lines)
    raise CscError("The list was not read", f"it is of type {type(positions).__name__}", _HOW)


def _of_file(path: str) -> PositionList:
    name = Path(path).name
    with reading(f"{name} was not read", FORMATS + ", and lines of positions or names."):
        given, wanted = split_path(path)
        file = Path(given).expanduser()
        if not file.is_file():
            raise CscError(f"There is no file {file}", "", "Check its name and folder.")
        content = read_file(file, LARGEST_TABLE)
        if content.startswith(_BINARY):
            return _of_table(content, name, wanted)
        text, notes = decoded(content)
        listed = _of_text(text, name)
        return replace(listed, notes=(*notes, *listed.notes))


def _of_text(text: str, origin: str) -> PositionList:
    """Lines; or a table: a VOTable, or where the first line names the columns of a position."""
    document = text.lstrip("\ufeff \r\n\t")
    if document.startswith("<"):  # as other programs have it in the clipboard
        with reading("The list was not read", _HOW):
            return _of_table(document.encode(), origin)
    lines = text.splitlines()
    if _names_columns(lines):
        with reading("The list was not read", _HOW):
            return _of_table(text.encode(), origin)
    return of_lines(lines)


def _names_columns(lines: Sequence[str]) -> bool:
    """Whether the first line, or a comment above it of as many words, names the columns of a position.

    That may be one in another frame or in radians, which only the reader of tables tells apart: as lines without a
    heading its numbers would be degrees of ICRS.
    """
    first = next((number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")), -1)
    if first < 0:
        return False
    names = _cells(lines[first])
    above = _cells(lines[first - 1].lstrip("# ")) if first else []
    return _are_axes(names) or (2 < len(above) == len(names) and _are_axes(above))


def _cells(line: str) -> list[str]:
    return [cell.strip("\"' ") for cell in _CELLS.split(line.strip())]


def _are_axes(names: Sequence[str]) -> bool:
    lower = {name.lower() for name in names}
    known = position_columns((name, "") for name in names) or {"l", "b"} <= lower or {"glon", "glat"} <= lower
    axes = all(any(axis.fullmatch(name) for name in names) for axis in _AXES)
    return (bool(known) or axes) and not any(map(_NO_NAME.fullmatch, names))


def _of_table(content: bytes, origin: str, wanted: str = "") -> PositionList:
    return _of_raw(*chosen_table(read_tables(content, origin), origin, wanted, ("", "")))


def _of_raw(raw: RawTable, note: str) -> PositionList:
    return _of_own(OwnTable.of_raw(replace(raw, notes=(note, *raw.notes)) if note else raw))


def _of_own(own: OwnTable) -> PositionList:
    listed = of_table(own.rows)
    return replace(listed, notes=(*own.notes, *listed.notes))


def _has_lines(text: str) -> bool:
    return len(plain_text(text).splitlines()) > 1 and not _is_region(text)


def _is_region(text: str) -> bool:
    """Whether a text, whatever its comments say, is a region's."""
    lines = [line for line in plain_text(text).splitlines() if line and not line.startswith("#")]
    return not lines or looks_like_region("\n".join(lines))


def _names_a_list(text: str) -> bool:
    """Whether a text is the path of a file that can be nothing but a list: what is in it may be a region."""
    path = _path(text)
    if not _is_path(text) or _MAY_BE_REGION.search(path):
        return False
    file = Path(path).expanduser()
    if not _PLAIN.search(path) or not file.is_file():
        return True
    with file.open("rb") as stream:
        return not _is_region(stream.read(2000).decode("utf-8", "replace"))


def _is_path(text: str) -> bool:
    path = _path(text)
    return len(path) <= _LONGEST_PATH and "\n" not in path and ends_as_table(path)


def _path(text: str) -> str:
    return text.strip().strip("'\"").removeprefix("file://")

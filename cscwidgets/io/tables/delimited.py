"""Values separated by tabs, commas, semicolons, bars or blanks, with whatever stands above, below and between."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from ..reading import Unreadable
from .arrow_columns import null_note
from .cells import clean, numbers_of
from .declared import Declared, declared_columns
from .header import Header, split_line
from .raw import RawColumn, RawTable

__all__ = ["read_delimited"]

_END = "[EOD]"  # of tab-separated tables (TST) of Starlink and others
_DECIMAL_COMMA = r"^[+-]?\d+(,\d*)?([eE][+-]?\d+)?$"


def read_delimited(lines: Sequence[str], origin: str) -> list[RawTable]:
    """The tables of a file of delimited values: one, or several as VizieR sends them, one below the other.

    Cells stay text, without padding. Rows of units and of dashes below the names, comments, empty lines, and repeated
    lines of names are recognised.

    Raises
    ------
    Unreadable
        If no names are found, or a row has more or fewer cells than there are names.
    """
    header, declared = Header.of(lines), declared_columns(lines)
    rows, comments = _rows(lines, header)
    starts = _blocks(rows)
    titles = _titles(lines)
    tables = []
    for number, (first, last) in enumerate(zip(starts, [*starts[1:], None], strict=True), start=1):
        block = rows[first:last] if number == 1 else rows[first + 1 : last]
        names = header.names if number == 1 else rows[first]
        columns, notes = _columns(names, block, declared, header.delimiter)
        if comments and len(starts) == 1:
            notes.insert(0, f"{comments:,} lines among the rows that begin with # are left out")
        name = titles[number - 1] if len(titles) == len(starts) else ""
        tables.append(RawTable(origin, tuple(columns), name=name, number=number, notes=(*header.notes, *notes)))
    return tables


def _titles(lines: Sequence[str]) -> list[str]:
    """What VizieR calls the tables: not the catalogue, whose name stands above the first of them."""
    said = [line for line in lines if line.startswith(("#Table", "#Name:"))]
    names = [
        line for before, line in pairwise(["", *said]) if line.startswith("#Name:") and before.startswith("#Table")
    ]
    return [line.partition(":")[2].strip() for line in names or said if line.startswith("#Name:")]


def _rows(lines: Sequence[str], header: Header) -> tuple[list[list[str]], int]:
    """The rows below the names, and how many comments among them were passed over.

    A text in quotes may go on over lines; comments and empty lines within it are its own. Where no comment stands above
    the names, a line that begins with "#" and has a cell for each of them is a row.
    """
    comments, within = 0, False
    delimiter = header.delimiter
    blank = " \t" if delimiter == " " else " \t".replace(delimiter, "")

    def passed() -> Iterator[str]:
        nonlocal comments, within
        for line in lines[header.rows_at :]:
            if not within:
                if not line.strip(blank):
                    continue
                if line.startswith("#") and (header.comments or len(split_line(line, delimiter)) != len(header.names)):
                    comments += 1
                    continue
            within = True
            yield (line.strip() if delimiter == " " else line) + "\n"

    rows = []
    for cells in csv.reader(passed(), delimiter=delimiter, skipinitialspace=True):
        within = False
        rows.append(cells)
    if rows and rows[-1] == [_END]:
        rows.pop()
    return rows, comments


def _blocks(rows: Sequence[Sequence[str]]) -> list[int]:
    """Where tables begin: of VizieR's, names, units and dashes stand above each."""
    dashes = [at for at, row in enumerate(rows) if _is_dashes(row)]
    return [0, *(at - 2 for at in dashes if at > 2)] if dashes and dashes[0] == 1 else [0]


def _is_dashes(row: Sequence[str]) -> bool:
    return bool(row) and all(cell and not cell.strip("-") for cell in row) and max(map(len, row)) > 2


def _columns(
    names: Sequence[str], rows: list[list[str]], declared: Declared, delimiter: str
) -> tuple[list[RawColumn], list[str]]:
    """The columns of a table, and notes."""
    rows, units = _without_units(names, rows, delimiter)
    notes: list[str] = []
    repeated = sum(row == names for row in rows)
    if repeated:
        rows = [row for row in rows if row != names]
        notes.append(f"{repeated:,} lines that repeat the names are left out")
    names, rows = _even(names, rows)
    cells = zip(*rows, strict=True) if rows else ((),) * len(names)
    columns: list[RawColumn] = []
    words: Counter[str] = Counter()
    commas: list[str] = []
    said = declared.of(names)
    for at, (name, texts) in enumerate(zip(names, cells, strict=True)):
        values, found = clean(pa.array(texts, pa.string()))
        if not name.strip() and values.null_count == len(values):
            continue  # a delimiter at the end of each line
        words += found
        if delimiter == ";" and numbers_of(values) is None and _are_decimal_commas(values):
            values = pc.replace_substring(values, ",", ".")
            commas.append(name.strip())
        about = dict(said[at])
        about["unit"] = about.get("unit") or (units[at].strip() if units else "")
        columns.append(RawColumn(name.strip() or f"column_{at + 1}", values, **about))
    if commas:
        notes.append(f"decimal commas in {', '.join(commas[:6])} were read as points")
        grouped = [column.name for column in columns if column.name not in commas and _are_groups(column.values)]
        if grouped:  # 1.234 may be a thousand and more where decimals stand behind commas
            notes.append(f"{', '.join(grouped[:6])} has points in place of commas: they were read as decimal points")
    return columns, [*notes, *null_note(words)]


def _without_units(names: Sequence[str], rows: list[list[str]], delimiter: str) -> tuple[list[list[str]], list[str]]:
    """The rows without those of units, dashes or kinds below the names, and the units."""
    if rows and _is_dashes(rows[0]):
        return rows[1:], []
    if len(rows) > 1 and _is_dashes(rows[1]):
        return rows[2:], rows[0] if len(rows[0]) == len(names) else []
    if delimiter == "\t" and len(rows) > 1 and all(re.fullmatch(r"\d*[SN]", kind) for kind in rows[0]):
        numeric = [at for at, kind in enumerate(rows[0]) if kind.endswith("N")]
        cells = [pa.array([row[at] if at < len(row) else "" for row in rows[1:]]) for at in numeric]
        if all(numbers_of(clean(column)[0]) is not None for column in cells):
            return rows[1:], []  # RDB
    return rows, []


def _even(names: Sequence[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Names and rows of the same length.

    Lines may end in a delimiter though that of the names does not, or begin with the row's name though it has none.
    """
    width = len(names)
    if rows and all(len(row) == width + 1 for row in rows):
        if not any(row[-1].strip() for row in rows):
            return list(names), [row[:-1] for row in rows]
        return ["", *names], rows
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise Unreadable(f"row {number} has {len(row)} cells, the header {width}")
    return list(names), rows


def _are_decimal_commas(values: pa.Array) -> bool:
    return _all_match(values, _DECIMAL_COMMA)


def _are_groups(values: pa.Array) -> bool:
    return _all_match(values, r"^[+-]?\d{1,3}\.\d{3}$")


def _all_match(values: pa.Array, pattern: str) -> bool:
    present = values.drop_null()
    return len(present) > 0 and bool(pc.all(pc.match_substring_regex(present, pattern)).as_py())

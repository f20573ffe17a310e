"""The line of names above delimited values: found among comments, or not there."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..reading import Unreadable

__all__ = ["Header", "split_line"]

# A name may be a whole number, as pandas writes labels that nobody chose.
_DECIMAL = re.compile(r"[+-]?(\d+\.\d*|\.\d+)([eEdD][+-]?\d+)?|[+-]?\d+[eE][+-]?\d+", re.ASCII)
_DASHES = re.compile(r"-+(\t-+)+")


@dataclass(frozen=True)
class Header:
    """Names, and where and how the rows follow.

    Attributes
    ----------
    names : list of str
    rows_at : int
        The line at which rows begin.
    delimiter : str
        A blank for any number of them.
    comments : bool
        Whether comments stand above.
    notes : tuple of str
    """

    names: list[str]
    rows_at: int
    delimiter: str
    comments: bool
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, lines: Sequence[str]) -> Header:
        """Find it: the first line that is no comment, or the last comment above rows of as many cells.

        Raises
        ------
        Unreadable
            If nothing names columns.

        Examples
        --------
        >>> header = Header.of(["# mine", "#name,ra", "A,10.5"])
        >>> header.names, header.rows_at, header.delimiter
        (['name', 'ra'], 2, ',')
        """
        at = _above_dashes(lines)
        if at is None:
            at = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
        above = [line for line in lines[:at] if line.strip()]
        if at == len(lines):
            return cls._without_rows(above)
        if at and lines[at - 1].startswith("#"):
            for delimiter in dict.fromkeys((_delimiter(lines[at]), *"\t,;| ")):
                named, first = _commented(lines[at - 1], delimiter), split_line(lines[at], delimiter)
                if len(named) == len(first) > 1 and (delimiter == "\t" or _has_numbers(first)):
                    return cls(named, at, delimiter, len(above) > 1)
        delimiter = _delimiter(lines[at])
        first = split_line(lines[at], delimiter)
        numbers = _has_numbers(first)
        if len(first) < 2 or (delimiter == " " and not numbers and not _fits(lines[at + 1 :], len(first))):
            raise _no_columns(lines[at])
        if numbers:
            note = f"it has no line of names: the columns are called col1 to col{len(first)}"
            return cls([f"col{n}" for n in range(1, len(first) + 1)], at, delimiter, bool(above), (note,))
        return cls(first, at + 1, delimiter, bool(above))

    @classmethod
    def _without_rows(cls, comments: Sequence[str]) -> Header:
        """Of a file of comments alone, whose last may be names."""
        names = _commented(comments[-1], "\t")
        if len(names) < 2:
            raise _no_columns(comments[-1])
        return cls(names, len(comments) + 1, "\t", comments=True)


def split_line(line: str, delimiter: str) -> list[str]:
    """The cells of a line.

    >>> split_line('a, b, "c, d"', ",")
    ['a', 'b', 'c, d']
    """
    line = line.strip() if delimiter == " " else line
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])


def _above_dashes(lines: Sequence[str]) -> int | None:
    """The line of names where dashes below it say which it is, whatever stands above; units may lie between."""
    dashes = next((n for n, line in enumerate(lines[:2000]) if _DASHES.fullmatch(line.rstrip())), 0)
    if not dashes:
        return None
    columns = lines[dashes].count("\t")
    above = [n for n in (dashes - 2, dashes - 1) if n >= 0 and lines[n].count("\t") == columns]
    return next((n for n in above if not lines[n].startswith("#")), None)


def _commented(line: str, delimiter: str) -> list[str]:
    """Names in a comment; none in the declaration of a column."""
    return [] if line.startswith("#Column\t") else split_line(line.lstrip("#").strip(" "), delimiter)


def _has_numbers(cells: Sequence[str]) -> bool:
    return any(_DECIMAL.fullmatch(cell.strip()) for cell in cells)


def _delimiter(line: str) -> str:
    if "\t" in line:
        return "\t"
    unquoted = re.sub(r'"[^"]*"', "", line)
    most = max(",;|", key=unquoted.count)
    return most if most in unquoted else " "


def _fits(lines: Sequence[str], columns: int) -> bool:
    """Whether what follows a line of words is a row of as many: any prose has words with blanks between."""
    following = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return len(split_line(following, " ")) == columns


def _no_columns(line: str) -> Unreadable:
    return Unreadable(f"its first line names no columns separated by tabs, commas or semicolons: {line.strip()[:60]!r}")

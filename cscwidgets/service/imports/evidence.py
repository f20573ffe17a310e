"""What the rows of a file say of its columns: which are the same in all rows of a source or of a detection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cscwidgets.arrays import Integers

from .values import guess

__all__ = ["MANY", "Evidence", "Groups", "Rows", "same_values"]

MANY = 3
"""Things of several rows from which what they have in common is no chance."""


@dataclass(frozen=True)
class Evidence:
    """How a column behaves in the rows of one source, or of one detection.

    Attributes
    ----------
    telling : int
        Groups of several rows in which it has a value, and so could differ.
    varying : int
        Those in which it does differ; a value beside none differs too.
    distinct : bool
        Whether it differs from group to group.
    """

    telling: int
    varying: int
    distinct: bool

    @property
    def constant(self) -> bool:
        """Whether each group has one value of it, or none."""
        return not self.varying


class Groups:
    """Rows that belong together, by the values of some columns; rows without one of them belong to none.

    Parameters
    ----------
    keys : sequence of pyarrow.Array
        One or more columns.
    """

    def __init__(self, keys: Sequence[pa.Array]) -> None:
        codes = np.stack([_codes(key) for key in keys], axis=1)
        rows = np.flatnonzero((codes >= 0).all(axis=1))
        _, groups = np.unique(codes[rows], axis=0, return_inverse=True)
        order = np.argsort(groups, kind="stable")
        self._rows: Integers = rows[order]
        self._starts: Integers = np.flatnonzero(np.diff(groups[order], prepend=-1))

    def evidence(self, column: pa.Array) -> Evidence:
        """What the rows say of one column."""
        if not self._rows.size:
            return Evidence(0, 0, distinct=False)
        codes = _codes(column)[self._rows]
        lowest, highest = (reduce.reduceat(codes, self._starts) for reduce in (np.minimum, np.maximum))
        several = np.diff(np.r_[self._starts, codes.size]) > 1
        return Evidence(
            telling=int(np.count_nonzero(several & (highest >= 0))),
            varying=int(np.count_nonzero(lowest != highest)),
            distinct=np.unique(highest[highest >= 0]).size > 1,
        )


class Rows:
    """What the rows of a file say, of sources, stack detections and detections.

    Parameters
    ----------
    keys : mapping of str to sequence of pyarrow.Array
        The columns that identify a row of each table.
    """

    def __init__(self, keys: Mapping[str, Sequence[pa.Array]]) -> None:
        self._groups = {table: Groups(columns) for table, columns in keys.items()}
        self._known: dict[tuple[str, int], Evidence] = {}

    def evidence(self, table: str, columns: Iterable[pa.Array]) -> Evidence:
        """What they say of columns that belong together, for a row of a table."""
        each = [self._of(table, column) for column in columns] if table in self._groups else []
        return Evidence(
            max((e.telling for e in each), default=0),
            max((e.varying for e in each), default=0),
            any(e.distinct for e in each),
        )

    def speak_for(self, table: str, columns: Sequence[pa.Array]) -> bool:
        """Whether each thing has one value in all its rows, and others have others: not by chance."""
        evidence = self.evidence(table, columns)
        real = any(pa.types.is_floating(guess(column).type) for column in columns)
        return evidence.telling >= (1 if real else MANY) and evidence.constant and evidence.distinct

    def _of(self, table: str, column: pa.Array) -> Evidence:
        key = table, id(column)
        if key not in self._known:
            self._known[key] = self._groups[table].evidence(column)
        return self._known[key]


def same_values(first: pa.Array, second: pa.Array) -> bool:
    """Whether two columns say the same in every row."""
    if first.type != second.type:
        return False
    codes = _codes(pa.concat_arrays([first, second]))
    return bool(np.array_equal(codes[: len(first)], codes[len(first) :]))


def _codes(column: pa.Array) -> Integers:
    """A number for each value, -1 for none."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    indices = column.dictionary_encode().indices
    return np.asarray(pc.fill_null(indices, -1).to_numpy(zero_copy_only=False), np.int64)

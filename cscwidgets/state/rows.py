"""From source names to rows of a table, many at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from itertools import repeat
from weakref import finalize

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray

from cscwidgets.arrays import Flags

__all__ = ["RowIndex", "index_of"]


class RowIndex:
    """Where the sources of a table stand.

    Parameters
    ----------
    names : iterable of str
        Unique names, row by row.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names: NDArray[np.object_] = np.array(list(names), dtype=object)
        self._row = {name: row for row, name in enumerate(self.names)}
        self._place: NDArray[np.intp] | None = None  # where a row stands among those that were taken of a table
        self._asked: frozenset[str] = frozenset()
        self._marked = np.zeros(len(self.names), bool)

    @classmethod
    def without_names(cls, rows: int) -> RowIndex:
        """Of rows that nobody can name yet."""
        index = cls()
        index.names, index._marked = np.full(rows, "", object), np.zeros(rows, bool)
        return index

    def of(self, taken: Flags) -> RowIndex:
        """Of some rows of a table, counted anew; its names are not held again.

        Parameters
        ----------
        taken : ndarray of bool, shape (n,)
            Which rows of the whole table.
        """
        if taken.all():
            return self
        part = RowIndex()
        part.names, part._row, part._place = self.names[taken], self._row, np.where(taken, np.cumsum(taken) - 1, -1)
        part._marked = np.zeros(len(part.names), bool)
        return part

    def __len__(self) -> int:
        return len(self.names)

    @property
    def every(self) -> Set[str]:
        """All names of the table."""
        return self._row.keys()

    def row(self, name: str | None) -> int | None:
        """Row of a name, or None if it is not there."""
        row = self._row.get(name)
        if row is None or self._place is None:
            return row
        place = int(self._place[row])
        return place if place >= 0 else None

    def rows(self, names: Collection[str]) -> NDArray[np.intp]:
        """Rows of these names, in the table's order; those that are not there are left out."""
        # One pass without a line of Python for each name.
        rows = np.fromiter(map(self._row.get, names, repeat(-1)), np.intp, len(names))
        rows = np.sort(rows[rows >= 0])
        if self._place is None:
            return rows
        places = self._place[rows]
        return places[places >= 0]

    def marks(self, names: Collection[str]) -> Flags:
        """Which rows have one of these names, shape (n,)."""
        marked = np.zeros(len(self), bool)
        marked[self.rows(names)] = True
        return marked

    def selected(self, names: frozenset[str]) -> Flags:
        """The same for the selection, which linked diagrams ask for one after the other; not to be changed."""
        if names is not self._asked:
            self._asked, self._marked = names, self.marks(names)
        return self._marked


_made: dict[tuple[int, str], RowIndex] = {}


def index_of(table: Table, key: str = "name") -> RowIndex:
    """Where the sources of a table stand; all that follow one table share it while it lasts: its names are many."""
    place = id(table), key
    if place not in _made:
        _made[place] = RowIndex(map(str, np.ma.asarray(table[key]).filled("").tolist()) if len(table) else ())
        finalize(table, _made.pop, place, None).atexit = False
    return _made[place]

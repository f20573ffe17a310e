"""The table of an explorer: columns that code assigns to it appear in all views."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import Any

from astropy.table import QTable

from cscwidgets.errors import CscError

__all__ = ["LiveTable"]


class LiveTable(QTable):  # type: ignore[misc]
    """A QTable that tells of columns that are set or removed; its slices and copies are tables like any other.

    The columns of the catalogue stay what they are: one that is to be changed is written under a name of its own.
    """

    _kept: frozenset[str] = frozenset()
    _told: Callable[[str], None] | None = None

    @classmethod
    def of(cls, table: QTable, told: Callable[[str], None]) -> LiveTable:
        """A table with the same columns, that calls `told` with the name of each that is set or removed."""
        live = cls(table, copy=False)
        live._kept, live._told = frozenset(table.colnames), told
        return live

    @contextmanager
    def quiet(self) -> Any:
        """While the explorer itself sets columns."""
        told, self._told = self._told, None
        try:
            yield
        finally:
            self._told = told

    def __getitem__(self, item: Any) -> Any:
        found = super().__getitem__(item)
        return QTable(found, copy=False) if isinstance(found, LiveTable) else found

    def copy(self, copy_data: bool = True) -> QTable:
        """As `astropy.table.Table.copy`: a table of its own, which tells nobody."""
        return QTable(self, copy=copy_data)

    def __setitem__(self, item: Any, value: Any) -> None:
        if not isinstance(item, str):
            super().__setitem__(item, value)
            return
        self._refuse([item])  # here: astropy would write into the column where it cannot replace it
        with self.quiet():
            super().__setitem__(item, value)
        self._tell([item])

    def add_column(self, col: Any, *args: Any, **options: Any) -> None:
        """As `astropy.table.Table.add_column`."""
        before = set(self.colnames)
        super().add_column(col, *args, **options)
        self._tell(set(self.colnames) - before)

    def replace_column(self, name: str, col: Any, *args: Any, **options: Any) -> None:
        """As `astropy.table.Table.replace_column`."""
        self._refuse([name])
        super().replace_column(name, col, *args, **options)
        self._tell([name])

    def remove_columns(self, names: Any) -> None:
        """As `astropy.table.Table.remove_columns`."""
        gone = [names] if isinstance(names, str) else list(names)
        self._refuse(gone)
        super().remove_columns(names)
        self._tell(gone)

    def rename_column(self, name: str, new_name: str) -> None:
        """As `astropy.table.Table.rename_column`."""
        self._refuse([name])
        super().rename_column(name, new_name)
        self._tell([name, new_name])

    def _refuse(self, names: Iterable[str]) -> None:
        if self._told is not None and (own := self._kept.intersection(names)):
            column = min(own)
            why = "what the archive sent stays as it is"
            hint = f"Write it under another name, or into a copy: table = app.table.copy(); table[{column!r}] = ..."
            raise CscError(f"The column {column} was not changed", why, hint)

    def _tell(self, names: Iterable[str]) -> None:
        if self._told is not None:
            for name in names:
                self._told(name)

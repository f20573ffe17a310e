"""A catalogue that is a table of the user, in the notebook."""

from __future__ import annotations

from typing import Any

from astropy.table import QTable

from cscwidgets.errors import CscError
from cscwidgets.sky.position_columns import position_columns_of

from ..provenance import Provenance
from .catalogue import Catalogue, Neighbourhood
from .margin import Position
from .own_table import OwnTable

__all__ = ["TableCatalogue"]


class TableCatalogue(Catalogue):
    """A table that is here already.

    Parameters
    ----------
    table : Table, QTable, pandas.DataFrame, polars.DataFrame, pyarrow.Table
        Or anything that hands out Arrow. With a position: columns known by name or UCD, or a column of `SkyCoord`.
    title : str
        What to call it.
    name : str, optional
        The same for short.
    ra, dec : str, optional
        Columns of the position, degrees unless they have another unit; text may be sexagesimal.

    Raises
    ------
    CscError
        If it is no table.
    """

    rest = "What it lacks has to be asked of the service that it came from."

    def __init__(self, table: Any, title: str = "table", *, name: str = "", ra: str = "", dec: str = "") -> None:
        self.title = title
        self.name = name or "".join(letter if letter.isalnum() else "_" for letter in title).strip("_").lower()
        self._own = OwnTable.of(table, title)
        self._ra, self._dec = ra, dec
        self._origin, self._place = "a table of this session", ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title!r}, {len(self._own.rows):,} rows)"

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the table as it was read: nulls that were recognised, what was left out."""
        return self._own.notes

    def rows(self, around: Neighbourhood) -> QTable:
        """All of them; ``meta["notes"]`` are the `notes`."""
        around.monitor.check()
        rows = self._own.rows.copy(copy_data=False)
        if self.notes:
            rows.meta["notes"] = list(self.notes)
        rows.meta["provenance"] = Provenance(
            release=self.title,
            service=self._place,
            query="",
            requested=len(rows) if self._own.complete else None,
            returned=len(rows),
            truncated=0 if self._own.complete else None,
            simulated=self._own.simulated,
            origin=self._origin,
        )
        return rows

    def position(self, rows: QTable) -> Position:
        """By the columns that were named, or are known, or by a column of `SkyCoord`."""
        columns = (self._ra, self._dec) if self._ra and self._dec else position_columns_of(rows)
        if columns is None:
            raise CscError(
                f"{self.title} cannot be searched",
                f"none of its columns {', '.join(rows.colnames[:8])} is known as a right ascension or declination",
                'Name them: ra="...", dec="...".',
            )
        return Position.of(rows, *columns)

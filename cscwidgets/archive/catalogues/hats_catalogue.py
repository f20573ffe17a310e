"""A catalogue to match with that is a folder in the format HATS: only the groups of rows near the region are read."""

from __future__ import annotations

import os
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds
from astropy.table import QTable

from ..provenance import Provenance
from ..tables_on_disk import stored_table
from .catalogue import Catalogue, Neighbourhood
from .margin import Position
from .own_table import OwnTable

__all__ = ["HatsCatalogue"]


class HatsCatalogue(Catalogue):
    """A folder in the format HATS, of any size; LSDB is not needed.

    Parameters
    ----------
    path : path

    Raises
    ------
    CscError
        If it is no such catalogue, or damaged.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._folder = Path(path).expanduser()
        self._stored = stored_table(self._folder, "")
        self.title, self.name = self._stored.title, self._stored.name

    @property
    def reference(self) -> str:
        """Its full path."""
        return os.fspath(self._folder.absolute())

    def __repr__(self) -> str:
        return f"HatsCatalogue({os.fspath(self._folder)!r})"

    def rows(self, around: Neighbourhood) -> QTable:
        """Those of boxes around the region and its margin."""
        around.monitor.check()
        stored = self._stored
        ra, dec = map(pc.field, self._position)
        near: list[Any] = [
            (ra >= box.ra_low) & (ra <= box.ra_high) & (dec >= box.dec_low) & (dec <= box.dec_high)
            for box in around.region.boxes(around.margin)
        ]
        found = ds.dataset([*map(str, stored.files)], schema=stored.schema).to_table(filter=reduce(or_, near))
        rows = OwnTable.of(found, self.title).rows
        rows.meta["provenance"] = Provenance(
            release=self.title,
            service=os.fspath(self._folder),
            query="",
            requested=len(rows),
            returned=len(rows),
            truncated=0,
            simulated=stored.said.get("csc_simulated") == "true",
            origin=stored.said.get("csc_origin", f"the HATS catalogue {self._folder.name}"),
        )
        return rows

    @property
    def _position(self) -> tuple[str, str]:
        return self._stored.position or ("ra", "dec")

    def position(self, rows: QTable) -> Position:
        """By the columns that the catalogue names."""
        return Position.of(rows, *self._position)

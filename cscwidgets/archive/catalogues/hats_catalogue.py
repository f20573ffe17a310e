"""A catalogue to match with that is a folder in the format HATS: only the groups of rows near the region are read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds
from astropy.table import QTable

from cscwidgets.sky.boxes import Box

from ..provenance import Provenance
from ..tables_on_disk import check_catalogue, stored_table
from .catalogue import Catalogue, Neighbourhood
from .margin import Position
from .own_table import OwnTable

__all__ = ["HatsCatalogue", "in_boxes"]


def in_boxes(boxes: Sequence[Box], ra: str, dec: str) -> pc.Expression:
    """Of rows with these columns of position in degrees, which lie in any of the boxes.

    Right ascensions may be counted from 0 to 360 or, as some catalogues do, from -180 to 180.
    """
    at_ra, at_dec = pc.field(ra), pc.field(dec)
    near: list[Any] = [
        (at_ra >= box.ra_low - turn)
        & (at_ra <= box.ra_high - turn)
        & (at_dec >= box.dec_low)
        & (at_dec <= box.dec_high)
        for box in boxes
        for turn in (0.0, 360.0)
    ]
    return reduce(or_, near)


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
        check_catalogue(self._folder)
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
        near = in_boxes(around.region.boxes(around.margin), *self._position)
        found = ds.dataset([*map(str, stored.files)], schema=stored.schema).to_table(filter=near)
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

"""A whole catalogue in an explorer: where its sources are, then their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from traitlets import HasTraits, Instance

from cscwidgets.archive import Archive
from cscwidgets.archive.connection import remote_address
from cscwidgets.archive.openers import openers
from cscwidgets.arrays import Floats
from cscwidgets.csc.releases import RELEASES
from cscwidgets.errors import QueryError
from cscwidgets.sky.region import Region

from .tasks import Task

if TYPE_CHECKING:
    from .explorer import ExplorerState

__all__ = ["AllSkyState", "opens_on_all_sky"]


def opens_on_all_sky(archive: Archive) -> bool:
    """Whether an explorer that is told no place shows all of an archive: a folder, which takes no network."""
    return archive.name not in RELEASES and archive.name not in openers() and remote_address(archive.name) is None


class AllSkyState(HasTraits):
    """A whole catalogue as it opens: first where its sources are, at once, then their rows.

    Attributes
    ----------
    positions : tuple of two arrays, or None
        Right ascension and declination (deg) of all sources, until the rows are here.
    """

    positions = Instance(tuple, allow_none=True)

    def __init__(self, explorer: ExplorerState) -> None:
        super().__init__()
        self._explorer, self._desk = explorer, explorer.desk

    def open(self) -> None:
        """Ask for all of the archive, in the background."""

        def work(task: Task) -> tuple[Floats, Floats] | None:
            archive = self._desk.archive
            release = archive.open(task)
            adql = f"SELECT ra, dec FROM {release.schema}.master_source"
            try:  # which columns there are is asked with the rows: first of all somebody waits for something to see
                rows = archive.query(adql, quiet=True, monitor=task)
            except QueryError:
                if {"ra", "dec"} <= set(archive.columns(monitor=task)):
                    raise
                return None
            return np.asarray(rows["ra"], float), np.asarray(rows["dec"], float)

        self._desk.tasks.run("Looking at all of the sky", work, self._seen, key="all sky", stands=self._stands)

    def _stands(self) -> bool:
        """Whether nothing else was asked for meanwhile."""
        asked = any(task.key == "search" for task in self._desk.tasks.running)
        return self._explorer.region is None and not asked

    def _seen(self, positions: tuple[Floats, Floats] | None) -> None:
        self.positions = positions
        if positions is not None:
            self._explorer.search(Region.all_sky())

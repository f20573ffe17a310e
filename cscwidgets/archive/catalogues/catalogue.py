"""What all catalogues to match with have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from cscwidgets.sky.region import Region
from cscwidgets.sky.target import Target, region_of

from ..monitor import SILENT, Monitor
from ..truncation import warn_if_cut
from .margin import Position, cut_to_margin, margin_degrees

__all__ = ["Catalogue", "Neighbourhood"]


@dataclass(frozen=True)
class Neighbourhood:
    """Where rows are asked for, and how: `margin` in degrees; see `Catalogue.near`."""

    region: Region
    margin: float
    sources: SkyCoord | None = None
    complete: bool = False
    refresh: bool = False
    monitor: Monitor = SILENT


class Catalogue(ABC):
    """A catalogue to match with.

    Attributes
    ----------
    title : str
        What to call it in full.
    name : str
        The same for short, for names of columns and labels.
    epoch : float or None
        Julian year of all positions, where it is one: added as a column ``ref_epoch``.
    """

    title: str
    name: str
    epoch: float | None = None
    rest = "Ask with complete=True to get the rest in parts."  # of an answer that was cut

    @property
    def reference(self) -> str:
        """What `find_catalogue` finds it by; empty for what code made of settings or a table of its own."""
        return ""

    @property
    def version(self) -> object:
        """What its rows depend on besides the question: another one where they may have changed."""
        return None

    def near(
        self,
        region: Target,
        margin: u.Quantity,
        *,
        sources: SkyCoord | None = None,
        complete: bool = False,
        refresh: bool = False,
        quiet: bool = False,
        monitor: Monitor = SILENT,
    ) -> QTable:
        """Its rows in a region and within a margin of it.

        Parameters
        ----------
        region : SkyRegion, SkyCoord, str or Path
            See `cscwidgets.sky.read_region`.
        margin : Quantity
            How far outside of it a counterpart can be, 0 to 30 deg.
        sources : SkyCoord, optional
            Positions to find counterparts of, for catalogues that send the rows near them only.
        complete : bool
            If the service cuts an answer short, ask for the rest in smaller pieces.
        refresh : bool
            Ask anew, though the answer is here.
        quiet : bool
            Do not warn of an answer that was cut; its provenance tells all the same.
        monitor : Monitor
            Told of progress, asked whether to stop.

        Returns
        -------
        QTable
            Rows within the margin of the region. ``meta["provenance"]`` says where they come from, whether they are
            simulated, how many were cut off by the service, lie outside or have no position.

        Raises
        ------
        CscError
            If the service cannot be reached, refuses, or its answer makes no sense.

        Warns
        -----
        TruncatedResult
            If the service cut the answer short.
        """
        around = Neighbourhood(region_of(region), margin_degrees(margin), sources, complete, refresh, monitor)
        rows = self.rows(around)
        position = self.position(rows)
        if position is not None:
            rows = cut_to_margin(around.region, around.margin, rows, position)
        if self.epoch is not None and "ref_epoch" not in rows.colnames:
            rows["ref_epoch"] = np.full(len(rows), self.epoch) * u.yr
        if not quiet:
            warn_if_cut(rows, self.rest)
        return rows

    @abstractmethod
    def rows(self, around: Neighbourhood) -> QTable:
        """Rows that hold at least those asked for, with their provenance."""

    @abstractmethod
    def position(self, rows: QTable) -> Position | None:
        """Where the rows are, or None if they are those asked for already."""

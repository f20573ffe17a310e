"""One match of sources with a catalogue: what it is asked with, and what it was made from."""

from __future__ import annotations

from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from cscwidgets.archive.catalogues.catalogue import Catalogue
from cscwidgets.science.crossmatch import Crossmatch, crossmatch
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.science.matches.false_matches import FalseMatches
from cscwidgets.sky.region import Region

from .tasks import Task

__all__ = ["Match", "MatchQuestion"]

_AROUND = 60 * u.arcsec
"""How far beyond the region objects are asked for at least: moved sources, and the local density, need them."""

_SHIFTED = 7  # search radii that moved sources reach, the search included


@dataclass(frozen=True, eq=False)
class Match:
    """One match and all it was made from.

    Attributes
    ----------
    catalogue : Catalogue
    sources, objects : QTable
        The tables that were matched.
    roles : ColumnRoles
        Of the objects' columns.
    found : Crossmatch
    false : FalseMatches
        The same with moved sources.
    epoch : float
        Where the catalogue's proper motions were applied to, Julian year; NaN where they were not.
    """

    catalogue: Catalogue
    sources: QTable
    objects: QTable
    roles: ColumnRoles
    found: Crossmatch
    false: FalseMatches
    epoch: float

    @property
    def moves(self) -> bool:
        """Whether the catalogue has proper motions."""
        counts = self.found.counts
        return counts["catalogue_without_motion"] < counts["catalogue_used"]

    @property
    def simulated(self) -> bool:
        """Whether any of the two tables is."""
        tables = (self.sources, self.objects)
        return any(bool(getattr(table.meta.get("provenance"), "simulated", False)) for table in tables)


@dataclass(frozen=True, eq=False)
class MatchQuestion:
    """What is to be matched with what, and how; `sources` are those of the `table` or some of them."""

    catalogue: Catalogue
    table: QTable
    sources: QTable
    region: Region
    radius: u.Quantity
    prior: tuple[str, ...]
    roles: ColumnRoles | None
    epoch: float

    @property
    def margin(self) -> u.Quantity:
        """How far around the region objects are needed."""
        return max(_AROUND, _SHIFTED * self.radius)

    @property
    def fetches(self) -> tuple[object, ...]:
        """What the objects depend on."""
        only_some = self.sources is not self.table
        version = self.catalogue.version
        return self.catalogue, version, self.region, self.margin, tuple(self.sources["name"]) if only_some else None

    def fetch(self, task: Task) -> QTable:
        positions = SkyCoord(self.sources["ra"], self.sources["dec"])
        return self.catalogue.near(self.region, self.margin, sources=positions, quiet=True, monitor=task)

    def match(self, objects: QTable, task: Task) -> Match:
        task.report(f"matching {len(self.sources):,} sources with {len(objects):,} objects")
        task.check()
        roles = self.roles or ColumnRoles.guess(objects)
        crossmatched = crossmatch(
            self.sources,
            objects,
            self.radius,
            catalogue_roles=roles,
            prior=self.prior,
            source_epoch=None if np.isnan(self.epoch) else self.epoch,
            density=objects.meta.get("density"),
        )
        task.report("moving the sources to count false matches")
        task.check()
        return Match(
            self.catalogue, self.sources, objects, roles, crossmatched, crossmatched.false_matches(), self.epoch
        )

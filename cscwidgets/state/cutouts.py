"""Cut-outs of the source in focus: its photons in each observation, with the regions they were counted in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from traitlets import Bool, Dict

from cscwidgets.csc.observation import ObservationKey
from cscwidgets.errors import CscError
from cscwidgets.science.images import SkyImage, cutout_grid, cutouts
from cscwidgets.science.masked import plain
from cscwidgets.science.region_file import Outline, read_regions
from cscwidgets.science.times.events import EventList, read_events
from cscwidgets.sky.sphere import separation

from .keeping import Kept
from .observed import Missing, ObservedState
from .source import SourceState

__all__ = ["Cutout", "CutoutState"]

BAND = (0.5, 7.0)
"""Energies of the photons of ACIS, keV: the broad band. Those of the HRC are all shown."""

_AT_FIRST = 6
_SMALLEST, _LARGEST = 6.0, 60.0  # arcsec from the source to the edge
_MARGIN = 2.2  # of the usual source region


@dataclass(frozen=True, eq=False)
class ObservedPhotons:
    """Photons around a source in one observation, and the regions of the detection."""

    events: EventList
    outlines: tuple[Outline, ...]


@dataclass(frozen=True, eq=False)
class Cutout:
    """The picture of one observation.

    Attributes
    ----------
    name : str
        What the observation is called.
    image : SkyImage
        Counts per kilosecond and pixel, on the same pixels as the others.
    outlines : tuple of Outline
    counts : int
        Photons in the picture.
    exposure : float
        Good time, s.
    """

    name: str
    image: SkyImage
    outlines: tuple[Outline, ...]
    counts: int
    exposure: float


class CutoutState(ObservedState):
    """Pictures of the source in focus, one an observation; fetched while somebody looks.

    Attributes
    ----------
    wanted : bool
        Whether pictures are to be fetched; at first where they need no network.
    photons : dict
        What came of each observation, or `Missing`.
    """

    plain: ClassVar = ("wanted",)

    wanted = Bool(False)

    photons: Dict[ObservationKey, ObservedPhotons | Missing] = Dict()

    def __init__(self, source: SourceState) -> None:
        super().__init__(source)
        self._undecided = True
        self.desk.when(self, "wanted", self.look)

    @property
    def question(self) -> str:
        """The key, among the tasks, of what is fetched."""
        return "cut-outs"

    @property
    def loaded(self) -> bool:
        """Whether photons of a chosen observation are here."""
        return any(key in self.photons for key in self.chosen)

    def restore(self, kept: Kept) -> Iterator[None]:
        """Look at the observations that were looked at."""
        self._undecided = False  # the reader has decided
        yield from super().restore(kept)

    def look(self) -> None:
        """Fetch what is chosen if somebody looks and wants it."""
        if self._undecided and self.chosen:
            self._undecided = False
            self.wanted = self.desk.archive.local
        if self.wanted:
            super().look()

    def load(self) -> None:
        """Fetch what is chosen and not here yet."""
        name, chosen = self.source.name, self.chosen
        wanted = [key for key in chosen if key not in self.photons]

        def done(photons: dict[ObservationKey, ObservedPhotons | Missing]) -> None:
            absent = Missing("the archive has no event file of this detection")
            self.photons = self.photons | dict.fromkeys(wanted, absent) | photons

        self.fetch(
            *(("regevt", "reg"), wanted),
            reader=_photons,
            done=done,
            stands=lambda: (name, chosen) == (self.source.name, self.chosen),
        )

    def forget(self) -> None:
        """Drop the pictures of the source before."""
        self.photons = {}

    def first_chosen(self) -> Iterable[ObservationKey]:
        """The longest observations, in order of time."""
        rows = self.source.detections
        length = plain(rows["livetime"]) if "livetime" in rows.colnames else np.ones(len(rows))
        order = np.argsort(-np.nan_to_num(length), kind="stable")[:_AT_FIRST]
        keys = ObservationKey.of_rows(rows)
        first = {keys[int(row)] for row in order}
        return [key for key in self.observations if key in first]

    @property
    def cutouts(self) -> list[Cutout]:
        """The pictures of the chosen observations, as far as they are here, on pixels about the source."""
        row = self.source.row
        here = {key: self.photons.get(key) for key in self.chosen}
        seen = {key: one for key, one in here.items() if isinstance(one, ObservedPhotons)}
        if row is None or not seen:
            return []
        ra, dec = (float(plain(row[axis])) for axis in ("ra", "dec"))
        reach = float(np.median([_radius(one.outlines, ra, dec) for one in seen.values()]))
        grid = cutout_grid(ra, dec, float(np.clip(_MARGIN * reach, _SMALLEST, _LARGEST)))
        chosen = [_in_band(one.events) for one in seen.values()]
        exposures = [one.good_time.total for one in chosen]
        images = cutouts([(one.x, one.y, one.wcs) for one in chosen if one.wcs is not None], exposures, grid)
        return [
            Cutout(
                self.observations.get(key, str(key)),
                image,
                one.outlines,
                round(image.values.sum() * seconds / 1000),
                seconds,
            )
            for (key, one), image, seconds in zip(seen.items(), images, exposures, strict=True)
        ]

    @property
    def missing(self) -> dict[str, str]:
        """The chosen observations without a picture, and why."""
        names = self.observations
        return {
            names.get(key, str(key)): one.why
            for key in self.chosen
            if isinstance(one := self.photons.get(key), Missing)
        }


def _photons(files: dict[str, Path]) -> ObservedPhotons:
    events = read_events(files["regevt"])
    if events.wcs is None:
        raise CscError("There is no picture of an observation", "its photons have no places on the sky")
    outlines = read_regions(files["reg"]).outlines() if "reg" in files else []
    return ObservedPhotons(events, tuple(outlines))


def _in_band(events: EventList) -> EventList:
    return events.within(*BAND) if events.has_energies else events


def _radius(outlines: Iterable[Outline], ra: float, dec: float) -> float:
    """From the source to the farthest corner of its region, arcsec."""
    corners = [outline for outline in outlines if not outline.background]
    return max((float(separation(one.ra, one.dec, ra, dec).max()) * 3600 for one in corners), default=0.0)

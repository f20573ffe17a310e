"""Product files of whole fields, of an observation or a stack, and the images around regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.products import ProductId

from ..telescope.events import PlacedEvents
from .event_files import field_event_file
from .field_events import FieldExposure
from .image_files import FIELD_BLOCK, REGION_BLOCK, exposure_file, field_image_file, region_image_file
from .image_frame import ImageFrame
from .keywords import Keywords

if TYPE_CHECKING:
    from ..telescope.observations import SimulatedStack
    from .region_events import RegionRow

__all__ = ["Field", "has_field_file", "region_image"]

_OBSERVATIONS_KEPT = 8  # a stack's; the photons of the largest observation take 50 MB

_CONTENT = {
    "evt": "events",
    "stkevt": "events",
    "img": "image",
    "stkecorrimg": "image",
    "bkgimg": "background",
    "stkbkgimg": "background",
    "exp": "exposure",
    "stkexpmap": "exposure",
}


@dataclass(frozen=True, eq=False)
class Field:
    """What an observation or a stack sees: some or all exposures of the stack, and the keywords of files of it."""

    exposures: tuple[FieldExposure, ...]
    keywords: Keywords

    @property
    def stack(self) -> SimulatedStack:
        return self.exposures[0].stack

    def has_band(self, band: str) -> bool:
        """Whether its instrument has a band; also for the empty one of what has no bands."""
        return not band or BANDS[band].detector == self.stack.instrument

    def file(self, kind: str, band: str) -> bytes:
        """The gzipped file of a kind that `has_field_file` says there is."""
        content = _CONTENT[kind]
        observations = [exposure.observation for exposure in self.exposures]
        if content == "exposure":
            frame = ImageFrame.whole(observations[0], FIELD_BLOCK[self.stack.instrument])
            return exposure_file("EXP3", frame, observations, band, self.keywords)
        if content == "events":
            events = [exposure.events() for exposure in self.exposures]
            return field_event_file(list(zip(observations, events, strict=True)), self.keywords)
        fields = list(zip(observations, map(_photons, self.exposures), strict=True))
        return field_image_file(self.stack, fields, band, self.keywords, background=content == "background")


def has_field_file(field: Field, product: ProductId) -> bool:
    """Whether there is a file of a whole field."""
    return product.kind.name in _CONTENT and field.has_band(product.band)


def region_image(rows: Sequence[RegionRow], kind: str, band: str, keywords: Keywords) -> bytes:
    """The gzipped image (regimg) or exposure map (regexp) around a region, in an observation or in several of a stack.

    It reaches as far as the background ring.
    """
    widest = max(rows, key=lambda row: row.outer_radius)
    block = REGION_BLOCK[widest.observation.instrument]
    frame = ImageFrame.around(widest.observation, widest.centre, widest.outer_radius, block)
    numbered: Keywords = {**keywords, "REGIONID": (f"{widest.region_id:04d}", "Region id")}
    if kind.endswith("exp"):
        return exposure_file("REGEXP3", frame, [row.observation for row in rows], band, numbered)
    events = [part for row in rows for part in (row.events(energies=False), row.background_events(energies=False))]
    return region_image_file(frame, events, band, numbered)


@lru_cache(maxsize=_OBSERVATIONS_KEPT)
def _photons(exposure: FieldExposure) -> PlacedEvents:
    """Events for images, which need no energies."""
    return exposure.events(energies=False)

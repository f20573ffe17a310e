"""From fetched files to what is on the sky: images combined band by band, or photons counted on pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import Table

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.products import Kind
from cscwidgets.errors import CscError
from cscwidgets.science.images import Display, SkyImage, SkyPicture, combined, picture, read_image
from cscwidgets.science.photon_images import count_bands
from cscwidgets.science.times.events import EventList, read_events

from .tasks import Task

__all__ = [
    "PHOTON_SIDE",
    "SIDE",
    "ArchiveFiles",
    "Photons",
    "ShownImages",
    "combine_images",
    "count_events",
    "read_photons",
]

SIDE = 2048
"""Pixels to a side of what a page is sent."""

PHOTON_SIDE = 1280
"""The same of photons: counted, coloured, sent and drawn again while a time is brushed."""


@dataclass(frozen=True)
class Photons:
    """Which photons of some observations are counted, and how.

    Attributes
    ----------
    lists : tuple of EventList
    energies : (float, float)
        keV, where they are not those of three bands.
    times : tuple of float
        Start and stop, s of mission time; empty for all.
    size : float
        Side of a pixel, arcsec; larger ones where these would be too many.
    """

    lists: tuple[EventList, ...]
    energies: tuple[float, float] = (0.5, 7.0)
    times: tuple[float, ...] = ()
    size: float = 1.0


@dataclass(frozen=True)
class ArchiveFiles:
    """Which of the archive's files images were made of: `kind`, letters of `bands`, keys of the `chosen` images."""

    kind: Kind
    bands: str
    chosen: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ShownImages:
    """What is on the sky.

    Attributes
    ----------
    images : tuple of SkyImage
        One, or three for red, green and blue, on the same pixels.
    picture : SkyPicture
    display : Display
    words : str
        What it is.
    bands : str
        Of each image a letter; empty for images of other archives.
    photons : Photons or None
        Of which the images were counted.
    absent : dict of str to str
        What could not be used, and why.
    files : ArchiveFiles or None
        Where it came from; None for images that are not the archive's.
    """

    images: tuple[SkyImage, ...]
    picture: SkyPicture
    display: Display
    words: str
    bands: str = ""
    photons: Photons | None = None
    absent: Mapping[str, str] = field(default_factory=dict)
    files: ArchiveFiles | None = None

    @classmethod
    def of(cls, images: Sequence[SkyImage], display: Display, words: str, **options: Any) -> ShownImages:
        """Images, coloured and called by what they are."""
        return cls(tuple(images), replace(picture(images, display), title=words), display, words, **options)

    def values_at(self, place: SkyCoord) -> list[float]:
        """The value of each image at a position, NaN where there is none."""
        position = place.icrs
        lon, lat = np.atleast_1d(position.ra.deg), np.atleast_1d(position.dec.deg)
        return [float(image.at(lon, lat)[0]) for image in self.images]

    def value_words(self, place: SkyCoord) -> str:
        """These values with their unit, in words; empty where there is none."""
        values = self.values_at(place)
        if not np.isfinite(values).any():
            return ""
        named = [f"{letter} " for letter in self.bands] if len(values) > 1 else [""]
        said = ", ".join(f"{name}{value:.4g}" for name, value in zip(named, values, strict=True))
        block = self.images[0].block
        mean = f" (mean of {block} × {block} pixels)" if block > 1 else ""
        return f"{said} {self.images[0].unit}{mean}".rstrip()


def combine_images(
    files: Table, paths: Mapping[str, Path], bands: str, task: Task
) -> tuple[list[SkyImage], dict[str, str]]:
    """The mean of all images of each band, on one grid, and what could not be read.

    Parameters
    ----------
    files : Table
        Rows of `ImageList.products`.
    paths : mapping of str to Path
        Fetched files by name.
    bands : str
        In the order wanted.
    task : Task
    """
    images: list[tuple[str, SkyImage]] = []
    absent: dict[str, str] = {}
    for number, row in enumerate(files):
        task.report(f"reading image {number + 1} of {len(files)}", number / len(files))
        task.check()
        path = paths.get(str(row["filename"]))
        if path is None:
            continue
        try:
            images.append((str(row["band"]), replace(read_image(path, side=SIDE), title=str(row["image"]))))
        except CscError as error:
            absent[str(row["filename"])] = error.why or error.what
    if not images:
        raise CscError("There is no image to show", next(iter(absent.values()), "no file came"))

    def progress(fraction: float) -> None:
        task.report("bringing the images to one grid", fraction)
        task.check()

    return combined(images, bands, side=SIDE, progress=progress), absent


def read_photons(files: Table, paths: Mapping[str, Path], task: Task) -> tuple[tuple[EventList, ...], dict[str, str]]:
    """The events of each file, and what could not be read."""
    lists: list[EventList] = []
    absent: dict[str, str] = {}
    for number, row in enumerate(files):
        task.report(f"reading events {number + 1} of {len(files)}", number / len(files))
        task.check()
        filename = str(row["filename"])
        if filename not in paths:
            continue
        try:
            events = read_events(paths[filename])
            if events.wcs is None:
                raise CscError("", "its photons have no places on the sky")
            lists.append(events)
        except CscError as error:
            absent[filename] = error.why or error.what
    if not lists:
        raise CscError("There are no photons to show", next(iter(absent.values()), "no file came"))
    return tuple(lists), absent


def count_events(photons: Photons, bands: str) -> list[SkyImage]:
    """Photons counted on pixels: of three bands in three images, of one in one."""
    ends = [(BANDS[band].low_kev, BANDS[band].high_kev) for band in bands] if len(bands) > 1 else [photons.energies]
    return count_bands(photons.lists, ends, times=photons.times, size=photons.size, side=PHOTON_SIDE)

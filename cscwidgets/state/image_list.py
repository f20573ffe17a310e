"""Which of Chandra's images there are of a region or of a source, and how large they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import astropy.units as u
import numpy as np
from astropy.table import Column, MaskedColumn, QTable, Table
from astropy.time import Time

from cscwidgets.archive import Archive
from cscwidgets.csc.products import KINDS, Kind, Level, Observation
from cscwidgets.errors import CscError
from cscwidgets.sky.region import Region

from .observing_log import LoggedObservation, observing_log, stack_members
from .tasks import Task

__all__ = ["EVENTS", "IMAGES", "SPEED", "Effort", "ImageList", "list_images"]

IMAGES: Mapping[str, str] = MappingProxyType(
    {
        "stkecorrimg": "stacks: images",
        "stkevt": "stacks: events",
        "stkexpmap": "stacks: exposure maps",
        "stkbkgimg": "stacks: backgrounds",
        "img": "observations: images",
        "evt": "observations: events",
        "exp": "observations: exposure maps",
        "bkgimg": "observations: backgrounds",
        "stkregimg": "source: images in stacks",
        "regimg": "source: images",
        "regevt": "source: events",
        "psf": "source: point spread functions",
    }
)
"""The kinds of products that can be seen on the sky, and what they are called."""

SPEED = 2_000_000
"""Bytes a second that are reckoned with."""

EVENTS = frozenset({"stkevt", "evt", "regevt"})
"""Those in which photons are counted when they are shown."""

_FULL_FIELD = 70_000_000  # bytes of a file, where the archive does not tell: the CSC's have 50 to 90 MB
_CUT_OUT = 200_000
_LETTERS = "usmhbw"  # in the order of energy


@dataclass(frozen=True, eq=False)
class ImageList:
    """The images of one kind.

    Attributes
    ----------
    kind : Kind
    bands : str
        Letters of the bands that were asked for.
    table : QTable
        A row for each stack, observation or detection: ``image`` (its key), ``instrument``, ``date``, ``exposure``,
        ``bands`` (those there are), ``size`` (of all files, masked where the archive does not tell).
    products : Table
        The files, see `Archive.products`, each with its ``image``.
    without : int
        How many have no such file.
    """

    kind: Kind
    bands: str
    table: QTable
    products: Table = field(repr=False)
    without: int = 0

    @property
    def names(self) -> list[str]:
        """Keys of the images."""
        return [str(name) for name in self.table["image"]]

    def files(self, chosen: tuple[str, ...]) -> Table:
        """The files of some images."""
        return self.products[np.isin(np.asarray(self.products["image"], str), chosen)]


@dataclass(frozen=True, slots=True)
class Effort:
    """What it takes to fetch some files.

    Attributes
    ----------
    files : int
        How many come over a network.
    size : int
        Bytes of these; usual ones where the archive does not tell.
    told : bool
        Whether it tells all.
    """

    files: int
    size: int
    told: bool

    @classmethod
    def of(cls, archive: Archive, products: Table, kind: Kind) -> Effort:
        """Of the files of products, as far as they are not here."""
        missing = archive.to_download(products)
        sizes = np.ma.asarray(missing["size"])
        usual = _FULL_FIELD if kind.level.full_field else _CUT_OUT
        return cls(len(missing), int(np.ma.filled(sizes, usual).sum()), not np.ma.getmaskarray(sizes).any())

    @property
    def seconds(self) -> float:
        """Time at `SPEED`."""
        return self.size / SPEED


def list_images(
    archive: Archive, kind: str, bands: str, task: Task, *, region: Region | None, detections: QTable
) -> ImageList:
    """Ask the archive which images of a kind there are.

    Parameters
    ----------
    archive : Archive
    kind : str
        One of `IMAGES`.
    bands : str
        Letters, for kinds that have bands.
    task : Task
    region : Region or None
        What images of stacks and observations reach.
    detections : QTable
        Of the source, for images of it.

    Raises
    ------
    CscError
        If the archive does not answer, or there is no region or no source.
    """
    of = KINDS[kind]
    rows, logged = _rows(archive, of, region, detections, task)
    products = archive.products(rows, kind, bands=bands, monitor=task)
    names = [_name(row, of.level) for row in products]
    products["image"] = Column(names, dtype=str)
    present = list(dict.fromkeys(names))
    asked = {_name(row, of.level) for row in rows}
    return ImageList(of, bands, _table(present, products, logged), products, len(asked - set(present)))


def _rows(
    archive: Archive, kind: Kind, region: Region | None, detections: QTable, task: Task
) -> tuple[Table, dict[str, list[LoggedObservation]]]:
    """Rows to ask for products with, and the observations in each image."""
    if kind.level in {Level.OBSERVATION_REGION, Level.STACK_REGION}:
        if not len(detections):
            raise CscError("There are no images of a source", "no source is in focus", "Click one, or type its name.")
        keys = [Observation(int(row["obsid"]), int(row["obi"])) for row in detections]
        log = observing_log(archive, keys, task)
        logged: dict[str, list[LoggedObservation]] = {}
        for row, key in zip(detections, keys, strict=True):
            logged.setdefault(_name(row, kind.level), []).append(log[key])
        return detections, logged
    if region is None:
        raise CscError("There are no images", "no region is chosen", "Draw one on the sky, or search for a name.")
    stacks = archive.stacks(region, monitor=task)
    members = stack_members(archive, [str(name) for name in stacks["detect_stack_id"]], task)
    log = observing_log(archive, (key for keys in members.values() for key in keys), task)
    if kind.level is Level.STACK:
        return stacks, {stack: [log[key] for key in keys] for stack, keys in members.items()}
    rows = Table(rows=[(key.obsid, key.obi) for key in log], names=["obsid", "obi"], dtype=[int, int])
    return rows, {f"{key.obsid}.{key.obi}": [entry] for key, entry in log.items()}


def _name(row: Table.Row, level: Level) -> str:
    if level is Level.STACK:
        return str(row["detect_stack_id"]).strip()
    if level is Level.STACK_REGION:
        return f"{str(row['detect_stack_id']).strip()}.{int(row['region_id'])}"
    observation = f"{int(row['obsid'])}.{int(row['obi'])}"
    return observation if level is Level.OBSERVATION else f"{observation}.{int(row['region_id'])}"


def _table(names: list[str], products: Table, logged: Mapping[str, list[LoggedObservation]]) -> QTable:
    of_image = np.asarray(products["image"], str)
    parts = [products[of_image == name] for name in names]
    log = [logged.get(name, []) for name in names]
    starts = [min((one.start for one in entries if np.isfinite(one.start)), default=np.nan) for entries in log]
    dates = ["" if np.isnan(start) else Time(start, format="mjd", scale="tt").isot[:10] for start in starts]
    sizes = [np.ma.asarray(part["size"]) for part in parts]
    return QTable(
        {
            "image": Column(names, dtype=str),
            "instrument": Column([_joined(one.instrument for one in entries) for entries in log], dtype=str),
            "date": Column(dates, dtype=str),
            "exposure": np.array([sum(one.exposure for one in entries) if entries else np.nan for entries in log])
            * u.s,
            "bands": Column([_letters(part["band"]) for part in parts], dtype=str),
            "size": MaskedColumn(
                [0 if np.ma.getmaskarray(size).any() else int(size.sum()) for size in sizes],
                mask=[bool(np.ma.getmaskarray(size).any()) for size in sizes],
                dtype=int,
                unit="byte",
            ),
        }
    )


def _joined(words: object) -> str:
    return ", ".join(dict.fromkeys(filter(None, words)))  # type: ignore[call-overload]


def _letters(bands: Column) -> str:
    present = set(map(str, bands))
    return "".join(letter for letter in _LETTERS if letter in present)

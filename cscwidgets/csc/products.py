"""The catalogue's data products: every kind, and the ids that name one of them.

Kinds, file types and extensions: https://cxc.cfa.harvard.edu/csc/data_products/ and ``search_csc``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from cscwidgets.errors import ProductError

from .bands import BANDS

__all__ = [
    "KINDS",
    "STACK_ID",
    "Kind",
    "Level",
    "Observation",
    "Owner",
    "ProductId",
    "Source",
    "Stack",
    "bands_of",
    "kind_of",
    "kinds_of",
]

STACK_ID = r"(?:acis|hrc)fJ\d{7}[pm]\d{6}_\d{3}"
"""Pattern of a detect stack's identifier."""


class Level(StrEnum):
    """What a product belongs to."""

    OBSERVATION = "observation"
    OBSERVATION_REGION = "observation region"
    STACK = "stack"
    STACK_REGION = "stack region"
    MASTER = "master"

    @property
    def full_field(self) -> bool:
        """Whether its files cover whole fields of view, and are large."""
        return self in {Level.OBSERVATION, Level.STACK}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of product.

    Attributes
    ----------
    name : str
        What users and ``search_csc`` call it ("lc").
    filetype : str
        What csccli calls it ("lightcurve").
    extension : str
        How its file names end, before the suffix ("lc3").
    level : Level
    per_band : bool
        Whether there is one file an energy band.
    words : str
        What it is.
    suffix : str
        "fits", or "jpg" for a picture.
    """

    name: str
    filetype: str
    extension: str
    level: Level
    per_band: bool
    words: str
    suffix: str = "fits"


def _kinds(level: Level, *rows: str) -> list[Kind]:
    kinds = []
    for row in rows:
        name, filetype, extension, bands, description = row.split(maxsplit=4)
        kinds.append(Kind(name, filetype, extension, level, bands == "bands", description))
    return kinds


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            *_kinds(
                Level.OBSERVATION,
                "evt evt3 evt3 - events of the whole field",
                "asol aspsol3 asol3 - aspect solution",
                "ahst asphist ahst3 - aspect histogram",
                "bpix badpix3 bpix3 - bad pixels",
                "fov fov3 fov3 - field of view",
                "pixmask pixmask pixmask3 - pixel mask",
                "img ecorrimg img3 bands image, background-subtracted and exposure-corrected",
                "bkgimg bkgimg bkgimg3 bands background image",
                "exp expmap exp3 bands exposure map",
                "poly poly3 poly3 bands polygons around extended sources",
            ),
            *_kinds(
                Level.OBSERVATION_REGION,
                "regevt regevt3 regevt3 - events around the source",
                "pha spectrum pha3 - spectra of source and background",
                "arf arf arf3 - effective area",
                "rmf rmf rmf3 - energy response",
                "reg srcreg reg3 - source and background regions",
                "regimg regimg regimg3 bands image around the source",
                "psf psf psf3 bands point spread function",
                "regexp regexpmap regexp3 bands exposure map around the source",
                "lc lightcurve lc3 bands light curves of source and background",
                "draws draws draws3 bands draws of the fitted position",
                "aperphot aperphot phot3 bands aperture photometry posteriors",
            ),
            *_kinds(
                Level.STACK,
                "stkevt stkevt3 evt3 - events of the stack",
                "stkfov stkfov3 fov3 - field of view of the stack",
                "mrgsrc mrgsrc mrgsrc3 - merged list of detections",
                "stkecorrimg stkecorrimg img3 bands image, background-subtracted and exposure-corrected",
                "stkbkgimg stkbkgimg bkgimg3 bands background image of the stack",
                "stkexpmap stkexpmap exp3 bands exposure map of the stack",
                "sensity sensity sens3 bands limiting sensitivity map",
            ),
            *_kinds(
                Level.STACK_REGION,
                "stkregevt stkregevt3 regevt3 - events of the stack around the source",
                "stksrcreg stksrcreg reg3 - source and background regions in the stack",
                "stkregimg stkregimg regimg3 bands image of the stack around the source",
                "stkregexp stkregexp regexp3 bands exposure map of the stack around the source",
                "stkdraws stkdraws draws3 bands draws of the position fitted in the stack",
                "stkaperphot stkaperphot phot3 bands aperture photometry posteriors in the stack",
            ),
            Kind(
                "stkregimg_jpg",
                "stkregimg_jpg",
                "regimg3",
                Level.STACK_REGION,
                False,
                "picture around the source",
                "jpg",
            ),
            *_kinds(
                Level.MASTER,
                "bayesblks bayesblks blocks3 - Bayesian blocks of observations of equal flux",
                "srcaperphot srcaperphot phot3 bands aperture photometry posteriors of the source",
                "srcpoly srcpoly3 poly3 - polygon around an extended source",
            ),
        )
    }
)
"""Every kind by the name ``search_csc`` knows it by.

``search_csc`` never asks for spectra and energy responses of HRC observations, but files of both exist; so no kind is
taken to be ACIS's alone, and what exists is asked of the archive.
"""

_BY_FILETYPE = {kind.filetype: kind for kind in KINDS.values()}
_BY_EXTENSION = {
    extension: kinds[0]
    for extension in {kind.extension for kind in KINDS.values()}
    if len(kinds := [kind for kind in KINDS.values() if kind.extension == extension]) == 1
}


def kind_of(name: str) -> Kind:
    """A kind by its name, by its csccli file type, or by its extension where no other kind has the same.

    Raises
    ------
    ProductError
        If there is none.
    """
    kind = KINDS.get(name) or _BY_FILETYPE.get(name) or _BY_EXTENSION.get(name)
    if kind is None:
        raise ProductError(f"There is no kind of product {name!r}", "", f"There are {', '.join(KINDS)}.")
    return kind


def kinds_of(names: str | Iterable[str]) -> list[Kind]:
    """Kinds by their names, in a list or with commas between; each once."""
    listed = names.split(",") if isinstance(names, str) else names
    return list(dict.fromkeys(kind_of(name.strip()) for name in listed if name.strip()))


def bands_of(letters: str | Iterable[str]) -> tuple[str, ...]:
    """Bands by their letters, in one word or several; each once.

    Raises
    ------
    ProductError
        If there is no such band.
    """
    listed = re.sub(r"[,\s]", "", letters) if isinstance(letters, str) else letters
    bands = tuple(dict.fromkeys(listed))
    for band in bands:
        if band not in BANDS:
            raise ProductError(f"There is no energy band {band!r}", "", f"There are {', '.join(BANDS)}.")
    return bands


@dataclass(frozen=True, slots=True)
class Observation:
    """An observation interval, or the region of a detection in it."""

    obsid: int
    obi: int
    region_id: int | None = None

    def __str__(self) -> str:
        return f"{self.obsid}.{self.obi}.{'' if self.region_id is None else self.region_id}"


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack of observations, or the region of a detection in it."""

    detect_stack_id: str
    region_id: int | None = None

    def __str__(self) -> str:
        return self.detect_stack_id if self.region_id is None else f"{self.detect_stack_id}.{self.region_id}"


@dataclass(frozen=True, slots=True)
class Source:
    """A source, by the name the catalogue gives it."""

    name: str

    def __str__(self) -> str:
        return self.name


Owner = Observation | Stack | Source


@dataclass(frozen=True, slots=True)
class ProductId:
    """One product: whose, of what kind, in which band; written as csccli's ``packageset`` wants it.

    Products of stacks and sources can also be asked for by an observation that is part of them.

    >>> str(ProductId(Observation(619, 0, 12), KINDS["lc"], "b"))
    '619.0.12/lightcurve/b'
    """

    owner: Owner
    kind: Kind
    band: str = ""

    def __post_init__(self) -> None:
        if (self.band != "") != self.kind.per_band or (self.band and self.band not in BANDS):
            allowed = f"one of {', '.join(BANDS)}" if self.kind.per_band else "none"
            raise ProductError(f"{self.kind.name} has no band {self.band!r}", "", f"Its band is {allowed}.")

    def __str__(self) -> str:
        return f"{self.owner}/{self.kind.filetype}/{self.band}"

    @classmethod
    def parse(cls, text: str) -> ProductId:
        """Read ``ID/filetype/band``.

        Raises
        ------
        ProductError
            If it is not of that form, or has no such file type or band.
        """
        parts = text.strip().rsplit("/", 2)
        if len(parts) != 3 or not parts[0]:
            raise ProductError(f"{text!r} names no product", "", "Write ID/filetype/band, as in 619.0.12/lightcurve/b.")
        return cls(_owner(parts[0]), kind_of(parts[1]), parts[2])


def _owner(text: str) -> Owner:
    if observation := re.fullmatch(r"(\d+)\.(\d+)\.(\d*)", text, re.ASCII):
        obsid, obi, region = observation.groups()
        return Observation(int(obsid), int(obi), int(region) if region else None)
    if stack := re.fullmatch(rf"({STACK_ID})(?:\.(\d+))?", text, re.ASCII):
        return Stack(stack[1], int(stack[2]) if stack[2] else None)
    return Source(text)

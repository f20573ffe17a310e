"""The file names of data products: what they say, how they are made, in which folders they are kept.

Grammar, from https://cxc.cfa.harvard.edu/csc/data_products/ and names of real files::

    {acis|hrc|pcad}f{obsid}_{obi}N{version}[_{e1|e2}]_[r{region}][{band}_]{extension}.fits     observation
    {acis|hrc}fJ{hhmmsss}{p|m}{ddmmss}_{nnn}N{version}_[r{region}][{band}_]{extension}.fits    stack
    2CXOJ{hhmmsss}{p|m}{ddmmss}[{suffix}]N{version}_[{band}_]{extension}.fits                  source
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cscwidgets.errors import ProductError

from .products import KINDS, STACK_ID, Kind, Level, Observation, Owner, ProductId, Source, Stack

__all__ = ["ProductFile", "ProductName", "newest", "owner_folder", "source_folder"]

_OWNERS = (
    r"(?P<instrument>acis|hrc|pcad)f(?P<obsid>\d{5,9})_(?P<obi>\d{3})"
    rf"|(?P<stack>{STACK_ID})"
    r"|(?P<prefix>[0-9A-Z]+)J(?P<ra>\d{6})(?P<tenth>\d)(?P<sign>[pm])(?P<dec>\d{6})(?P<letter>[A-Z]?)"
)
_NAME = re.compile(
    rf"(?:{_OWNERS})N(?P<version>\d{{3}})(?:_?(?P<cycle>e[12]))?"
    r"(?:_r(?P<region>\d{4,9}))?(?:_?(?P<band>[bhmsuw]))?_(?P<extension>[a-z]+3)\.(?P<suffix>fits|jpg)(?:\.gz)?",
    re.ASCII,
)
_SOURCE = re.compile(r"([0-9A-Z]+) J(\d{6})\.(\d)([+-])(\d{6})([A-Z]?)", re.ASCII)
_LEVELS = {Level.OBSERVATION: Observation, Level.OBSERVATION_REGION: Observation, Level.MASTER: Source}


def _has_region(kind: Kind) -> bool:
    return kind.level in {Level.OBSERVATION_REGION, Level.STACK_REGION}


_BY_ENDING = {
    (_LEVELS.get(kind.level, Stack), _has_region(kind), kind.extension, kind.suffix): kind for kind in KINDS.values()
}


@dataclass(frozen=True, slots=True)
class ProductName:
    """What a product's file name says.

    Attributes
    ----------
    owner : Observation, Stack or Source
    kind : Kind
    version : int
        Of the file; kinds of one region may differ in it.
    band : str
        One letter, empty where the kind has no bands.
    cycle : str
        "e1" or "e2" for the two exposures of ACIS's alternating mode.
    instrument : str
        "acis", "hrc", or "pcad" for aspect solutions; of observations only.
    """

    owner: Owner
    kind: Kind
    version: int
    band: str = ""
    cycle: str = ""
    instrument: str = ""

    def __str__(self) -> str:
        if isinstance(self.owner, Observation):
            start = f"{self.instrument}f{self.owner.obsid:05d}_{self.owner.obi:03d}"
        elif isinstance(self.owner, Stack):
            start = self.owner.detect_stack_id
        else:
            start = _source_token(self.owner.name)
        region = None if isinstance(self.owner, Source) else self.owner.region_id
        parts = [
            f"{start}N{self.version:03d}",
            self.cycle,
            self.band if region is None else f"r{region:04d}{self.band}",
            self.kind.extension,
        ]
        return f"{'_'.join(filter(None, parts))}.{self.kind.suffix}"

    @property
    def product(self) -> ProductId:
        """The product it is a file of."""
        return ProductId(self.owner, self.kind, self.band)

    @classmethod
    def parse(cls, filename: str) -> ProductName:
        """Read a file name, with or without ``.gz``.

        Raises
        ------
        ProductError
            If it is no product's name.
        """
        match = _NAME.fullmatch(filename)
        parts = match.groupdict() if match else {}
        region = int(parts["region"]) if parts.get("region") else None
        owner: Owner
        if parts.get("obsid"):
            owner = Observation(int(parts["obsid"]), int(parts["obi"]), region)
        elif parts.get("stack"):
            owner = Stack(parts["stack"], region)
        elif match is not None:
            sign = "+" if parts["sign"] == "p" else "-"
            owner = Source("{prefix} J{ra}.{tenth}{}{dec}{letter}".format(sign, **parts))
        else:
            raise ProductError(f"{filename!r} is not the name of a data product")
        kind = _BY_ENDING.get((type(owner), region is not None, parts["extension"], parts["suffix"]))
        band = parts["band"] or ""
        if kind is None or (band != "") != kind.per_band:
            raise ProductError(f"{filename!r} is not the name of a data product", "no kind of product has this ending")
        return cls(owner, kind, int(parts["version"]), band, parts["cycle"] or "", parts["instrument"] or "")


def _source_token(name: str) -> str:
    match = _SOURCE.fullmatch(name.strip())
    if match is None:
        raise ProductError(f"The source {name!r} cannot have product files", "its name holds no position")
    prefix, ra, tenth, sign, dec, letter = match.groups()
    return f"{prefix}J{ra}{tenth}{'p' if sign == '+' else 'm'}{dec}{letter}"


@lru_cache(maxsize=100_000)
def _parsed(filename: str) -> ProductName:
    return ProductName.parse(filename)


class ProductFile(NamedTuple):
    """A file an archive has: its name, without ``.gz``, and its size in bytes as sent, where known."""

    filename: str
    size: int | None = None

    @property
    def name(self) -> ProductName:
        """What the file name says."""
        return _parsed(self.filename)


def newest(files: list[ProductFile]) -> list[ProductFile]:
    """The file of highest version of each product and exposure cycle, in order of their names."""
    best: dict[tuple[ProductId, str, str], ProductFile] = {}
    for file in files:
        key = (file.name.product, file.name.cycle, file.name.instrument)
        if key not in best or best[key].name.version < file.name.version:
            best[key] = file
    return sorted(best.values())


def owner_folder(owner: Owner) -> str:
    """The folder ``search_csc`` keeps an owner's files in: 00078_000, a stack's identifier, 2CXOJ002404.2-720457."""
    if isinstance(owner, Observation):
        return f"{owner.obsid:05d}_{owner.obi:03d}"
    return owner.detect_stack_id if isinstance(owner, Stack) else source_folder(owner.name)


def source_folder(name: str) -> str:
    """The folder of a source: its name without the blank, and without what a path must not hold.

    >>> source_folder("2CXO J002404.2-720457")
    '2CXOJ002404.2-720457'
    """
    return re.sub(r"[^\w.+-]", "_", name.replace(" ", "")).lstrip(".") or "_"

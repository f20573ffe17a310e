"""Catalogues one can match with: what all have in common, and how one is found by what people write."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import astropy.units as u
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from regions import SkyRegion

from cscwidgets.errors import CscError

from ..connection import ServiceSession
from ..monitor import SILENT, Monitor
from .cone_catalogue import ConeCatalogue
from .table_catalogue import ENDINGS, FileCatalogue
from .tap_catalogue import TapCatalogue
from .well_known import CATALOGUES, VIZIER_TAP, KnownCatalogue
from .xmatch_catalogue import XMatchCatalogue

if TYPE_CHECKING:
    from ..client import Archive

__all__ = ["ArchiveCatalogue", "Catalogue", "find_catalogue"]

_VIZIER_TABLE = re.compile(r"(vizier:)?(?P<table>(?:[IVX]+|B|J)/[^\s]+)")


class Catalogue(Protocol):
    """What a catalogue can do.

    Attributes
    ----------
    title : str
        What to call it in full.
    name : str
        The same for short, for names of columns and labels.
    """

    title: str
    name: str

    def near(
        self,
        region: SkyRegion,
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
        region : SkyRegion
            Circle, ellipse, rectangle or polygon.
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


class ArchiveCatalogue:
    """An archive's own catalogue: the CSC itself, or the simulated one.

    Parameters
    ----------
    archive : Archive
    table : str
        One of its tables with positions.
    """

    def __init__(self, archive: Archive, table: str = "master_source") -> None:
        self.archive, self.table = archive, table
        self.title = f"{archive.name}: {table}"
        self.name = "csc" if table == "master_source" else table

    def __repr__(self) -> str:
        return f"ArchiveCatalogue({self.archive!r}, {self.table!r})"

    def near(
        self,
        region: SkyRegion,
        margin: u.Quantity,
        *,
        sources: SkyCoord | None = None,
        complete: bool = False,
        refresh: bool = False,
        quiet: bool = False,
        monitor: Monitor = SILENT,
    ) -> QTable:
        """Its rows in a region and within a margin of it; see `Catalogue.near`."""
        catalogue = self.archive.catalogue(self.table, monitor=monitor)
        self.title = catalogue.title
        return catalogue.near(
            region, margin, sources=sources, complete=complete, refresh=refresh, quiet=quiet, monitor=monitor
        )


def find_catalogue(text: str, archive: Archive | None = None, *, monitor: Monitor = SILENT) -> Catalogue:
    """The catalogue somebody means.

    Parameters
    ----------
    text : str
        A key or title of `cscwidgets.archive.catalogues.well_known.CATALOGUES` ("2mass", "Gaia DR3") or a VizieR table
        ("II/246/out"), either after "xmatch:" to fetch rows near sources only; the address of a TAP service and a table
        ("https://... gaiadr3.gaia_source"), the address of a cone search, the path of a file, "csc", or the title or
        name of a catalogue that the archive holds.
    archive : Archive, optional
        Whose own catalogues may be meant.
    monitor : Monitor
        Told of progress, asked whether to stop.

    Raises
    ------
    CscError
        If it is none of these.
    """
    words = text.strip()
    elsewhere = _elsewhere(words, archive.session if archive is not None else None)
    if elsewhere is not None:
        return elsewhere
    held: list[TapCatalogue] = []
    if archive is not None and words:
        if _plain(words) in {"csc", "mastersource", "chandrasourcecatalog", _plain(archive.name)}:
            return ArchiveCatalogue(archive)
        held = archive.catalogues(monitor=monitor)
        for catalogue in held:
            if _plain(words) in {_plain(catalogue.title), _plain(catalogue.name), _plain(catalogue.table)}:
                return catalogue
    choices = [*CATALOGUES, *(catalogue.name for catalogue in held)]
    raise CscError(
        f"There is no catalogue {words!r}",
        "it is no known name, VizieR table, address or file",
        f"Use one of {', '.join(choices)}; a table such as II/246/out; 'https://service/tap table'; the address of a"
        " cone search; or the path of a file.",
    )


def _elsewhere(words: str, session: ServiceSession | None) -> Catalogue | None:
    """A catalogue that is not the archive's: known, of VizieR, behind an address, or in a file."""
    if (known := _known(words)) is not None:
        return TapCatalogue.known(known, session=session)
    if words.lower().startswith("xmatch:"):
        table = words[len("xmatch:") :].strip()
        known = _known(table)
        return XMatchCatalogue(known.key if known else table, session=session)
    if re.match(r"https?://", words):
        address, _, table = words.partition(" ")
        if not table.strip():
            return ConeCatalogue(address, session=session)
        return TapCatalogue(address, table.strip(), session=session)
    if Path(words).suffix.lower() in ENDINGS or Path(words).expanduser().is_file():
        return FileCatalogue(words)
    if match := _VIZIER_TABLE.fullmatch(words):
        return TapCatalogue(VIZIER_TAP, match["table"], session=session)
    return None


def _known(words: str) -> KnownCatalogue | None:
    """By key or title, or the beginning of just one."""
    wanted = _plain(words)
    spelled = {row.key: (_plain(row.key), _plain(row.title)) for row in CATALOGUES.values()}
    exact = [key for key, names in spelled.items() if wanted in names]
    begun = [key for key, names in spelled.items() if len(wanted) > 2 and any(n.startswith(wanted) for n in names)]
    chosen = exact or begun
    return CATALOGUES[chosen[0]] if len(chosen) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())

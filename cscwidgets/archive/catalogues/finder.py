"""How a catalogue to match with is found by what people write."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Protocol

from astropy.table import QTable

from cscwidgets.errors import CscError

from ..monitor import SILENT, Monitor
from ..service_session import ServiceSession
from ..tables_on_disk import is_catalogue
from .catalogue import Catalogue, Neighbourhood
from .cone_catalogue import ConeCatalogue
from .file_catalogue import FileCatalogue
from .file_tables import ends_as_table, names_a_file
from .hats_catalogue import HatsCatalogue
from .margin import Position
from .remote_hats import RemoteHatsCatalogue
from .tap_catalogue import TapCatalogue
from .well_known import CATALOGUES, VIZIER_TAP, KnownCatalogue
from .xmatch_catalogue import XMatchCatalogue

__all__ = ["ArchiveCatalogue", "find_catalogue", "is_elsewhere"]

_VIZIER_TABLE = re.compile(r"(vizier:)?(?P<table>(?:[IVX]+|B|J)/[^\s]+)")


class CatalogueArchive(Protocol):
    """An archive, as far as its catalogues go."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def session(self) -> ServiceSession:
        """The session that its service is reached by."""

    def catalogue(self, table: str, *, monitor: Monitor) -> TapCatalogue:
        """One of its tables with positions."""

    def catalogues(self, *, monitor: Monitor) -> list[TapCatalogue]:
        """Those that it holds besides its own sources."""


class ArchiveCatalogue(Catalogue):
    """An archive's own catalogue: the CSC itself, or the simulated one.

    Parameters
    ----------
    archive : Archive
    table : str
        One of its tables with positions.
    """

    def __init__(self, archive: CatalogueArchive, table: str = "master_source") -> None:
        self.archive, self.table = archive, table
        self.title = f"{archive.name}: {table}"
        self.name = "csc" if table == "master_source" else table
        self._catalogue: TapCatalogue

    def __repr__(self) -> str:
        return f"ArchiveCatalogue({self.archive!r}, {self.table!r})"

    @property
    def reference(self) -> str:
        """What `find_catalogue` finds it by."""
        return "csc" if self.table == "master_source" else ""

    def rows(self, around: Neighbourhood) -> QTable:
        """As its table of the archive's TAP service has them."""
        self._catalogue = self.archive.catalogue(self.table, monitor=around.monitor)
        self.title = self._catalogue.title
        return self._catalogue.rows(around)

    def position(self, rows: QTable) -> Position:
        """As the archive describes them."""
        return self._catalogue.position(rows)


def find_catalogue(text: str, archive: CatalogueArchive | None = None, *, monitor: Monitor = SILENT) -> Catalogue:
    """The catalogue somebody means.

    Parameters
    ----------
    text : str
        A key or title of `cscwidgets.archive.catalogues.well_known.CATALOGUES` ("2mass", "Gaia DR3") or a VizieR table
        ("II/246/out"), either after "xmatch:" to fetch rows near sources only; the address of a TAP service and a table
        ("https://... gaiadr3.gaia_source"), the address of a cone search, that of a catalogue in the format HATS after
        "hats:" ("hats:https://.../gaia"), the path of a file (of one table of several: "stars.fits[2]",
        "stars.vot#name") or of a folder in the format HATS (also after "hats:"), "csc", or the title or name of a
        catalogue that the archive holds.
    archive : Archive, optional
        Whose own catalogues may be meant.
    monitor : Monitor
        Told of progress, asked whether to stop.

    Raises
    ------
    CscError
        If it is none of these.
    """
    text = text.strip()
    elsewhere = _elsewhere(text, archive.session if archive is not None else None)
    if elsewhere is not None:
        return elsewhere
    held: list[TapCatalogue] = []
    if archive is not None and text:
        if _plain(text) in {"csc", "mastersource", "chandrasourcecatalog", _plain(archive.name)}:
            return ArchiveCatalogue(archive)
        held = archive.catalogues(monitor=monitor)
        for catalogue in held:
            if _plain(text) in {_plain(catalogue.title), _plain(catalogue.name), _plain(catalogue.table)}:
                return catalogue
    choices = [*CATALOGUES, *(catalogue.name for catalogue in held)]
    raise CscError(
        f"There is no catalogue {text!r}",
        "it is no known name, VizieR table, address or file",
        f"Use one of {', '.join(choices)}; a table such as II/246/out; 'https://service/tap table'; the address of a"
        " cone search; or the path of a file.",
    )


def is_elsewhere(text: str) -> bool:
    """Whether somebody means a catalogue at an address, or of a path, of this machine or another's.

    Examples
    --------
    >>> is_elsewhere("https://example.org/tap t"), is_elsewhere("~/stars"), is_elsewhere("2mass")
    (True, True, False)
    """
    place = re.match(r"hats:|[/\\~.]|[a-z]:|[a-z]+://", text.strip(), re.IGNORECASE) is not None
    return place or (ends_as_table(text) and _VIZIER_TABLE.fullmatch(text.strip()) is None)


def _elsewhere(text: str, session: ServiceSession | None) -> Catalogue | None:
    """A catalogue that is not the archive's: known, of VizieR, behind an address, or in a file."""
    if (catalogue := _well_known(text)) is not None:
        return TapCatalogue.known(catalogue, session=session)
    if text.lower().startswith("xmatch:"):
        table = text[len("xmatch:") :].strip()
        catalogue = _well_known(table)
        if catalogue is not None and catalogue.service != VIZIER_TAP:
            why = f"{catalogue.title} is not among VizieR's tables"
            raise CscError("CDS X-Match cannot be asked", why, f'Ask for it by its name alone: "{catalogue.key}".')
        return XMatchCatalogue(catalogue.key if catalogue else table, session=session)
    if text.lower().startswith("hats:"):
        place = text[len("hats:") :].strip()
        return RemoteHatsCatalogue(place, session=session) if "://" in place else HatsCatalogue(place)
    if re.match(r"https?://", text):
        address, _, table = text.partition(" ")
        if not table.strip():
            return ConeCatalogue(address, session=session)
        return TapCatalogue(address, table.strip(), session=session)
    if text and is_catalogue(Path(text).expanduser()):
        return HatsCatalogue(text)
    if names_a_file(text):
        return FileCatalogue(text)
    if match := _VIZIER_TABLE.fullmatch(text):
        return TapCatalogue(VIZIER_TAP, match["table"], session=session)
    return None


def _well_known(text: str) -> KnownCatalogue | None:
    """By key or title, or the beginning of just one."""
    plain = _plain(text)
    spelled = {row.key: (_plain(row.key), _plain(row.title)) for row in CATALOGUES.values()}
    exact = [key for key, names in spelled.items() if plain in names]
    begun = [key for key, names in spelled.items() if len(plain) > 2 and any(n.startswith(plain) for n in names)]
    chosen = exact or begun
    return CATALOGUES[chosen[0]] if len(chosen) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())

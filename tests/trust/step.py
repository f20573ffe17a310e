"""What a row of the fault matrix is: somebody who has just begun, and one thing that is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from astropy.table import Table
from werkzeug import Request

from cscwidgets import Archive
from cscwidgets.archive.catalogues.answer_cache import AnswerCache
from cscwidgets.archive.connection import Connection
from cscwidgets.archive.files.cache import Cache
from cscwidgets.csc.products import KINDS, Level, Observation, Source, Stack
from cscwidgets.csc.releases import RELEASES

from .faulty_server import FaultyServer, ReroutedSession
from .services import PICTURES

__all__ = ["FETCHED", "HERE", "NAME", "OWNERS", "RADIUS", "Client", "Step", "adql", "at"]

# Of the demo: a source of its 47 Tuc, and one of its detections.
HERE = (6.01784, -72.08276)
RADIUS = "10 arcsec"
NAME = "SIM J002404.2-720457"
OWNERS = {
    Level.OBSERVATION: Observation(90501, 0),
    Level.OBSERVATION_REGION: Observation(90501, 0, 1),
    Level.STACK: Stack("acisfJ0024069m720449_001"),
    Level.STACK_REGION: Stack("acisfJ0024069m720449_001", 1),
    Level.MASTER: Source(NAME),
}
FETCHED = (
    *("evt", "fov", "img", "regevt", "pha", "arf", "rmf", "reg", "lc", "psf"),
    *("stkevt", "stkecorrimg", "sensity", "stkregevt", "stkregimg_jpg", "bayesblks"),
)
"""Kinds of files that are fetched: of every level, of both formats, and all that panels read."""


@dataclass
class Client:
    """The package as somebody has just begun to use it, all of whose requests go to the faulty server."""

    server: FaultyServer
    folder: Path
    timeouts: tuple[float, float] = (2.0, 1.0)

    @cached_property
    def session(self) -> ReroutedSession:
        """The session of everything."""
        return ReroutedSession(self.server, *self.timeouts)

    @cached_property
    def archive(self) -> Archive:
        """The release 2.1, served by what is behind the server; it also has pictures."""
        archive = Archive("csc2.1", cache=Cache(self.folder / "cache"))
        archive.session = self.session
        release = replace(RELEASES["csc2.1"], pictures=PICTURES)
        archive._connection = Connection(release, self.session, local=False, key="csc2.1", simulated=True)
        return archive

    @property
    def where(self) -> dict[str, Any]:
        """What catalogues are told besides the question."""
        return {"session": self.session, "cache": AnswerCache(self.folder / "answers")}

    def products(self, *kinds: str) -> Table:
        """A list of files as `Archive.products` makes it, without asking."""
        rows = []
        for kind in kinds:
            chosen = KINDS[kind]
            owner = OWNERS[chosen.level]
            rows.append(_listed(kind, owner, "b" if chosen.per_band else ""))
        return Table(rows=rows, names=("name", "filename", "size", "product"))


def _listed(kind: str, owner: Any, band: str) -> tuple[str, str, int, str]:
    from cscwidgets.csc.filenames import ProductName
    from cscwidgets.csc.products import ProductId

    instrument = "acis" if isinstance(owner, Observation) else ""
    name = ProductName(owner, KINDS[kind], 21, band, instrument=instrument)
    return NAME, str(name), 1000, str(ProductId(owner, KINDS[kind], band))


@dataclass(frozen=True)
class Step:
    """One thing that is asked.

    Attributes
    ----------
    words : str
        What it is, for people.
    ask : callable
        Asks for it.
    kind : str
        Of the answer that the fault is done to: "votable", "json", "file", "tar" or "text".
    hits : callable
        Whether a request is the one that the fault is meant for.
    unknowable : tuple of str
        Faults that nobody could tell from a right answer.
    """

    words: str
    ask: Callable[[Client], Any]
    kind: str
    hits: Callable[[Request], bool]
    unknowable: tuple[str, ...] = ()


def adql(*words: str, without: str = "\0") -> Callable[[Request], bool]:
    """Whether a request is ADQL with some words, and without others."""

    def hits(request: Request) -> bool:
        query = request.values.get("QUERY", "")
        return all(word in query for word in words) and without not in query and bool(query)

    return hits


def at(*parts: str) -> Callable[[Request], bool]:
    """Whether a request is at an address with some parts."""
    return lambda request: all(part in request.full_path for part in parts)

"""A catalogue behind a Simple Cone Search."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from cscwidgets.errors import QueryError
from cscwidgets.sky.boxes import Box
from cscwidgets.sky.position_columns import position_columns_of
from cscwidgets.sky.region import Region
from cscwidgets.sky.sphere import separation

from ..connection import connect_to
from ..monitor import Monitor
from ..repeated import once_each
from ..service_session import ServiceSession
from ..services import cone_search
from ..truncation import stacked
from .answer_cache import AnswerCache
from .catalogue import Catalogue, Neighbourhood
from .margin import Position

__all__ = ["ConeCatalogue"]

_WIDEST = 180.0
_SMALLEST = 1e-5  # degrees


class ConeCatalogue(Catalogue):
    """Any VO Simple Cone Search.

    Parameters
    ----------
    address : str
        Of the service, as registries list it.
    ra, dec : str, optional
        Columns of the position; found by UCD or name in the answer unless told.
    title, name : str, optional
        What to call it in full and for short.
    verbosity : {1, 2, 3}
        How many columns to ask for.
    session : ServiceSession, optional
        The session to use.
    cache : AnswerCache, optional
        Where answers are kept; the user's own unless told.
    """

    def __init__(
        self,
        address: str,
        *,
        ra: str = "",
        dec: str = "",
        title: str = "",
        name: str = "",
        verbosity: int = 2,
        session: ServiceSession | None = None,
        cache: AnswerCache | None = None,
    ) -> None:
        self.address = address.strip()
        host = urlsplit(self.address).hostname or self.address
        self.title = title or f"cone search at {host}"
        self.name = name or re.sub(r"\W+", "_", host).strip("_").lower()
        self._connection = connect_to(self.address, self.title, session or ServiceSession())
        self._cache = cache or AnswerCache()
        self._ra, self._dec, self._verbosity = ra, dec, verbosity

    @property
    def reference(self) -> str:
        """Its address."""
        return "" if self._ra or self._dec else self.address

    def __repr__(self) -> str:
        return f"ConeCatalogue({self.address!r})"

    def rows(self, around: Neighbourhood) -> QTable:
        """Those in a circle about the region and its margin."""
        area, monitor = around.region, around.monitor
        cone = _circle(*area.centre, area.radius + around.margin)

        def ask() -> QTable:
            rows = self._ask(cone, monitor)
            if around.complete and not rows.meta["provenance"].complete:
                rows = self._in_pieces(rows, area.boxes(around.margin), monitor)
            return once_each(rows)

        question = f"{cone.centre} {cone.radius!r} VERB={self._verbosity}"
        return self._cache.answer(self.address, question, ask, refresh=around.refresh)

    def position(self, rows: QTable) -> Position:
        """By the columns that were named, or are known."""
        return Position.of(rows, *self._columns(rows))

    def _ask(self, cone: Region, monitor: Monitor) -> QTable:
        rows = cone_search(self._connection, cone, verbosity=self._verbosity, monitor=monitor, table=self.address)
        provenance = rows.meta["provenance"]
        # The protocol has no way to ask how many rows there are: a round number of them may be a limit.
        if provenance.complete and len(rows) and len(rows) % 1000 == 0:
            rows.meta["provenance"] = replace(provenance, requested=None, truncated=None)
        return rows

    def _in_pieces(self, first: QTable, boxes: tuple[Box, ...], monitor: Monitor) -> QTable:
        """Ask by circles around ever smaller boxes, of each keeping what lies in its box: nothing comes twice."""
        pieces: list[QTable] = []
        pending = list(boxes)
        while pending:
            box = pending.pop()
            piece = self._ask(_circle_around(box), monitor)
            if piece.meta["provenance"].complete:
                pieces.append(piece[_inside(box, piece, *self._columns(piece))])
                continue
            if box.dec_high - box.dec_low < _SMALLEST:
                raise QueryError(
                    "The rest of the answer cannot be fetched",
                    f"{self.title} sends {len(piece):,} rows at most, and more lie within 0.04 arcsec",
                )
            pending.extend(box.halves())
            monitor.report(f"the answer was cut: asking in parts, {sum(map(len, pieces)):,} rows so far")
        rows = stacked(pieces)
        rows.meta["provenance"] = replace(
            first.meta["provenance"], requested=len(rows), returned=len(rows), truncated=0
        )
        return rows

    def _columns(self, rows: QTable) -> tuple[str, str]:
        if self._ra and self._dec:
            return self._ra, self._dec
        columns = position_columns_of(rows)
        if columns is None:
            raise QueryError(
                f"The answer of {self.title} cannot be used",
                f"none of its columns {', '.join(rows.colnames[:8])} is known as a right ascension or declination",
                'Name them: ra="...", dec="...".',
            )
        return columns


def _circle(ra: float, dec: float, degrees: float) -> Region:
    return Region.circle(SkyCoord(ra, dec, unit="deg"), min(_WIDEST, degrees))


def _circle_around(box: Box) -> Region:
    ra, dec = (box.ra_low + box.ra_high) / 2, (box.dec_low + box.dec_high) / 2
    if box.ra_high - box.ra_low > 90:
        # Wider than this a corner is not the farthest point: the pole the box is closer to is a better centre.
        pole = 90.0 if dec >= 0 else -90.0
        return _circle(0.0, pole, max(abs(pole - box.dec_low), abs(pole - box.dec_high)) * 1.000001)
    edge = np.linspace(box.ra_low, box.ra_high, 9)
    low, high = (separation(edge, np.full(9, min(90.0, end)), ra, dec) for end in (box.dec_low, box.dec_high))
    return _circle(ra % 360, dec, float(max(low.max(), high.max())) * 1.0001 + 1e-9)


def _inside(box: Box, rows: QTable, ra: str, dec: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    east, north = (np.asarray(getattr(rows[name], "value", rows[name]), float) for name in (ra, dec))
    east = east % 360
    return np.asarray(
        (east >= box.ra_low) & (east < box.ra_high) & (north >= box.dec_low) & (north < box.dec_high), bool
    )

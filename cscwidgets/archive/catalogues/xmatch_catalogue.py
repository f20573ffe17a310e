"""A VizieR table through CDS X-Match: for sources all over the sky, whose neighbourhoods are no one region."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import astropy.units as u
import numpy as np
from astropy.table import QTable

from cscwidgets.arrays import Floats, Integers
from cscwidgets.errors import CscError, QueryError
from cscwidgets.io.votable import all_infos, error_words, overflow_words
from cscwidgets.sky.position_columns import position_columns_of

from ..answer import read_answer, table_of, to_qtable
from ..connection import connect_to
from ..failures import explained
from ..monitor import Monitor, watched
from ..provenance import Provenance
from ..repeated import first_of_each
from ..service_session import ServiceSession
from ..truncation import stacked
from .answer_cache import AnswerCache
from .catalogue import Catalogue, Neighbourhood
from .margin import margin_degrees
from .well_known import CATALOGUES, XMATCH

__all__ = ["XMatchCatalogue"]


_WIDEST = 180 * u.arcsec
_AT_ONCE = 50_000  # sources of one request
_CHANGED = "Try again; if this persists, the service may have changed."
_OURS = ("csc_row", "csc_ra", "csc_dec")


class XMatchCatalogue(Catalogue):
    """A VizieR table, of which only the rows near given sources are fetched.

    Parameters
    ----------
    vizier_id : str
        "II/246/out", or a key of `cscwidgets.archive.catalogues.well_known.CATALOGUES`.
    radius : Quantity
        How far from a source rows are asked for; 180 arcsec, which is the most, unless told. The rows beyond the radius
        of the match tell the density of unrelated objects.
    address : str
        The service.
    session : ServiceSession, optional
        The session to use.
    cache : AnswerCache, optional
        Where answers are kept; the user's own unless told.
    """

    def __init__(
        self,
        vizier_id: str,
        radius: u.Quantity = _WIDEST,
        *,
        address: str = XMATCH,
        session: ServiceSession | None = None,
        cache: AnswerCache | None = None,
    ) -> None:
        catalogue = CATALOGUES.get(vizier_id.lower())
        self.table = catalogue.table if catalogue else vizier_id.strip().removeprefix("vizier:")
        self.title = f"{catalogue.title if catalogue else self.table} (CDS X-Match)"
        self.name = catalogue.key if catalogue else re.sub(r"\W+", "_", self.table).strip("_").lower()
        self.epoch = catalogue.epoch if catalogue else None
        self.error_content = catalogue.content if catalogue else None
        self.radius = radius
        if not 0 < margin_degrees(radius) <= _WIDEST.to_value(u.deg):
            raise CscError("CDS X-Match cannot be asked", f"the radius {radius} is not between 0 and {_WIDEST}")
        self._connection = connect_to(address, self.title, session or ServiceSession())
        self._cache = cache or AnswerCache()

    @property
    def reference(self) -> str:
        """What `find_catalogue` finds it by."""
        return f"xmatch:{self.table}"

    def __repr__(self) -> str:
        return f"XMatchCatalogue({self.table!r}, {self.radius})"

    def rows(self, around: Neighbourhood) -> QTable:
        """Those within the radius of any source.

        The margin is the radius of the match: ``meta["density"]`` is the number of objects per square degree between it
        and the catalogue's own radius, where that is larger, for `crossmatch(density=...)`: the rows near sources are
        not a fair sample of the sky, so it cannot be had from them alone. If there is not a single one, it is that of
        one.
        """
        inner, sources = around.margin * 3600, around.sources
        if sources is None or sources.isscalar or not np.isfinite(sources.icrs.ra + sources.icrs.dec).any():
            raise CscError("CDS X-Match cannot be asked", "it needs the positions of sources", "Give sources=...")
        outer = self.radius.to_value(u.arcsec)
        if inner > outer:
            raise CscError(
                "CDS X-Match cannot be asked",
                f"the match reaches {inner:g} arcsec, the rows asked for {outer:g} arcsec",
                "Make the catalogue with a larger radius.",
            )
        ra, dec = (np.ma.filled(np.ma.asarray(axis.deg), np.nan) for axis in (sources.icrs.ra, sources.icrs.dec))
        placed = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
        pairs = self._cache.answer(
            self._connection.release.tap,
            f"{self.table} {outer!r} {hashlib.sha256(np.stack([ra, dec]).tobytes()).hexdigest()}",
            lambda: self._ask_all(ra, dec, placed, around.complete, around.monitor),
            refresh=around.refresh,
        )
        objects = self._objects(pairs)
        if self.error_content is not None:
            objects.meta["position_error_content"] = self.error_content
        beyond = np.count_nonzero(u.Quantity(pairs["angDist"], u.arcsec).value > inner)
        if outer > inner:
            area = len(placed) * np.pi * (outer**2 - inner**2) * u.arcsec**2
            objects.meta["density"] = (max(1, int(beyond)) / area).to(u.deg**-2)
        return objects

    def position(self, rows: QTable) -> None:
        """The service has looked where they are."""

    def _ask_all(self, ra: Floats, dec: Floats, rows: Integers, complete: bool, monitor: Monitor) -> QTable:
        batches = [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)][::-1]
        pieces, cut, done = [], False, 0
        while batches:
            batch = batches.pop()
            monitor.report(f"asking {self.title} about {done:,} of {len(rows):,} sources", done / len(rows))
            piece, overflow = self._ask(ra[batch], dec[batch], batch, monitor)
            if overflow and complete and len(batch) > 1:
                batches += [batch[len(batch) // 2 :], batch[: len(batch) // 2]]
                continue
            pieces.append(piece)
            cut |= overflow
            done += len(batch)
        pairs, reach = stacked(pieces), self.radius.to_value(u.arcsec)
        pairs.meta["provenance"] = Provenance(
            release=self.title,
            service=self._connection.release.tap,
            query=f"cat1={len(rows)} positions, cat2=vizier:{self.table}, distMaxArcsec={reach:g}",
            requested=None if cut else len(pairs),
            returned=len(pairs),
            truncated=None if cut else 0,
            origin=f"CDS X-Match: only rows within {reach:g} arcsec of the sources",
        )
        return pairs

    def _ask(self, ra: Floats, dec: Floats, rows: Integers, monitor: Monitor) -> tuple[QTable, bool]:
        lines = [f"{row},{x:.9f},{y:.9f}" for row, x, y in zip(rows, ra, dec, strict=True)]
        upload = "\n".join([",".join(_OURS), *lines, ""])
        release = self._connection.release
        with watched(monitor), explained(release):
            response = self._connection.session.post(
                release.tap,
                data={
                    "request": "xmatch",
                    "distMaxArcsec": f"{self.radius.to_value(u.arcsec):.9g}",
                    "RESPONSEFORMAT": "votable",
                    "cat2": f"vizier:{self.table}",
                    "colRA1": _OURS[1],
                    "colDec1": _OURS[2],
                },
                files={"cat1": ("sources.csv", upload, "text/csv")},
            )
            if response.status_code == 400:
                raise QueryError(f"{self.title} refused the request", _first_line(response.text), "Check the table.")
            response.raise_for_status()
            document = read_answer(response.content, self.title)
            message = error_words(all_infos(document))
            if message is not None:
                raise QueryError(f"{self.title} refused the request", message, _CHANGED)
            pairs = to_qtable(table_of(document, self.title), self.table)
            pairs = pairs[first_of_each(pairs)]
        if not {"angDist", _OURS[0]} <= set(pairs.colnames):
            raise QueryError(
                f"The answer of {self.title} cannot be used", "it lacks angDist, or what was uploaded", _CHANGED
            )
        return pairs, overflow_words(all_infos(document)) is not None

    def _objects(self, pairs: QTable) -> QTable:
        """Each object once, though several sources may have it near."""
        objects = pairs.copy(copy_data=False)
        objects.remove_columns([name for name in ("angDist", *_OURS) if name in pairs.colnames])
        provenance = pairs.meta["provenance"]
        position = position_columns_of(objects)
        if position is None or not len(objects):
            return objects
        kept = objects[first_of_each(objects, *position)]
        kept.meta["provenance"] = replace(
            provenance,
            requested=len(kept) if provenance.complete else None,
            returned=len(kept),
            origin=f"{provenance.origin}; {len(pairs):,} pairs",
        )
        return kept


def _first_line(text: str) -> str:
    lines = re.sub(r"<[^>]*>", " ", text).strip().splitlines()
    return lines[0].strip()[:300] if lines else "no reason given"

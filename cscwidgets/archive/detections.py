"""The detections of sources, asked for in lists the service can bear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import astropy.units as u
from astropy.table import QTable
from astropy.time import Time

from cscwidgets.csc.releases import Release
from cscwidgets.errors import NotFound, SomeNotFound, warn

from .answer_checks import require
from .monitor import Monitor
from .query import NAMES_PER_QUERY, Query, quote_text
from .repeated import once_each
from .truncation import stacked

__all__ = ["detections_of"]


def detections_of(
    names: Sequence[str], columns: Sequence[str], release: Release, ask: Callable[[str], QTable], monitor: Monitor
) -> QTable:
    """One row per source and observation; see `Archive.detections`.

    Parameters
    ----------
    names : sequence of str
        Source names.
    columns : sequence of str
        Columns of ``observation_source`` besides the keys.
    release : Release
        The archive's own.
    ask : callable
        Sends ADQL.
    monitor : Monitor
        Told of progress.
    """
    pieces = []
    for start in range(0, max(1, len(names)), NAMES_PER_QUERY):
        monitor.report(f"detections of {start:,} of {len(names):,} sources", start / max(1, len(names)))
        quoted = ", ".join(map(quote_text, names[start : start + NAMES_PER_QUERY])) or "''"
        query = Query(release.schema, "observation_source", columns, where=f"m.name IN ({quoted})")
        pieces.append(once_each(require(ask(query.adql()), query.names)))
    detections = stacked(pieces)
    detections.meta["provenance"] = replace(
        pieces[0].meta["provenance"],
        returned=len(detections),
        truncated=0 if all(piece.meta["provenance"].complete for piece in pieces) else None,
        repeated=sum(piece.meta["provenance"].repeated for piece in pieces),
    )
    if "gti_mjd_obs" in detections.colnames and len(detections):
        detections["time"] = Time(u.Quantity(detections["gti_mjd_obs"], u.d).value, format="mjd", scale="tt")
    # Several regions of one observation may belong to a source: without them the order would be chance.
    keys = [key for key in ("name", "obsid", "obi", "detect_stack_id", "region_id") if key in detections.colnames]
    if keys and len(detections):
        detections.sort(keys)
    _compare(names, detections, release)
    return detections


def _compare(names: Sequence[str], detections: QTable, release: Release) -> None:
    """Say which of the names that were asked for did not come, as far as the answer is whole."""
    present = set(map(str, detections["name"])) if len(detections) else set()
    missing = [name for name in names if name not in present]
    if not missing or not detections.meta["provenance"].complete:
        return
    where = f"the detections of {release.title}"
    if not present:
        raise NotFound(missing, where, "The names of a region's sources are in the column name of search().")
    warn(SomeNotFound(missing, len(names), where), stacklevel=4)

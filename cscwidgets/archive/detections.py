"""The detections of sources, asked for in lists the service can bear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import astropy.units as u
from astropy.table import QTable
from astropy.time import Time

from .completeness import stacked
from .expected import require
from .monitor import Monitor
from .query import Query, quote_text

__all__ = ["detections_of"]

_NAMES_PER_QUERY = 200  # longer IN lists make the CSC drop the connection


def detections_of(
    names: Sequence[str], columns: Sequence[str], schema: str, ask: Callable[[str], QTable], monitor: Monitor
) -> QTable:
    """One row per source and observation; see `Archive.detections`.

    Parameters
    ----------
    names : sequence of str
        Source names.
    columns : sequence of str
        Columns of ``observation_source`` besides the keys.
    schema : str
        Of the archive's tables.
    ask : callable
        Sends ADQL.
    monitor : Monitor
        Told of progress.
    """
    pieces = []
    for start in range(0, max(1, len(names)), _NAMES_PER_QUERY):
        monitor.report(f"detections of {start:,} of {len(names):,} sources", start / max(1, len(names)))
        some = ", ".join(map(quote_text, names[start : start + _NAMES_PER_QUERY])) or "''"
        query = Query(schema, "observation_source", columns, where=f"m.name IN ({some})")
        pieces.append(require(ask(query.adql()), query.names))
    found = stacked(pieces)
    found.meta["provenance"] = replace(
        pieces[0].meta["provenance"],
        returned=len(found),
        truncated=0 if all(piece.meta["provenance"].complete for piece in pieces) else None,
    )
    if "gti_mjd_obs" in found.colnames and len(found):
        found["time"] = Time(u.Quantity(found["gti_mjd_obs"], u.d).value, format="mjd", scale="tt")
    # Several regions of one observation may belong to a source: without them the order would be chance.
    keys = [key for key in ("name", "obsid", "obi", "detect_stack_id", "region_id") if key in found.colnames]
    if keys and len(found):
        found.sort(keys)
    return found

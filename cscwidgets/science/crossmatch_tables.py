"""The tables of a match: one row per candidate, one row per source, and what became of every row."""

from __future__ import annotations

from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import MaskedColumn, QTable
from numpy.typing import NDArray

from .bayesmatch import Posterior
from .candidates import Candidates
from .skytable import SkyTable
from .verdicts import Verdict

__all__ = ["candidates_table", "count_rows", "sources_table"]

Flags = NDArray[np.int8]


def candidates_table(
    sources: SkyTable, catalogue: SkyTable, candidates: Candidates, found: Posterior, flags: Flags
) -> QTable:
    """One row per candidate."""
    here, there = sources.row[candidates.source], catalogue.row[candidates.candidate]
    table = QTable()
    if sources.names is not None:
        table["name"] = sources.names[here]
    table["source_row"] = here
    if catalogue.names is not None:
        table["catalogue_name"] = catalogue.names[there]
    table["catalogue_row"] = there
    table["separation"] = candidates.separation * u.arcsec
    table["offset_ra"], table["offset_dec"] = candidates.east * u.arcsec, candidates.north * u.arcsec
    table["sigmas"] = candidates.sigmas
    table["p_any"], table["p_i"] = found.p_any[candidates.source], found.p_i
    table["match_flag"] = flags
    return table


def sources_table(
    sources: SkyTable, catalogue: SkyTable, candidates: Candidates, found: Posterior, flags: Flags
) -> QTable:
    """One row per row of the sources' table, also those without a position (p_any is NaN)."""
    best = np.flatnonzero(flags == 1)
    number = sources.counts["rows"]
    has = sources.row[candidates.source[best]]
    chosen = catalogue.row[candidates.candidate[best]]

    def spread(values: NDArray[Any]) -> MaskedColumn:
        column: Any = np.ma.array(np.zeros(number, values.dtype), mask=True)
        column[has] = values
        return MaskedColumn(column)

    table = QTable()
    if sources.names is not None:
        table["name"] = sources.names
    table["candidates"] = np.bincount(sources.row[candidates.source], minlength=number)
    table["catalogue_row"] = spread(chosen)
    if catalogue.names is not None:
        table["catalogue_name"] = spread(catalogue.names[chosen])
    separation, p_any = np.full((2, number), np.nan)
    separation[has] = candidates.separation[best]
    p_any[sources.row] = found.p_any
    table["separation"] = separation * u.arcsec
    table["p_any"] = p_any
    table["p_i"] = spread(found.p_i[best])
    return table


def count_rows(sources: SkyTable, catalogue: SkyTable, by_source: QTable, candidates: int) -> dict[str, int]:
    """Rows of a table are used, without position or repeated; rows of the sources have one of three verdicts."""
    counts = {table.what: table.counts["rows"] for table in (sources, catalogue)}
    for table in (sources, catalogue):
        counts |= {f"{table.what}_{key}": value for key, value in table.counts.items() if key != "rows"}
    counts["candidates"] = candidates
    counts["sources_with_candidates"] = int((by_source["candidates"] > 0).sum())
    counts |= {verdict.value: int((by_source["verdict"] == verdict.value).sum()) for verdict in Verdict}
    chosen = by_source["catalogue_row"][by_source["verdict"] == Verdict.MATCHED.value].compressed()
    counts["matched_to_the_same"] = len(chosen) - int(np.count_nonzero(np.bincount(chosen)))
    return counts

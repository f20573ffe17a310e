"""The tables of a match: one row per candidate, one row per source, and what became of every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import MaskedColumn, QTable
from numpy.typing import NDArray

from .bayes_match import Posterior, match_flags
from .candidates import Candidates
from .sky_table import SkyTable
from .verdicts import Thresholds, Verdict

__all__ = ["MatchSettings", "MatchTables", "count_words", "match_tables"]

MatchFlags = NDArray[np.int8]


@dataclass(frozen=True)
class MatchSettings:
    """What a match was made with, and the completeness it found.

    Attributes
    ----------
    radius : float
        Search radius, arcsec.
    completeness, completeness_error : float
        Fraction of sources with a counterpart in the catalogue, and its standard error.
    thresholds : Thresholds
        Of the verdicts.
    prior : tuple of str
        Columns whose distribution among counterparts was used.
    """

    radius: float
    completeness: float
    completeness_error: float
    thresholds: Thresholds
    prior: tuple[str, ...] = ()


@dataclass(frozen=True)
class MatchTables:
    """The outcome of a match.

    Attributes
    ----------
    candidates : QTable
        One row per candidate, as `science.crossmatch.match` returns it.
    sources : QTable
        One row per row of the table of sources: ``name``, ``candidates`` (how many), of the best one ``catalogue_row``
        and ``catalogue_name`` (masked without any), ``separation``, ``p_any``, ``p_i``, and the ``verdict``.
    completeness, completeness_error : float
        Fraction of sources whose counterpart is in the catalogue, learnt from the data or as given (error NaN).
    counts : dict of str to int
        What became of every row of both tables.
    """

    candidates: QTable
    sources: QTable
    completeness: float
    completeness_error: float
    counts: dict[str, int]

    def summary(self) -> str:
        """The counts in words."""
        return count_words(self.counts)


def count_words(counts: Mapping[str, int]) -> str:
    """What became of every row of both tables, in words."""
    text = (
        f"{counts['matched']:,} matched, {counts['to review']:,} to review, {counts['none']:,} without counterpart"
        f" of {counts['sources']:,} sources; {counts['candidates']:,} candidates"
        f" among {counts['catalogue']:,} objects"
    )
    said = [(table, what) for table in ("sources", "catalogue") for what in ("without_position", "without_error")]
    said += [("catalogue", "repeated")]
    said += [("catalogue", "without_motion")] * (counts["catalogue_without_motion"] < counts["catalogue_used"])
    rest = [
        f"{counts[f'{table}_{what}']:,} {'sources' if table == 'sources' else 'objects'} {what.replace('_', ' ')}"
        for table, what in said
        if counts[f"{table}_{what}"]
    ]
    return "; ".join([text, *rest])


def match_tables(
    sources: SkyTable, catalogue: SkyTable, candidates: Candidates, probabilities: Posterior, settings: MatchSettings
) -> MatchTables:
    """Both tables, with counts and settings in their ``meta["crossmatch"]``."""
    flags = match_flags(candidates.source, probabilities.p_i)
    by_source = _sources(sources, catalogue, candidates, probabilities, flags)
    by_source["verdict"] = settings.thresholds.verdicts(by_source["p_any"], by_source["p_i"].filled(0))
    table = _candidates(sources, catalogue, candidates, probabilities, flags)
    table["verdict"] = by_source["verdict"][table["source_row"]]
    counts = _counts(sources, catalogue, by_source, len(candidates))
    for answer in (table, by_source):
        answer.meta["crossmatch"] = {
            "radius_arcsec": settings.radius,
            "completeness": settings.completeness,
            "completeness_error": settings.completeness_error,
            "prior": list(settings.prior),
            "matched_from": settings.thresholds.matched,
            "none_below": settings.thresholds.none,
            "counts": counts,
        }
    return MatchTables(table, by_source, settings.completeness, settings.completeness_error, counts)


def _candidates(
    sources: SkyTable, catalogue: SkyTable, candidates: Candidates, probabilities: Posterior, flags: MatchFlags
) -> QTable:
    """One row per candidate."""
    source_row, catalogue_row = sources.row[candidates.source], catalogue.row[candidates.candidate]
    table = QTable()
    if sources.names is not None:
        table["name"] = sources.names[source_row]
    table["source_row"] = source_row
    if catalogue.names is not None:
        table["catalogue_name"] = catalogue.names[catalogue_row]
    table["catalogue_row"] = catalogue_row
    table["separation"] = candidates.separation * u.arcsec
    table["offset_ra"], table["offset_dec"] = candidates.east * u.arcsec, candidates.north * u.arcsec
    table["sigmas"] = candidates.sigmas
    table["p_any"], table["p_i"] = probabilities.p_any[candidates.source], probabilities.p_i
    table["match_flag"] = flags
    return table


def _sources(
    sources: SkyTable, catalogue: SkyTable, candidates: Candidates, probabilities: Posterior, flags: MatchFlags
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
    p_any[sources.row] = probabilities.p_any
    table["separation"] = separation * u.arcsec
    table["p_any"] = p_any
    table["p_i"] = spread(probabilities.p_i[best])
    return table


def _counts(sources: SkyTable, catalogue: SkyTable, by_source: QTable, candidates: int) -> dict[str, int]:
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

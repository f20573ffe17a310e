"""Sources with their counterparts side by side: one row per source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import MaskedColumn, QTable, Table, join
from numpy.typing import NDArray

from cscwidgets.arrays import Flags, Integers
from cscwidgets.errors import CscError

from .crossmatch_tables import MatchTables
from .verdicts import Thresholds, Verdict

__all__ = ["NO_COUNTERPART", "REVIEWED", "counterpart_table"]

NO_COUNTERPART = -1
"""In place of a row of the catalogue, for a source that was found to have none."""

REVIEWED = "reviewed"
"""Column that tells whether somebody decided on a source's counterpart."""

_ROW = "source_row"
_ADDED = ("candidates", "separation", "p_any", "p_i", "p_match", "verdict", REVIEWED)


def counterpart_table(
    sources: Table,
    catalogue: Table,
    match: MatchTables,
    label: str,
    *,
    thresholds: Thresholds | None = None,
    decisions: Mapping[int, int] | None = None,
) -> QTable:
    """All columns of both tables for every source, with the best candidate, or the one decided upon.

    Parameters
    ----------
    sources, catalogue : Table
        As they were matched.
    match : MatchTables
        Of these two tables.
    label : str
        Added to names of the catalogue's columns that are taken: ``ra_gaia``. Should a column of the sources be called
        as one that is added here, it becomes ``separation_source``.
    thresholds : Thresholds, optional
        Of the verdicts.
    decisions : mapping of int to int, optional
        Row of a source to the row of its counterpart among its candidates, or to `NO_COUNTERPART`: what somebody
        decided goes before the probabilities.

    Returns
    -------
    QTable
        One row per source, in their order: its columns; ``candidates``, ``separation``, ``p_any``, ``p_i``,
        ``p_match`` (that this object is its counterpart), ``verdict`` and ``reviewed``; the columns of the object.
        These are masked where there is none; a candidate below the thresholds is there all the same.

    Examples
    --------
    >>> import astropy.units as u
    >>> from astropy.table import Table
    >>> from cscwidgets.science import crossmatch, matches
    >>> sources = Table({"name": ["A", "B"], "ra": [10.0, 10.1], "dec": [41.0, 41.1]})
    >>> stars = Table({"ID": [1, 2], "ra": [10.00005, 10.3], "dec": [41.0001, 41.3], "Kmag": [9.5, 11.0]})
    >>> errors = {"source_error": 0.5 * u.arcsec, "catalogue_error": 0.1 * u.arcsec}
    >>> match = crossmatch.crossmatch(sources, stars, completeness=0.6, **errors)
    >>> matches.counterpart_table(sources, stars, match, "stars")["name", "ra_stars", "Kmag", "verdict"].pprint()
    name ra_stars Kmag verdict
    ---- -------- ---- -------
       A 10.00005  9.5 matched
       B       --   --    none
    """
    limits, decided = thresholds or Thresholds(), decisions or {}
    best = _best(len(sources), match, decided)
    has = np.flatnonzero(best >= 0)
    counterparts = match.candidates[best[has]]
    p_any = np.asarray(match.sources["p_any"], np.float64)
    p_i, separation = np.full((2, len(sources)), np.nan)
    p_i[has], separation[has] = counterparts["p_i"], counterparts["separation"].to_value(u.arcsec)
    verdict = limits.verdicts(p_any, np.where(best >= 0, p_i, 0.0))
    reviewed = np.zeros(len(sources), bool)
    reviewed[list(decided)] = True
    verdict[reviewed] = np.where(best[reviewed] >= 0, Verdict.MATCHED.value, Verdict.NONE.value)

    left = QTable(sources, copy=False)
    for name in {_ROW, *_ADDED} & set(left.colnames):
        left.rename_column(name, f"{name}_source")
    values = (match.sources["candidates"], separation * u.arcsec, p_any, p_i, p_any * p_i, verdict, reviewed)
    for name, column in zip(_ADDED, values, strict=True):
        left[name] = column
    left[_ROW] = np.arange(len(sources))
    right = QTable(catalogue[counterparts["catalogue_row"]], copy=False)
    for name in set(right.colnames) & set(left.colnames):
        right.rename_column(name, f"{name}_{label}")
    right[_ROW] = has
    if len(has):
        joined = join(left, right, keys=_ROW, join_type="left", metadata_conflicts="silent")
    else:
        joined = _without(left, right)
    joined.remove_column(_ROW)
    joined.meta = {**sources.meta, "crossmatch": _settings(match, limits, label, verdict, reviewed)}
    return joined


def _without(left: QTable, right: QTable) -> QTable:
    """Columns of the right table without any value; astropy joins no empty tables."""
    joined = left.copy(copy_data=False)
    for name in right.colnames:
        if name not in left.colnames:
            kind = getattr(right[name], "dtype", np.dtype(float))
            unit = getattr(right[name], "unit", None)
            joined[name] = MaskedColumn(np.zeros(len(left), kind), mask=True, unit=unit)
    return joined


def _best(number: int, match: MatchTables, decided: Mapping[int, int]) -> Integers:
    """Row among the candidates of each source's best one, or of the one decided upon; -1 without."""
    candidates = match.candidates
    flagged = np.flatnonzero(np.asarray(candidates["match_flag"]) == 1)
    best = np.full(number, -1)
    best[np.asarray(candidates["source_row"])[flagged]] = flagged
    if not decided:
        return best
    pairs = zip(candidates["source_row"].tolist(), candidates["catalogue_row"].tolist(), strict=True)
    row_of = {pair: row for row, pair in enumerate(pairs) if pair[0] in decided}
    for source, chosen in decided.items():
        if chosen != NO_COUNTERPART and (source, chosen) not in row_of:
            raise CscError(
                "The decision was not taken", f"object {chosen} is no candidate of source {source}", "Choose another."
            )
        best[source] = row_of.get((source, chosen), -1)
    return best


def _settings(
    match: MatchTables, limits: Thresholds, label: str, verdict: NDArray[np.str_], reviewed: Flags
) -> dict[str, Any]:
    """What the table rests on; the counts are of its verdicts."""
    settings: dict[str, Any] = match.sources.meta["crossmatch"]
    return settings | {
        "catalogue": label,
        "matched_from": limits.matched,
        "none_below": limits.none,
        "reviewed": int(reviewed.sum()),
        "counts": settings["counts"] | {one.value: int((verdict == one.value).sum()) for one in Verdict},
    }

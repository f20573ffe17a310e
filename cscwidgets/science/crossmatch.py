"""Counterparts of sources in a catalogue, with their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import QTable, Table
from astropy.time import Time

from cscwidgets.errors import CscError

from .bayesmatch import Posterior, match_flags
from .candidates import Candidates
from .columnroles import ColumnRoles
from .crossmatch_tables import candidates_table, count_rows, sources_table
from .falsematches import FalseMatches, false_matches
from .matchmodel import MatchModel, learn_model
from .skytable import SkyTable, column_values, read_positions
from .verdicts import Thresholds

__all__ = ["Crossmatch", "crossmatch", "match"]

_RADIUS = 5 * u.arcsec


@dataclass(frozen=True)
class Crossmatch:
    """A match of two tables.

    Attributes
    ----------
    candidates : QTable
        One row per candidate, as `match` returns it.
    sources : QTable
        One row per row of the table of sources: ``name``, ``candidates`` (how many), of the best one ``catalogue_row``
        and ``catalogue_name`` (masked without any), ``separation``, ``p_any``, ``p_i``, and the ``verdict``.
    completeness, completeness_error : float
        Fraction of sources whose counterpart is in the catalogue, learnt from the data or as given (error NaN).
    counts : dict of str to int
        What became of every row of both tables.
    model : MatchModel
        What the probabilities rest on.
    """

    candidates: QTable
    sources: QTable
    completeness: float
    completeness_error: float
    counts: dict[str, int]
    model: MatchModel
    _matched: tuple[SkyTable, Candidates, Posterior]

    def false_matches(self, *, shifts: int = 8, distance: u.Quantity | None = None) -> FalseMatches:
        """Move the sources about and match again: how often a match is wrong, against a cut in p_any."""
        by = None if distance is None else _angle(distance, "distance of the shifts")
        return false_matches(self.model, *self._matched, shifts=shifts, distance=by)

    def summary(self) -> str:
        """The counts in words."""
        counts = self.counts
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


def match(sources: Table, catalogue: Table, radius: u.Quantity = _RADIUS, **options: Any) -> QTable:
    """The candidates of a match, with the options of `crossmatch`.

    Returns
    -------
    QTable
        One row per pair within the radius, ordered by source and separation: ``name`` and ``source_row``,
        ``catalogue_name`` and ``catalogue_row``, ``separation`` with ``offset_ra`` and ``offset_dec`` (to the
        catalogue's position at the source's epoch), ``sigmas`` (of both errors), ``p_any`` (that the counterpart is
        among the source's candidates), ``p_i`` (that it is this one, if it is among them), ``match_flag`` (1 best, 2
        almost as good, 0 other), and the source's ``verdict``. Completeness, counts and thresholds are in
        ``meta["crossmatch"]``.
    """
    return crossmatch(sources, catalogue, radius, **options).candidates


def crossmatch(
    sources: Table,
    catalogue: Table,
    radius: u.Quantity = _RADIUS,
    *,
    source_roles: ColumnRoles | None = None,
    catalogue_roles: ColumnRoles | None = None,
    source_error: u.Quantity | None = None,
    catalogue_error: u.Quantity | None = None,
    source_epoch: Time | float | None = None,
    prior: str | Sequence[str] = (),
    completeness: float | None = None,
    density: u.Quantity | None = None,
    thresholds: Thresholds | None = None,
) -> Crossmatch:
    """Match two tables with the probabilities of Budavári & Szalay (2008), as NWAY does (Salvato et al. 2018).

    Parameters
    ----------
    sources, catalogue : Table
        With positions and their errors; each row of `sources` is matched, each object of `catalogue` counts once.
    radius : Quantity
        Search radius. Counterparts further away than this are allowed for in p_any.
    source_roles, catalogue_roles : ColumnRoles, optional
        Which column is what; guessed from names and UCDs if not given.
    source_error, catalogue_error : Quantity, optional
        Circular 1 sigma error of rows, or tables, without one. Such rows else get the table's median error.
    source_epoch : Time or float, optional
        When the sources were seen (Julian year), in place of their epoch column: moves the catalogue there, as far as
        it has proper motions and epochs.
    prior : str or sequence of str
        Columns of the catalogue (magnitudes, colours) whose distribution among counterparts is learnt and used.
    completeness : float, optional
        Fraction of sources with a counterpart in the catalogue; learnt from the data if not given.
    density : Quantity, optional
        Objects of the catalogue per solid angle, in place of the local density.
    thresholds : Thresholds, optional
        Of the verdicts.

    Raises
    ------
    CscError
        If a table has no usable positions or errors, a column is not what it should be, an option is out of range, or
        there are too few counterparts to learn a prior from.
    """
    arcsec = _angle(radius, "search radius")
    if not 0 < arcsec <= 3600:
        raise CscError(
            "There is no match", f"the search radius is {radius}", "Give one up to a degree, such as 5 arcsec."
        )
    if completeness is not None and not 0 < completeness <= 1:
        raise CscError("There is no match", f"the completeness {completeness:g} is not between 0 and 1")
    thresholds = thresholds or Thresholds()
    roles = source_roles or ColumnRoles.guess(sources), catalogue_roles or ColumnRoles.guess(catalogue)
    here = read_positions(sources, roles[0], "sources", source_error, epoch=source_epoch)
    there = read_positions(catalogue, roles[1], "catalogue", catalogue_error, once=True)
    columns = (prior,) if isinstance(prior, str) else tuple(prior)
    quantities = np.array([column_values(catalogue, name, "catalogue")[there.row] for name in columns]).T
    model, candidates = learn_model(
        here,
        there,
        arcsec,
        quantities=quantities if columns else None,
        density=None if density is None else _density(density),
        c=completeness,
    )
    found = model.posterior(candidates)
    flags = match_flags(candidates.source, found.p_i)
    by_source = sources_table(here, there, candidates, found, flags)
    by_source["verdict"] = thresholds.verdicts(by_source["p_any"], by_source["p_i"].filled(0))
    table = candidates_table(here, there, candidates, found, flags)
    table["verdict"] = by_source["verdict"][table["source_row"]]
    counts = count_rows(here, there, by_source, len(candidates))
    for answer in (table, by_source):
        answer.meta["crossmatch"] = {
            "radius_arcsec": arcsec,
            "completeness": model.completeness,
            "completeness_error": model.completeness_error,
            "prior": list(columns),
            "matched_from": thresholds.matched,
            "none_below": thresholds.none,
            "counts": counts,
        }
    return Crossmatch(
        table, by_source, model.completeness, model.completeness_error, counts, model, (here, candidates, found)
    )


def _angle(angle: u.Quantity, what: str) -> float:
    try:
        return float(angle.to_value(u.arcsec))
    except (AttributeError, TypeError, u.UnitConversionError) as error:
        raise CscError(
            "There is no match", f"the {what}, {angle}, is no angle", "Give one like 5 * u.arcsec."
        ) from error


def _density(density: u.Quantity) -> float:
    try:
        value = float(density.to_value(u.arcsec**-2))
    except (AttributeError, TypeError, u.UnitConversionError) as error:
        raise CscError(
            "There is no match", f"the density {density} is not per solid angle", "Give one like 3000 / u.deg**2."
        ) from error
    if not value > 0:
        raise CscError("There is no match", f"the density {density} is not above 0")
    return value

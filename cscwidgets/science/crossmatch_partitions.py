"""The match against a catalogue that is too large for the memory, a few HEALPix cells of it at a time."""

from __future__ import annotations

from dataclasses import fields, replace

import astropy.units as u
import numpy as np
from astropy.table import Table
from astropy.time import Time

from .matches.bayes_match import completeness as learn_completeness
from .matches.bayes_match import posterior, summed
from .matches.candidates import Candidates, find_candidates
from .matches.column_roles import ColumnRoles
from .matches.crossmatch_options import check_completeness, search_radius
from .matches.crossmatch_tables import MatchSettings, MatchTables, match_tables
from .matches.match_model import background, fraction_within
from .matches.partitions import Partitions
from .matches.sky_density import SKY, local_density
from .matches.sky_table import joined, read_positions
from .matches.verdicts import Thresholds

__all__ = ["match_partitions"]


def match_partitions(
    sources: Table,
    catalogue: Partitions,
    radius: u.Quantity = 5 * u.arcsec,
    *,
    source_roles: ColumnRoles | None = None,
    catalogue_roles: ColumnRoles | None = None,
    source_error: u.Quantity | None = None,
    catalogue_error: u.Quantity | None = None,
    source_epoch: Time | float | None = None,
    completeness: float | None = None,
    thresholds: Thresholds | None = None,
) -> MatchTables:
    """Match sources with a partitioned catalogue, with the options and probabilities of `crossmatch.crossmatch`.

    Objects are known by their names: there are no row numbers of the catalogue. Its rows in cells with no source in
    or next to them are counted as ``catalogue_elsewhere`` and not read. Memory is needed for the sources, the
    candidates, and two million rows of the catalogue.

    Raises
    ------
    CscError
        As `crossmatch.crossmatch`.
    """
    arcsec = search_radius(radius)
    check_completeness(completeness)
    own = source_roles or ColumnRoles.guess(sources)
    here = read_positions(sources, own, "sources", source_error, epoch=source_epoch)
    empty = catalogue.columns
    roles = catalogue_roles or ColumnRoles.guess(empty)
    home = catalogue.cells(here.ra, here.dec)
    total = max(sum(catalogue.rows.values()), 1)
    density, number_around = np.full(len(here), total / SKY), np.full(len(here), float(total))
    nothing = read_positions(empty, roles, "catalogue", catalogue_error)
    found, kept, number = [find_candidates(here, nothing, arcsec)], [nothing], 0
    for some, table in catalogue.read(roles.columns, catalogue.near(here.ra, here.dec)):
        there = read_positions(table, roles, "catalogue", catalogue_error, once=True)
        candidates = find_candidates(here, there, arcsec)
        objects, which = np.unique(candidates.candidate, return_inverse=True)
        found.append(replace(candidates, candidate=which + number))
        kept.append(there.taken(objects))
        number += len(objects)
        inside = np.flatnonzero(np.isin(home, some))
        if len(there):
            around = local_density(here.ra[inside], here.dec[inside], there.ra, there.dec)
            density[inside], number_around[inside] = around
    objects_near, candidates = joined(kept), _joined(found)
    counts = objects_near.counts
    counts["without_position"] += catalogue.without_position
    counts["elsewhere"] = (
        sum(catalogue.rows.values())
        + catalogue.without_position
        - sum(counts[key] for key in ("used", "repeated", "without_position"))
    )
    counts["rows"] = sum(catalogue.rows.values()) + catalogue.without_position
    within = fraction_within(here, objects_near, arcsec)
    density = background(candidates, density, number_around)
    log_ratio = candidates.log_density - np.log(density[candidates.source])
    share, error = completeness, np.nan
    if share is None:
        share, error = learn_completeness(summed(candidates.source, log_ratio, len(here)), within)
    answer = match_tables(
        here,
        objects_near,
        candidates,
        posterior(candidates.source, log_ratio, within, share),
        MatchSettings(arcsec, share, error, thresholds or Thresholds()),
    )
    for table in (answer.candidates, answer.sources):
        table.remove_column("catalogue_row")
    return answer


def _joined(found: list[Candidates]) -> Candidates:
    """One after the other, in the order of sources and separations."""
    columns = [np.concatenate([getattr(part, field.name) for part in found]) for field in fields(Candidates)]
    order = np.lexsort((columns[2], columns[0]))
    return Candidates(*(column[order] for column in columns))

"""The match against a catalogue that is too large for the memory, a few HEALPix cells of it at a time."""

from __future__ import annotations

from dataclasses import fields, replace

import astropy.units as u
import numpy as np
from astropy.table import Table
from astropy.time import Time

from .matches.candidates import Candidates, find_candidates
from .matches.column_roles import ColumnRoles
from .matches.crossmatch_options import check_completeness, search_radius
from .matches.crossmatch_tables import MatchSettings, MatchTables, match_tables
from .matches.match_model import background, fraction_within, weigh
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

    Parameters
    ----------
    sources : Table
        With positions and their errors.
    catalogue : Partitions
        Made by `matches.partition`.
    radius : Quantity
        Search radius.
    source_roles, catalogue_roles : ColumnRoles, optional
        Which column is what; guessed from names and UCDs if not given.
    source_error, catalogue_error : Quantity, optional
        Circular 1 sigma error of rows, or tables, without one.
    source_epoch : Time or float, optional
        When the sources were seen (Julian year), in place of their epoch column.
    completeness : float, optional
        Fraction of sources with a counterpart in the catalogue; learnt from the data if not given.
    thresholds : Thresholds, optional
        Of the verdicts.

    Returns
    -------
    MatchTables
        One row a candidate and one a source.

    Raises
    ------
    CscError
        As `crossmatch.crossmatch`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import astropy.units as u
    >>> import pyarrow as pa
    >>> from astropy.table import Table
    >>> from cscwidgets.science import crossmatch_partitions, matches
    >>> stars = pa.record_batch({"ID": [1, 2, 3], "ra": [10.00005, 10.3, 10.4], "dec": [41.0001, 41.3, 41.4]})
    >>> errors = {"source_error": 0.5 * u.arcsec, "catalogue_error": 0.1 * u.arcsec}
    >>> sources = Table({"name": ["A", "B"], "ra": [10.0, 10.1], "dec": [41.0, 41.1]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     catalogue = matches.partition([stars], Path(folder))
    ...     match = crossmatch_partitions.match_partitions(sources, catalogue, 2 * u.arcsec, completeness=0.6, **errors)
    >>> match.candidates["name", "catalogue_name"].pprint()
    name catalogue_name
    ---- --------------
       A              1
    """
    arcsec = search_radius(radius)
    check_completeness(completeness)
    own = source_roles or ColumnRoles.guess(sources)
    positions = read_positions(sources, own, "sources", source_error, epoch=source_epoch)
    empty = catalogue.columns
    roles = catalogue_roles or ColumnRoles.guess(empty)
    home = catalogue.cells(positions.ra, positions.dec)
    total = max(sum(catalogue.rows.values()), 1)
    density, number_around = np.full(len(positions), total / SKY), np.full(len(positions), float(total))
    nothing = read_positions(empty, roles, "catalogue", catalogue_error)
    batches, kept, number = [find_candidates(positions, nothing, arcsec)], [nothing], 0
    for rows, table in catalogue.read(roles.columns, catalogue.near(positions.ra, positions.dec)):
        catalogue_positions = read_positions(table, roles, "catalogue", catalogue_error, once=True)
        candidates = find_candidates(positions, catalogue_positions, arcsec)
        objects, which = np.unique(candidates.candidate, return_inverse=True)
        batches.append(replace(candidates, candidate=which + number))
        kept.append(catalogue_positions.taken(objects))
        number += len(objects)
        inside = np.flatnonzero(np.isin(home, rows))
        if len(catalogue_positions):
            around = local_density(
                positions.ra[inside], positions.dec[inside], catalogue_positions.ra, catalogue_positions.dec
            )
            density[inside], number_around[inside] = around
    objects_near, candidates = joined(kept), _joined(batches)
    counts = objects_near.counts
    counts["without_position"] += catalogue.without_position
    counts["elsewhere"] = (
        sum(catalogue.rows.values())
        + catalogue.without_position
        - sum(counts[key] for key in ("used", "repeated", "without_position"))
    )
    counts["rows"] = sum(catalogue.rows.values()) + catalogue.without_position
    within = fraction_within(positions, objects_near, arcsec)
    density = background(candidates, density, number_around)
    model = weigh(candidates, objects_near, arcsec, density, within, c=completeness)
    settings = MatchSettings(arcsec, model.completeness, model.completeness_error, thresholds or Thresholds())
    answer = match_tables(positions, objects_near, candidates, model.posterior(candidates), settings)
    for table in (answer.candidates, answer.sources):
        table.remove_column("catalogue_row")
    return answer


def _joined(parts: list[Candidates]) -> Candidates:
    """One after the other, in the order of sources and separations."""
    columns = [np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Candidates)]
    order = np.lexsort((columns[2], columns[0]))
    return Candidates(*(column[order] for column in columns))

"""Counterparts of sources in a catalogue, with their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import QTable, Table
from astropy.time import Time

from .matches.bayes_match import Posterior
from .matches.candidates import Candidates
from .matches.column_roles import ColumnRoles
from .matches.crossmatch_options import angle, check_completeness, per_area, search_radius
from .matches.crossmatch_tables import MatchSettings, MatchTables, match_tables
from .matches.false_matches import FalseMatches, false_matches
from .matches.match_model import MatchModel, learn_model
from .matches.sky_table import SkyTable, column_values, read_positions
from .matches.verdicts import Thresholds

__all__ = ["Crossmatch", "crossmatch", "match"]

_RADIUS = 5 * u.arcsec


@dataclass(frozen=True)
class Crossmatch(MatchTables):
    """A match of two tables, which can be tried again elsewhere.

    Attributes
    ----------
    candidates : QTable
        One row a pair within the radius; see `match`.
    sources : QTable
        One row a source.
    completeness, completeness_error : float
        Fraction of sources with a counterpart in the catalogue, and its standard error.
    counts : dict of str to int
        What became of the rows of both tables.
    model : MatchModel
        What the probabilities rest on.
    """

    model: MatchModel
    _matched: tuple[SkyTable, Candidates, Posterior]

    @property
    def positions(self) -> tuple[SkyTable, SkyTable]:
        """Positions and errors of both tables as they were used."""
        return self._matched[0], self.model.catalogue

    def false_matches(self, *, shifts: int = 8, distance: u.Quantity | None = None) -> FalseMatches:
        """Move the sources about and match again: how often a match is wrong, against a cut in p_any."""
        by = None if distance is None else angle(distance, "distance of the shifts")
        return false_matches(self.model, *self._matched, shifts=shifts, distance=by)


def match(sources: Table, catalogue: Table, radius: u.Quantity = _RADIUS, **options: Any) -> QTable:
    """The candidates of a match, with the options of `crossmatch`.

    Parameters
    ----------
    sources, catalogue : Table
        With positions and their errors.
    radius : Quantity
        Search radius.
    **options
        As of `crossmatch`.

    Returns
    -------
    QTable
        One row per pair within the radius, ordered by source and separation: ``name`` and ``source_row``,
        ``catalogue_name`` and ``catalogue_row``, ``separation`` with ``offset_ra`` and ``offset_dec`` (to the
        catalogue's position at the source's epoch), ``sigmas`` (of both errors), ``p_any`` (that the counterpart is
        among the source's candidates), ``p_i`` (that it is this one, if it is among them), ``match_flag`` (1 best, 2
        almost as good, 0 other), and the source's ``verdict``. Completeness, counts and thresholds are in
        ``meta["crossmatch"]``.

    Examples
    --------
    >>> import astropy.units as u
    >>> from astropy.table import Table
    >>> from cscwidgets.science import crossmatch
    >>> sources = Table({"name": ["A"], "ra": [10.0], "dec": [41.0]})
    >>> stars = Table({"ID": [1, 2, 3], "ra": [10.00005, 10.3, 10.4], "dec": [41.0001, 41.3, 41.4]})
    >>> errors = {"source_error": 0.5 * u.arcsec, "catalogue_error": 0.1 * u.arcsec}
    >>> pairs = crossmatch.match(sources, stars, 2 * u.arcsec, completeness=0.6, **errors)
    >>> pairs["name", "catalogue_name", "match_flag"].pprint()
    name catalogue_name match_flag
    ---- -------------- ----------
       A              1          1
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

    Returns
    -------
    Crossmatch
        One row a candidate and one a source, with what was learnt and how many rows could not be used.

    Raises
    ------
    CscError
        If a table has no usable positions or errors, a column is not what it should be, an option is out of range, or
        there are too few counterparts to learn a prior from.

    Examples
    --------
    >>> import astropy.units as u
    >>> from astropy.table import Table
    >>> from cscwidgets.science import crossmatch
    >>> sources = Table({"name": ["A", "B"], "ra": [10.0, 10.1], "dec": [41.0, 41.1]})
    >>> stars = Table({"ID": [1, 2, 3], "ra": [10.00005, 10.3, 10.4], "dec": [41.0001, 41.3, 41.4]})
    >>> errors = {"source_error": 0.5 * u.arcsec, "catalogue_error": 0.1 * u.arcsec}
    >>> match = crossmatch.crossmatch(sources, stars, completeness=0.6, **errors)
    >>> match.sources["name", "verdict"].pprint()
    name verdict
    ---- -------
       A matched
       B    none
    """
    arcsec = search_radius(radius)
    check_completeness(completeness)
    roles = source_roles or ColumnRoles.guess(sources), catalogue_roles or ColumnRoles.guess(catalogue)
    source_positions = read_positions(sources, roles[0], "sources", source_error, epoch=source_epoch)
    catalogue_positions = read_positions(catalogue, roles[1], "catalogue", catalogue_error, once=True)
    columns = (prior,) if isinstance(prior, str) else tuple(prior)
    quantities = np.array([column_values(catalogue, name, "catalogue")[catalogue_positions.row] for name in columns]).T
    model, candidates = learn_model(
        source_positions,
        catalogue_positions,
        arcsec,
        quantities=quantities if columns else None,
        density=None if density is None else per_area(density),
        c=completeness,
    )
    probabilities = model.posterior(candidates)
    settings = MatchSettings(arcsec, model.completeness, model.completeness_error, thresholds or Thresholds(), columns)
    tables = match_tables(source_positions, catalogue_positions, candidates, probabilities, settings)
    return Crossmatch(**vars(tables), model=model, _matched=(source_positions, candidates, probabilities))

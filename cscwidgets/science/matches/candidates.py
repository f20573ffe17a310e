"""Every object of a catalogue near a source, at the source's epoch, and how well the two positions agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Floats, Integers
from cscwidgets.errors import CscError

from .position_error import Covariance, convergence
from .proper_motion import moved
from .sky_pairs import Pairs, haversine, offsets, pairs
from .sky_table import SkyTable

__all__ = ["Candidates", "find_candidates", "without_errors"]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates ordered by source and separation; arrays of shape (candidates,).

    Attributes
    ----------
    source, candidate : ndarray of int
        Rows of the two `SkyTable`.
    separation, east, north : ndarray
        From the source to the candidate, arcsec.
    sigmas : ndarray
        Separation in units of both errors.
    log_density : ndarray
        Logarithm of the probability density of the offset if both are one object, per arcsec**2.
    """

    source: Integers
    candidate: Integers
    separation: Floats
    east: Floats
    north: Floats
    sigmas: Floats
    log_density: Floats

    def __len__(self) -> int:
        return len(self.source)


def find_candidates(sources: SkyTable, catalogue: SkyTable, radius: float) -> Candidates:
    """All candidates within a radius, at the epoch of the sources.

    Parameters
    ----------
    sources, catalogue : SkyTable
        With position errors.
    radius : float
        Search radius, arcsec.

    Returns
    -------
    Candidates
        All pairs within the radius, by source and separation.

    Raises
    ------
    CscError
        If a table has no position errors.

    Examples
    --------
    >>> import astropy.units as u
    >>> from astropy.table import Table
    >>> from cscwidgets.science import matches
    >>> roles, error = matches.ColumnRoles(ra="ra", dec="dec"), 0.5 * u.arcsec
    >>> sources = matches.read_positions(Table({"ra": [10.0, 10.1], "dec": [41.0, 41.1]}), roles, "sources", error)
    >>> stars = matches.read_positions(Table({"ra": [10.3, 10.00005], "dec": [41.3, 41.0001]}), roles, "stars", error)
    >>> candidates = matches.find_candidates(sources, stars, radius=2.0)
    >>> candidates.source, candidates.candidate, candidates.separation.round(2)
    (array([0]), array([1]), array([0.38]))
    """
    for table in (sources, catalogue):
        if table.errors is None and len(table):
            raise without_errors(table.what)
    near, ra, dec = _at_epochs(sources, catalogue, radius / 3600)
    source_place = sources.ra[near.first], sources.dec[near.first]
    east, north = (3600 * offset for offset in offsets(*source_place, ra, dec))
    if sources.errors is None or catalogue.errors is None:
        return Candidates(near.first, near.second, *np.zeros((5, 0)))
    errors: Covariance = sources.errors[near.first] + catalogue.errors[near.second].rotated(
        -convergence(*source_place, ra, dec)
    )
    sigmas, log_density = np.sqrt(errors.chi2(east, north)), errors.log_density(east, north)
    return Candidates(near.first, near.second, 3600 * near.separation, east, north, sigmas, log_density)


def without_errors(what: str) -> CscError:
    """The error of a table without position errors, by what it is called."""
    return CscError(
        "There are no probabilities of counterparts",
        f"no column of the {what} is known as an error of positions",
        "Name it in the column roles, or give one error for all, such as 0.2 * u.arcsec.",
    )


def _at_epochs(sources: SkyTable, catalogue: SkyTable, radius: float) -> tuple[Pairs, Floats, Floats]:
    """Pairs (degrees), and where the second of each was at the epoch of the first."""
    source_place = sources.ra, sources.dec
    middle = float(np.nanmedian(sources.epoch)) if np.isfinite(sources.epoch).any() else np.nan
    years = np.nan_to_num(middle - catalogue.epoch)
    catalogue_place = moved(catalogue.ra, catalogue.dec, catalogue.pmra, catalogue.pmdec, years)
    late = np.nan_to_num(sources.epoch - middle)
    travel = np.hypot(catalogue.pmra, catalogue.pmdec) * np.abs(late).max(initial=0) / 3_600_000
    travel[np.isnan(catalogue.epoch)] = 0
    if not travel.any():
        matched = pairs(*source_place, *catalogue_place, radius)
        return matched, catalogue_place[0][matched.second], catalogue_place[1][matched.second]
    parts = []
    fast = travel > radius  # few: their wide search must not be everybody's
    for group in (np.flatnonzero(~fast), np.flatnonzero(fast)):
        reach = min(radius + 1.001 * float(travel[group].max(initial=0)), 180)
        near = pairs(*source_place, catalogue_place[0][group], catalogue_place[1][group], reach)
        first, second = near.first, group[near.second]
        motion = catalogue.pmra[second], catalogue.pmdec[second]
        since = np.nan_to_num(middle + late[first] - catalogue.epoch[second])
        ra, dec = moved(catalogue.ra[second], catalogue.dec[second], *motion, since)
        apart = haversine(source_place[0][first], source_place[1][first], ra, dec)
        close = apart <= radius
        parts.append([column[close] for column in (first, second, apart, ra, dec)])
    first, second, apart, ra, dec = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((apart, first))
    return Pairs(first[order], second[order], apart[order]), ra[order], dec[order]

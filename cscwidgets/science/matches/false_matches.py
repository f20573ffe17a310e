"""How often a match is wrong: measured with sources moved to where nothing belongs to them, beside the prediction."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from astropy.table import QTable

from cscwidgets.arrays import Flags, Floats, Integers

from .bayes_match import Posterior
from .candidates import Candidates
from .match_model import MatchModel
from .proper_motion import moved
from .sky_pairs import pairs
from .sky_table import SkyTable

__all__ = ["CUTS", "FalseMatches", "false_matches"]


CUTS = np.round(np.linspace(0, 1, 101), 2)
"""Cuts in p_any."""


@dataclass(frozen=True)
class FalseMatches:
    """False matches against a cut in p_any; arrays of shape (cuts,).

    Attributes
    ----------
    cut : ndarray
        Sources with p_any >= cut and a candidate are taken to have their best one as counterpart.
    selected : ndarray of int
        Sources taken.
    completeness, purity : ndarray
        As the probabilities predict: the fraction of all counterparts that are found, and the fraction of sources
        taken whose counterpart is right (NaN where none is).
    shifted, shifted_error : ndarray
        Fraction of moved sources that are taken, each a false match, and its Poisson error.
    predicted : ndarray
        The same fraction as the probabilities of the real sources predict for those without counterpart.
    chance, chance_error, chance_predicted : float
        Chance candidates per moved source, and as the local density where it is predicts.
    moved, left_out : int
        Moved sources, and those that came closer to a real source than these are to one another.
    """

    cut: Floats
    selected: Integers
    completeness: Floats
    purity: Floats
    shifted: Floats
    shifted_error: Floats
    predicted: Floats
    chance: float
    chance_error: float
    chance_predicted: float
    moved: int
    left_out: int

    def table(self) -> QTable:
        """One row a cut."""
        names = ("cut", "selected", "completeness", "purity", "shifted", "shifted_error", "predicted")
        table = QTable({name: getattr(self, name) for name in names})
        table.meta |= {name: getattr(self, name) for name in ("chance", "chance_error", "chance_predicted")}
        table.meta |= {"moved": self.moved, "left_out": self.left_out}
        return table


def false_matches(
    model: MatchModel,
    sources: SkyTable,
    candidates: Candidates,
    probabilities: Posterior,
    *,
    shifts: int = 8,
    distance: float | None = None,
) -> FalseMatches:
    """Match sources again after moving them all in several directions.

    Parameters
    ----------
    model : MatchModel
        As learnt from the sources where they are.
    sources : SkyTable
    candidates : Candidates
    probabilities : Posterior
    shifts : int
        Directions, evenly spread.
    distance : float, optional
        By how much, arcsec; else 6 search radii, but 30 arcsec at least.
    """
    by = max(6 * model.radius, 30.0) if distance is None else distance
    apart = _closest(sources, model.radius)
    taken = np.zeros(len(CUTS), np.int64)
    near = moved_sources = left_out = 0
    expected = 0.0
    for angle in 2 * np.pi * (np.arange(shifts) + 0.5) / shifts:
        displaced = _displaced(sources, by, angle)
        free = _free(displaced, sources, apart)
        again, posterior = model.apply(displaced)
        near += int(free[again.source].sum())
        has = np.zeros(len(sources), bool)
        has[again.source] = True
        taken += _above(posterior.p_any[free & has])
        moved_sources, left_out = moved_sources + int(free.sum()), left_out + int((~free).sum())
        expected += float(model.around(displaced)[free].sum()) * np.pi * model.radius**2
    best = np.zeros(len(sources))
    np.maximum.at(best, candidates.source, probabilities.p_i)
    has = best > 0
    right, wrong = probabilities.p_any * best, 1 - probabilities.p_any
    selected, counterparts = _above(probabilities.p_any[has]), model.completeness * len(sources)
    with np.errstate(invalid="ignore", divide="ignore"):
        return FalseMatches(
            cut=CUTS,
            selected=selected,
            completeness=_above(probabilities.p_any[has], right[has]) / counterparts,
            purity=_above(probabilities.p_any[has], right[has]) / selected,
            shifted=taken / np.float64(moved_sources),
            shifted_error=np.sqrt(taken) / np.float64(moved_sources),
            predicted=_above(probabilities.p_any[has], wrong[has]) / wrong.sum(),
            chance=float(near / np.float64(moved_sources)),
            chance_error=float(np.sqrt(near) / np.float64(moved_sources)),
            chance_predicted=float(expected / np.float64(moved_sources)),
            moved=moved_sources,
            left_out=left_out,
        )


def _above(p_any: Floats, weight: Floats | None = None) -> Integers:
    """How many, or what weight, at each cut or above."""
    bins = np.searchsorted(CUTS, p_any, side="right") - 1
    return np.asarray(np.bincount(bins, weight, len(CUTS))[::-1].cumsum()[::-1])


def _displaced(sources: SkyTable, by: float, angle: float) -> SkyTable:
    """All sources moved by an angle (arcsec) towards a position angle (radians)."""
    east, north = (np.full(len(sources), 1000 * by * part) for part in (np.sin(angle), np.cos(angle)))
    ra, dec = moved(sources.ra, sources.dec, east, north, np.ones(len(sources)))
    return replace(sources, ra=ra, dec=dec)


def _closest(sources: SkyTable, radius: float) -> float:
    """How close two sources come, at most a radius, degrees."""
    neighbours = pairs(sources.ra, sources.dec, sources.ra, sources.dec, radius / 3600)
    return float(neighbours.separation[neighbours.first != neighbours.second].min(initial=radius / 3600))


def _free(displaced: SkyTable, sources: SkyTable, apart: float) -> Flags:
    """Which moved sources do not lie on a real one, whose counterpart would be no chance."""
    free = np.ones(len(displaced), bool)
    free[pairs(displaced.ra, displaced.dec, sources.ra, sources.dec, apart).first] = False
    return free

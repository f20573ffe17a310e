"""The model of a match: what was learnt from the data once, and can be applied to other positions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Floats

from .bayes_match import Posterior, completeness, posterior, summed
from .candidates import Candidates, find_candidates
from .magnitude_prior import Prior, learn
from .position_error import Covariance
from .sky_density import local_density
from .sky_table import SkyTable

__all__ = [
    "MatchModel",
    "background",
    "density_around",
    "fraction_within",
    "learn_model",
    "log_ratio",
    "typical_error",
    "weigh",
    "within_of",
]


@dataclass(frozen=True)
class MatchModel:
    """What the probabilities of a match rest on.

    Attributes
    ----------
    catalogue : SkyTable
    radius : float
        Search radius, arcsec.
    density : ndarray, shape (sources,)
        Of the catalogue around each source, per arcsec**2.
    given : bool
        Whether the density is one that was given for all.
    within : ndarray, shape (sources,)
        Fraction of true offsets below the search radius.
    completeness, completeness_error : float
        Fraction of sources with a counterpart in the catalogue; the error is NaN where it was given.
    prior : Prior or None
        What counterparts look like.
    """

    catalogue: SkyTable
    radius: float
    density: Floats
    given: bool
    within: Floats
    completeness: float
    completeness_error: float
    prior: Prior | None

    def apply(self, sources: SkyTable) -> tuple[Candidates, Posterior]:
        """Match sources in the order of those the model was learnt from, wherever they are now."""
        candidates = find_candidates(sources, self.catalogue, self.radius)
        return candidates, self.posterior(candidates)

    def around(self, sources: SkyTable) -> Floats:
        """Density of the catalogue where these sources are now, per arcsec**2."""
        if self.given:
            return self.density
        return local_density(sources.ra, sources.dec, self.catalogue.ra, self.catalogue.dec)[0]

    def posterior(self, candidates: Candidates) -> Posterior:
        """Probabilities of candidates."""
        ratio = log_ratio(candidates, self.density)
        if self.prior is not None:
            ratio = ratio + self.prior.log_factor[candidates.candidate]
        return posterior(candidates.source, ratio, self.within, self.completeness)


def learn_model(
    sources: SkyTable,
    catalogue: SkyTable,
    radius: float,
    *,
    quantities: Floats | None = None,
    density: float | None = None,
    c: float | None = None,
) -> tuple[MatchModel, Candidates]:
    """Learn the model of a match, and find the candidates.

    Parameters
    ----------
    sources, catalogue : SkyTable
    radius : float
        Search radius, arcsec.
    quantities : ndarray, shape (catalogue, quantities), optional
        To learn from what counterparts look like.
    density : float, optional
        Of the catalogue, per arcsec**2, in place of the local one.
    c : float, optional
        Completeness, in place of the one learnt.
    """
    candidates = find_candidates(sources, catalogue, radius)
    around = density_around(candidates, sources, catalogue, density)
    within = fraction_within(sources, catalogue, radius)
    return (
        weigh(candidates, catalogue, radius, around, within, given=density is not None, quantities=quantities, c=c),
        candidates,
    )


def weigh(
    candidates: Candidates,
    catalogue: SkyTable,
    radius: float,
    density: Floats,
    within: Floats,
    *,
    given: bool = False,
    quantities: Floats | None = None,
    c: float | None = None,
) -> MatchModel:
    """Learn the model of a match from its candidates, wherever they were found.

    Parameters
    ----------
    candidates : Candidates
    catalogue : SkyTable
        The objects they are of.
    radius : float
        Search radius, arcsec.
    density, within : ndarray, shape (sources,)
        See `MatchModel`.
    given : bool
        Whether the density is one that was given for all.
    quantities : ndarray, shape (catalogue, quantities), optional
        To learn from what counterparts look like.
    c : float, optional
        Completeness, in place of the one learnt.
    """
    ratio = log_ratio(candidates, density)
    prior = None
    if quantities is not None:
        prior = learn(quantities, candidates, ratio, within, c)
        ratio = ratio + prior.log_factor[candidates.candidate]
    share, error = completeness(summed(candidates.source, ratio, len(density)), within) if c is None else (c, np.nan)
    return MatchModel(catalogue, radius, density, given, within, share, error, prior)


def density_around(
    candidates: Candidates, sources: SkyTable, catalogue: SkyTable, given: float | None = None
) -> Floats:
    """Density of unrelated objects around each source, per arcsec**2: the local one unless one is given for all."""
    if given is not None:
        return np.full(len(sources), given)
    return background(candidates, *local_density(sources.ra, sources.dec, catalogue.ra, catalogue.dec))


def background(candidates: Candidates, density: Floats, number: Floats) -> Floats:
    """Local density around each source without its own counterpart.

    The density rests on one object too many where the source has its counterpart, which it does with the probability
    of a match whose completeness is one half: so the density does not depend on what is learnt from it.

    Parameters
    ----------
    candidates : Candidates
    density, number : ndarray, shape (sources,)
        Of the catalogue around each source, as of `sky_density.local_density`.
    """
    ratio = summed(candidates.source, log_ratio(candidates, density), len(density))
    return np.asarray(density * (1 - ratio / (1 + ratio) / np.maximum(number, 2)))


def log_ratio(candidates: Candidates, density: Floats) -> Floats:
    """Natural logarithms of the likelihood ratios of candidates, from their positions alone."""
    return np.asarray(candidates.log_density - np.log(density[candidates.source]))


def fraction_within(sources: SkyTable, catalogue: SkyTable, radius: float) -> Floats:
    """Fraction of true offsets below a radius (arcsec), under each source's error and the catalogue's median one."""
    if sources.errors is None or catalogue.errors is None or not len(catalogue):
        return np.ones(len(sources))
    return within_of(sources.errors, typical_error(catalogue.errors), radius)


def typical_error(errors: Covariance) -> tuple[float, float]:
    """Median variances to the east and north, arcsec**2."""
    return float(np.median(errors.east)), float(np.median(errors.north))


def within_of(errors: Covariance, typical: tuple[float, float], radius: float) -> Floats:
    """Fraction of true offsets below a radius (arcsec), under sources' errors and a catalogue's typical one."""
    east, north = (np.full(len(errors.east), part) for part in typical)
    return (errors + Covariance(east, north, np.zeros(len(east)))).within(radius)

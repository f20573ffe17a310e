"""What a fit found: parameters and their confidence, fluxes, luminosities, and the script that does it again."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import astropy.units as u
import numpy as np
import scipy
from astropy.table import QTable

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

from ..spectrum import Spectrum
from .advice import advised
from .confidence import Contour, Interval, confidence, contour
from .fluxes import Estimate, evaluate, luminosity, model_flux, photon_ratio
from .goodness import Goodness, goodness
from .models import SourceModel, unit_of
from .nested import explore
from .posterior import Posterior, covariance, sample
from .script import script
from .statistic import Statistic

__all__ = ["FitResult"]

Progress = Callable[[float], None]


def _silent(_: float) -> None: ...


class FitResult:
    """A finished fit.

    What it tells stays what was fitted, whatever becomes of Sherpa's objects; each of its methods sets them back to the
    best fit. Methods may be called from any thread: they wait for each other.

    Attributes
    ----------
    spectra : list of Spectrum
    model : SourceModel
    band : tuple of float
        Energies that were fitted, keV.
    statistic_used : Statistic
        Which statistic, and why.
    statistic : float
        Its value at the best fit, from so many `points` with so many degrees of freedom (`dof`).
    sherpa_fit : sherpa.fit.Fit
        Sherpa's own object.
    data : list of sherpa.astro.data.DataPHA
    factors : list of sherpa Scale1D
        Cross-normalisations, empty without.
    intervals : dict of str to Interval
        What `confidence` has found so far.
    said : tuple of str
        What Sherpa reported of the search for the minimum.
    """

    def __init__(
        self,
        spectra: Sequence[Spectrum],
        model: SourceModel,
        band: tuple[float, float],
        statistic: Statistic,
        *,
        joint: Any,
        engine: Any,
        data: Sequence[Any],
        factors: Sequence[Any],
        said: Sequence[str] = (),
    ) -> None:
        self.spectra = list(spectra)
        self.said = tuple(said)
        self.model = model
        self.band = band
        self.statistic_used = statistic
        self.sherpa_fit = joint
        self.data = list(data)
        self.factors = list(factors)
        self.intervals: dict[str, Interval] = {}
        self._posterior: Posterior | None = None
        self._engine = engine
        self._lock = threading.RLock()
        self._free = list(joint.model.get_thawed_pars())
        self._best = tuple(joint.model.thawedpars)
        self._pars = [*model.absorbed.pars, *(factor.c0 for factor in factors)]
        self._state = [(float(par.val), bool(par.frozen), par.link) for par in self._pars]
        self.statistic = float(joint.calc_stat())
        self.points = len(joint.data.to_fit()[0])
        self.dof = self.points - len(self._best)

    @property
    def free(self) -> list[Any]:
        """Sherpa's free parameters."""
        return list(self._free)

    @property
    def parameters(self) -> QTable:
        """All parameters: value, unit, state, and the interval where `confidence` has found one.

        ``unit`` is how astropy writes it. ``lower`` and ``upper`` are the ends of the interval and ``limit`` says which
        one alone counts where the other is at the parameter's bound. The table's ``meta`` has the model, its
        abundances, statistic and band.
        """
        free = {id(par) for par in self._free}
        rows = []
        for par, (value, _, link) in zip(self._pars, self._state, strict=True):
            if par.hidden or par.alwaysfrozen:
                continue
            interval = self.intervals.get(par.fullname, Interval())
            state = "tied" if link is not None else "free" if id(par) in free else "fixed"
            unit = unit_of(par).to_string()
            rows.append(
                (par.fullname, value, unit, state, interval.lower, interval.upper, interval.limit, interval.level)
            )
        names = ("name", "value", "unit", "state", "lower", "upper", "limit", "level")
        meta = {
            "model": self.model.label,
            "abundances": self.model.abundances,
            "statistic": self.statistic_used.name,
            "value": self.statistic,
            "dof": self.dof,
            "band": self.band,
            "simulated": any(one.simulated for one in self.spectra),
        }
        return QTable(rows=rows, names=names, meta=meta)

    def value(self, name: str) -> float:
        """A parameter's best value, by name; ``factor2.c0`` is that of the second observation's factor."""
        factors = {factor.c0.fullname: factor.c0 for factor in self.factors}
        parameter = factors[name] if name in factors else self.model.parameter(name)
        return next(state[0] for par, state in zip(self._pars, self._state, strict=True) if par is parameter)

    def confidence(
        self, level: float = 0.68, names: Sequence[str] | None = None, progress: Progress = _silent
    ) -> dict[str, Interval]:
        """Confidence intervals of free parameters, each by itself, the others fitted anew at every step.

        Parameters
        ----------
        level : float
            Probability inside; 0.68 stands for one standard deviation, 68.27 %.
        names : sequence of str, optional
            By default all that are free.
        progress : callable
            Called with the fraction done; what it raises ends the work, and the fit is as before.
        """
        parameters = self.free if names is None else [self.model.parameter(name) for name in names]
        with self._at_best("No confidence intervals"):
            intervals = confidence(self._engine, parameters, sigmas(level), level, progress)
        self.intervals.update(intervals)
        return intervals

    def contour(
        self,
        first: str,
        second: str,
        *,
        levels: Sequence[float] = (0.68, 0.90),
        points: int = 21,
        progress: Progress = _silent,
    ) -> Contour:
        """How the statistic rises in the plane of two parameters, and where the levels of joint confidence are."""
        pair = (self.model.parameter(first), self.model.parameter(second))
        with self._at_best("No contours"):
            return contour(self._engine, pair, self.covariance(), levels=levels, points=points, progress=progress)

    def covariance(self) -> Floats:
        """Covariance matrix of the free parameters, in their order; see `posterior.covariance`."""
        with self._at_best("The covariance is not known"):
            return covariance(self._engine)

    def posterior(self, draws: int = 5000, *, seed: int = 0, progress: Progress = _silent) -> Posterior:
        """Sample the posterior with flat priors within the parameters' bounds (Sherpa's MCMC)."""
        with self._at_best("No posterior"):
            self._posterior = sample(self._engine, self.covariance(), draws, seed, progress)
        return self._posterior

    def nested(self, live_points: int = 400, *, progress: Progress = _silent) -> Posterior:
        """Sample the posterior from everywhere between the parameters' bounds, and find the evidence (UltraNest).

        Set the bounds first, as in ``fit(..., model)`` with ``model.parameter("nH").set(max=10)``: they are the priors,
        flat, for amplitudes flat in the logarithm. Fluxes are then drawn from this posterior.
        """
        with self._at_best("No nested sampling"):
            self._posterior = explore(self._engine, live_points, progress)
        return self._posterior

    def flux(
        self,
        low: float = 0.5,
        high: float = 7.0,
        *,
        absorbed: bool = True,
        photons: bool = False,
        level: float = 0.68,
        samples: int = 1000,
        seed: int = 0,
        progress: Progress = _silent,
    ) -> Estimate:
        """Flux in a band of observed energies, with the interval that the parameters' uncertainty means.

        The parameters are drawn from the posterior where it was sampled, otherwise from a normal distribution with
        their covariance, within their bounds. With `samples` 0 there is no interval.

        Parameters
        ----------
        low, high : float
            keV.
        absorbed : bool
            As observed, or without all absorption.
        photons : bool
            photon/(s cm2) instead of erg/(s cm2).
        """
        unit = u.photon / u.s / u.cm**2 if photons else u.erg / u.s / u.cm**2
        return self._estimate(
            lambda: model_flux(self.model.source(absorbed=absorbed), self.data[0], low, high, photons=photons),
            unit,
            level=level,
            samples=samples,
            seed=seed,
            progress=progress,
        )

    def luminosity(
        self,
        low: float = 0.5,
        high: float = 7.0,
        *,
        distance: u.Quantity | None = None,
        redshift: float | None = None,
        level: float = 0.68,
        samples: int = 1000,
        seed: int = 0,
        progress: Progress = _silent,
    ) -> Estimate:
        """Luminosity without absorption: at a distance, or at a redshift in a band of the source's own energies.

        The cosmology is astropy's Planck18.
        """
        factor, zoom = luminosity(distance, redshift)
        return self._estimate(
            lambda: factor * model_flux(self.model.source(absorbed=False), self.data[0], low / zoom, high / zoom),
            u.erg / u.s,
            level=level,
            samples=samples,
            seed=seed,
            progress=progress,
        )

    def hardness(
        self, hard: str = "h", soft: str = "m", *, level: float = 0.68, samples: int = 1000, seed: int = 0
    ) -> Estimate:
        """The hardness ratio of the catalogue that the model would have, from photon fluxes in two of its bands."""
        return self._estimate(
            lambda: photon_ratio(self.model.absorbed, self.data[0], hard, soft),
            u.dimensionless_unscaled,
            level=level,
            samples=samples,
            seed=seed,
        )

    def goodness(self, simulations: int = 100, *, seed: int = 0, progress: Progress = _silent) -> Goodness:
        """How often data drawn from the model would fit worse.

        For chi-squared from its distribution. For Poisson statistics from simulated data sets that are each fitted:
        near 0 the model is wrong, values between say 0.05 and 1 are all good.
        """
        with self._at_best("No goodness of fit"):
            return goodness(self._engine, self.data, simulations, seed, progress)

    def script(self) -> str:
        """A Sherpa script that does this fit again, in a process where nothing else is installed."""
        with self._at_best("No script"):
            return script(
                self.model, self.spectra, self.band, self.statistic_used, free=self._free, factors=self.factors
            )

    @contextlib.contextmanager
    def _at_best(self, what: str) -> Iterator[None]:
        """Start from the best fit and come back to it, whatever is frozen when work is cancelled.

        `what` says what did not happen where the libraries cannot go on.
        """
        with self._lock, advised(what):
            self._restore()
            try:
                yield
            finally:
                self._restore()

    def _restore(self) -> None:
        for par, (value, frozen, link) in zip(self._pars, self._state, strict=True):
            par.link = link
            if link is None:
                par.set(value, frozen=None if par.alwaysfrozen else frozen)

    def _estimate(
        self,
        quantity: Callable[[], float],
        unit: u.UnitBase,
        *,
        level: float,
        samples: int,
        seed: int,
        progress: Progress = _silent,
    ) -> Estimate:
        with self._at_best("No estimate"):
            draws = self._draws(samples, seed) if samples and self._best else np.empty((0, len(self._best)))
            values = evaluate(quantity, self._engine.model, self._best, draws, progress)
            return Estimate.of(values, unit, level)

    def _draws(self, samples: int, seed: int) -> Floats:
        rng = np.random.default_rng(seed)
        if self._posterior is not None:
            return np.asarray(rng.choice(self._posterior.draws, samples))
        low, high = (np.array([getattr(par, end) for par in self.free]) for end in ("min", "max"))
        drawn = rng.multivariate_normal(self._best, self.covariance(), 4 * samples)
        inside = drawn[((drawn >= low) & (drawn <= high)).all(axis=1)]
        if len(inside) < samples / 10:
            raise CscError("The flux has no error", "the parameters are at their bounds", "Use posterior() first.")
        return np.asarray(inside[:samples])


def sigmas(level: float) -> float:
    """Standard deviations of a two-sided probability; 0.68 is taken as exactly 1."""
    if not 0 < level < 1:
        raise CscError(f"No confidence level {level:g}", "it is a probability between 0 and 1")
    return 1.0 if abs(level - 0.68) < 0.003 else float(np.sqrt(2) * scipy.special.erfinv(level))

"""Fits of spectra with Sherpa: one model to one or many observations, each with its own responses.

Sherpa's objects are used throughout, never its global session: fits do not disturb each other or the user's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from cscwidgets.errors import CscError

from .energies import energy_band
from .spectra.advice import advised, require_success
from .spectra.condensed import condensed
from .spectra.fit_result import FitResult
from .spectra.models import SourceModel, source_model
from .spectra.optimise import METHODS, Watch, optimiser
from .spectra.sherpa_data import pha, require_fittable, together
from .spectra.sherpa_gate import quiet, sherpa
from .spectra.starts import starts
from .spectra.statistic import Statistic, choose
from .spectrum import Spectrum

__all__ = ["FEWEST_COUNTS", "FitResult", "fit"]

FEWEST_COUNTS = 5
"""Counts in the band below which nothing is fitted: an upper limit is what they give."""

_TYPICAL = 400  # evaluations of a fit: only to tell how far it may be
_PLACES = 5  # where else a sum of components may begin

Progress = Callable[[float], None]


def _silent(_: float) -> None: ...


def fit(
    spectra: Spectrum | Sequence[Spectrum],
    model: str | SourceModel | Any = "tbabs*powerlaw",
    *,
    band: tuple[float, float] = (0.5, 7.0),
    abundances: str = "wilm",
    fixed: Mapping[str, float] | None = None,
    start: Mapping[str, float] | None = None,
    ties: Mapping[str, str] | None = None,
    statistic: str = "auto",
    grouped: bool | None = None,
    subtracted: bool | None = None,
    cross_normalisation: bool = False,
    method: str = "safe",
    found: Mapping[str, float] | None = None,
    progress: Progress = _silent,
) -> FitResult:
    """Fit a model to one spectrum or to several at once.

    Parameters
    ----------
    spectra : Spectrum or sequence of Spectrum
        Observations of one source; all share the model's parameters.
    model : str, SourceModel or Sherpa model
        See `source_model`. A model object is left at the best fit.
    band : tuple of float
        Energies to fit, keV.
    abundances : {"wilm", "angr"}
        Of the absorbers, where `model` is an expression.
    fixed, start : mapping of str to float, optional
        Parameters by name that are held at a value, or begin there.
    ties : mapping of str to str, optional
        Parameters that follow others.
    statistic : str
        See `choose`; ``auto`` is wstat or cstat.
    grouped, subtracted : bool, optional
        Whether to use the files' groups and to subtract the background; by default as the statistic needs.
    cross_normalisation : bool
        Whether each observation after the first has a free factor, for calibration or a varying source.
    method : {"safe", "levmar", "neldermead", "moncar"}
        See `METHODS`.
    found : mapping of str to float, optional
        The free parameters of an earlier fit, factors of observations too: it is taken up there, and nothing searched.
    progress : callable
        Called with the fraction done, often; what it raises ends the fit.

    Returns
    -------
    FitResult
        The parameters, and what follows from them.

    Raises
    ------
    CscError
        If a spectrum cannot be fitted, has too few counts, or an option does not go with it; or if no minimum was
        found, or none where the statistic is a number.

    Examples
    --------
    >>> from cscwidgets.science import fit, spectrum
    >>> result = fit.fit(spectrum.read("pha3.fits"), "powerlaw")
    >>> round(result.value("gamma"), 1)
    1.3
    """
    several, band = together(spectra), energy_band(band)
    if method not in METHODS:
        raise CscError(f"No method {method}", f"there are {', '.join(METHODS)}")
    if not several:
        raise CscError("Nothing to fit", "no spectrum was given")
    chosen = model if isinstance(model, SourceModel) else source_model(model, abundances=abundances)
    amplitude_given = _prepare(chosen, fixed or {}, start or {}, ties or {})
    for one in several:
        require_fittable(one)
    with advised("The fit did not succeed"):
        settings = choose(several, band, statistic, grouped=grouped, subtracted=subtracted)
        data = [
            pha(one, band, groups=groups, subtracted=settings.subtracted)
            for one, groups in zip(several, settings.groups, strict=True)
        ]
        _require_counts(several, band)
        factors = _factors(len(several), free=cross_normalisation)
        joint = _joint(data, chosen, factors, settings)
        engine = condensed(joint, several, data, chosen.absorbed, factors)
        if found is not None:
            _take_up(joint, found)
            said = []
        else:
            if isinstance(model, str | SourceModel) and not amplitude_given:
                _scale_to_data(engine, chosen)
            said = _run(engine, chosen, method, progress)
        progress(1.0)
        return FitResult(
            several, chosen, band, settings, joint=joint, engine=engine, data=data, factors=factors, said=said
        )


def _prepare(
    model: SourceModel, fixed: Mapping[str, float], start: Mapping[str, float], ties: Mapping[str, str]
) -> bool:
    """Set the parameters up; whether an amplitude was given to begin with."""
    for values, frozen in ((start, False), (fixed, True)):
        for name, value in values.items():
            _set(model, name, value, frozen=frozen)
    for name, other in ties.items():
        model.parameter(name).link = model.parameter(other)
    return any(model.parameter(name).name in ("ampl", "norm") for name in [*fixed, *start])


def _set(model: SourceModel, name: str, value: float, *, frozen: bool) -> None:
    parameter = model.parameter(name)
    try:
        parameter.set(value, frozen=frozen)
    except sherpa.utils.err.ParameterErr as error:
        raise CscError(f"{name} cannot be {value:g}", str(error)) from error


def _take_up(joint: Any, found: Mapping[str, float]) -> None:
    """Set all free parameters to values that were found."""
    free = {par.fullname: par for par in joint.model.get_thawed_pars()}
    if free.keys() != found.keys():
        raise CscError("The fit was not taken up", f"its free parameters were {', '.join(found)}", "Fit again.")
    for name, par in free.items():
        if not par.min <= found[name] <= par.max:
            raise CscError("The fit was not taken up", f"{name} cannot be {found[name]:g}", "Fit again.")
        par.val = found[name]


def _require_counts(spectra: Sequence[Spectrum], band: tuple[float, float]) -> None:
    counts = sum(float(one.source.counts[one.within(*band)].sum()) for one in spectra)
    if counts < FEWEST_COUNTS:
        raise CscError(
            "Too few counts to fit",
            f"{counts:.0f} counts in {band[0]:g}-{band[1]:g} keV",
            "flux_limit gives the upper limit they mean.",
        )


def _factors(number: int, *, free: bool) -> list[Any]:
    """One factor for each observation, the first of them 1; none where all are 1."""
    if not free:
        return []
    factors = []
    for index in range(number):
        factor = sherpa.models.basic.Scale1D(f"factor{index + 1}")
        factor.c0.set(1.0, min=0.0, max=100.0, frozen=index == 0)
        factors.append(factor)
    return factors


def _joint(data: Sequence[Any], model: SourceModel, factors: Sequence[Any], settings: Statistic) -> Any:
    folded = []
    for index, one in enumerate(data):
        source = factors[index] * model.absorbed if factors else model.absorbed
        folded.append(sherpa.astro.instrument.Response1D(one)(source))
    if len(data) == 1:
        return sherpa.fit.Fit(data[0], folded[0], stat=settings.sherpa())
    sets = sherpa.data.DataSimulFit("observations", data)
    return sherpa.fit.Fit(sets, sherpa.models.SimulFitModel("models", folded), stat=settings.sherpa())


def _scale_to_data(joint: Any, model: SourceModel) -> None:
    """Bring the amplitudes to where the model has as many counts as the data, the model's shape being as it is."""
    norms = model.norms
    expected = float(np.sum(joint.data.eval_model_to_fit(joint.model)))
    observed = float(np.sum(joint.data.to_fit()[0]))
    if norms and expected > 0:
        for norm in norms:
            norm.val = np.clip(norm.val * max(observed, 1.0) / expected, norm.min, norm.max)


def _run(joint: Any, model: SourceModel, method: str, progress: Progress) -> list[str]:
    """Bring a fit to its minimum, and return what Sherpa says of it."""
    steps = 0

    def watch() -> None:
        nonlocal steps
        steps += 1
        progress(min(steps / _TYPICAL, 0.99))

    with quiet(), np.errstate(all="ignore"):
        norms = model.norms
        if method == "safe" and len(norms) > 1:
            _begin_best(joint, norms, watch)
        methods = ("neldermead", "levmar") if method == "safe" else (method,)
        outcomes = [one for name in methods if (one := _once(joint, name, watch)) is not None]
        require_success(
            float(joint.calc_stat()),
            tuple(joint.model.thawedpars),
            succeeded=not outcomes or any(one.succeeded for one in outcomes),
            said=outcomes[-1].message if outcomes else "",
        )
        return [str(one.format()) for one in outcomes]


def _begin_best(joint: Any, norms: Sequence[Any], watch: Watch) -> None:
    """Set the parameters to the best that is found from where they are and from a few other places."""
    reached = []
    for values in [tuple(joint.model.thawedpars), *starts(joint, norms, _PLACES)]:
        joint.model.thawedpars = values
        _once(joint, "levmar", watch)
        reached.append((float(np.nan_to_num(joint.calc_stat(), nan=np.inf)), tuple(joint.model.thawedpars)))
    joint.model.thawedpars = min(reached)[1]


def _once(joint: Any, name: str, watch: Watch) -> Any:
    """Sherpa's result of one search, None where nothing is free."""
    before, at = joint.calc_stat(), joint.model.thawedpars
    if not at:
        return None
    joint.method = optimiser(name, watch)
    outcome = joint.fit()
    if not joint.calc_stat() <= before:  # polishing never makes worse, nor nothing of a number
        joint.model.thawedpars = at
    return outcome

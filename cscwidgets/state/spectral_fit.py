"""The fit of the chosen spectra, and what it is asked: intervals, contours, fluxes, goodness, posterior."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import astropy.units as u
import numpy as np
from traitlets import Any as AnyTrait
from traitlets import Bool, Dict, Instance, Tuple, Unicode

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError
from cscwidgets.export.script import literal
from cscwidgets.io.json_schema import one_of

from .fit_quantities import quantities, quantity_code
from .fit_record import FITS, Found, fit_record, found_of, read_fits
from .fit_settings import METHODS, STATISTICS
from .flux_limit import FluxLimit
from .keeping import FLAG, Field, Keeps, Kept, Renewal
from .spectral_model import SpectralModelState
from .tasks import Task

if TYPE_CHECKING:  # Sherpa takes a second to import, and may not be there
    from cscwidgets.science.spectra.fit_result import FitResult
    from cscwidgets.science.spectrum import Spectrum

__all__ = ["SpectralFitState"]

T = TypeVar("T")
Watch = Callable[[float], None]

_LEVEL_OF_LIMITS = 0.90
_MOST_RECORDS = 1000


class SpectralFitState(Keeps):
    """The last fit, as long as nothing was changed since.

    Attributes
    ----------
    statistic, method : str
        See `cscwidgets.science.fit.fit`.
    cross_normalisation : bool
        Whether every observation after the first has a factor of its own.
    result : FitResult or None
        What was found.
    limit : FluxLimit or None
        What there is in place of a fit where counts are too few.
    intervals, fluxes : dict
        Confidence intervals by parameter, and `Estimate` of fluxes and the like by their names in words.
    goodness, contour, posterior
        What else the fit was asked.
    records : tuple of dict
        The last fit of each source, plain; see `fit_record`.
    log : tuple of str
        What was done and what Sherpa said, oldest first.
    options : dict
        With which `result` was made: arguments of `cscwidgets.science.fit.fit`.
    calls : tuple of str
        What it was asked since, as Python.
    """

    plain: ClassVar = ("cross_normalisation",)
    fields: ClassVar = {
        "statistic": Field(one_of(STATISTICS)),
        "method": Field(one_of(METHODS)),
        "records": Field(FITS, list, read_fits),
        "shown": FLAG,
        "limited": FLAG,
    }

    statistic = Unicode("auto")
    method = Unicode("safe")
    cross_normalisation = Bool(False)
    result = AnyTrait(None)
    limit = Instance(FluxLimit, allow_none=True)
    intervals = Dict()
    fluxes = Dict()
    goodness = AnyTrait(None)
    contour = AnyTrait(None)
    posterior = AnyTrait(None)
    records = Tuple()
    log = Tuple()

    def __init__(self, model: SpectralModelState) -> None:
        super().__init__()
        self.model = model
        self.spectra = model.spectra
        self.desk = model.desk
        self.options: dict[str, Any] = {}
        self.calls: tuple[str, ...] = ()
        self._working = threading.Lock()  # Sherpa's objects are asked one thing at a time
        self.desk.when(self, ("statistic", "method", "cross_normalisation"), self._forget)
        self.desk.when(model, ("choice", "own", "band", "parameters"), self._forget)
        self.desk.when(self.spectra, ("observations", "chosen"), self._forget)
        self.desk.when(self, ("result", "intervals", "fluxes", "goodness"), self._record)

    @property
    def shown(self) -> bool:
        """Whether there is a fit of what is shown."""
        return self.result is not None

    @property
    def limited(self) -> bool:
        """Whether an upper limit stands in place of it."""
        return self.limit is not None

    def unkept(self) -> Iterator[str]:
        """What is large, and found again when it is asked for."""
        if self.contour is not None:
            yield "contours of a fit"
        if self.posterior is not None:
            yield "the draws of a posterior"

    def renewal(self, kept: Kept) -> Renewal:
        """The fit that was shown."""
        return Renewal("the fit of the spectrum" if kept["shown"] or kept["limited"] else "")

    def renew(self, kept: Kept) -> Iterator[None]:
        """Take the fit up where it ended, or find the limit again."""
        source = self.spectra.source.name
        last = next((one for one in kept["records"] if one["source"] == source), None)
        if kept["shown"] and last is not None and self.model.preview is not None:
            self._take_up(last)
            yield
        elif kept["limited"] and self.model.preview is not None:
            self.fit()
            yield

    def _take_up(self, last: Kept) -> None:
        spectra, asked, model, parameters = self._fittable(), self._asked, self.model, self.model.parameters
        options: dict[str, Any] = {
            "band": model.band,
            "fixed": {one.name: one.value for one in parameters if one.fixed},
            "ties": {one.name: one.tied_to for one in parameters if one.tied_to},
            "statistic": self.statistic,
            "cross_normalisation": self.cross_normalisation,
            "found": last["found"],
        }

        def work(_: Task) -> tuple[FitResult, Any]:
            from cscwidgets.science.fit import fit  # noqa: PLC0415 (imports Sherpa)

            return fit(spectra, model.make(), **options), found_of(last)

        def done(outcome: tuple[FitResult, Any]) -> None:
            result, (intervals, fluxes, goodness) = outcome
            result.intervals.update(intervals)
            self.options, self.calls = options, ()
            with self.hold_trait_notifications():
                self.result, self.intervals, self.fluxes, self.goodness = result, intervals, fluxes, goodness
            before = last["statistic"]["value"]
            if not np.isclose(result.statistic, before, rtol=1e-9, atol=1e-9):
                self.desk.messages.warn(
                    f"The fit of {last['source']} is not what it was",
                    f"{result.statistic_used.name} was {before:.6g}, and is {result.statistic:.6g} for the same values:"
                    " the files or the software are others",
                    "Fit again.",
                )

        self.desk.tasks.run(*("Taking up the fit", work, done), key="spectral fit", stands=lambda: asked == self._asked)

    def _record(self) -> None:
        """Keep what was found of the source, whatever is shown later."""
        result, model = self.result, self.model
        if result is None or model.own is not None:
            return
        source = self.spectra.source.name
        asked = {name: getattr(self, name) for name in ("statistic", "method", "cross_normalisation")}
        found = Found(result, self.intervals, self.fluxes, self.goodness)
        made = fit_record(source, self.spectra.chosen, asked, (model.choice, model.parameters), found)
        self.records = (*(one for one in self.records if one["source"] != source), made)[-_MOST_RECORDS:]

    def fit(self) -> None:
        """Fit the model, in a task, beginning with the parameters as they are."""
        spectra, asked = self._fittable(), self._asked
        if self.model.own is None:
            self.desk.calls.did("spectrum.fit", self.model.choice.expression, band=self.model.band)
        model, parameters, band = self.model, self.model.parameters, self.model.band
        options: dict[str, Any] = {
            "band": band,
            "start": {one.name: one.value for one in parameters if not (one.fixed or one.tied_to)},
            "fixed": {one.name: one.value for one in parameters if one.fixed},
            "ties": {one.name: one.tied_to for one in parameters if one.tied_to},
            "statistic": self.statistic,
            "method": self.method,
            "cross_normalisation": self.cross_normalisation,
        }

        def work(task: Task) -> FitResult | FluxLimit:
            from cscwidgets.science.fit import FEWEST_COUNTS, fit  # noqa: PLC0415 (imports Sherpa)

            counts = sum(int(spectrum.source.counts[spectrum.within(*band)].sum()) for spectrum in spectra)
            if counts < FEWEST_COUNTS:
                return self._limit(spectra, counts)
            return fit(spectra, model.make(), **options, progress=_watch(task, "fitting"))

        def done(outcome: FitResult | FluxLimit) -> None:
            if isinstance(outcome, FluxLimit):
                self._forget()
                self.limit = outcome
                self._note(f"{outcome.counts} counts in {band[0]:g}-{band[1]:g} keV: an upper limit in place of a fit")
            else:
                model.adopt(outcome.model)
                self.options, self.calls = options, ()
                self.result = outcome
                self._note(
                    f"Fit of {outcome.model.label}, {band[0]:g}-{band[1]:g} keV:"
                    f" {outcome.statistic_used.name} = {outcome.statistic:.6g}, {outcome.dof} degrees of freedom",
                    *outcome.said,
                )

        def late() -> None:
            self.desk.messages.note("A fit was dropped", "the model or the data were changed meanwhile")

        self.desk.tasks.run(
            *("Fitting the spectrum", work, done), key="spectral fit", stands=lambda: asked == self._asked, late=late
        )

    def find_intervals(self, level: float = 0.68) -> None:
        """Confidence intervals of the free parameters, in a task."""

        def done(intervals: dict[str, Any]) -> None:
            self.intervals = intervals
            self._note(
                f"Confidence intervals at {level:.0%}",
                *(f"  {name}: {interval}" for name, interval in intervals.items()),
            )

        call = f"intervals = result.confidence({level!r})"
        self._ask("Confidence intervals", lambda fit, watch: fit.confidence(level, progress=watch), done, call)

    def find_contour(self, first: str, second: str) -> None:
        """The joint confidence of two free parameters, in a task."""
        self._ask(
            "Contours",
            lambda fit, watch: fit.contour(first, second, progress=watch),
            lambda contour: self.set_trait("contour", contour),
            f"contour = result.contour({literal(first)}, {literal(second)})",
        )

    def find_goodness(self, simulations: int = 100) -> None:
        """How often data drawn from the model would fit worse, in a task."""
        self._ask(
            "Goodness of fit",
            lambda fit, watch: fit.goodness(simulations, progress=watch),
            lambda goodness: self.set_trait("goodness", goodness),
            f"goodness = result.goodness({simulations})",
        )

    def sample_posterior(self, draws: int = 5000) -> None:
        """Sample the posterior with Sherpa's MCMC, in a task; fluxes are drawn from it afterwards."""

        def done(posterior: Any) -> None:
            self.posterior = posterior
            self._note(f"Posterior: {draws} draws, {posterior.accepted:.0%} of the proposals accepted")

        call = f"posterior = result.posterior({draws})"
        self._ask("Sampling the posterior", lambda fit, watch: fit.posterior(draws, progress=watch), done, call)

    def sample_nested(self, live_points: int = 400) -> None:
        """Sample the posterior with UltraNest, in a task; it is found from everywhere, and so is the evidence."""

        def done(posterior: Any) -> None:
            self.posterior = posterior
            self._note(
                f"Nested sampling: ln evidence {posterior.log_evidence:.2f} ± {posterior.log_evidence_error:.2f}"
            )

        call = f"posterior = result.nested({live_points})"
        self._ask("Nested sampling", lambda fit, watch: fit.nested(live_points, progress=watch), done, call)

    def find_fluxes(
        self,
        low: float = 0.5,
        high: float = 7.0,
        *,
        distance: u.Quantity | None = None,
        redshift: float | None = None,
        level: float = 0.68,
    ) -> None:
        """Fluxes in a band in keV, luminosity at a distance or redshift, and hardness ratios, in a task."""

        def work(fit: FitResult, watch: Watch) -> dict[str, Any]:
            wanted = quantities(fit, low, high, distance, redshift)
            values = {}
            for number, (label, quantity) in enumerate(wanted.items()):
                watch(number / len(wanted))
                values[label] = quantity(level=level)
            return values

        if self.result is not None:
            wanted = quantities(self.result, low, high, distance, redshift)
            calls = [f"    {literal(words)}: {quantity_code(quantity, level)}," for words, quantity in wanted.items()]
            call = "\n".join(["fluxes = {", *calls, "}"])
        else:
            call = ""
        self._ask("Fluxes", work, lambda values: self.set_trait("fluxes", values), call)

    def scaled(self, folded: list[Floats]) -> list[Floats]:
        """Counts of the model in every observation, times the factor that the fit found for it."""
        result: FitResult | None = self.result
        if result is None or len(result.factors) != len(folded):
            return folded
        return [
            counts * result.value(f"{factor.name}.c0") for counts, factor in zip(folded, result.factors, strict=True)
        ]

    def script(self) -> str:
        """The fit as a Sherpa script; empty without a fit."""
        return "" if self.result is None else str(self.result.script())

    @property
    def _asked(self) -> tuple[object, ...]:
        """What a fit answers to."""
        model = self.model
        settings = (self.statistic, self.method, self.cross_normalisation)
        return (
            self.spectra.source.name,
            self.spectra.chosen,
            model.choice,
            model.own,
            model.band,
            model.parameters,
            settings,
        )

    def _fittable(self) -> list[Spectrum]:
        preview = self.model.preview
        if preview is None or not preview.spectra:
            reasons = {spectrum.refusal for spectrum in self.spectra.shown.values()} - {""}
            reasons |= set(self.spectra.missing.values())
            why = self.model.problem or "; ".join(sorted(reasons)) or "no observation is chosen"
            raise CscError("There is nothing to fit", why, "Choose observations with ACIS.")
        return list(preview.spectra)

    def _ask(self, label: str, question: Callable[[FitResult, Watch], T], done: Callable[[T], None], call: str) -> None:
        result: FitResult | None = self.result
        if result is None:
            raise CscError(f"{label}: there is no fit to ask", "what is shown has not been fitted", "Press Fit first.")

        def work(task: Task) -> T:
            with self._working:
                task.check()
                return question(result, _watch(task, label.lower()))

        def answered(answer: T) -> None:
            self.calls = (*self.calls, call)
            done(answer)

        self.desk.tasks.run(label, work, answered, key=label, stands=lambda: result is self.result)

    def _limit(self, spectra: list[Spectrum], counts: int) -> FluxLimit:
        from cscwidgets.science.spectra.upper_limits import flux_limit  # noqa: PLC0415 (imports Sherpa)

        model, band = self.model.make(), self.model.band
        self.model.apply(model)
        return FluxLimit(
            counts, flux_limit(spectra, model, band=band, level=_LEVEL_OF_LIMITS), _LEVEL_OF_LIMITS, band, model.label
        )

    def _forget(self) -> None:
        """Drop what was found with other settings."""
        with self.hold_trait_notifications():
            self.result = self.limit = self.goodness = self.contour = self.posterior = None
            self.intervals, self.fluxes = {}, {}

    def _note(self, *lines: str) -> None:
        self.log = (*self.log, f"{datetime.now():%H:%M:%S} {lines[0]}", *lines[1:])


def _watch(task: Task, words: str) -> Watch:
    def watch(fraction: float) -> None:
        task.report(words, fraction)
        task.check()

    return watch

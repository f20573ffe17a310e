"""The spectral model of the source in focus: chosen, drawn, and tuned by hand."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from astropy.table import Row
from traitlets import Any as AnyTrait
from traitlets import Instance, Tuple, Unicode

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError
from cscwidgets.io.json_schema import listed, number
from cscwidgets.science.absorption import nh_from_catalogue

from .keeping import FLAG, Field, Keeps, Kept
from .model_choice import CHOICE, PARAMETERS, ModelChoice, Parameter, read_choice, read_parameters
from .spectrum import SpectrumState
from .tasks import Task

if TYPE_CHECKING:  # Sherpa takes a second to import, and may not be there
    from cscwidgets.science.spectra.models import SourceModel
    from cscwidgets.science.spectra.preview import Preview

__all__ = ["CATALOGUE_BAND", "SpectralModelState"]

CATALOGUE_BAND = (0.5, 7.0)
"""Energies that the catalogue fits, keV."""


class SpectralModelState(Keeps):
    """A model of the chosen spectra.

    Attributes
    ----------
    choice : ModelChoice
        What is fitted.
    own : Sherpa model or None
        A model object of the user's, in place of the choice.
    band : (float, float)
        Energies that are fitted, keV.
    parameters : tuple of Parameter
        The model's parameters as they are drawn.
    preview : Preview or None
        The model with these parameters as the observations would see it.
    problem : str
        Why there is no model.
    """

    fields: ClassVar = {
        "choice": Field(CHOICE, asdict, read_choice),
        "band": Field(listed(number(0, 100), 2, fewest=2), list, tuple),
        "parameters": Field(PARAMETERS, lambda parameters: [asdict(one) for one in parameters], read_parameters),
        "drawn": FLAG,
    }

    choice = Instance(ModelChoice, args=())
    own = AnyTrait(None)
    band = Tuple(CATALOGUE_BAND)
    parameters = Tuple()
    preview = AnyTrait(None)
    problem = Unicode("")

    def __init__(self, spectra: SpectrumState) -> None:
        super().__init__()
        self.spectra = spectra
        self.desk = spectra.desk
        self._built: tuple[object, ...] = ()
        self.desk.when(self, ("choice", "own"), self._look)
        self.desk.when(spectra, ("spectra", "chosen", "active"), self._look)
        self.desk.when(spectra, "observations", self._forget)

    @property
    def drawn(self) -> bool:
        """Whether there is a model of the spectra."""
        return self.preview is not None

    def unkept(self) -> Iterator[str]:
        """A model object of the reader's."""
        if self.own is not None:
            yield "a model object of Sherpa that code chose"

    def renew(self, kept: Kept) -> Iterator[None]:
        """Set the model up, with the parameters as they were."""
        if not (kept["drawn"] and self.spectra.fittable):
            return
        if self._built != self._asked:
            self._build()
        yield
        if [one.name for one in self.parameters] == [one.name for one in kept["parameters"]]:
            self.parameters = kept["parameters"]

    def choose(self, model: ModelChoice | str | Any) -> None:
        """Choose a model: an emission behind the gas that is chosen, a whole expression, or a Sherpa model object."""
        with self.hold_trait_notifications():
            if isinstance(model, str):
                model = replace(self.choice, emission=model.strip())
            if isinstance(model, ModelChoice):
                self.choice, self.own = model, None
            else:
                self.own = model

    def take_recipe(self, recipe: ModelChoice) -> None:
        """Choose a model of the catalogue's, and the band in which the catalogue fits."""
        self.choose(recipe)
        self.band = CATALOGUE_BAND

    def change(self, name: str, **changes: Any) -> None:
        """Change a parameter: its `value`, whether it is `fixed`, or what it is `tied_to`.

        Raises
        ------
        CscError
            If there is no such parameter, or its bounds or ties do not allow it.
        """
        before = {parameter.name: parameter for parameter in self.parameters}
        if name not in before:
            raise CscError(f"No parameter {name}", f"{self.choice.expression} has {', '.join(before)}")
        new = replace(before[name], **changes)
        if new == before[name]:
            return
        if new.tied_to:
            leader = before.get(new.tied_to)
            if leader is None or leader.tied_to or new.tied_to == name:
                raise CscError(f"{name} was not tied to {new.tied_to}", "that parameter is itself tied")
            if any(parameter.tied_to == name for parameter in self.parameters):
                raise CscError(f"{name} was not tied to {new.tied_to}", "other parameters are tied to it")
        parameters = _tied([new if parameter.name == name else parameter for parameter in self.parameters])
        for parameter in parameters:
            if not parameter.low <= parameter.value <= parameter.high:
                raise CscError(
                    f"{name} was not changed",
                    f"the value {parameter.value:g} is outside"
                    f" {parameter.low:g} to {parameter.high:g} of {parameter.name}",
                )
        self.parameters = parameters

    def folded(self) -> list[Floats]:
        """Counts of the model in every channel of every fittable spectrum; none without a model."""
        preview: Preview | None = self.preview
        if preview is None:
            return []
        self.apply(preview.model)
        return preview.counts()

    def make(self) -> SourceModel:
        """A model of its own for every use: fits run beside what is drawn."""
        from cscwidgets.science.spectra.models import source_model  # noqa: PLC0415 (imports Sherpa)

        if self.own is not None:
            return source_model(copy.deepcopy(self.own))
        return source_model(self.choice.expression, abundances=self.choice.abundances)

    def apply(self, model: SourceModel) -> None:
        """Give a model these parameters' values."""
        for parameter in self.parameters:
            if not parameter.tied_to and parameter.name in model.parameters:
                model.parameter(parameter.name).val = parameter.value
        for parameter in self.parameters:
            if parameter.tied_to:
                model.parameter(parameter.name).val = model.parameter(parameter.tied_to).val

    def adopt(self, model: SourceModel) -> None:
        """Take over the values of a model of the same kind."""
        self.parameters = tuple(
            replace(parameter, value=float(model.parameters[parameter.name].val)) for parameter in self.parameters
        )

    def settle(self, *keys: str) -> None:
        """Have the spectra and their model, and raise what they, or a question about them, failed with."""
        self.spectra.settle()
        if self._built != self._asked:
            self._build()
        self.spectra.source.settle("spectra", "spectral model", *keys)

    def _look(self) -> None:
        # Who comes back to the panel finds parameters and fit as they were.
        if self.spectra.active and self._built != self._asked:
            self._build()

    def _forget(self) -> None:
        """Another source: the model that is drawn is not of its spectra."""
        self._built = ()
        with self.hold_trait_notifications():
            self.preview, self.parameters = None, ()

    @property
    def _asked(self) -> tuple[object, ...]:
        """What a model is made of; by the objects' identity, since they are not compared."""
        return (*self._question, *map(id, self.spectra.fittable))

    @property
    def _question(self) -> tuple[object, ...]:
        return self.spectra.source.name, self.spectra.chosen, self.choice, id(self.own)

    def _build(self) -> None:
        """Make model and preview anew, in a task: the first import of Sherpa takes a second."""
        spectra, band = self.spectra.fittable, self.band
        asked, question = self._asked, self._question
        before = {parameter.name: parameter for parameter in self.parameters}
        galactic = (self.choice.galactic, _galactic_column(self.spectra.source.row))

        def work(_: Task) -> Preview | str:
            try:
                from cscwidgets.science.spectra.preview import Preview  # noqa: PLC0415 (imports Sherpa)

                model = self.make()
                # Amplitudes of another model or of other spectra say nothing.
                _begin(
                    model,
                    {name: parameter for name, parameter in before.items() if parameter.fixed or not parameter.is_norm},
                    *galactic,
                )
                preview = Preview(spectra, model)
            except CscError as error:  # no Sherpa, or no such model: it is said where the model is chosen
                return str(error)
            preview.scale_to_data(*band)
            return preview

        def done(preview: Preview | str) -> None:
            self._built = asked
            with self.hold_trait_notifications():
                self.problem = preview if isinstance(preview, str) else ""
                self.preview = None if isinstance(preview, str) else preview
                self.parameters = () if isinstance(preview, str) else _parameters(preview.model)

        self.desk.tasks.run(
            "Setting the model up", work, done, key="spectral model", stands=lambda: question == self._question
        )


def _parameters(model: SourceModel) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(name, float(par.val), float(par.min), float(par.max), str(par.units), bool(par.frozen))
        for name, par in model.parameters.items()
        if not (par.hidden or par.alwaysfrozen)
    )


def _begin(model: SourceModel, before: dict[str, Parameter], galactic: str, column: float) -> None:
    """Take over values from the model before; columns begin at the Galactic one."""
    for name, parameter in model.parameters.items():
        if name.endswith(".nH") and column > 0 and name not in before:
            parameter.val = column
        if name in before:
            parameter.val = np.clip(before[name].value, parameter.min, parameter.max)
            parameter.frozen = before[name].fixed
        if name == galactic and column > 0:
            parameter.set(column, frozen=True)


def _galactic_column(row: Row | None) -> float:
    """1e22 cm**-2; NaN where the catalogue does not tell."""
    if row is None or "nh_gal" not in row.colnames or np.ma.is_masked(row["nh_gal"]):
        return np.nan
    return nh_from_catalogue(float(getattr(row["nh_gal"], "value", row["nh_gal"])))


def _tied(parameters: list[Parameter]) -> tuple[Parameter, ...]:
    """The parameters with those that follow others at their values."""
    values = {parameter.name: parameter.value for parameter in parameters}
    return tuple(
        replace(parameter, value=values[parameter.tied_to]) if parameter.tied_to else parameter
        for parameter in parameters
    )

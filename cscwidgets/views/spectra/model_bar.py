"""What is fitted: the emission, the gas before it, and the catalogue's own recipes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import ipywidgets

from ...science.absorption import ABSORBERS, ABUNDANCES
from ...state.model_choice import ABSORPTIONS, CATALOGUE_RECIPES, ModelChoice
from ...state.spectral_model import SpectralModelState
from ..bind import Bindings
from ..callbacks import Guard
from ..controls import dropdown, field, note, row, spoken

__all__ = ["ModelBar"]

_EMISSIONS = (
    *("powerlaw", "bbody", "bremss"),
    *("powerlaw+bbody", "powerlaw+bremss", "bbody+bremss"),
    *("apec", "diskbb", "apec+powerlaw", "diskbb+powerlaw"),
)
_ANY = "–"


class ModelBar:
    """Chooses a model: what shines in the `widget`, the gas before it and the catalogue's recipes in the `settings`.

    Parameters
    ----------
    model : SpectralModelState
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, model: SpectralModelState, guard: Guard) -> None:
        self._model = model
        self._bind = bind = Bindings(guard)
        self._emission = field(
            ipywidgets.Combobox(
                description="Emission",
                options=_EMISSIONS,
                continuous_update=False,
                placeholder="powerlaw+bbody, or any XSPEC expression",
                tooltip="What shines: powerlaw+bbody, or any XSPEC expression",
            )
        )
        self._absorption = field(dropdown("behind", [(words, key) for key, words in ABSORPTIONS.items()], ""))
        self._absorber = field(dropdown("", [(name, name) for name in ABSORBERS], ""), "90px")
        self._abundances = field(dropdown("", [(f"{name} abundances", name) for name in ABUNDANCES], ""), "142px")
        spoken(self._absorber, "Model of the absorbing gas")
        spoken(self._abundances, "Abundances of the elements")
        self._recipe = field(dropdown("Recipe", [(_ANY, _ANY), *((words, words) for words in CATALOGUE_RECIPES)], ""))
        self._words = ipywidgets.HTML()
        self._words.add_class("csc-model-words")
        self.widget = ipywidgets.VBox([self._emission, self._words])
        self.settings = (self._absorption, row(self._absorber, self._abundances), self._recipe)
        controls = {
            "emission": self._emission,
            "absorption": self._absorption,
            "absorber": self._absorber,
            "abundances": self._abundances,
        }
        for name, control in controls.items():
            bind.when_chosen(control, partial(self._choose, name))
        self._controls = controls
        bind.when_chosen(self._recipe, self._take)
        bind.when(model, ("choice", "own", "problem"), self._show)
        self._show()

    def _choose(self, name: str, value: Any) -> None:
        if value:
            self._model.choose(replace(self._model.choice, **{name: value.strip()}))

    def _take(self, words: str) -> None:
        if words != _ANY:
            self._model.take_recipe(CATALOGUE_RECIPES[words])

    def _show(self) -> None:
        choice: ModelChoice = self._model.choice
        with self._bind.showing():
            for name, control in self._controls.items():
                control.value = getattr(choice, name)
            recipes = [words for words, recipe in CATALOGUE_RECIPES.items() if recipe == choice]
            self._recipe.value = recipes[0] if recipes and self._model.own is None else _ANY
        self._absorption.disabled = choice.is_whole
        if self._model.problem:
            words = f"<b>{escape(self._model.problem)}</b>"
        elif self._model.own is not None:
            words = f"A Sherpa model of your own: <b>{escape(str(self._model.own.name))}</b>"
        else:
            gas = f"{ABSORBERS.get(choice.absorber, '')}, {choice.abundances} abundances"
            gas = f" ({gas})" if choice.absorbs else ""
            whole = escape(f"{choice.expression}{gas}")
            words = f'<div class="csc-one-line" title="{whole}"><b>{escape(choice.expression)}</b></div>'
        self._words.value = note(words)

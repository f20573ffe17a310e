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
from ..controls import dropdown, note, row

__all__ = ["ModelBar"]

_EMISSIONS = (
    *("powerlaw", "bbody", "bremss"),
    *("powerlaw+bbody", "powerlaw+bremss", "bbody+bremss"),
    *("apec", "diskbb", "apec+powerlaw", "diskbb+powerlaw"),
)
_ANY = "–"


class ModelBar:
    """Chooses a model.

    Parameters
    ----------
    model : SpectralModelState
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, model: SpectralModelState, guard: Guard) -> None:
        self._model = model
        self._bind = bind = Bindings(guard)
        self._emission = ipywidgets.Combobox(
            description="Emission",
            options=_EMISSIONS,
            continuous_update=False,
            placeholder="powerlaw+bbody, or any XSPEC expression",
            layout=ipywidgets.Layout(width="300px"),
            style={"description_width": "60px"},
        )
        self._absorption = dropdown("behind", [(words, key) for key, words in ABSORPTIONS.items()], "300px")
        self._absorber = dropdown("", [(name, name) for name in ABSORBERS], "90px")
        self._abundances = dropdown("", [(f"{name} abundances", name) for name in ABUNDANCES], "150px")
        self._recipe = dropdown("Recipe", [(_ANY, _ANY), *((words, words) for words in CATALOGUE_RECIPES)], "260px")
        for control in (self._absorption, self._recipe):
            control.style.description_width = "52px"
        self._words = ipywidgets.HTML()
        self.widget = ipywidgets.VBox(
            [
                row(self._emission, self._absorption, self._absorber, self._abundances, self._recipe),
                self._words,
            ]
        )
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
            words = f"<b>{escape(choice.expression)}</b>" + (f" ({gas})" if choice.absorbs else "")
        self._words.value = note(words)

"""Which column of a catalogue is its position, error, motion: as guessed, to be edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import astropy.units as u
import ipywidgets

from ...state.crossmatch import CrossmatchState
from ..bind import Bindings
from ..callbacks import Guard

__all__ = ["RolesForm"]

_WORDS = {
    "name": "identifier",
    "ra": "right ascension",
    "dec": "declination",
    "epoch": "epoch",
    "major": "error, major axis",
    "minor": "error, minor axis",
    "angle": "position angle",
    "ra_error": "error in RA",
    "dec_error": "error in Dec",
    "correlation": "their correlation",
    "pmra": "motion in RA",
    "pmdec": "motion in Dec",
}
_NONE = "–"
_CONTENTS = [("1 sigma", None), ("63% (XMM)", 0.632), ("68%", 0.6827), ("90%", 0.9), ("95%", 0.95), ("99%", 0.99)]
_UNITS = [("arcsec", u.arcsec), ("mas", u.mas), ("deg", u.deg)]
_OF_ERRORS = {"content": ("errors are of", _CONTENTS), "error_unit": ("errors without unit in", _UNITS)}


class RolesForm:
    """A choice for each role.

    Parameters
    ----------
    state : CrossmatchState
        Whose objects have the columns.
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, state: CrossmatchState, guard: Guard) -> None:
        self._state = state
        self._bind = bind = Bindings(guard)
        self._boxes = {role: _box(words, [(_NONE, "")]) for role, words in _WORDS.items()}
        self._boxes |= {role: _box(words, options) for role, (words, options) in _OF_ERRORS.items()}
        self._guess = ipywidgets.Button(description="Guess again", icon="magic")
        bind.when_pressed(self._guess, self._guess_again)
        self.widget = ipywidgets.VBox([*self._boxes.values(), self._guess])
        for box in self._boxes.values():
            bind.when_chosen(box, lambda _: self._edited())
        bind.when(state, ("objects", "roles"), self._show)
        self._show()

    def _show(self) -> None:
        roles = self._state.guessed_roles
        columns = [(_NONE, ""), *((name, name) for name in self._state.objects.colnames)]
        for role, box in self._boxes.items():
            value = getattr(roles, role)
            options = columns if role in _WORDS else _OF_ERRORS[role][1]
            if value not in dict(options).values():
                options = [*options, (str(value), value)]
            self._bind.offer(box, options, value)

    def _edited(self) -> None:
        values: dict[str, Any] = {role: box.value for role, box in self._boxes.items()}
        self._state.roles = replace(self._state.guessed_roles, **values)

    def _guess_again(self) -> None:
        self._state.roles = None
        self._show()


def _box(words: str, options: Sequence[tuple[str, Any]]) -> ipywidgets.Dropdown:
    box = ipywidgets.Dropdown(options=options, description=words, layout=ipywidgets.Layout(width="auto"))
    box.style.description_width = "136px"
    return box

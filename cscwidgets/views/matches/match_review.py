"""Looking at counterparts one source after another: its candidates, and a decision."""

from __future__ import annotations

from html import escape

import ipywidgets
import numpy as np
from astropy.table import QTable

from ...errors import CscError
from ...science.masked import plain
from ...science.matches.counterparts import NO_COUNTERPART
from ...state.crossmatch import CrossmatchState
from ..bind import Bindings
from ..controls import dropdown, note, row
from .match_diagrams import magnitudes

__all__ = ["MatchReview"]

_WHICH = [("to review", "to review"), ("matched", "matched"), ("none", "none"), ("reviewed", "reviewed"), ("all", "")]
_MOST = 12  # candidates listed
_VIEW = 3.0  # search radii across the sky: its height still holds all candidates


class MatchReview:
    """Next and previous source, its candidates, and what to take.

    Parameters
    ----------
    state : CrossmatchState

    Attributes
    ----------
    controls : list of Widget
        Which sources, and the way from one to the next.
    """

    def __init__(self, state: CrossmatchState) -> None:
        self._state = state
        explorer = state.explorer
        self._which = dropdown("Look at", _WHICH, "auto")
        self._which.style.description_width = "initial"
        buttons = {
            "previous": ("Previous", "arrow-left"),
            "next": ("Next", "arrow-right"),
            "take": ("Take this one", "check"),
            "none": ("No counterpart", "ban"),
            "undo": ("Undecided", "undo"),
        }
        self._buttons = {key: ipywidgets.Button(description=words, icon=icon) for key, (words, icon) in buttons.items()}
        self._candidate = ipywidgets.RadioButtons(tooltip="Candidates", layout=ipywidgets.Layout(width="auto"))
        self._candidate.add_class("csc-candidates")
        self._words = ipywidgets.HTML()
        self.controls = [self._which, self._buttons["previous"], self._buttons["next"]]
        self.widget = ipywidgets.VBox(
            [self._words, self._candidate, row(*(self._buttons[key] for key in ("take", "none", "undo")))]
        )
        self.widget.add_class("csc-review")
        actions = {
            "previous": lambda: self.step(-1),
            "next": lambda: self.step(1),
            "take": self._take,
            "none": lambda: self._decide(NO_COUNTERPART),
            "undo": lambda: self._decide(None),
        }
        bind = Bindings(explorer.desk.messages.guard)
        for key, action in actions.items():
            bind.when_pressed(self._buttons[key], action)
        bind.when(self._which, "value", self.show)
        bind.when(explorer, "focus", self.show)
        bind.when(state, "counterparts", self.show)
        self.show()

    @property
    def names(self) -> list[str]:
        """The sources to step through, in the table's order."""
        table = self._state.counterparts
        if not len(table):
            return []
        wanted = self._which.value
        if wanted == "reviewed":
            rows = np.asarray(table["reviewed"])
        else:
            rows = np.asarray(table["verdict"]) == wanted if wanted else np.ones(len(table), bool)
        return [str(name) for name in table["name"][rows]]

    def step(self, by: int) -> None:
        """Bring the next or the previous source into focus; from a source that is not among them, the nearest."""
        names, table = self.names, self._state.counterparts
        if not names:
            why = f"no source is {self._which.label}" if len(table) else "nothing was matched"
            raise CscError("There is nothing to look at", why)
        order = {str(name): at for at, name in enumerate(table["name"])}
        here = order.get(self._state.explorer.focus, -1)
        places = np.array([order[name] for name in names])
        at = np.searchsorted(places, here, "right") if by > 0 else np.searchsorted(places, here, "left") - 1
        self.visit(names[int(at) % len(names)])

    def visit(self, name: str) -> None:
        """Bring a source into focus, and the sky so close that its candidates are told apart."""
        self._state.explorer.visit(name, _VIEW * self._state.radius / 3600)

    def show(self) -> None:
        """Show the candidates of the source in focus."""
        state = self._state
        name = state.explorer.focus
        candidates = state.candidates(name) if name else QTable()
        names = self.names
        place = f"{names.index(name) + 1:,} of " if name in names else ""
        objects = candidates["catalogue_row"].tolist() if len(candidates) else []
        taken = state.decisions.get(name)
        listed = [at for at, row in enumerate(objects) if at < _MOST or row == taken]
        self._candidate.options = [(_line(candidates, at), objects[at]) for at in listed]
        self._candidate.value = taken if taken in objects else objects[0] if objects else None
        left_out = len(objects) - len(listed)
        more = f", {left_out:,} more are not listed" if left_out else ""
        self._words.value = note(f"{place}{len(names):,} sources. {escape(self._verdict(name))}{more}")
        for key in ("previous", "next"):
            self._buttons[key].disabled = not names
        self._buttons["take"].disabled = not objects
        self._buttons["none"].disabled = self._row(name) is None
        self._buttons["undo"].disabled = name not in state.decisions

    def _row(self, name: str) -> int | None:
        table = self._state.counterparts
        at = np.flatnonzero(np.asarray(table["name"]) == name) if len(table) else np.empty(0, int)
        return int(at[0]) if len(at) else None

    def _verdict(self, name: str) -> str:
        at = self._row(name)
        if at is None:
            return "Bring a matched source into focus." if self._state.match else ""
        table = self._state.counterparts
        decided = " by you" if bool(table["reviewed"][at]) else ""
        p_any, number = float(table["p_any"][at]), int(table["candidates"][at])
        return f"{name}: {table['verdict'][at]}{decided}; p_any {p_any:.3f}, {number} candidates"

    def _take(self) -> None:
        if self._candidate.value is None:
            raise CscError("Nothing was decided", "no candidate is chosen")
        self._decide(int(self._candidate.value))

    def _decide(self, chosen: int | None) -> None:
        self._state.decide(self._state.explorer.focus, chosen)


def _line(candidates: QTable, at: int) -> str:
    """A candidate in a line: name, separation, probability, flag, magnitudes."""
    one = candidates[at]
    name = str(one["catalogue_name"]) if "catalogue_name" in candidates.colnames else f"row {one['catalogue_row']}"
    words = [
        name,
        f"{one['separation'].to_value('arcsec'):.2f}″",
        f"{float(one['sigmas']):.1f}σ",
        f"p_i {float(one['p_i']):.3f}",
        ("other", "best", "almost as good")[int(one["match_flag"])],
    ]
    for column in magnitudes(candidates)[:4]:
        value = float(plain(getattr(candidates[column], "value", candidates[column]))[at])
        words.append(f"{column} {value:.2f}" if np.isfinite(value) else f"no {column}")
    return "  ·  ".join(words)

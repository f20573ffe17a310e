"""The selection bus: one set of source names that every view reads and may change.

A view publishes what was picked in it; the bus combines that with what was selected before and
all views redraw from the result. Names, never row numbers: sorting, filtering and asking anew
keep a selection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from traitlets import Bool, Enum, Instance, Int

from cscwidgets.errors import CscError
from cscwidgets.io.json_schema import listed

from .keeping import Field, Keeps, Kept
from .name_sets import NAMES, NameSet

__all__ = ["MODES", "Clause", "Mode", "Selection"]

Mode = Literal["new", "add", "remove", "intersect"]
MODES: tuple[Mode, ...] = get_args(Mode)

_HISTORY = 100


@dataclass(frozen=True, slots=True)
class Clause:
    """What one view contributed: its key, how it was meant, and which sources."""

    source: str
    mode: Mode
    names: frozenset[str]

    def applied_to(self, selected: frozenset[str]) -> frozenset[str]:
        """The selection after this clause."""
        if self.mode == "new":
            return self.names
        if self.mode == "add":
            return selected | self.names
        if self.mode == "remove":
            return selected - self.names
        return selected & self.names


def _sets(history: Sequence[frozenset[str]]) -> list[NameSet]:
    return [NameSet(names) for names in history]


_STEPS = Field(listed(NAMES, _HISTORY), _sets)


class Selection(Keeps):
    """The one selection of an explorer.

    Attributes
    ----------
    names : frozenset of str
        What is selected now, of the sources that are there.
    mode : str
        How the next pick combines with it: new, add, remove or intersect.
    count, can_undo, can_redo
        For controls to show.
    clause : Clause or None
        The last contribution.
    """

    plain: ClassVar = ("mode",)
    fields: ClassVar = {"past": _STEPS, "present": Field(NAMES, NameSet), "future": _STEPS}

    names = Instance(frozenset, args=())
    mode = Enum(MODES, default_value="new")
    count = Int(0)
    can_undo = Bool(False)
    can_redo = Bool(False)
    clause = Instance(Clause, allow_none=True)

    def __init__(self) -> None:
        super().__init__()
        self._universe: Set[str] | None = None
        self._past: list[frozenset[str]] = []
        self._present: frozenset[str] = frozenset()
        self._future: list[frozenset[str]] = []

    @property
    def past(self) -> tuple[frozenset[str], ...]:
        """What `undo` goes back to, the oldest first."""
        return tuple(self._past)

    @property
    def present(self) -> frozenset[str]:
        """What is selected, those sources too that are not there now."""
        return self._present

    @property
    def future(self) -> tuple[frozenset[str], ...]:
        """What `redo` goes forward to, the last first."""
        return tuple(self._future)

    def restore(self, kept: Kept) -> Iterator[None]:
        """Take a selection with its history."""
        self._past, self._future = list(kept["past"]), list(kept["future"])
        self.mode = kept["mode"]
        self._settle(kept["present"], None)
        yield from ()

    def publish(self, source: str, names: Iterable[str], mode: Mode | None = None) -> None:
        """Combine a view's pick with the selection.

        Parameters
        ----------
        source : str
            Key of the view ("sky", "hardness", "table", "code").
        names : iterable of str
            The sources picked.
        mode : str, optional
            How to combine; the mode chosen by the user unless told.

        Raises
        ------
        CscError
            If there is no such mode.
        """
        if mode is not None and mode not in MODES:
            raise CscError(f"There is no way to select {mode!r:.60}", "", f"There are {', '.join(MODES)}.")
        clause = Clause(source, mode or self.mode, frozenset(names))
        chosen = clause.applied_to(self._present)
        if chosen == self._present:
            return
        self._past.append(self._present)
        del self._past[:-_HISTORY]
        self._future.clear()
        self._settle(chosen, clause)

    def clear(self) -> None:
        """Select nothing."""
        self.publish("clear", (), "new")

    def undo(self) -> None:
        """Go back one step; does nothing at the beginning."""
        if self._past:
            self._future.append(self._present)
            self._settle(self._past.pop(), None)

    def redo(self) -> None:
        """Go forward again after an undo."""
        if self._future:
            self._past.append(self._present)
            self._settle(self._future.pop(), None)

    def set_universe(self, names: Set[str]) -> None:
        """Tell which sources there are: others stay remembered but are not selected meanwhile."""
        self._universe = names
        self._settle(self._present, self.clause)

    def _settle(self, chosen: frozenset[str], clause: Clause | None) -> None:
        self._present = chosen
        visible = chosen if self._universe is None else frozenset(chosen & self._universe)
        with self.hold_trait_notifications():
            self.clause = clause
            self.names = visible
            self.count = len(visible)
            self.can_undo = bool(self._past)
            self.can_redo = bool(self._future)

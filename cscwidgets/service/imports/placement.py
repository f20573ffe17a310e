"""Where the columns of a file went: their tables, and how certain that is."""

from __future__ import annotations

from dataclasses import dataclass, field

from cscwidgets.csc.families import Column

from .readers import RawColumn

__all__ = ["KEYS", "SURE", "Decision", "Mapped", "Placement"]

KEYS = {
    "master_source": ("name",),
    "stack_source": ("detect_stack_id", "region_id"),
    "observation_source": ("obsid", "obi", "region_id"),
    "master_stack_assoc": ("name", "detect_stack_id", "region_id"),
    "stack_observation_assoc": ("detect_stack_id", "region_id", "obsid", "obi"),
}
"""What identifies a row of each table."""

SURE = ("as told", "as the file says", "sure")
"""How certain a decision is, where there is no doubt; "likely" and "a guess" are the others."""


@dataclass(frozen=True)
class Decision:
    """Where a column of a file went, how certain that is, and why."""

    column: str
    place: str
    certainty: str
    reason: str


@dataclass(frozen=True)
class Mapped:
    """A column of a file in its place; ``known`` is None for columns the catalogue does not have."""

    raw: RawColumn
    table: str
    column: str
    known: Column | None
    factor: float = 1.0
    label: str = ""


@dataclass
class Placement:
    """The columns of one file in their tables.

    Attributes
    ----------
    columns : list of Mapped
    decisions : list of Decision
        One a column, in the file's order.
    left_out : dict
        What fits no table of the catalogue, with the reason.
    repeated : dict
        Columns that say what another one says, with the reason.
    names : list of str
        All columns of the file.
    strange : set of str
        Those that the catalogue does not have.
    """

    columns: list[Mapped] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    strange: set[str] = field(default_factory=set)

    def unknown(self, elsewhere: str) -> list[str]:
        """The columns that the catalogue does not have, in the file's order, and where they are now.

        Parameters
        ----------
        elsewhere : str
            The table that has what fits no table of the catalogue.
        """
        kept = {m.label: f"{m.table}.{m.column}" for m in self.columns if m.known is None}
        kept |= {name: f"{elsewhere}.{name}" for name in self.left_out if name in self.strange}
        return [f"{name} (kept as {kept[name]})" for name in self.names if name in kept]

"""Named subsets of the sources: what was selected once, or all of which a condition holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from traitlets import Dict, HasTraits, List

from cscwidgets.errors import CscError
from cscwidgets.export.palette import next_colour

__all__ = ["Subsets"]


class Subsets(HasTraits):
    """The subsets of an explorer. Plain values: a session can keep them.

    Attributes
    ----------
    subsets : list of dict
        Each with ``name``, ``colour``, ``shown``, and either ``names``, the sources, or ``condition``, a formula.
    """

    subsets = List(Dict())

    def __getitem__(self, name: str) -> dict[str, Any]:
        found = next((one for one in self.subsets if one["name"] == name), None)
        if found is None:
            known = ", ".join(one["name"] for one in self.subsets)
            raise CscError(f"There is no subset {name!r}", "", f"There are {known}." if known else "There is none yet.")
        return found

    def add(
        self, name: str, *, names: Iterable[str] | None = None, condition: str = "", colour: str | None = None
    ) -> None:
        """Keep a subset, in place of one of the same name, whose colour it keeps.

        Parameters
        ----------
        name : str
            Also that of its column in the table: letters, digits and underscores.
        names : iterable of str, optional
            The sources.
        condition : str
            Of which it is told instead, in every table; see `cscwidgets.science.column_expression.condition`.
        colour : str, optional
            "#rrggbb"; one that no other has unless told.

        Raises
        ------
        CscError
            If it has another name, no sources, or both.
        """
        if not name.isidentifier():
            why = f"{name!r} is no name of a column"
            raise CscError("The subset was not kept", why, "Use letters, digits and underscores, as in soft_sources.")
        if (names is None) == (not condition):
            raise CscError("The subset was not kept", "it has either sources or a condition", "Give one of the two.")
        before = next((one for one in self.subsets if one["name"] == name), {})
        taken = [one["colour"] for one in self.subsets]
        told = {"condition": condition} if names is None else {"names": sorted(names)}
        made = {
            "name": name,
            "colour": colour or before.get("colour") or next_colour(taken),
            "shown": before.get("shown", True),
            **told,
        }
        self.subsets = [made if one["name"] == name else one for one in self.subsets] + ([] if before else [made])

    def change(self, name: str, **changes: Any) -> None:
        """Another ``colour``, or whether it is ``shown``."""
        changed = {**self[name], **changes}
        self.subsets = [changed if one["name"] == name else one for one in self.subsets]

    def remove(self, name: str) -> None:
        """Forget a subset; its sources stay."""
        gone = self[name]
        self.subsets = [one for one in self.subsets if one is not gone]

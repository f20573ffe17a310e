"""A table as part of a state."""

from __future__ import annotations

from typing import Any

from astropy.table import QTable
from traitlets import HasTraits, Instance

__all__ = ["TableTrait"]


class TableTrait(Instance):  # type: ignore[type-arg]
    """A QTable, empty at first. Another table is another value, whatever it holds.

    Other traits compare what they hold: that copies both tables, and finds two of one row equal whose metadata differ.
    """

    def __init__(self) -> None:
        super().__init__(QTable, args=())

    def set(self, obj: HasTraits, value: Any) -> None:
        """Take a table, and tell observers unless it is the one that was there."""
        name, before, table = str(self.name), self.get(obj), self._validate(obj, value)
        obj._trait_values[name] = table  # noqa: SLF001 - as traitlets' own types do
        if table is not before:
            obj._notify_trait(name, before, table)  # noqa: SLF001 - as above

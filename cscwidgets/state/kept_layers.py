"""A layer or an area of one's own as a session keeps it: the path of its file, and what was chosen of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cscwidgets.io.json_schema import listed, number, record, text
from cscwidgets.science.matches.column_roles import ColumnRoles

from .area_layer import AreaLayer
from .keeping import FLAG, Field
from .kept_match import ROLES
from .user_layer import UserLayer

__all__ = ["FILES", "MOST_CHOSEN", "KeptLayer"]

MOST_CHOSEN = 50_000
"""Rows of a layer that are kept as chosen."""


@dataclass(frozen=True)
class KeptLayer:
    """A layer of a file.

    Attributes
    ----------
    path : str
        Of the file, with the table in it that is meant.
    name, colour : str
    area : bool
        Whether it is regions or a coverage map rather than a table.
    roles : ColumnRoles or None
        Of a table.
    chosen : tuple of int
        Its rows that were chosen.
    """

    path: str
    name: str
    colour: str
    area: bool
    roles: ColumnRoles | None = None
    chosen: tuple[int, ...] = ()

    @classmethod
    def of(cls, layer: UserLayer | AreaLayer) -> KeptLayer:
        """What is kept of one that came from a file."""
        if isinstance(layer, AreaLayer):
            return cls(layer.file, layer.name, layer.colour, True)
        chosen = tuple(layer.chosen.tolist()) if len(layer.chosen) <= MOST_CHOSEN else ()
        return cls(layer.file, layer.name, layer.colour, False, layer.roles, chosen)


def _write(layers: Sequence[KeptLayer]) -> list[dict[str, Any]]:
    return [{**vars(one), "roles": ROLES.write(one.roles), "chosen": list(one.chosen)} for one in layers]


def _read(kept: Sequence[dict[str, Any]]) -> tuple[KeptLayer, ...]:
    return tuple(
        KeptLayer(**{**one, "roles": ROLES.read(one["roles"]), "chosen": tuple(one["chosen"])}) for one in kept
    )


_ROW = {**number(0, 1e9), "type": "integer"}
FILES = Field(
    listed(
        record(
            {
                "path": text(4000),
                "name": text(1000),
                "colour": text(7),
                "area": FLAG.schema,
                "roles": ROLES.schema,
                "chosen": listed(_ROW, MOST_CHOSEN),
            }
        ),
        100,
    ),
    _write,
    _read,
)
"""The layers of files, in their order, areas last."""

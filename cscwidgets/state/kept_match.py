"""How a match is asked and what was decided in its review, as a session keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from astropy.table import QTable

from cscwidgets.io.json_schema import listed, nullable, number, record, text
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.units import read_unit
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.science.matches.counterparts import NO_COUNTERPART
from cscwidgets.science.matches.verdicts import Thresholds

from .keeping import Field

__all__ = ["DECISIONS", "ROLES", "THRESHOLDS", "Decision", "same_candidate"]

_SAME = 1e-4  # arcsec


@dataclass(frozen=True)
class Decision:
    """The counterpart that a reader took for a source: where it is from the source, arcsec; None for no counterpart."""

    name: str
    offset: tuple[float, float] | None

    @classmethod
    def of(cls, name: str, row: int, candidates: QTable) -> Decision:
        """The decision for a row of the catalogue."""
        if row == NO_COUNTERPART:
            return cls(name, None)
        return cls(name, _offsets(candidates)[list(candidates["catalogue_row"]).index(row)])


def same_candidate(decision: Decision, candidates: QTable) -> int | None:
    """The row of the catalogue that was decided for; None where no candidate is there any more.

    Rows count anew with each answer of a catalogue, positions stay.
    """
    if decision.offset is None:
        return NO_COUNTERPART
    for row, offset in zip(candidates["catalogue_row"] if len(candidates) else (), _offsets(candidates), strict=True):
        if np.hypot(*np.subtract(offset, decision.offset)) < _SAME:
            return int(row)
    return None


def _offsets(candidates: QTable) -> list[tuple[float, float]]:
    if not len(candidates):
        return []
    east, north = (candidates[column].to_value("arcsec").tolist() for column in ("offset_ra", "offset_dec"))
    return list(zip(east, north, strict=True))


def _read_decisions(kept: Sequence[dict[str, Any]]) -> tuple[Decision, ...]:
    return tuple(Decision(one["name"], None if one["offset"] is None else tuple(one["offset"])) for one in kept)


DECISIONS = Field(
    listed(record({"name": text(200), "offset": nullable(listed(number(), 2, fewest=2))}), 1_000_000),
    lambda decisions: [
        {"name": one.name, "offset": None if one.offset is None else list(one.offset)} for one in decisions
    ],
    _read_decisions,
)
"""What was decided."""


def _write_roles(roles: ColumnRoles | None) -> dict[str, Any] | None:
    return None if roles is None else {**asdict(roles), "error_unit": roles.error_unit.to_string()}


def _read_roles(kept: dict[str, Any] | None) -> ColumnRoles | None:
    if kept is None:
        return None
    unit = read_unit(kept["error_unit"])
    if unit is None:
        raise Unreadable(f"{kept['error_unit']!r} is no unit of errors")
    return ColumnRoles(**{**kept, "error_unit": unit})


_TEXTS = [one.name for one in fields(ColumnRoles) if one.name not in ("content", "error_unit")]

ROLES = Field(
    nullable(record({**dict.fromkeys(_TEXTS, text(200)), "content": nullable(number(0, 1)), "error_unit": text(50)})),
    _write_roles,
    _read_roles,
)
"""Which columns of the catalogue are what; null where they are guessed."""

THRESHOLDS = Field(record({"matched": number(0, 1), "none": number(0, 1)}), asdict, lambda kept: Thresholds(**kept))
"""Where verdicts change."""

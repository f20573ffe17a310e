"""What must hold for the rows that are asked for, as a session keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import astropy.units as u
import numpy as np

from cscwidgets.archive.cuts import COMPARISONS, Cut
from cscwidgets.io.json_schema import listed, number, one_of, record, text

from .keeping import Field

__all__ = ["CONDITIONS", "CUTS"]

_MOST = 200
_VALUE = {"anyOf": [text(), number(), {"type": "boolean"}, {"type": "null"}]}
_CUT = record(
    {
        "column": text(200),
        "comparison": one_of(COMPARISONS),
        "value": {"anyOf": [*_VALUE["anyOf"], listed(_VALUE, 2, fewest=2)]},
        "unit": text(100),
    }
)


def _written(cut: Cut | str) -> dict[str, Any] | str:
    if isinstance(cut, str):
        return cut
    value, unit = cut.value, cut.unit
    if isinstance(value, tuple | list) and any(isinstance(one, u.Quantity) for one in value):
        value = u.Quantity(value)
    if isinstance(value, u.Quantity):
        value, unit = value.value, str(value.unit)
    value = np.asarray(value).tolist() if isinstance(value, np.ndarray | np.generic | tuple) else value
    return {"column": cut.column, "comparison": cut.comparison, "value": value, "unit": unit}


def _read(kept: dict[str, Any] | str) -> Cut | str:
    if isinstance(kept, str):
        return kept
    value = kept["value"]
    return Cut(kept["column"], kept["comparison"], tuple(value) if isinstance(value, list) else value, kept["unit"])


def _all_written(cuts: Sequence[Cut | str]) -> list[dict[str, Any] | str]:
    return [_written(cut) for cut in cuts]


def _all_read(kept: Sequence[dict[str, Any] | str]) -> tuple[Cut | str, ...]:
    return tuple(_read(one) for one in kept)


CUTS = Field(listed(_CUT, _MOST), _all_written, _all_read)
"""Cuts."""

CONDITIONS = Field(listed({"anyOf": [_CUT, text(20_000)]}, _MOST), _all_written, _all_read)
"""Cuts, and conditions in ADQL."""

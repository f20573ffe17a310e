"""A list of positions and names as a session keeps it: as it was read."""

from __future__ import annotations

from typing import Any

import numpy as np

from cscwidgets.archive.lists.reading import MOST
from cscwidgets.arrays import Floats
from cscwidgets.io.json_schema import listed, nullable, number, one_of, record, text
from cscwidgets.io.reading import Unreadable
from cscwidgets.sky.position_list import PositionList

__all__ = ["LIST", "kept_list", "read_kept_list"]

_TEXTS = ("text", "name", "unresolved", "problem")
_DEGREES = ("ra", "dec")
_LIMITS = {"ra": 360.0, "dec": 90.0}

LIST = nullable(
    record(
        {
            "line": listed({**number(0, 1e9), "type": "integer"}, MOST),
            **dict.fromkeys(_TEXTS, listed(text(), MOST)),
            **{name: listed(nullable(number(-limit, limit)), MOST) for name, limit in _LIMITS.items()},
            "blur": listed(nullable(number(0)), MOST),
            "notes": listed(text(), 100),
            "what": one_of(["line", "row"]),
        }
    )
)
"""In JSON; degrees of ICRS and arcsec, null for what has no position."""


def kept_list(rows: PositionList | None) -> dict[str, Any] | None:
    """A list, plain."""
    if rows is None:
        return None
    return {
        "line": np.asarray(rows.line).tolist(),
        **{name: [str(one)[:1000] for one in getattr(rows, name)] for name in _TEXTS},
        **{name: _finite(getattr(rows, name)) for name in (*_DEGREES, "blur")},
        "notes": [note[:1000] for note in rows.notes[:100]],
        "what": rows.what,
    }


def read_kept_list(kept: dict[str, Any] | None) -> PositionList | None:
    """The list of a record that is as the schema says.

    Raises
    ------
    Unreadable
        If its columns are not of one length.
    """
    if kept is None:
        return None
    if len({len(kept[name]) for name in ("line", *_TEXTS, *_DEGREES, "blur")}) != 1:
        raise Unreadable("the columns of a list differ in length")
    numbers = {name: np.array([np.nan if one is None else one for one in kept[name]]) for name in (*_DEGREES, "blur")}
    others: dict[str, Any] = {**numbers, **{name: kept[name] for name in (*_TEXTS, "what")}}
    return PositionList(line=np.array(kept["line"], int), notes=tuple(kept["notes"]), **others)


def _finite(values: Floats) -> list[float | None]:
    return [float(one) if np.isfinite(one) else None for one in values]

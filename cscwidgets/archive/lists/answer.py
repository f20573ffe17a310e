"""The answer to a list: a row for each of its rows, and what they are in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import astropy.units as u
import numpy as np
from astropy.io.misc.yaml import AstropyDumper
from astropy.table import MaskedColumn, QTable

from cscwidgets.arrays import Flags, Integers
from cscwidgets.sky.position_list import PositionList

from .matching import Nearest

__all__ = [
    "FOUND",
    "NEAR_FIELD",
    "NOT_FOUND",
    "NOT_OBSERVED",
    "NOT_UNDERSTOOD",
    "OBSERVED",
    "OTHER_NAME",
    "OTHER_SOURCES",
    "STATUSES",
    "ListSources",
    "answer_table",
    "in_words",
]

FOUND, OBSERVED, NOT_OBSERVED = "found", "observed", "not observed"
NEAR_FIELD = "near a field"
"""A stack's field may cover the position: its outline or sensitivity map would tell."""
NOT_FOUND = "not found"
"""No source, and the archive does not tell where was observed."""
NOT_UNDERSTOOD = "not understood"
OTHER_NAME = "no source of this name: by its position"
OTHER_SOURCES = "no source of this name for which the conditions hold"
STATUSES = (FOUND, OBSERVED, NEAR_FIELD, NOT_OBSERVED, NOT_FOUND, NOT_UNDERSTOOD)

_DESCRIPTIONS = {
    "line": "Number of the line, row or position in the list",
    "input": "What stands there",
    "status": "What it is: found, observed, near a field, not observed, not found, not understood",
    "name": "The nearest catalogue source that it may be",
    "separation": "From that source",
    "candidates": "How many sources it may be: more than one is ambiguous",
    "repeats": "Number of the first that is the same source, or the same position",
    "ra": "Position in the list, ICRS",
    "dec": "Position in the list, ICRS",
    "n_stacks": "How many detect stacks these are",
    "stacks": "Detect stacks that cover it, or may where no outline was read, the nearest first",
    "note": "What is to be said of it",
}


class ListSources(QTable):  # type: ignore[misc]
    """The sources of a list, in the ``meta`` of its answer: a file of that, as ECSV, only says how many they were."""


AstropyDumper.add_representer(
    ListSources, lambda dumper, sources: dumper.represent_str(f"{len(sources):,} sources, not in this file")
)


def answer_table(
    listed: PositionList,
    nearest: Nearest,
    names: Sequence[str],
    stacks: Sequence[Sequence[str]] | None,
    notes: Sequence[str],
) -> QTable:
    """A row for each row of a list, in order.

    Parameters
    ----------
    listed : PositionList
    nearest : Nearest
        Which source each is.
    names : sequence of str
        Of the sources.
    stacks : sequence of sequence of str or None
        Those near each row; None where the archive does not tell.
    notes : sequence of str
        Of each row.
    """
    name = np.array([names[row] if row >= 0 else "" for row in nearest.row], dtype=str)
    status = np.where(listed.placed, NOT_FOUND if stacks is None else NOT_OBSERVED, NOT_UNDERSTOOD).astype("U14")
    near = [()] * len(listed) if stacks is None else stacks
    counts = np.array([len(each) for each in near], int)
    status[(counts > 0) & listed.placed] = NEAR_FIELD
    status[nearest.row >= 0] = FOUND
    repeats, first = _repeats(listed, nearest.row)
    table = QTable(
        {
            "line": listed.line,
            "input": np.array(listed.text, dtype=str),
            "status": status,
            "name": name,
            "separation": nearest.separation * u.arcsec,
            "candidates": nearest.candidates,
            "repeats": MaskedColumn(first, mask=~repeats),
            "ra": listed.ra * u.deg,
            "dec": listed.dec * u.deg,
            "n_stacks": counts,
            "stacks": np.array([" ".join(each) for each in near], dtype=str),
            "note": np.array(notes, dtype=str),
        }
    )
    for column, words in _DESCRIPTIONS.items():
        table[column].info.description = words
    return table


def _repeats(listed: PositionList, source: Integers) -> tuple[Flags, Integers]:
    """Which rows are the same as an earlier one, and that one's number."""
    seen: dict[object, int] = {}
    repeats, first, placed = np.zeros(len(listed), bool), listed.line.copy(), listed.placed
    for row, (ra, dec) in enumerate(zip(listed.ra.tolist(), listed.dec.tolist(), strict=True)):
        if placed[row] or source[row] >= 0:
            key = int(source[row]) if source[row] >= 0 else (ra, dec)
            line = int(listed.line[row])
            first[row] = seen.setdefault(key, line)
            repeats[row] = first[row] != line
    return repeats, first


def in_words(table: QTable) -> str:
    """What a list's rows are.

    Examples
    --------
    >>> in_words(QTable({"status": ["found", "found", "not observed"], "candidates": [1, 2, 0], "repeats": [0, 0, 0]}))
    '2 found, 1 not observed; 1 ambiguous'
    """
    counts = Counter(map(str, table["status"]))
    words = ", ".join(f"{counts[status]:,} {status}" for status in STATUSES if counts[status])
    more = []
    if ambiguous := int(np.count_nonzero(np.asarray(table["candidates"]) > 1)):
        more.append(f"{ambiguous:,} ambiguous")
    mask = np.ma.getmaskarray(np.ma.asarray(table["repeats"]))
    if mask.any() and (repeated := int(np.count_nonzero(~mask))):
        more.append(f"{repeated:,} repeat{'s' if repeated == 1 else ''} an earlier one")
    if "note" in table.colnames and (other := int(np.count_nonzero(np.asarray(table["note"]) == OTHER_NAME))):
        more.append(f"{other:,} by position, since the archive has no source of their name")
    return "; ".join([words or "nothing", *more])

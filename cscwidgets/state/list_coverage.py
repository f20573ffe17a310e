"""Where the rows of a list were observed, by stacks' outlines, and how faint a source would have been seen there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np
from astropy.table import QTable, Table

from cscwidgets.archive import Archive
from cscwidgets.archive.lists.answer import FOUND, NEAR_FIELD, NOT_OBSERVED, OBSERVED
from cscwidgets.arrays import Flags, Integers
from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.products import Owner
from cscwidgets.errors import CscError
from cscwidgets.science.maps.field_of_view import FieldOfView, read_field_of_view
from cscwidgets.science.maps.limits_at import limits_at
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX, read_sensitivity_map

from .product_files import fetch_files
from .tasks import Task

__all__ = ["fetch_limits", "fetch_outlines", "stacks_of", "with_limits", "with_outlines"]


def stacks_of(answer: QTable, rows: Flags | None = None) -> list[str]:
    """The stacks near some rows of a list's answer, or all, each once."""
    cells = answer["stacks"] if rows is None else answer["stacks"][rows]
    return sorted({stack for cell in cells for stack in str(cell).split()})


def fetch_outlines(archive: Archive, answer: QTable, stacks: Collection[str], task: Task) -> QTable:
    """The answer with which of some stacks cover each row, by their outlines.

    Raises
    ------
    CscError
        If the archive does not answer. An outline that cannot be had is no error: its stack stays.
    """
    if not stacks:
        return answer
    files, _ = fetch_files(archive, _table(stacks), "stkfov", "outline of it", task)
    outlines = {}
    for stack, path in _checked(files, task, "outlines"):
        try:
            outlines[stack] = read_field_of_view(path)
        except CscError:  # as of one that cannot be had
            continue
    return with_outlines(answer, outlines)


def fetch_limits(archive: Archive, answer: QTable, band: str, threshold: str, task: Task) -> QTable:
    """The answer with the lowest limit at each row that has no source; see `with_limits`.

    Raises
    ------
    CscError
        If the archive does not answer.
    """
    stacks = stacks_of(answer, _without_source(answer))
    files: Mapping[Owner, Path] = {}
    if stacks:
        words = f"sensitivity map of it in the {BANDS[band].name} band"
        files, _ = fetch_files(archive, _table(stacks), "sensity", words, task, bands=band)
    return with_limits(answer, _checked(files, task, "sensitivity maps"), band, threshold)


def with_outlines(answer: QTable, outlines: Mapping[str, FieldOfView]) -> QTable:
    """A copy of an answer whose rows name the stacks that cover them; a stack without an outline stays named.

    A row near a field was observed if an outline holds it, and not if all outlines are known and none does.

    Parameters
    ----------
    answer : QTable
        Of `Archive.search_list`.
    outlines : mapping of str to FieldOfView
        By the stack's name.
    """
    result = answer.copy()
    ra, dec = answer["ra"].value, answer["dec"].value
    members = _rows_of(answer)
    covered = np.zeros(len(answer), bool)
    outside: dict[int, set[str]] = {}
    for stack, outline in outlines.items():
        rows = members.get(stack, np.empty(0, int))
        inside = outline.contains(ra[rows], dec[rows]) if len(rows) else np.empty(0, bool)
        covered[rows[inside]] = True
        for row in rows[~inside].tolist():
            outside.setdefault(row, set()).add(stack)
    cells = [
        [stack for stack in str(cell).split() if stack not in outside.get(row, ())]
        for row, cell in enumerate(answer["stacks"])
    ]
    left = np.array([len(cell) > 0 for cell in cells], bool)
    status = answer["status"].copy()
    near = np.asarray(status) == NEAR_FIELD
    status[near & covered] = OBSERVED
    status[near & ~left] = NOT_OBSERVED
    result["status"] = status
    result["stacks"] = np.array([" ".join(cell) for cell in cells], dtype=str)
    result["n_stacks"] = np.array([len(cell) for cell in cells], int)
    for name in ("status", "stacks", "n_stacks"):
        result[name].info.description = answer[name].info.description
    return result


def with_limits(answer: QTable, maps: Iterable[tuple[str, Path]], band: str, threshold: str) -> QTable:
    """A copy of an answer with ``limit``, ``limit_stack``, ``band`` and ``level`` of the rows without a source.

    The catalogue holds what any stack shows, so that the lowest limit counts. A row that a map covers was observed.

    Parameters
    ----------
    answer : QTable
        Of `Archive.search_list`.
    maps : iterable of (str, path)
        Stacks and their sensitivity maps in the band.
    band : str
        Letter.
    threshold : {"TRUE", "MARGINAL"}
        Of which class a source as bright as the limit would be.
    """
    result = answer.copy()
    ra, dec = answer["ra"].value, answer["dec"].value
    wanted, members = _without_source(answer), _rows_of(answer)
    limit, by, read = np.full(len(answer), np.inf), np.full(len(answer), "", "U40"), set()
    for stack, path in maps:
        rows = members.get(stack, np.empty(0, int))
        rows = rows[wanted[rows]]
        try:
            here = limits_at(read_sensitivity_map(path, threshold), ra[rows], dec[rows])
        except CscError:  # as of one that the archive does not have
            continue
        read.add(stack)
        lower = here < limit[rows]
        limit[rows[lower]], by[rows[lower]] = here[lower], stack
    observed = np.isfinite(limit)
    all_read = np.array([set(str(cell).split()) <= read for cell in answer["stacks"]], bool)
    status = answer["status"].copy()
    near = np.asarray(status) == NEAR_FIELD
    status[near & observed] = OBSERVED
    status[near & ~observed & all_read] = NOT_OBSERVED
    result["status"] = status
    result["limit"] = np.where(observed, limit, np.nan) * PHOTON_FLUX
    result["limit_stack"] = by
    result["band"] = np.where(observed, band, "")
    result["level"] = np.where(observed, threshold, "")
    described = {
        "status": answer["status"].info.description,
        "limit": "Photon flux of the faintest source that would have been found there",
        "limit_stack": "Detect stack whose limit that is",
        "band": "Band of the limit",
        "level": "Class that a source as bright as the limit would have",
    }
    for name, words in described.items():
        result[name].info.description = words
    return result


def _without_source(answer: QTable) -> Flags:
    return np.asarray((np.asarray(answer["status"]) != FOUND) & (np.asarray(answer["n_stacks"]) > 0))


def _rows_of(answer: QTable) -> dict[str, Integers]:
    rows: dict[str, list[int]] = {}
    for row, cell in enumerate(answer["stacks"]):
        for stack in str(cell).split():
            rows.setdefault(stack, []).append(row)
    return {stack: np.array(members) for stack, members in rows.items()}


def _table(stacks: Collection[str]) -> Table:
    return Table({"detect_stack_id": np.array(list(stacks), dtype=str)})


def _checked(files: Mapping[Owner, Path], task: Task, what: str) -> Iterable[tuple[str, Path]]:
    for number, (stack, path) in enumerate(files.items()):
        task.check()
        task.report(f"{number:,} of {len(files):,} {what} read", number / len(files))
        yield str(stack), path

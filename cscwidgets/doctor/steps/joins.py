"""The joins from sources over stacks to observations: their keys, and the one join of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from astropy.table import QTable

from cscwidgets.archive.answer_checks import require
from cscwidgets.archive.holdings import DETECTIONS
from cscwidgets.archive.query import quote_text

from ..findings import NEWER
from ..visit import NothingToAsk, Step, Visit

__all__ = ["JOINS"]

Key = tuple[object, ...]
_MOST = 20  # rows that are followed
# Tables in joining order with what joins each to those before it.
_CHAIN = (
    ("stack_source", ("detect_stack_id", "region_id"), "master_stack_assoc"),
    ("stack_observation_assoc", ("detect_stack_id", "region_id"), "master_stack_assoc"),
    ("observation_source", ("obsid", "obi", "region_id"), "stack_observation_assoc"),
)


def _joins(visit: Visit) -> None:
    with visit.part("The keys of the joins"):
        for table, columns in DETECTIONS.items():
            if not visit.has(table, *columns):
                raise NothingToAsk(f"the archive has no {table} with {', '.join(columns)}")
        names = visit.names
        rows = _rows(visit, "master_stack_assoc", ("name",), [(name,) for name in names])
        if lacking := sorted(set(names) - {str(name).strip() for name in rows["name"]}):
            _say(visit, ("master_source", "master_stack_assoc"), "name", [(name,) for name in lacking], len(names))
        held = {"master_stack_assoc": rows}
        for table, columns, before in _CHAIN:
            keys = _keys(held[before], columns)[:_MOST]
            if not keys:
                break
            held[table] = _rows(visit, table, columns, keys)
            present = set(_keys(held[table], columns))
            if missing := [key for key in keys if key not in present]:
                _say(visit, (before, table), ", ".join(columns), missing, len(keys))
    with visit.part("The join of all five tables"):
        detections = visit.detections
        visit.remark(f"{len(detections):,} detections and upper limits of {len(visit.names)} sources.")
        _repeated(visit, detections)


def _rows(visit: Visit, table: str, columns: Sequence[str], keys: Iterable[Key]) -> QTable:
    conditions = (
        " AND ".join(f"{column} = {_literal(value)}" for column, value in zip(columns, key, strict=True))
        for key in keys
    )
    selected = DETECTIONS[table]
    where = " OR ".join(f"({condition})" for condition in conditions)
    rows = visit.tap(f"SELECT {', '.join(selected)} FROM {visit.schema}.{table} WHERE {where}")
    return require(rows, selected)


def _literal(value: object) -> str:
    return quote_text(value) if isinstance(value, str) else str(value)


def _keys(rows: QTable, columns: Sequence[str]) -> list[Key]:
    """Keys of rows as plain values, each once."""
    values = [np.ma.asarray(rows[column]).tolist() for column in columns]
    keys = (
        tuple(value.strip() if isinstance(value, str) else None if value is None else int(value) for value in key)
        for key in zip(*values, strict=True)
    )
    return [key for key in dict.fromkeys(keys) if None not in key]


def _say(visit: Visit, tables: tuple[str, str], columns: str, missing: Sequence[Key], asked: int) -> None:
    before, table = tables
    example = ", ".join(map(str, missing[0]))
    if not visit.subject.reference.complete:
        visit.remark(f"{table} has no rows of {len(missing)} of {asked} keys of {before}: the archive holds a part.")
        return
    visit.deviates(
        f"The join keys of {before} and {table} do not match ({columns})",
        expected=f"rows of {table} for each of {asked} keys of {before}",
        found=f"none for {len(missing)} of them, such as {example}",
        follows="Detections, light curves and spectra of these sources are not found.",
        do=NEWER,
    )


def _repeated(visit: Visit, detections: QTable) -> None:
    keys = ("name", "obsid", "obi", "region_id", "detect_stack_id")
    rows = list(zip(*(np.ma.asarray(detections[key]).tolist() for key in keys), strict=True))
    same = detections.meta["provenance"].repeated
    if more := len(rows) - len(set(rows)) + same:
        visit.deviates(
            "The join of all tables repeats rows",
            expected="one row for a source, an observation and a region",
            found=f"{more} duplicate rows of {len(rows) + same}",
            follows="Detections count more than once.",
            do=NEWER,
        )


JOINS = Step("joins", "Joins of sources, stacks and observations", _joins, seconds=30.0)

"""Answers that are more or less than was asked: cut short by the service, or of the box around a region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

import astropy.units as u
import numpy as np
from astropy.table import QTable, Table, vstack

from cscwidgets.errors import QueryError, TruncatedResult, warn
from cscwidgets.sky.boxes import Box
from cscwidgets.sky.region import Region

from .answer_checks import require, single_count
from .monitor import Monitor
from .provenance import Provenance
from .repeated import once_each

__all__ = ["Ask", "Divisible", "counted", "cut_to", "in_pieces", "limited", "stacked", "warn_if_cut"]

Ask = Callable[[str, str | None], QTable]
"""Sends ADQL about a catalogue table; without a table, about none that is limited in rows."""


class Divisible(Protocol):
    """A question about a table that can be asked in halves."""

    @property
    def table(self) -> str:
        """The table asked."""

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where rows are asked for."""

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that an answer must have."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Those of the position."""

    def adql(self) -> str:
        """The question."""

    def count(self) -> str:
        """How many rows answer it."""

    def halves(self: DivisibleT) -> tuple[DivisibleT, DivisibleT]:
        """Two questions that together return what this one does."""


DivisibleT = TypeVar("DivisibleT", bound=Divisible)


def counted(query: Divisible, ask: Ask) -> QTable:
    """Run a query once; if it was cut short, ask how many rows there are in all."""
    rows = once_each(require(ask(query.adql(), query.table), query.names, query.numbers), *query.numbers)
    provenance: Provenance = rows.meta["provenance"]
    if not provenance.complete:
        total = single_count(ask(query.count(), None))
        rows.meta["provenance"] = replace(provenance, requested=total, truncated=max(0, total - provenance.returned))
    return rows


def in_pieces(query: DivisibleT, ask: Ask, monitor: Monitor, *, repeats: bool = False) -> QTable:
    """Run a query in as many pieces as it takes to lose nothing; rows that are the same count once, unless they may be.

    Raises
    ------
    QueryError
        If more rows than the service returns at once lie at one position.
    """
    pieces: list[QTable] = []
    pending = [query]
    while pending:
        piece = pending.pop()
        rows = require(ask(piece.adql(), piece.table), piece.names, piece.numbers)
        if rows.meta["provenance"].complete:
            pieces.append(rows if repeats else once_each(rows, *piece.numbers))
            continue
        if max(box.dec_high - box.dec_low for box in piece.boxes) < 1e-5:
            raise QueryError(
                "The rest of the answer cannot be fetched",
                f"more rows than the service returns at once ({len(rows)}) lie within 0.04 arcsec",
                "Add a condition, or raise maxrec.",
            )
        pending.extend(piece.halves())
        monitor.report(f"the answer was cut: asking in parts, {sum(map(len, pieces)):,} rows so far")
    answer = stacked(pieces)
    answer.meta["provenance"] = replace(
        pieces[0].meta["provenance"],
        query=query.adql(),
        requested=len(answer),
        returned=len(answer),
        truncated=0,
        repeated=sum(piece.meta["provenance"].repeated for piece in pieces),
    )
    return answer


def limited(rows: QTable, most: int | None) -> QTable:
    """An answer that has as many rows as were asked for at most: some services leave the others out without a word."""
    provenance: Provenance = rows.meta["provenance"]
    if most and provenance.complete and provenance.returned >= most:
        rows.meta["provenance"] = replace(provenance, requested=None, truncated=None)
    return rows


def stacked(pieces: Sequence[QTable]) -> QTable:
    """One table of several answers to the same columns; their metadata is left to the caller."""
    return vstack(list(pieces), metadata_conflicts="silent") if len(pieces) > 1 else pieces[0]


def cut_to(area: Region, rows: QTable) -> QTable:
    """Keep the rows inside a region and record how many the box around it held besides."""
    inside = area.contains(u.Quantity(rows["ra"], u.deg).value, u.Quantity(rows["dec"], u.deg).value)
    provenance = replace(rows.meta["provenance"], outside=len(rows) - int(np.count_nonzero(inside)), region=area.ds9)
    kept = rows[inside]
    kept.meta["provenance"] = provenance
    return kept


def warn_if_cut(rows: Table, hint: str = "Ask with complete=True to get the rest in parts.") -> None:
    """Warn the caller's caller of an answer that is not complete; the hint says what to do."""
    provenance: Provenance = rows.meta["provenance"]
    if not provenance.complete:
        warn(TruncatedResult(f"{provenance}. {hint}"), stacklevel=3)

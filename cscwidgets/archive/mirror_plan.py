"""Which pieces a table is asked for in: cut until none has too many rows, counted, and written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import QTable

from cscwidgets.errors import QueryError
from cscwidgets.io.atomic import write_whole
from cscwidgets.sky.boxes import Box

from .answer_checks import require, single_count
from .query import NAMES_PER_QUERY, quote_text

__all__ = ["UNPLACED", "Journal", "Piece", "Planner", "where"]

UNPLACED = "t.ra IS NULL OR t.dec IS NULL"
"""The condition of rows without a position."""

_VALUES = 4_000_000  # of an answer: 32 MB
_ASKED_BY = ("detect_stack_id", "obsid", "name")  # of tables without positions
_SKY = Box(0.0, 360.0, -90.0, 90.0)
_SMALLEST = 1e-4  # degrees: a piece of sky is not cut further


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows that are asked for at once: their condition, empty for all, and how many there are."""

    condition: str
    rows: int


def where(condition: str) -> str:
    """A condition as the end of a query."""
    return f" WHERE {condition}" if condition else ""


@dataclass(frozen=True)
class Planner:
    """Plans a table.

    Attributes
    ----------
    name : str
        With its schema.
    columns : sequence of str
    ask : callable
        Sends ADQL.
    counted : dict
        Rows by condition, as far as they were counted before; more are added.
    note : callable
        Called when one was.
    """

    name: str
    columns: Sequence[str]
    ask: Callable[[str], QTable]
    counted: dict[str, int] = field(default_factory=dict)
    note: Callable[[], object] = lambda: None

    def count(self, condition: str = "") -> int:
        """How many rows there are."""
        if condition not in self.counted:
            answer = self.ask(f"SELECT COUNT(*) AS n FROM {self.name} t{where(condition)}")
            self.counted[condition] = single_count(answer)
            self.note()
        return self.counted[condition]

    def pieces(self) -> list[Piece]:
        """Pieces that share no row and leave none out.

        Raises
        ------
        QueryError
            If the service counts other rows in all than in pieces.
        """
        pieces, total = list(self._pieces()), self.count()
        counted = sum(piece.rows for piece in pieces)
        if counted != total:
            raise QueryError(
                f"{self.name} cannot be mirrored",
                f"the service counts {total:,} rows in all and {counted:,} in pieces",
                "Try again; if this persists, the service may be changing.",
            )
        return pieces

    def _pieces(self) -> Iterator[Piece]:
        if {"ra", "dec"} <= set(self.columns):
            yield from self._of_sky()
        elif key := next((column for column in _ASKED_BY if column in self.columns), None):
            yield from self._of_keys(key)
        else:
            yield Piece("", self.count())

    @property
    def _most(self) -> int:
        return max(1000, min(50_000, _VALUES // max(1, len(self.columns))))

    def _of_sky(self) -> Iterator[Piece]:
        pending = [_SKY]
        while pending:
            box = pending.pop()
            rows = self.count(condition := _within(box))
            if rows > self._most and box.dec_high - box.dec_low > _SMALLEST:
                pending += reversed(box.halves())
            else:
                yield Piece(condition, rows)
        yield Piece(UNPLACED, self.count(UNPLACED))

    def _of_keys(self, key: str) -> Iterator[Piece]:
        """In each as many keys as may be asked for at once, in their order."""
        answer = self.ask(f"SELECT t.{key}, COUNT(*) AS n FROM {self.name} t GROUP BY t.{key}")
        values, numbers = np.ma.asarray(require(answer, [key, "n"], ["n"])[key]), np.asarray(answer["n"])
        hidden = np.ma.getmaskarray(values)
        counts = dict(zip(np.ma.getdata(values)[~hidden].tolist(), numbers[~hidden].tolist(), strict=True))
        keys: list[Any] = []
        for value in sorted(counts):
            if keys and (len(keys) == NAMES_PER_QUERY or sum(counts[one] for one in (*keys, value)) > self._most):
                yield Piece(_among(key, keys), sum(counts[one] for one in keys))
                keys = []
            keys.append(value)
        if keys:
            yield Piece(_among(key, keys), sum(counts[one] for one in keys))
        if hidden.any():
            yield Piece(f"t.{key} IS NULL", int(numbers[hidden].sum()))


def _within(box: Box) -> str:
    """A condition that leaves out no edge of the sky, however it is written."""
    bounds = [
        f"t.{axis} {sign} {value:.9f}"
        for axis, sign, value, edge in (
            ("ra", ">=", box.ra_low, 0.0),
            ("ra", "<", box.ra_high, 360.0),
            ("dec", ">=", box.dec_low, -90.0),
            ("dec", "<", box.dec_high, 90.0),
        )
        if value != edge
    ]
    return " AND ".join(bounds) or "t.ra IS NOT NULL AND t.dec IS NOT NULL"


def _among(key: str, keys: Sequence[Any]) -> str:
    listed = ", ".join(quote_text(one) if isinstance(one, str) else str(one) for one in keys)
    return f"t.{key} IN ({listed})"


@dataclass
class Journal:
    """What is known of a mirror while it is made: a file that is always whole.

    Attributes
    ----------
    path : Path
    request : mapping
        What is mirrored.
    begun : str
        When, UTC.
    said : tuple or None
        What the service said of its data: version, origin, and whether they are simulated.
    plans : dict
        The pieces of each table.
    counted : dict
        Of the table that is being planned: rows by condition.
    """

    path: Path
    request: Mapping[str, Any]
    begun: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    said: tuple[str, str, bool] | None = None
    plans: dict[str, list[Piece]] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path, request: Mapping[str, Any]) -> Journal | None:
        """The journal of a request: a new one, or what an earlier call wrote; None if it is another request's.

        Raises
        ------
        QueryError
            If the file is not one that an earlier call wrote.
        """
        if not path.is_file():
            return cls(path, request)
        try:
            written = json.loads(path.read_text(encoding="utf-8"))
            if written["request"] != request:
                return None
            plans = {table: [Piece(*piece) for piece in pieces] for table, pieces in written["plans"].items()}
            said = written["said"] and tuple(written["said"])
            return cls(path, request, written["begun"], said, plans, written["counted"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise QueryError(
                "The mirror cannot be gone on with",
                f"{path} is damaged: {type(error).__name__}",
                f"Remove {path.parent}, and mirror again.",
            ) from error

    def write(self) -> None:
        """Write it down."""
        plans = {table: [[one.condition, one.rows] for one in pieces] for table, pieces in self.plans.items()}
        content = {
            "request": self.request,
            "begun": self.begun,
            "said": self.said,
            "plans": plans,
            "counted": self.counted,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, partial(_dump, content), overwrite=True)

    def hear(self, version: str, origin: str, *, simulated: bool) -> None:
        """Take down what the service says of its data.

        Raises
        ------
        QueryError
            If it said something else before: the rows would be of two states.
        """
        said = (version, origin, simulated)
        if self.said is None:
            self.said = said
            self.write()
        elif self.said != said:
            before, now = (", ".join(filter(None, map(str, one[:2]))) or "nothing" for one in (self.said, said))
            raise QueryError(
                "The mirror cannot be gone on with",
                f"the archive has changed since it was begun: it said {before}, and now {now}",
                f"Remove {self.path.parent}, and mirror again.",
            )


def _dump(content: Mapping[str, Any], path: Path) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")

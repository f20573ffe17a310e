"""One quantity that a file has once or several times, and the tables of the catalogue that can have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations

import pyarrow as pa

from .column_names import NamedColumn
from .evidence import MANY, Evidence, Rows

__all__ = ["MOST_SIDES", "Shares", "Sharing", "Side"]

MOST_SIDES = 6
"""How often a file may have one quantity, for all ways to share it out to be looked at."""

Wish = Callable[["Sharing"], Sequence[str]]


@dataclass(frozen=True)
class Side:
    """A quantity with its bands and limits, of one side of a join.

    Attributes
    ----------
    items : tuple of NamedColumn
    fellows_vary : bool or None
        Whether other columns of its side have several values for one source, where that tells the sides apart.
    """

    items: tuple[NamedColumn, ...]
    fellows_vary: bool | None = None

    @property
    def values(self) -> list[pa.Array]:
        """Its columns as they are."""
        return [item.raw.values for item in self.items]


@dataclass(frozen=True)
class Shares:
    """Which table each side gets, by their numbers, and how certain that is."""

    tables: Mapping[int, str] = field(default_factory=dict)
    certainty: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sharing:
    """Sides of one quantity, from left to right, and the tables that are free for them, from coarse to fine.

    Attributes
    ----------
    sides : sequence of Side
    homes : sequence of str
    rows : Rows
    coarsest : str
        The coarsest table that the file has rows of.
    whole : bool
        Whether no other column of the file has taken one of the quantity's tables.
    """

    sides: Sequence[Side]
    homes: Sequence[str]
    rows: Rows
    coarsest: str
    whole: bool

    @property
    def open(self) -> bool:
        """Whether the rows leave it open."""
        return len(self._best()) > 1

    def shares(self, wished: Wish) -> Shares:
        """Give each side a table that its rows allow: as many as possible, and those for which the rows speak.

        Parameters
        ----------
        wished : callable
            The tables that the order of the columns suggests for the sides, where the rows leave it open.
        """
        best = self._best()
        if not best:
            return Shares()
        wishes = wished(self) if len(best) > 1 else ()

        def distance(way: Mapping[int, str]) -> int:
            return sum(abs(self.homes.index(way[n]) - self.homes.index(wishes[n])) for n in way) if wishes else 0

        chosen = min(best, key=distance)
        return Shares(chosen, {n: self._certainty(self.sides[n], len(best)) for n in chosen})

    def _ways(self) -> list[dict[int, str]]:
        """All ways to place as many sides as possible where their rows allow it."""
        for count in range(min(len(self.sides), len(self.homes)), 0, -1):
            ways = [
                dict(zip(chosen, tables, strict=True))
                for chosen in combinations(range(len(self.sides)), count)
                for tables in permutations(self.homes, count)
                if all(self._allows(table, n) for n, table in zip(chosen, tables, strict=True))
            ]
            if ways:
                return ways
        return []

    def _best(self) -> list[dict[int, str]]:
        ways = self._ways()
        weights = [sum(self._speaks_for(table, n) for n, table in way.items()) for way in ways]
        return [way for way, weight in zip(ways, weights, strict=True) if weight == max(weights)]

    def _allows(self, table: str, number: int) -> bool:
        return self.rows.evidence(table, self.sides[number].values).constant

    def _speaks_for(self, table: str, number: int) -> int:
        """1 if something speaks for a table, and does not merely leave it open."""
        side = self.sides[number]
        if side.fellows_vary is not None and self.homes[0] == self.coarsest:
            return int((table == self.homes[0]) is not side.fellows_vary)
        coarsest = next(home for home in self.homes if self._allows(home, number))
        position = table == "master_source" and side.items[0].name in ("ra", "dec")  # a source's is the source's
        return int(table == coarsest and (position or self.rows.speak_for(table, side.values)))

    def _certainty(self, side: Side, best: int) -> str:
        evidence: Evidence = self.rows.evidence(self.coarsest, side.values)
        if len(self._ways()) == 1 and (self.whole or evidence.varying):
            return "sure"
        if best > 1:
            return "a guess"
        return "sure" if self.whole and evidence.telling >= MANY else "likely"

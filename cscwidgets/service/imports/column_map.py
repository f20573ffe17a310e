"""Which catalogue table and column each column of a file belongs to.

A file that joins sources with their detections has columns that two of the catalogue's tables share. Where it does not
say which is whose, the rows do: a column with several values for one source is not the source's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, permutations

import pyarrow as pa

from cscwidgets.csc.columns import TABLES

from .column_names import NamedColumn, family, named_columns
from .evidence import Evidence, Groups, same_values
from .placement import KEYS, Decision, Mapped, Placement
from .readers import RawColumn, RawTable
from .values import guess, unit_factor

__all__ = ["place"]

_KEY_COLUMNS = {name for key in KEYS.values() for name in key}
# From coarse to fine: a row of the next is part of a row of the one before.
_LEVELS = ("master_source", "stack_source", "observation_source")
_THINGS = {"master_source": "source", "stack_source": "stack detection", "observation_source": "detection"}

_MOST_SIDES = 6
_NUMBERS = ("obsid", "detect_stack_id")  # the first columns of a detection
_MANY = 3  # sources with one value in several rows, from which a column is surely theirs


def place(raw: RawTable, told: Mapping[str, str] | None = None) -> Placement:
    """Sort the columns of a file into the catalogue's tables.

    Parameters
    ----------
    raw : RawTable
        One table of a file.
    told : mapping of str to str, optional
        Where the reader says that columns belong: ``{"flux_aper_b#2": "observation_source.flux_aper_b"}``, where
        "#2" is the second of this name.

    """
    return _Placing(raw, told or {}).placement


class _Placing:
    """The decisions over one table of a file, one after the other."""

    def __init__(self, raw: RawTable, told: Mapping[str, str]) -> None:
        self.placement = Placement()
        self._told = _told(raw.columns, told)
        self._columns = [self._told.get(n, item) for n, item in enumerate(named_columns(raw.columns))]
        self._order = {id(item.raw): number for number, item in enumerate(self._columns)}
        self.placement.names = [item.label for item in self._columns]
        self.placement.strange = {
            i.label for i in self._columns if not any(i.name in columns for columns in TABLES.values())
        }
        have = {item.name for item in self._columns}
        self._tables = [table for table, key in KEYS.items() if set(key) <= have]
        self._levels = [table for table in _LEVELS if table in self._tables]
        self._place_keys()
        self._groups = {
            table: Groups([self._key(table, name) for name in KEYS[table]])
            for table in self._levels
            if len(raw.columns)
        }
        rest = [item for item in self._columns if item.name not in _KEY_COLUMNS]
        families = _families(item for item in rest if not item.table)
        self._numbers = min((n for n, item in enumerate(self._columns) if item.name in _NUMBERS), default=len(have))
        self._sides = {family(alike[0].name): _by_side(alike) for alike in families}
        self._joined = self._sides_that_vary(families)
        for item in rest:
            if item.table:
                self._put_declared(item)
        self._open: list[Sequence[NamedColumn]] = []
        self._guessing = False
        for alike in families:
            self._put_family(alike)
        self._guessing = True
        for side in self._open:
            self._put_family(side)
        self.placement.decisions.sort(key=lambda decision: self._number(decision.column))

    @property
    def _done(self) -> list[Mapped]:
        return self.placement.columns

    def _sides_that_vary(self, families: Sequence[Sequence[NamedColumn]]) -> dict[str, bool]:
        """Of each side of a join, whether it has several values for one source; empty if that tells none apart."""
        varies: dict[str, bool] = {}
        if self._levels:
            for sides in map(_by_side, families):
                if len(sides) > 1:
                    for side, items in sides.items():
                        varies[side] = varies.get(side, False) or bool(self._evidence(self._levels[0], items).varying)
        return varies if len(set(varies.values())) > 1 else {}

    def _number(self, label: str) -> int:
        return self.placement.names.index(label)

    def _key(self, table: str, name: str) -> pa.Array:
        return next(m.raw.values for m in self.placement.columns if (m.table, m.column) == (table, name))

    # What identifies the rows

    def _place_keys(self) -> None:
        """A key column serves every table it identifies, unless another one is declared for that table."""
        for name in dict.fromkeys(item.name for item in self._columns if item.name in _KEY_COLUMNS):
            items = [item for item in self._columns if item.name == name]
            used: set[int] = set()
            for table in self._tables:
                if name in KEYS[table]:
                    best = next((item for item in items if item.table == table), items[0])
                    self.placement.columns.append(Mapped(best.raw, table, name, TABLES[table][name], label=best.label))
                    used.add(id(best.raw))
            for item in items:
                self._account_for_key(item, items[0], used=id(item.raw) in used)

    def _account_for_key(self, item: NamedColumn, first: NamedColumn, *, used: bool) -> None:
        if used:
            told = item in self._told.values()
            self._say(item, item.name, "as told" if told else "sure", "it identifies the rows")
        elif item is not first and same_values(item.raw.values, first.raw.values):
            self.placement.repeated[item.label] = f"it says the same as {first.label}"
        elif any(item.name in KEYS[table] for table in self._tables):
            self._leave(item, f"{first.label} identifies the rows, and says something else")
        else:
            self._leave(item, "the file lacks some of the columns that identify the rows")

    # Columns that say where they belong

    def _put_declared(self, item: NamedColumn) -> None:
        if item.table not in self._tables:
            key = ", ".join(KEYS.get(item.table, ())) or "nothing that a file can have"
            self._leave(item, f"a row of {item.table} is identified by {key}, and the file does not have them all")
        else:
            told = item in self._told.values()
            why = "the reader says so" if told else "the file says so"
            self._put(item, item.table, "as told" if told else "as the file says", why)

    # Columns that do not

    def _put_family(self, alike: Sequence[NamedColumn]) -> None:
        """Place one quantity with its bands and limits, as often as the file has it."""
        names = {item.name for item in alike}
        homes = [table for table in self._tables if alike[0].name in TABLES[table]]
        free = [table for table in homes if not any(m.table == table and m.column in names for m in self._done)]
        if steady := self._steady_among(alike, homes):
            self._put_family(steady)
            alike = [item for item in alike if item not in steady]
        sides = list(_by_side(alike).values())[:_MOST_SIDES]
        for item in list(alike):
            if not any(item in side for side in sides):
                self._leave(item, f"the file has {item.name} more often than the catalogue")
        if not self._levels:
            self._leave_all(alike, "the file has no source names and no detection numbers of the catalogue")
        elif not homes:
            for item in alike:
                self._put_unknown(item)
        elif len(homes) == 1 and len(sides) == 1 and free:
            for item in alike:
                self._put_only(item, homes[0])
        else:
            self._share_out(sides, free)

    def _steady_among(self, alike: Sequence[NamedColumn], homes: Sequence[str]) -> list[NamedColumn]:
        """The source's columns of a quantity of which the file has others of the detections."""
        if len(homes) < 2 or len({item.side for item in alike}) > 1:
            return []
        steady = [item for item in alike if self._tells(homes[0], [item])]
        rest = [item for item in alike if item not in steady]
        return steady if steady and rest and self._evidence(homes[0], rest).varying else []

    def _put_unknown(self, item: NamedColumn) -> None:
        """A column the catalogue does not have: the finest table loses nothing of it."""
        finest, coarsest = self._levels[-1], self._levels[0]
        if finest == coarsest:
            self._put_only(item, finest)
        elif self._tells(coarsest, [item]):
            self._put(item, coarsest, "likely", f"it is the same in all rows of each {_THINGS[coarsest]}")
        elif self._evidence(finest, [item]).varying:
            self._leave(item, f"it has several values for one {_THINGS[finest]}")
        else:
            self._put(item, finest, "likely", f"each row is a {_THINGS[finest]}")

    def _put_only(self, item: NamedColumn, table: str) -> None:
        """A column with one table to go to, unless most of the rows that could agree do not."""
        evidence = self._evidence(table, [item])
        if 2 * evidence.varying > evidence.telling:
            self._leave(item, f"it has several values for one {_THINGS.get(table, 'row')}")
        else:
            self._put(item, table, "sure", "no other table can have it")

    def _share_out(self, sides: Sequence[Sequence[NamedColumn]], homes: Sequence[str]) -> None:
        """Give each side of a join a table of its own that its values allow, the coarsest to the steadiest."""
        ways = self._ways(sides, homes)
        weights = [sum(self._speaks_for(table, sides[n], homes) for n, table in way.items()) for way in ways]
        best = [way for way, weight in zip(ways, weights, strict=True) if weight == max(weights)]
        if len(best) > 1 and len(sides) == 1 and not self._guessing:
            self._open.append(sides[0])
            return
        chosen = min(best, key=lambda way: self._unlikely(way, sides, homes), default={})
        for number, side in enumerate(sides):
            if number in chosen:
                self._put_side(side, chosen[number], self._certainty(side, homes, ways=len(ways), best=len(best)))
            else:
                self._leave_repeated(side, sides, homes)

    def _ways(self, sides: Sequence[Sequence[NamedColumn]], homes: Sequence[str]) -> list[dict[int, str]]:
        """Sides, by their numbers, with tables that their rows allow: all ways that place as many as possible."""
        for count in range(min(len(sides), len(homes)), 0, -1):
            ways = [
                dict(zip(chosen, tables, strict=True))
                for chosen in combinations(range(len(sides)), count)
                for tables in permutations(homes, count)
                if not any(self._evidence(t, sides[n]).varying for n, t in zip(chosen, tables, strict=True))
            ]
            if ways:
                return ways
        return []

    def _put_side(self, side: Sequence[NamedColumn], table: str, certainty: str) -> None:
        reason = self._reason(side)
        varies = self._evidence(self._levels[0], side).varying
        for item in side:
            if varies and not self._evidence(self._levels[0], [item]).varying:
                fellow = next(i for i in side if self._evidence(self._levels[0], [i]).varying)
                self._put(item, table, "likely", f"it goes with {fellow.label}")
            else:
                self._put(item, table, certainty, reason)

    def _speaks_for(self, table: str, side: Sequence[NamedColumn], homes: Sequence[str]) -> int:
        """1 if the rows speak for this table, and not merely leave it open."""
        allowed = [home for home in homes if not self._evidence(home, side).varying]
        fellows_vary = self._joined_of(side)
        if fellows_vary is not None and homes[0] == self._levels[0]:
            return int((table == homes[0]) is not fellows_vary)
        position = table == "master_source" and side[0].name in ("ra", "dec")
        return int(table == allowed[0] and (position or self._tells(table, side)))

    def _tells(self, table: str, side: Sequence[NamedColumn]) -> bool:
        """Whether a side is the same in all rows of each thing, and differs from thing to thing, not by chance."""
        evidence = self._evidence(table, side)
        real = any(pa.types.is_floating(guess(item.raw.values).type) for item in side)
        return evidence.telling >= (1 if real else _MANY) and not evidence.varying and evidence.distinct

    def _certainty(self, side: Sequence[NamedColumn], homes: Sequence[str], *, ways: int, best: int) -> str:
        """How certain a way to share a quantity out is, of so many possible ones and so many that are as good."""
        evidence = self._evidence(self._levels[0], side)
        whole = len(homes) == self._count_homes(side)
        if ways == 1 and (whole or evidence.varying):
            return "sure"
        if best > 1:
            return "a guess"
        return "sure" if whole and evidence.telling >= _MANY else "likely"

    def _count_homes(self, side: Sequence[NamedColumn]) -> int:
        return sum(side[0].name in TABLES[table] for table in self._tables)

    def _joined_of(self, side: Sequence[NamedColumn]) -> bool | None:
        """Whether other columns of this side of a join have several values for one source, if that is known."""
        shared = side[0].side or len(self._sides[family(side[0].name)]) > 1
        return self._joined.get(side[0].side) if shared else None

    def _unlikely(self, way: Mapping[int, str], sides: Sequence[Sequence[NamedColumn]], homes: Sequence[str]) -> int:
        """Where the rows do not tell, the order does."""
        if len(sides) > 1:
            wished = homes if len(sides) >= len(homes) else [homes[0], *homes[-len(sides) + 1 :]]
            return sum(
                abs(homes.index(table) - homes.index(wished[min(n, len(wished) - 1)])) for n, table in way.items()
            )
        return abs(homes.index(way[0]) - homes.index(self._by_order(sides[0], homes)))

    def _by_order(self, side: Sequence[NamedColumn], homes: Sequence[str]) -> str:
        """The table of both neighbours, or the finest if a column stands behind a detection's numbers."""
        place = self._order[id(side[0].raw)]
        tables = {self._order[id(m.raw)]: m.table for m in self._done if m.known and m.column not in _KEY_COLUMNS}
        neighbours = {
            tables[min(numbers, key=lambda n: abs(n - place))]
            for numbers in ([n for n in tables if n < place], [n for n in tables if n > place])
            if numbers
        }
        if len(neighbours) == 1 and neighbours <= set(homes):
            return neighbours.pop()
        claimed = len(homes) < self._count_homes(side)
        finest = place > self._numbers or claimed or homes[0] != "master_source"
        return homes[-1] if finest else homes[0]

    def _reason(self, side: Sequence[NamedColumn]) -> str:
        coarsest = self._levels[0]
        evidence = self._evidence(coarsest, side)
        thing = _THINGS[coarsest]
        if evidence.varying:
            return f"it has several values for one {thing}"
        if not evidence.telling:
            return f"no {thing} has several rows: the order of the columns was taken"
        return f"it is the same in all rows of each of {evidence.telling} {thing}s with several"

    def _leave_repeated(
        self, items: Sequence[NamedColumn], sides: Sequence[Sequence[NamedColumn]], homes: Sequence[str]
    ) -> None:
        for item in items:
            twins = [other for side in sides for other in side if other.name == item.name and other is not item]
            placed = [m.raw for m in self._done if m.column == item.name]
            same = next(
                (raw for raw in [*placed, *(t.raw for t in twins)] if same_values(raw.values, item.raw.values)), None
            )
            if same is not None:
                self.placement.repeated[item.label] = f"it says the same as {same.name}"
            elif any(self._evidence(home, [item]).varying for home in homes[-1:]):
                self._leave(item, f"it has several values for one {_THINGS.get(homes[-1], 'row')}")
            else:
                self._leave(item, f"the file has {item.name} more often than the catalogue")

    # Putting

    def _evidence(self, table: str, items: Sequence[NamedColumn]) -> Evidence:
        if table not in self._groups:
            return Evidence(0, 0, distinct=False)
        each = [self._groups[table].evidence(item.raw.values) for item in items]
        return Evidence(
            max((e.telling for e in each), default=0),
            max((e.varying for e in each), default=0),
            any(e.distinct for e in each),
        )

    def _put(self, item: NamedColumn, table: str, certainty: str, reason: str) -> None:
        known = TABLES[table].get(item.name)
        factor = unit_factor(item.raw.unit, known.unit) if known else 1.0
        # Numbers in a unit that is not the catalogue's must not pass for the catalogue's.
        name = item.name if factor is not None else f"{item.name}_as_given"
        previous = [m for m in self.placement.columns if (m.table, m.column) == (table, name)]
        if previous and same_values(previous[0].raw.values, item.raw.values):
            self.placement.repeated[item.label] = f"it says the same as {previous[0].raw.name}"
            return
        if previous and known is not None and factor is not None:
            self._leave(item, f"the file has {table}.{name} twice")
            return
        taken = {m.column for m in self.placement.columns if m.table == table}
        name = next(free for free in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3))) if free not in taken)
        mapped = Mapped(item.raw, table, name, known if factor is not None else None, factor or 1.0, item.label)
        self.placement.columns.append(mapped)
        self._say(item, f"{table}.{name}", certainty, reason)

    def _say(self, item: NamedColumn, where: str, certainty: str, reason: str) -> None:
        self.placement.decisions.append(Decision(item.label, where, certainty, reason))

    def _leave(self, item: NamedColumn, reason: str) -> None:
        self.placement.left_out[item.label] = reason

    def _leave_all(self, items: Sequence[NamedColumn], reason: str) -> None:
        for item in items:
            self._leave(item, reason)


def _told(columns: Sequence[RawColumn], told: Mapping[str, str]) -> dict[int, NamedColumn]:
    """The columns that the reader placed, by their number; the second of one name is "NAME#2"."""
    placed = {}
    seen: Counter[str] = Counter()
    for number, column in enumerate(columns):
        seen[column.name] += 1
        where = told.get(
            f"{column.name}#{seen[column.name]}", told.get(column.name) if seen[column.name] == 1 else None
        )
        if where is not None:
            table, _, target = where.rpartition(".")
            side = f"#{seen[column.name]}" if seen[column.name] > 1 else ""
            placed[number] = NamedColumn(column, target, table.rpartition(".")[2], side)
    return placed


def _families(items: Iterable[NamedColumn]) -> list[list[NamedColumn]]:
    """Columns that measure one quantity and can stand in the same tables."""
    families: dict[tuple[str, ...], list[NamedColumn]] = {}
    for item in items:
        homes = [table for table in KEYS if item.name in TABLES[table]]
        families.setdefault((family(item.name), *homes), []).append(item)
    return list(families.values())


def _by_side(items: Iterable[NamedColumn]) -> dict[str, list[NamedColumn]]:
    sides: dict[str, list[NamedColumn]] = {}
    for item in items:
        sides.setdefault(item.side, []).append(item)
    return sides

"""Which catalogue table and column each column of a file belongs to.

A file that joins sources with their detections has columns that two of the catalogue's tables share. Where it does not
say which is whose, the rows do: a column with several values for one source is not the source's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from cscwidgets.csc.columns import TABLES

from .column_names import NamedColumn, family, named_columns
from .evidence import Evidence, Rows, same_values
from .placement import KEYS, Decision, Mapped, Placement
from .readers import RawColumn, RawTable
from .sharing import MOST_SIDES, Sharing, Side
from .values import unit_factor

__all__ = ["place"]

_KEY_COLUMNS = {name for key in KEYS.values() for name in key}
_DETECTION = ("obsid", "detect_stack_id")  # the first columns of a detection
# From coarse to fine: a row of the next is part of a row of the one before.
_LEVELS = ("master_source", "stack_source", "observation_source")
_THINGS = {"master_source": "source", "stack_source": "stack detection", "observation_source": "detection"}


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
    columns = _with_told(raw.columns, told or {})
    placing = _Placing(columns)
    placing.place_keys()
    rest = [item for item in columns if item.name not in _KEY_COLUMNS]
    for item in rest:
        if item.table:
            placing.put_declared(item)
    placing.put_families(_families(item for item in rest if not item.table))
    names = placing.placement.names
    placing.placement.decisions.sort(key=lambda decision: names.index(decision.column))
    return placing.placement


class _Placing:
    """The columns of one table of a file that have their places, and those still to come."""

    def __init__(self, columns: Sequence[NamedColumn]) -> None:
        self._columns = columns
        self._order = {id(item.raw): number for number, item in enumerate(columns)}
        have = {item.name for item in columns}
        self._tables = [table for table, key in KEYS.items() if set(key) <= have]
        self._levels = [table for table in _LEVELS if table in self._tables]
        strange = {item.label for item in columns if not any(item.name in known for known in TABLES.values())}
        self.placement = Placement(names=[item.label for item in columns], strange=strange)
        self._rows = Rows({})

    # What identifies the rows

    def place_keys(self) -> None:
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
        keys = {(m.table, m.column): m.raw.values for m in self.placement.columns}
        self._rows = Rows({table: [keys[table, name] for name in KEYS[table]] for table in self._levels})

    def _account_for_key(self, item: NamedColumn, first: NamedColumn, *, used: bool) -> None:
        if used:
            self._say(item, item.name, "as told" if item.told else "sure", "it identifies the rows")
        elif item is not first and same_values(item.raw.values, first.raw.values):
            self._say_twice(item, first.label)
        elif any(item.name in KEYS[table] for table in self._tables):
            self._leave([item], f"{first.label} identifies the rows, and says something else")
        else:
            self._leave([item], "the file lacks some of the columns that identify the rows")

    # Columns that say where they belong

    def put_declared(self, item: NamedColumn) -> None:
        """Put a column where the file or the reader says that it belongs, if the file has such rows."""
        if item.table not in self._tables:
            key = ", ".join(KEYS.get(item.table, ())) or "nothing that a file can have"
            self._leave([item], f"a row of {item.table} is identified by {key}, and the file does not have them all")
        elif item.told:
            self._put(item, item.table, "as told", "the reader says so")
        else:
            self._put(item, item.table, "as the file says", "the file says so")

    # Columns that do not

    def put_families(self, families: Sequence[Sequence[NamedColumn]]) -> None:
        """Put the other columns where their rows say; those of which they say nothing last, beside the others."""
        varies = self._sides_that_vary(families)
        still_open: list[Sharing] = []
        for alike in families:
            if not self._levels:
                self._leave(alike, "the file has no source names and no detection numbers of the catalogue")
                continue
            homes = [table for table in self._tables if alike[0].name in TABLES[table]]
            if not homes:
                for item in alike:
                    self._put_unknown(item)
                continue
            for group in self._steady_apart(alike, homes):
                sharing = self._sharing(group, homes, varies)
                if len(homes) == len(sharing.sides) == len(sharing.homes) == 1:
                    for item in group:
                        self._put_only(item, homes[0])
                elif sharing.open and len(sharing.sides) == 1:
                    still_open.append(sharing)
                else:
                    self._share_out(sharing)
        for sharing in still_open:
            self._share_out(sharing)

    def _sides_that_vary(self, families: Sequence[Sequence[NamedColumn]]) -> dict[str, bool]:
        """Of each side of a join, whether it has several values for one source; empty if that tells none apart."""
        varies: dict[str, bool] = {}
        for sides in map(_by_side, families):
            if len(sides) > 1 and self._levels:
                for side, items in sides.items():
                    varies[side] = varies.get(side, False) or bool(self._evidence(self._levels[0], items).varying)
        return varies if len(set(varies.values())) > 1 else {}

    def _steady_apart(self, alike: Sequence[NamedColumn], homes: Sequence[str]) -> list[Sequence[NamedColumn]]:
        """The source's columns of a quantity apart from the detections', if the file has some of each."""
        if len(homes) < 2 or len({item.side for item in alike}) > 1:
            return [alike]
        steady = [item for item in alike if self._rows.speak_for(homes[0], [item.raw.values])]
        rest = [item for item in alike if item not in steady]
        return [steady, rest] if steady and rest and self._evidence(homes[0], rest).varying else [alike]

    def _sharing(self, alike: Sequence[NamedColumn], homes: Sequence[str], varies: Mapping[str, bool]) -> Sharing:
        names = {item.name for item in alike}
        free = [t for t in homes if not any(m.table == t and m.column in names for m in self.placement.columns)]
        by_side = list(_by_side(alike).items())
        self._leave([item for _, items in by_side[MOST_SIDES:] for item in items], _TOO_OFTEN)
        joined = varies if len(by_side) > 1 or by_side[0][0] else {}
        sides = [Side(tuple(items), joined.get(side)) for side, items in by_side[:MOST_SIDES]]
        return Sharing(sides, free, self._rows, self._levels[0], whole=free == homes)

    def _share_out(self, sharing: Sharing) -> None:
        shares = sharing.shares(self._by_order)
        for number, side in enumerate(sharing.sides):
            if number in shares.tables:
                self._put_side(side.items, shares.tables[number], shares.certainty[number])
            else:
                for item in side.items:
                    self._leave_repeated(item, sharing)

    def _by_order(self, sharing: Sharing) -> list[str]:
        """The tables of the neighbours; else the order of the tables, and detections behind their numbers."""
        homes, sides = sharing.homes, sharing.sides
        if len(sides) > 1:
            wished = list(homes) if len(sides) >= len(homes) else [homes[0], *homes[-len(sides) + 1 :]]
            return [wished[min(number, len(wished) - 1)] for number in range(len(sides))]
        place = self._order[id(sides[0].items[0].raw)]
        columns = [m for m in self.placement.columns if m.known and m.column not in _KEY_COLUMNS]
        tables = {self._order[id(m.raw)]: m.table for m in columns}
        before, behind = (
            max((n for n in tables if n < place), default=-1),
            min((n for n in tables if n > place), default=-1),
        )
        neighbours = {tables[n] for n in (before, behind) if n >= 0}
        if len(neighbours) == 1 and neighbours <= set(homes):
            return [neighbours.pop()]
        numbers = min((n for n, item in enumerate(self._columns) if item.name in _DETECTION), default=place)
        finest = place > numbers or not sharing.whole or homes[0] != "master_source"
        return [homes[-1] if finest else homes[0]]

    # Putting

    def _put_side(self, side: Sequence[NamedColumn], table: str, certainty: str) -> None:
        """Put the columns of a quantity; those that do not vary go with those that do."""
        coarsest = self._levels[0]
        leader = next((item for item in side if self._evidence(coarsest, [item]).varying), None)
        for item in side:
            evidence = self._evidence(coarsest, [item])
            if leader is not None and evidence.constant:
                self._put(item, table, "likely", f"it goes with {leader.label}")
            else:
                self._put(item, table, certainty, _reason(self._evidence(coarsest, side), _THINGS[coarsest]))

    def _put_unknown(self, item: NamedColumn) -> None:
        """A column the catalogue does not have: the finest table loses nothing of it."""
        finest, coarsest = self._levels[-1], self._levels[0]
        if finest == coarsest:
            self._put_only(item, finest)
        elif self._rows.speak_for(coarsest, [item.raw.values]):
            self._put(item, coarsest, "likely", f"it is the same in all rows of each {_THINGS[coarsest]}")
        elif self._evidence(finest, [item]).varying:
            self._leave([item], _several(finest))
        else:
            self._put(item, finest, "likely", f"each row is a {_THINGS[finest]}")

    def _put_only(self, item: NamedColumn, table: str) -> None:
        """A column with one table to go to, unless most of the rows that could agree do not."""
        evidence = self._evidence(table, [item])
        if 2 * evidence.varying > evidence.telling:
            self._leave([item], _several(table))
        else:
            self._put(item, table, "sure", "no other table can have it")

    def _put(self, item: NamedColumn, table: str, certainty: str, reason: str) -> None:
        known = TABLES[table].get(item.name)
        factor = unit_factor(item.raw.unit, known.unit) if known else 1.0
        # Numbers in a unit that is not the catalogue's must not pass for the catalogue's.
        name = item.name if factor is not None else f"{item.name}_as_given"
        taken = {m.column: m for m in self.placement.columns if m.table == table}
        if name in taken and same_values(taken[name].raw.values, item.raw.values):
            self._say_twice(item, taken[name].label)
            return
        if name in taken and known is not None and factor is not None:
            self._leave([item], f"the file has {table}.{name} twice")
            return
        name = next(free for free in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3))) if free not in taken)
        mapped = Mapped(item.raw, table, name, known if factor is not None else None, factor or 1.0, item.label)
        self.placement.columns.append(mapped)
        self._say(item, f"{table}.{name}", certainty, reason)

    def _leave_repeated(self, item: NamedColumn, sharing: Sharing) -> None:
        """A column for which no table is left."""
        twins = [
            other for side in sharing.sides for other in side.items if other.name == item.name and other is not item
        ]
        others = [(m.raw.values, m.label) for m in self.placement.columns if m.column == item.name]
        others += [(other.raw.values, other.label) for other in twins]
        same = next((label for values, label in others if same_values(values, item.raw.values)), None)
        if same is not None:
            self._say_twice(item, same)
        elif sharing.homes and self._evidence(sharing.homes[-1], [item]).varying:
            self._leave([item], _several(sharing.homes[-1]))
        else:
            self._leave([item], _TOO_OFTEN)

    def _evidence(self, table: str, items: Iterable[NamedColumn]) -> Evidence:
        return self._rows.evidence(table, [item.raw.values for item in items])

    def _say(self, item: NamedColumn, where: str, certainty: str, reason: str) -> None:
        self.placement.decisions.append(Decision(item.label, where, certainty, reason))

    def _say_twice(self, item: NamedColumn, other: str) -> None:
        self.placement.repeated[item.label] = f"it says the same as {other}"

    def _leave(self, items: Iterable[NamedColumn], reason: str) -> None:
        self.placement.left_out |= dict.fromkeys((item.label for item in items), reason)


_TOO_OFTEN = "the file has it more often than the catalogue"


def _several(table: str) -> str:
    return f"it has several values for one {_THINGS.get(table, 'row')}"


def _reason(evidence: Evidence, thing: str) -> str:
    if evidence.varying:
        return f"it has several values for one {thing}"
    if not evidence.telling:
        return f"no {thing} has several rows: the order of the columns was taken"
    return f"it is the same in all rows of each of {evidence.telling} {thing}s with several"


def _with_told(columns: Sequence[RawColumn], told: Mapping[str, str]) -> list[NamedColumn]:
    """The columns with their names, and those that the reader placed; the second of one name is "NAME#2"."""
    named = named_columns(columns)
    seen: Counter[str] = Counter()
    for number, column in enumerate(columns):
        seen[column.name] += 1
        count = seen[column.name]
        where = told.get(f"{column.name}#{count}") or (told.get(column.name) if count == 1 else None)
        if where:
            table, _, target = where.rpartition(".")
            side = f"#{count}" if count > 1 else ""
            named[number] = NamedColumn(column, target, table.rpartition(".")[2], side, told=True)
    return named


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

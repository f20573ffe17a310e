"""All rows of somebody's own query that a service cut: in parts of the sky, or with a limit of as many as there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from astropy.table import QTable

from cscwidgets.csc.families import Column
from cscwidgets.errors import QueryError
from cscwidgets.sky.boxes import Box, halved

from .answer_checks import single_count
from .monitor import Monitor
from .truncation import in_pieces, stacked

__all__ = ["Division", "all_rows", "count_of", "division_of"]

_ALL = Box(0.0, 360.0, -90.0, 91.0)  # boxes are without their upper edge: the pole is in
_AGGREGATES = {"COUNT", "SUM", "AVG", "MIN", "MAX"}


@dataclass(frozen=True)
class Division:
    """How a query can be divided: what stands before one more condition, and the columns of position that it is about.

    Where it cannot, ``why`` has the reason, in words.
    """

    before: str = ""
    ra: str = ""
    dec: str = ""
    why: str = ""

    def where(self, condition: str) -> str:
        """The query for rows of which this holds too."""
        return f"{self.before} ({condition})"

    @property
    def elsewhere(self) -> str:
        """The query for rows that are in no box: without a position, or with one that is none."""
        ra, dec = self.ra, self.dec
        return self.where(
            f"{ra} IS NULL OR {dec} IS NULL OR {ra} < 0 OR {ra} >= 360 OR {dec} < {_ALL.dec_low}"
            f" OR {dec} >= {_ALL.dec_high}"
        )


@dataclass(frozen=True)
class _Part:
    """A query for the rows in some boxes; see `truncation.Divisible`."""

    division: Division
    boxes: tuple[Box, ...] = (_ALL,)
    table: str = ""
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def adql(self) -> str:
        """The query."""
        ra, dec = self.division.ra, self.division.dec
        boxes = (
            f"({ra} >= {box.ra_low!r} AND {ra} < {box.ra_high!r}"
            f" AND {dec} >= {box.dec_low!r} AND {dec} < {box.dec_high!r})"
            for box in self.boxes
        )
        return self.division.where(" OR ".join(boxes))

    def count(self) -> str:
        """How many rows answer it."""
        return count_of(self.adql())

    def halves(self) -> tuple[_Part, _Part]:
        """Two that bring what this one does."""
        first, second = halved(self.boxes)
        return replace(self, boxes=first), replace(self, boxes=second)


def division_of(adql: str, columns_of: Callable[[str], Mapping[str, Column]]) -> Division:
    """How a query can be divided into parts of the sky, or why it cannot.

    Parameters
    ----------
    adql : str
    columns_of : callable
        The columns of a table, by its name with or without its schema; none where there is no such table.

    Raises
    ------
    QueryError
        If it cannot be read.
    """
    from sqlglot import exp  # noqa: PLC0415 - a fifth of a second

    from cscwidgets.io.adql.syntax import read_query  # noqa: PLC0415

    text = adql.strip().rstrip(";").rstrip()
    tree = read_query(text)
    if not isinstance(tree, exp.Select):
        return Division(why="it is made of several queries")
    calls = {
        call.name.upper()
        for one in tree.expressions
        for call in one.find_all(exp.Anonymous)
        if call.parent_select is tree
    }
    reasons = {
        "it keeps each row once (DISTINCT)": tree.args.get("distinct"),
        "it asks for a number of rows itself (TOP)": tree.args.get("limit") or tree.args.get("offset"),
        "it groups rows (GROUP BY)": tree.args.get("group") or tree.args.get("having"),
        "it computes one number of many rows": calls & _AGGREGATES,
        "it orders its rows (ORDER BY)": tree.args.get("order"),
    }
    for why, holds in reasons.items():
        if holds:
            return Division(why=why)
    joins = tree.args.get("joins") or []
    within = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    tables = [tree.args["from_"].this, *(join.this for join in joins if not join.side)]
    if any((join.side or "").upper() in {"RIGHT", "FULL"} or join.method for join in joins):
        return Division(why="it joins tables in a way that leaves rows without a position")
    for table in tables:
        if not isinstance(table, exp.Table) or (not table.db and table.name.lower() in within):
            continue
        columns = {name.lower() for name in columns_of(f"{table.db}.{table.name}".strip("."))}
        if {"ra", "dec"} <= columns:
            called = table.alias or f"{table.db}.{table.name}".strip(".")
            return Division(_open_to_more(text), f"{called}.ra", f"{called}.dec")
    return Division(why="none of its tables has positions (ra and dec)")


def all_rows(adql: str, ask: Callable[[str, int | None], QTable], division: Division, monitor: Monitor) -> QTable:
    """Every row of a query that was cut.

    Parameters
    ----------
    adql : str
    ask : callable
        Sends a query with the most rows to send; None for the service's own limit.
    division : Division
        How it can be divided.
    monitor : Monitor
        Told of progress, asked whether to stop.

    Raises
    ------
    QueryError
        If the service does not send them all whatever it is asked.
    """
    if division.why:
        monitor.report("counting all rows")
        wanted = single_count(ask(count_of(adql), None))
        rows = ask(adql, wanted)
        if not rows.meta["provenance"].complete:
            raise QueryError(
                "The rest of the answer cannot be fetched",
                f"the service sends {len(rows):,} of {wanted:,} rows at most, and the query cannot be asked in parts:"
                f" {division.why}",
                "Ask for fewer rows, or write the query so that it can be divided.",
            )
        return rows
    rows = in_pieces(_Part(division), lambda part, _: ask(part, None), monitor, repeats=True)
    others = ask(division.elsewhere, None)
    if not others.meta["provenance"].complete:
        raise QueryError(
            "The rest of the answer cannot be fetched",
            f"more rows than the service returns at once ({len(others):,}) have no position",
            "Ask for those with one: ra IS NOT NULL.",
        )
    answer = stacked([rows, others]) if len(others) else rows
    answer.meta["provenance"] = replace(
        rows.meta["provenance"], query=adql, requested=len(answer), returned=len(answer), truncated=0
    )
    return answer


def _open_to_more(text: str) -> str:
    """A query that one more condition may follow."""
    from cscwidgets.io.adql.syntax import outer_where  # noqa: PLC0415

    end = outer_where(text)
    # What is written may end in a comment: a new line ends that.
    return f"{text}\nWHERE" if end is None else f"{text[:end]} ({text[end:].lstrip()}\n) AND"


def count_of(adql: str) -> str:
    """The query that counts the rows of a query."""
    return f"SELECT COUNT(*) AS n FROM ({adql.strip().rstrip(';')}\n) AS q"

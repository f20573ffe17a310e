"""Queries that are short and might take all time or memory: they end in time, while they are planned too."""

import resource
import time
from contextlib import suppress

import pytest

from cscwidgets.errors import QueryError
from cscwidgets.service.database import Database

SECONDS = 2.0


def withs(levels: int, step: str) -> str:
    parts = ["w0 AS (SELECT * FROM master_source)"]
    parts += [f"w{level} AS ({step.replace('@', f'w{level - 1}')})" for level in range(1, levels + 1)]
    return f"WITH {', '.join(parts)} SELECT COUNT(*) AS n FROM w{levels}"


def nested(levels: int, step: str) -> str:
    query = "SELECT ra FROM master_source"
    for level in range(levels):
        query = step.replace("@", f"({query})").replace("#", str(level))
    return query


JOIN = "SELECT a.ra FROM @ a JOIN @ b ON a.ra = b.ra"
QUERIES = {
    "self joins, 8 levels": withs(8, JOIN),
    "self joins, 13 levels": withs(13, JOIN),
    "self joins, 30 levels": withs(30, JOIN),
    "all columns": withs(7, "SELECT a.*, b.* FROM @ a JOIN @ b ON a.ra = b.ra"),
    "many columns": withs(30, "SELECT a.* FROM @ a JOIN @ b ON a.ra = b.ra"),
    "three at a time": withs(6, "SELECT a.ra FROM @ a, @ b, @ c WHERE a.ra = b.ra AND b.ra = c.ra"),
    "unions": withs(12, "SELECT ra FROM @ UNION ALL SELECT ra FROM @"),
    "conditions": withs(12, "SELECT ra FROM @ WHERE ra IN (SELECT ra FROM @)"),
    "values": withs(12, "SELECT (SELECT MAX(ra) FROM @) AS ra FROM @"),
    "sub-queries": nested(12, "SELECT a#.ra FROM @ AS a# JOIN @ AS b# ON a#.ra = b#.ra"),
    "sub-queries in depth": nested(400, "SELECT a#.ra FROM @ AS a#"),
    "scalars in depth": nested(400, "SELECT MAX(ra) FROM master_source WHERE ra < @"),
    "cross join": "SELECT COUNT(*) AS n FROM " + ", ".join(f"master_source m{i}" for i in range(30)),
    "cross join of many": "SELECT COUNT(*) AS n FROM " + ", ".join(f"master_source m{i}" for i in range(300)),
    "unions in a row": " UNION ALL ".join(["SELECT ra FROM master_source"] * 3000),
    "list": f"SELECT ra FROM master_source WHERE ra IN ({', '.join(map(str, range(200_000)))})",
    "list of sums": f"SELECT ra FROM master_source WHERE ra IN ({', '.join(f'ra + {i}' for i in range(50_000))})",
    "conditions in a row": "SELECT ra FROM master_source WHERE " + " OR ".join(f"ra = {i}" for i in range(20_000)),
    "cases": "SELECT CASE "
    + " ".join(f"WHEN ra > {i} THEN {i}" for i in range(10_000))
    + " END AS x FROM master_source",
    "brackets": "SELECT " + "(" * 100_000 + "1" + ")" * 100_000 + " AS x FROM master_source",
    "minus": "SELECT " + "- " * 10_000 + "1 AS x FROM master_source",
    "number": f"SELECT {'9' * 1_000_000} AS x FROM master_source",
    "bits": f"SELECT 0x{'f' * 1_000_000} AS x FROM master_source",
    "stars": f"SELECT {', '.join(['*'] * 5000)} FROM master_source",
    "circles": "SELECT ra FROM master_source WHERE "
    + " OR ".join(f"1 = CONTAINS(POINT(ra, dec), CIRCLE({i % 360}, 0, 1))" for i in range(5000)),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_is_refused_stopped_or_answered_in_time(query: str, database: Database) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    with suppress(QueryError):  # DuckDB 1 answers one of them
        database.query(query, maxrec=10, seconds=SECONDS)
    assert time.monotonic() - begun < SECONDS + 20  # without a limit it is minutes; the machine may be busy
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 8_000_000  # kB: what joins may take is DuckDB's own limit, and a matter of their time


@pytest.mark.parametrize(
    "query",
    [
        withs(5, JOIN),
        withs(30, "SELECT ra FROM @ WHERE ra > 1"),
        nested(20, "SELECT a#.ra FROM @ AS a#"),
        " UNION ALL ".join(["SELECT ra FROM master_source"] * 100),
        f"SELECT ra FROM master_source WHERE ra IN ({', '.join(map(str, range(2000)))})",
    ],
)
def test_what_people_ask_is_answered(query: str, database: Database) -> None:
    assert database.query(query, maxrec=10).table.num_columns == 1

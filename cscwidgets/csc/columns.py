"""What every column of the catalogue means: type, unit, UCD and words, table by table.

The catalogue's 800-odd columns are a few families repeated over bands and limits, so they are
spelled as families. Names and their order follow the CSC 2.1 services.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from .detection_columns import OBI, OBSID, REGION, STACK, observation_source, stack_source
from .families import Column
from .master_columns import master_source

__all__ = ["TABLES", "describe"]

TABLES: Mapping[str, Mapping[str, Column]] = MappingProxyType(
    {
        table: MappingProxyType({column.name: column for column in columns})
        for table, columns in {
            "master_source": [*master_source()],
            "stack_source": [*stack_source()],
            "observation_source": [*observation_source()],
            "master_stack_assoc": [
                Column("name", "char", ucd="meta.id;meta.main", description="Source name"),
                STACK,
                REGION,
                Column(
                    "match_type",
                    "char",
                    ucd="meta.code",
                    description="u: unique match, a: ambiguous match, n: not detected in this stack",
                ),
            ],
            "stack_observation_assoc": [STACK, REGION, OBSID, OBI],
            "detect_stack": [
                STACK,
                OBSID,
                OBI,
                Column("cycle", "char", ucd="meta.code", description="Alternating exposure cycle, P or S"),
            ],
        }.items()
    }
)
"""Every table of the catalogue with its columns in service order."""


@cache
def describe(name: str, table: str | None = None) -> Column | None:
    """What is known of a column, or None for a name the catalogue does not have.

    Without a table, the master table is asked first: its meaning is what users expect.
    """
    tables = [table] if table else list(TABLES)
    for candidate in tables:
        if (column := TABLES.get(candidate, {}).get(name)) is not None:
            return column
    return None

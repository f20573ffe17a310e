"""Sources joined to their detections where a file does not name the detect stacks between them.

The catalogue joins a source to an observation through the stack both belong to. CSCview exports often
leave the stack out although each row holds the source and its detection; then every observation stands
in as a stack of its own, under a name that no real stack has.
"""

from __future__ import annotations

import pyarrow as pa

from cscwidgets.io.silent_duckdb import connect

__all__ = ["LINK", "missing_stacks"]

LINK = ("name", "obsid", "obi", "region_id")
"""The columns that join a source to a detection."""

_LEFT = """
SELECT DISTINCT name, format('obs{:05d}_{:03d}', obsid, obi) AS detect_stack_id, region_id, obsid, obi
FROM links WHERE (obsid, obi, region_id) NOT IN (SELECT (obsid, obi, region_id) FROM known)
ORDER BY name, obsid, obi
"""


def missing_stacks(links: pa.Table, present: pa.Table | None) -> dict[str, pa.Table]:
    """Rows of the three stack tables for sources and detections that no real stack joins.

    Parameters
    ----------
    links : pyarrow.Table
        Columns ``LINK``, one row for each source and detection.
    present : pyarrow.Table, optional
        The rows of ``stack_observation_assoc`` that the files do hold.
    """
    with connect() as connection:
        connection.register("links", links)
        connection.register("known", links.select(LINK[1:]).slice(0, 0) if present is None else present)
        tables = connection.sql(_LEFT).to_arrow_table()
    if not tables.num_rows:
        return {}
    unmatched = pa.nulls(tables.num_rows, pa.string())
    return {
        "master_stack_assoc": tables.select(["name", "detect_stack_id", "region_id"]).append_column(
            "match_type", unmatched
        ),
        "stack_source": tables.select(["detect_stack_id", "region_id"]),
        "stack_observation_assoc": tables.select(["detect_stack_id", "region_id", "obsid", "obi"]),
    }

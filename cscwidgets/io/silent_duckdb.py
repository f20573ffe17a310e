"""DuckDB in memory, which draws no progress bar among what a notebook or a script says."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

__all__ = ["connect"]


def connect(config: Mapping[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """A new database in memory.

    Parameters
    ----------
    config : mapping of str to str, optional
        DuckDB's settings.
    """
    connection = duckdb.connect(":memory:", config=dict(config or {}))
    # Where Python is interactive, DuckDB shows a bar after two seconds of work, into whatever is written there.
    connection.execute("SET enable_progress_bar = false")
    return connection

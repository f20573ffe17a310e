"""The answer to one query."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from cscwidgets.io.adql.relations import Field

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """Rows of one query, what its columns are, and whether rows were left out."""

    table: pa.Table
    fields: tuple[Field, ...]
    truncated: bool

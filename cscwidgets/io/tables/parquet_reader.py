"""Tables in Parquet, and tables in memory of whatever speaks Arrow: pandas, polars, pyarrow."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from astropy.table import Table

from ..quiet import quiet
from ..yaml_headers import require_plain_unit, require_plain_yaml
from .arrow_columns import of_arrow
from .astropy_columns import columns_of_astropy, left_out_note
from .bounds import require_fair_parquet
from .raw import RawColumn, RawTable

__all__ = ["raw_of_arrow", "read_parquet"]

_OURS = "cscwidgets"
"""The key of what this package's own files say of themselves."""


def read_parquet(content: bytes, origin: str) -> list[RawTable]:
    """The table of a Parquet file, with what the file says of it and of its columns.

    Raises
    ------
    Unreadable
        If it would take far more memory than it has bytes.
    Exception
        Whatever pyarrow raises over a damaged file: call it inside `cscwidgets.io.reading.reading`.
    """
    file = pq.ParquetFile(pa.BufferReader(content))
    metadata = _texts(file.schema_arrow.metadata)
    require_fair_parquet(file, metadata, len(content))
    if "table_meta_yaml" not in metadata:
        return [raw_of_arrow(file.read(), origin)]
    require_plain_yaml(metadata["table_meta_yaml"])
    with quiet():  # astropy says that it looks for the longest text
        table = Table.read(io.BytesIO(content), format="parquet")
    columns, notes = columns_of_astropy(table)
    return [RawTable(origin, tuple(columns), notes=tuple(notes), meta=dict(table.meta))]


def raw_of_arrow(table: pa.Table, origin: str) -> RawTable:
    """A table of Arrow; units, UCDs and descriptions are those in the metadata of its columns.

    >>> import pyarrow as pa
    >>> raw_of_arrow(pa.table({"ra": [1.5, None]}), "mine").columns[0].values.null_count
    1
    """
    columns: list[RawColumn] = []
    left_out: list[str] = []
    for field, values in zip(table.schema, table.columns, strict=True):
        array = of_arrow(_seconds(values) if pa.types.is_duration(field.type) else values)
        if array is None:
            left_out.append(field.name)
            continue
        said = _texts(field.metadata) | ({"unit": "s"} if pa.types.is_duration(field.type) else {})
        require_plain_unit(said.get("unit", ""))
        columns.append(RawColumn(field.name, array, **{key: said.get(key, "") for key in _SAID}))
    return RawTable(origin, tuple(columns), notes=tuple(left_out_note(left_out)), meta=_meta(table.schema.metadata))


def _seconds(durations: pa.ChunkedArray) -> pa.ChunkedArray:
    """Durations, which Arrow counts in whole seconds, milli-, micro- or nanoseconds."""
    whole = pc.cast(pc.cast(durations, pa.int64()), pa.float64(), safe=False)
    return pc.divide(whole, {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[durations.type.unit])


_SAID = ("unit", "ucd", "description")


def _meta(metadata: dict[bytes, bytes] | None) -> dict[str, Any]:
    meta: dict[str, Any] = {key: text for key, text in _texts(metadata).items() if key not in _OF_LIBRARIES}
    if _OURS in meta:
        said = json.loads(meta.pop(_OURS))
        meta |= said if isinstance(said, dict) else {}
    return meta


_OF_LIBRARIES = {"pandas", "ARROW:schema"}


def _texts(metadata: dict[bytes, bytes] | None) -> dict[str, str]:
    return {key.decode("utf-8", "replace"): text.decode("utf-8", "replace") for key, text in (metadata or {}).items()}

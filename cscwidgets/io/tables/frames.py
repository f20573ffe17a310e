"""Tables in memory that are not astropy's: frames of pandas after real work, and whatever speaks Arrow."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from .astropy_columns import unique
from .parquet_reader import raw_of_arrow
from .raw import RawTable

__all__ = ["is_frame", "raw_of_frame"]


def is_frame(thing: Any) -> bool:
    """Whether something is a table of pandas, polars, pyarrow or another library that hands out Arrow."""
    return not isinstance(thing, type) and (_is_pandas(thing) or _is_arrow(thing))


def raw_of_frame(frame: Any, origin: str) -> RawTable:
    """A frame as a raw table.

    Of pandas, an index with a name is columns, and one of text without a name is a column ``index``; numbers that only
    count rows are left. Labels are made text: of several levels with "_" between.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame, pyarrow.Table, ...
        Anything with the Arrow PyCapsule interface (``__arrow_c_stream__``) or ``to_arrow()``.
    origin : str
        What it is called.

    Examples
    --------
    >>> import pandas as pd
    >>> raw = raw_of_frame(pd.DataFrame({"ra": [1.5]}, index=pd.Index(["A"], name="name")), "mine")
    >>> [column.name for column in raw.columns]
    ['name', 'ra']
    """
    if _is_pandas(frame):
        return _of_pandas(frame, origin)
    table = frame if isinstance(frame, pa.Table) else None
    if table is None:
        table = pa.table(frame) if hasattr(frame, "__arrow_c_stream__") else frame.to_arrow()
    return raw_of_arrow(table, origin)


def _is_pandas(thing: Any) -> bool:
    return hasattr(thing, "iloc") and hasattr(thing, "columns")


def _is_arrow(thing: Any) -> bool:
    if not (hasattr(thing, "__arrow_c_stream__") or hasattr(thing, "to_arrow")):
        return False
    return hasattr(thing, "columns") or hasattr(thing, "schema") or hasattr(thing, "column_names")


def _of_pandas(frame: Any, origin: str) -> RawTable:
    labels = [
        (label, frame.index.get_level_values(n)) for n, label in enumerate(frame.index.names) if label is not None
    ]
    if not labels and frame.index.nlevels == 1 and frame.index.inferred_type == "string":
        labels = [("index", frame.index)]
    columns = [(label, frame.iloc[:, number]) for number, label in enumerate(frame.columns)]
    names, notes = unique([_name(label) for label, _ in (*labels, *columns)])
    arrays = [_array(values) for _, values in (*labels, *columns)]
    raw = raw_of_arrow(pa.table(arrays, names=names), origin)
    return RawTable(origin, raw.columns, notes=(*notes, *raw.notes), meta=dict(getattr(frame, "attrs", {})))


def _name(label: Any) -> str:
    parts = label if isinstance(label, tuple) else (label,)
    return "_".join(text for part in parts if (text := str(part))) or "column"


def _array(values: Any) -> pa.Array:
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        # Objects of several kinds, as after concat, or huge integers: their words, so that none is lost.
        return pa.array([None if none else str(item) for item, none in zip(values, values.isna(), strict=True)])

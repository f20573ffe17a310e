"""Columns of Arrow and of numpy as a raw table has them: numbers, flags, text, or lists of these."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .cells import clean

__all__ = ["null_note", "of_arrow", "of_numpy"]


def of_arrow(column: pa.ChunkedArray | pa.Array) -> pa.Array | None:
    """A column of any Arrow type; None where it holds what no table of ours does (structures, binary that is no text).

    Categories and dates become text, decimals real numbers.
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = array.type
    types = pa.types
    if types.is_dictionary(kind):
        return of_arrow(array.dictionary_decode())
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_float32(kind) or types.is_float64(kind):
        return array
    if types.is_null(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return pc.cast(array, pa.float64())
    if _is_text(kind) or types.is_temporal(kind):
        try:
            return pc.cast(array, pa.string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = kind.value_type
        simple = types.is_primitive(inner) or types.is_string(inner) or types.is_boolean(inner)
        return array if simple and not types.is_temporal(inner) else None
    return None


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    tests = (types.is_string, types.is_large_string, types.is_string_view, types.is_binary, types.is_large_binary)
    return any(test(kind) for test in tests)


def of_numpy(values: NDArray[Any], mask: NDArray[Any] | None = None) -> tuple[pa.Array | None, Counter[str]]:
    """A column of numpy, with text cleaned, and how often which word was taken for a null.

    Parameters
    ----------
    values : ndarray
        A number, flag, text or array of these for each row.
    mask : ndarray of bool, optional
        Where there is none.

    Returns
    -------
    (pyarrow.Array or None, Counter)
        None where the values are of another kind: complex numbers, objects.
    """
    data = np.asarray(values)
    hidden = np.zeros(data.shape, bool) if mask is None else np.broadcast_to(np.asarray(mask, bool), data.shape)
    if data.dtype.kind in "fiub":
        return _numbers(data, hidden), Counter()
    if data.dtype.kind == "M":
        data = np.datetime_as_string(data)
    if data.dtype.kind in "OSU":
        items = data.tolist()
        if data.ndim == 1 and all(isinstance(item, str | bytes) or item is None for item in items):
            return clean(pa.array([_text(item) for item in items], pa.string(), mask=hidden))
        return _lists(items, hidden), Counter()
    return None, Counter()


def _numbers(data: NDArray[Any], hidden: NDArray[Any]) -> pa.Array:
    kind = "f8" if data.dtype.kind == "f" and data.dtype.itemsize not in (4, 8) else data.dtype.newbyteorder("=")
    flat = np.ascontiguousarray(data.astype(kind)).reshape(-1)
    array = pa.array(flat, mask=np.ascontiguousarray(hidden).reshape(-1))
    for length in reversed(data.shape[1:]):
        array = pa.FixedSizeListArray.from_arrays(array, length) if length else pa.nulls(len(data))
    return array


def _lists(items: list[Any], hidden: NDArray[Any]) -> pa.Array | None:
    """Arrays of any length, or of text: a list in each row."""
    whole: list[bool] = np.all(hidden.reshape(len(items), -1), axis=1).tolist() if hidden.size else [False] * len(items)
    try:
        return of_arrow(pa.array([None if none else _plain(item) for item, none in zip(items, whole, strict=True)]))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return None


def _plain(item: Any) -> Any:
    if isinstance(item, np.ndarray):
        item = item.tolist()
    return [_plain(one) for one in item] if isinstance(item, list | tuple) else _text(item)


def _text(item: Any) -> Any:
    return item.decode("utf-8", "replace") if isinstance(item, bytes) else item


def null_note(words: Counter[str]) -> list[str]:
    """What is said of words that were taken for nulls.

    >>> from collections import Counter
    >>> null_note(Counter({"NULL": 3, "--": 1}))
    ["read as no value: 'NULL' (3 cells), '--' (1 cell)"]
    """
    listed = ", ".join(f"{word!r} ({count:,} cell{'s' if count != 1 else ''})" for word, count in words.most_common(6))
    return [f"read as no value: {listed}"] if words else []

"""Whether two answers are the same table, the order of rows aside."""

from __future__ import annotations

import numpy as np
from astropy.table import Table
from astropy.time import Time

__all__ = ["assert_same"]


def assert_same(one: Table, other: Table, *, ordered: bool = False, rtol: float = 0.0) -> None:
    """Names, units, kinds, nulls and values of all columns are equal, and there are rows.

    Parameters
    ----------
    ordered : bool
        Whether the order of rows counts too.
    rtol : float
        How far real numbers may be apart that were computed, in units of themselves.
    """
    assert one.colnames == other.colnames
    assert len(one) == len(other) > 0
    assert _units(one) == _units(other)
    columns, others = ({name: _plain(table[name]) for name in table.colnames} for table in (one, other))
    assert {name: kind(values) for name, values in columns.items()} == {
        name: kind(values) for name, values in others.items()
    }
    if not ordered:
        columns, others = _sorted(columns), _sorted(others)
    for name, values in columns.items():
        hidden = np.ma.getmaskarray(values)
        np.testing.assert_array_equal(hidden, np.ma.getmaskarray(others[name]), err_msg=f"nulls of {name}")
        pair = values[~hidden].data, others[name][~hidden].data
        if rtol and kind(values) == "number":
            np.testing.assert_allclose(*pair, rtol=rtol, err_msg=name)
        else:
            np.testing.assert_array_equal(*pair, err_msg=name)


def kind(values: np.ma.MaskedArray) -> str:
    """What a column holds, whatever its size."""
    return {"f": "number", "i": "whole", "u": "whole", "b": "flag"}.get(values.dtype.kind, "text")


def _units(table: Table) -> dict[str, object]:
    return {name: getattr(table[name], "unit", None) for name in table.colnames}


def _plain(column: object) -> np.ma.MaskedArray:
    """Values and nulls of a column: NaN is one too, the null of real numbers."""
    values = np.ma.asarray(column.mjd if isinstance(column, Time) else getattr(column, "value", column))
    return np.ma.masked_invalid(values) if values.dtype.kind == "f" else values


def _sorted(columns: dict[str, np.ma.MaskedArray]) -> dict[str, np.ma.MaskedArray]:
    """By what is exact first: numbers that were computed may differ in the last digit."""
    exact = [values for values in columns.values() if kind(values) != "number"]
    keys = [*exact, *(values for values in columns.values() if kind(values) == "number")]
    order = np.lexsort([key for values in reversed(keys) for key in (_filled(values), np.ma.getmaskarray(values))])
    return {name: values[order] for name, values in columns.items()}


def _filled(values: np.ma.MaskedArray) -> np.ndarray:
    return np.ma.filled(values, np.zeros(1, values.dtype)[0])

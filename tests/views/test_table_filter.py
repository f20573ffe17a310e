"""What is written above a column, against plain comparisons."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.views.table_columns import TableColumn
from cscwidgets.views.table_filter import FilterError, matches

VALUES = np.array([1e-15, 2e-14, -3.0, 0.5, 1.2, 1.24, 1.26, 7.0])
TABLE = QTable(
    {
        "x": MaskedColumn(VALUES, mask=[False] * 7 + [True]),
        "name": ["M 33 X-7", "M33 x-8", "NGC 1 <b>", "", "a&b", "null", "é", "=M"],
        "flag": MaskedColumn([True, False] * 4, mask=[False] * 6 + [True] * 2),
        "n": np.arange(8),
    }
)


def kept(column, text):
    return np.flatnonzero(matches(TableColumn(TABLE, column), text)).tolist()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (">1e-14", [1, 3, 4, 5, 6]),
        ("<0.5", [0, 1, 2]),
        ("<= .5", [0, 1, 2, 3]),
        ("0.5..1.25", [3, 4, 5]),
        ("1.25 .. 0.5", [3, 4, 5]),
        ("=1.2", [4, 5]),
        ("1.26", [6]),
        ("!=1.2", [0, 1, 2, 3, 6]),
        (">0 & <1", [0, 1, 3]),
        ("-5..-1", [2]),
        ("null", [7]),
        ("!null", list(range(7))),
        ("", list(range(8))),
    ],
)
def test_numbers(text, rows):
    assert kept("x", text) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("m 33", [0]),
        ("X-", [0, 1]),
        ("<B>", [2]),
        ("=M33 x-8", [1]),
        ("!x-", [2, 4, 5, 6, 7]),
        ("null", [3]),
        (".*", []),
    ],
)
def test_text(text, rows):
    assert kept("name", text) == rows


@pytest.mark.parametrize(
    ("text", "rows"), [("=TRUE", [0, 2, 4]), ("false", [1, 3, 5]), ("!true", [1, 3, 5]), ("null", [6, 7])]
)
def test_truth_values(text, rows):
    assert kept("flag", text) == rows


@pytest.mark.parametrize(
    ("column", "text"), [("x", "bright"), ("x", ">x"), ("x", "1...2..3"), ("flag", "maybe"), ("n", "=>3")]
)
def test_nonsense_is_answered_with_what_to_write(column, text):
    with pytest.raises(FilterError, match="write"):
        kept(column, text)


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    limit=st.floats(-1e6, 1e6),
    operator=st.sampled_from([">", ">=", "<", "<="]),
)
def test_comparisons_agree_with_python(values, limit, operator):
    column = TableColumn(QTable({"x": values}), "x")
    expected = [eval(f"value {operator} limit", {"value": value, "limit": limit}) for value in values]
    assert matches(column, f"{operator}{limit!r}").tolist() == expected

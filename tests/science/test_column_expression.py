"""Formulas of columns are what Python and numpy make of the same arrays."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable, Table
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.column_expression import evaluate, numeric_columns


@pytest.fixture
def table():
    return QTable(
        {
            "name": ["a", "b", "c"],
            "Jmag": MaskedColumn([10.0, 11.0, 12.0], mask=[False, True, False], unit="mag"),
            "Kmag": [9.0, 9.5, 12.5] * u.mag,
            "B-V": [0.5, np.nan, 1.5] * u.mag,
            "flux": [1e-14, 0.0, 1e-12] * u.erg / u.s / u.cm**2,
            "n": [1, 2, 3],
            "pair": np.ones((3, 2)),
        }
    )


@pytest.mark.parametrize(
    ("text", "values", "unit", "column"),
    [
        ("Kmag", [9, 9.5, 12.5], u.mag, "Kmag"),
        ("Jmag - Kmag", [1, np.nan, -0.5], u.mag, ""),
        ("B-V", [0.5, np.nan, 1.5], u.mag, "B-V"),
        ("`B-V` - 2 * Kmag", [-17.5, np.nan, -23.5], u.mag, ""),
        ("log10(flux)", [-14, np.nan, -12], u.one, ""),
        ("(n + 1) / -n", [-2, -1.5, -4 / 3], u.one, ""),
        ("flux / flux", [1, np.nan, 1], u.one, ""),
        ("3", [3, 3, 3], u.one, ""),
    ],
)
def test_a_formula_has_values_a_unit_and_perhaps_a_column(table, text, values, unit, column):
    found = evaluate(text, table)
    np.testing.assert_allclose(found.values, values, rtol=1e-12)
    assert found.unit == unit
    assert found.column == column


def test_the_label_names_the_unit(table):
    assert evaluate("Jmag - Kmag", table).label == "Jmag - Kmag / mag"
    assert evaluate("log10(flux)", table).label == "log10(flux)"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Hmag", "no column Hmag"),
        ("name", "does not hold numbers"),
        ("pair", "does not hold numbers"),
        ("Jmag -", "no formula"),
        ("", "no formula"),
        ("Jmag - flux", "compatible dimensions"),
        ("__import__('os')", "An axis takes"),
        ("Jmag.unit", "An axis takes"),
        ("[x for x in n]", "An axis takes"),
        ("n ** 2", "An axis takes"),
        ("True", "An axis takes"),
        ("-" * 5000 + "n", "longer than 200"),
    ],
)
def test_what_is_no_axis_is_refused_in_words(table, text, why):
    with pytest.raises(CscError, match=why):
        evaluate(text, table)


def test_columns_with_one_number_a_row(table):
    assert numeric_columns(table) == ["Jmag", "Kmag", "B-V", "flux", "n"]


NUMBERS = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20), st.sampled_from("+-*/"))
def test_arithmetic_is_numpys(rows, sign):
    a, b = np.array(rows).T
    with np.errstate(all="ignore"):
        expected = {"+": a + b, "-": a - b, "*": a * b, "/": a / b}[sign]
    found = evaluate(f"a {sign} (b)", Table({"a": a, "b": b})).values
    np.testing.assert_array_equal(found, np.where(np.isfinite(expected), expected, np.nan))

"""Formulas of columns are what astropy makes of the same columns, their errors what astropy's samples give."""

import contextlib
import math
import operator
import time

import astropy.units as u
import numpy as np
import pytest
from astropy import uncertainty
from astropy.nddata import NDDataRef, StdDevUncertainty
from astropy.table import MaskedColumn, QTable, Table
from hypothesis import given, settings
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.column_expression import condition, errors_of, evaluate, numeric_columns, quoted


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
            "theta": [0.0, 30.0, 90.0] * u.deg,
            "flag": MaskedColumn([True, False, True], mask=[False, False, True]),
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
        ("n ** 2 + n**-1", [2, 4.5, 28 / 3], u.one, ""),
        ("sqrt(flux) * flux ** (1/2)", [1e-14, 0, 1e-12], u.erg / u.s / u.cm**2, ""),
        ("sin(theta)", [0, 0.5, 1], u.one, ""),
        ("max(n, 2)", [2, 2, 3], u.one, ""),
        ("max(flux, 1e-13)", [1e-13, 1e-13, 1e-12], u.erg / u.s / u.cm**2, ""),
        ("hypot(n, 2 * n)", np.sqrt(5) * np.arange(1, 4), u.one, ""),
        ("ln(exp(n))", [1, 2, 3], u.one, ""),
    ],
)
def test_a_formula_has_values_a_unit_and_perhaps_a_column(table, text, values, unit, column):
    found = evaluate(text, table)
    np.testing.assert_allclose(found.values, values, rtol=1e-12, atol=1e-15)
    assert found.unit == unit
    assert found.column == column


def test_the_label_names_the_unit(table):
    assert evaluate("Jmag - Kmag", table).label == "Jmag - Kmag / mag"
    assert evaluate("log10(flux)", table).label == "log10(flux)"
    assert quoted("flux") == "flux"


HOSTILE = [
    ("__import__('os')", "has no meaning"),
    ("__import__(n)", "no function __import__"),
    ("Jmag.unit", "has no meaning"),
    ("().__class__", "has no meaning"),
    ("[x for x in n]", "has no meaning"),
    ("(lambda: n)()", "has no meaning"),
    ("(n := 3)", "has no meaning"),
    ("n if n else n", "has no meaning"),
    ("True", "has no meaning"),
    ("1j * n", "has no meaning"),
    ("n; n", "has no meaning"),
    ("f'{n}'", "has no meaning"),
    ("*n", "cannot be read|no meaning"),
    ("max(*n)", "not 1"),
    ("max(n, key=n)", "no meaning|values"),
    ("(n)(n)", "no function n"),
    ("log10(log10)", "log10 is a function|it is a function"),
    ("log10", "it is a function"),
    ("max", "it is a function"),
    ("n(3)", "no function n"),
    ("eval(n)", "no function eval"),
    ("n ** 1e9", "greater than 10"),
    ("9 ** 9 ** 9 ** 9", "power"),
    ("n ** n", "power must be a number"),
    ("2 ** (9 ** 9)", "power"),
    ("((((flux ** 9) ** 9) ** 9) ** 9) ** 9", "power of a unit"),
    ("9" * 390, "too large"),
    ("1e999", "too large"),
    ("-" * 5000 + "n", "longer than 400"),
    ("-" * 390 + "n", "100 deep"),
    ("(" * 399, "cannot be read"),
    ("sqrt(" * 66 + "n" + ")" * 65, "cannot be read"),
    ("n" + "+n" * 190, "100 deep"),
    ("`" * 9 + "n", "no meaning"),
    ("n\0n", "no meaning"),
    ("0777", "cannot be read"),
    ("1if n else 2", "no meaning|cannot be read"),
]


def test_a_column_of_the_catalogue_that_was_not_fetched_is_told_from_a_mistyped_one(table):
    for act in (evaluate, condition, errors_of):
        with pytest.raises(CscError) as refused:
            act("log10(1 + likelihood)", table)
        assert "the catalogue has it, but it was not fetched" in refused.value.why
        assert refused.value.hint == "Add it in the panel Query, under Columns, or name it where you search."
        with pytest.raises(CscError) as refused:
            act("log10(1 + likelihoood)", table)
        assert "the catalogue" not in refused.value.why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Hmag", "no column Hmag"),
        ("name", "does not hold numbers"),
        ("pair", "does not hold numbers"),
        ("Jmag -", "a sign missing"),
        ("", "it is empty"),
        ("Jmag - flux", "units do not fit.*compatible dimensions"),
        ("exp(flux)", "units do not fit"),
        ("sin(flux)", "units do not fit"),
        ("flux > Kmag", "units do not fit"),
        ("n > 1", "true or false, not a number"),
        ("(n > 1) + 1", "true or false, not a number"),
        ("hypot(n)", "takes 2 values, not 1"),
        *HOSTILE,
    ],
)
def test_what_is_no_axis_is_refused_in_words_and_at_once(table, text, why):
    began = time.process_time()
    with pytest.raises(CscError, match=f"(?i){why}"):
        evaluate(text, table)
    assert time.process_time() - began < 0.1


@given(st.text(max_size=60) | st.text("n()*+-.,[]{}:='\"`_ 019e<>&|~", max_size=60))
def test_any_text_is_a_formula_or_refused(text):
    table = Table({"n": [1.0, 2.0]})
    for read in (evaluate, condition):
        began = time.process_time()
        with contextlib.suppress(CscError):
            read(text, table)
        assert time.process_time() - began < 0.1


def test_columns_with_one_number_a_row(table):
    assert numeric_columns(table) == ["Jmag", "Kmag", "B-V", "flux", "n", "theta"]


# A formula is made together with what astropy itself makes of the same columns.

COLUMNS = QTable(
    {
        "d": [1.0, -2.5, 0.0, np.nan, 1e3],
        "len": [1.0, 2.0, -3.0, 0.0, 50.0] * u.m,
        "cm": [100.0, 1.0, 2.0, 0.0, -4.0] * u.cm,
        "ang": [0.0, 30.0, 90.0, -180.0, 45.0] * u.deg,
        "ratio": [10.0, 20.0, 0.0, -5.0, 100.0] * u.percent,
        "flux": [1e-14, 0.0, 3e-12, np.nan, 2e-15] * u.erg / u.s / u.cm**2,
    }
)
SIGNS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
ONE = {name: getattr(np, name) for name in ("abs", "sqrt", "exp", "sin", "cos", "tan", "arcsin", "arccos", "arctan")}
TWO = {"hypot": np.hypot, "atan2": np.arctan2}

leaves = st.sampled_from(COLUMNS.colnames).map(lambda name: (name, COLUMNS[name])) | st.integers(0, 9).map(
    lambda number: (str(number), np.float64(number))
)


def _signed(left, sign, right):
    return f"({left[0]} {sign} {right[0]})", (SIGNS[sign], left[1], right[1])


def _made(parts):
    return (
        st.tuples(parts, st.sampled_from(list(SIGNS)), parts).map(lambda found: _signed(*found))
        | st.tuples(st.sampled_from(list(ONE)), parts).map(lambda f: (f"{f[0]}({f[1][0]})", (ONE[f[0]], f[1][1])))
        | st.tuples(st.sampled_from(list(TWO)), parts, parts).map(
            lambda f: (f"{f[0]}({f[1][0]}, {f[2][0]})", (TWO[f[0]], f[1][1], f[2][1]))
        )
        | st.tuples(parts, st.sampled_from([2, 3, -1, 0.5])).map(
            lambda f: (f"({f[0][0]}) ** {f[1]}", (np.power, f[0][1], f[1]))
        )
        | parts.map(lambda f: (f"-{f[0]}", (operator.neg, f[1])))
    )


def _astropys(made):
    if not isinstance(made, tuple):
        return made
    function, *parts = made
    parts = [_astropys(part) for part in parts]
    return function(*parts)


@settings(max_examples=1000, deadline=None)
@given(st.recursive(leaves, _made, max_leaves=8))
def test_a_formula_is_astropys(made):
    text, tree = made
    if len(text) > 400:
        return
    with np.errstate(all="ignore"):
        try:
            expected = u.Quantity(_astropys(tree))
        except u.UnitsError:
            with pytest.raises(CscError, match="Units do not fit"):
                evaluate(text, COLUMNS)
            return
    found = evaluate(text, COLUMNS)
    values = np.broadcast_to(expected.to_value(found.unit), len(COLUMNS))
    if not expected.unit.is_equivalent(u.one):
        assert found.unit == expected.unit
    np.testing.assert_allclose(found.values, np.where(np.isfinite(values), values, np.nan), rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("flag", [True, False, False]),
        ("not flag", [False, True, False]),
        ("flux > 1e-13", [False, False, True]),
        ("flux > 0", [True, False, True]),
        ("1 < n <= 3", [False, True, True]),
        ("(n > 1) & (n < 3)", [False, True, False]),
        ("(n == 1) | ~(n != 3)", [True, False, True]),
        ("Jmag > 0", [True, False, True]),
        ("not (Jmag > 0)", [False, False, False]),
        ("isnull(Jmag)", [False, True, False]),
        ("Jmag > 11 or n == 2", [False, True, True]),
        ("theta > 0 and flag or n == 3", [False, False, True]),
        ("1 < 2", [True, True, True]),
    ],
)
def test_a_condition_holds_where_nothing_that_decides_is_missing(table, text, holds):
    assert condition(text, table).tolist() == holds


@pytest.mark.parametrize(
    ("text", "why"),
    [("n", "is a number, not a condition"), ("n > 1 & n < 3", "brackets around comparisons"), ("n and flag", "number")],
)
def test_what_is_no_condition_is_refused(table, text, why):
    with pytest.raises(CscError, match=why):
        condition(text, table)


NUMBERS = st.floats(-1e3, 1e3)


@given(st.lists(st.tuples(NUMBERS | st.none(), NUMBERS | st.none()), min_size=1, max_size=8), st.data())
def test_conditions_are_sqls(rows, data):
    duckdb = pytest.importorskip("duckdb")
    clause = st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["<", "<=", ">", ">="]), st.integers(-5, 5)).map(
        lambda part: f"({part[0]} {part[1]} {part[2]})"
    )
    text = data.draw(
        st.recursive(
            clause,
            lambda parts: (
                st.tuples(parts, st.sampled_from(["and", "or"]), parts).map(lambda p: f"({' '.join(p)})")
                | parts.map(lambda part: f"(not {part})")
            ),
            max_leaves=6,
        )
    )
    values = ", ".join(
        f"({i}, {a if a is not None else 'NULL'}, {b if b is not None else 'NULL'})" for i, (a, b) in enumerate(rows)
    )
    asked = f"SELECT i FROM (VALUES {values}) t(i, a, b) WHERE {text} ORDER BY i"
    expected = [row for (row,) in duckdb.sql(asked).fetchall()]
    a, b = ([math.nan if value is None else float(value) for value in column] for column in zip(*rows, strict=True))
    assert np.flatnonzero(condition(text, Table({"a": a, "b": b}))).tolist() == expected


# Errors.


def errors(values, low, high, **others):
    return Table({"x": values, "x_lolim": low, "x_hilim": high, **others})


@pytest.mark.parametrize("text", ["log10(x)", "sqrt(x)", "1 / x", "exp(-x)", "x ** 3", "-x", "ln(2 * x + 1)"])
def test_of_one_column_the_ends_are_those_of_the_column(text):
    found = errors_of(text, errors([2.0, 5.0], [1.5, 1.0], [4.0, 5.5]))
    ends = [evaluate(text, Table({"x": end})).values for end in ([1.5, 1.0], [4.0, 5.5])]
    np.testing.assert_allclose(found.low, np.minimum(*ends))
    np.testing.assert_allclose(found.high, np.maximum(*ends))
    assert found.of == ("x",)


def test_sums_are_in_quadrature_as_astropy_has_them():
    table = Table({"a": [5.0], "e_a": [0.3], "b": [3.0], "b_err": [0.4], "c": [1.0]})
    both = NDDataRef([5.0], StdDevUncertainty([0.3])).add(NDDataRef([3.0], StdDevUncertainty([0.4]))).uncertainty.array
    found = errors_of("a + b + c", table)
    np.testing.assert_allclose(found.high - 9, both)
    np.testing.assert_allclose(9 - found.low, both)
    assert found.of == ("a", "b")
    np.testing.assert_allclose(errors_of("a - a", table).high, 0)  # one column is one quantity


@pytest.mark.parametrize("text", ["a / b", "log10(a / b)", "(a - b) / (a + b)", "a * b", "sqrt(a * b)", "hypot(a, b)"])
@pytest.mark.parametrize(("relative", "tolerance"), [(0.05, 0.02), (0.3, 0.025), (0.5, 0.12)])
def test_formulas_have_the_errors_of_astropys_samples(text, relative, tolerance):
    a, b = 5.0, 3.0
    table = Table({"a": [a], "e_a": [relative * a], "b": [b], "e_b": [relative * b]})
    found = errors_of(text, table)
    rng = np.random.default_rng(7)
    samples = {
        name: uncertainty.Distribution(value * (1 + relative * rng.standard_normal((1, 200_000))))
        for name, value in (("a", a), ("b", b))
    }
    names = {"a": samples["a"], "b": samples["b"], "log10": np.log10, "sqrt": np.sqrt, "hypot": np.hypot}
    with np.errstate(invalid="ignore"):
        drawn = eval(text, {"__builtins__": {}}, names)
    sample = np.asarray(drawn.distribution)
    low, high = np.nanpercentile(sample, [15.865, 84.135])
    np.testing.assert_allclose(found.high - found.low, high - low, rtol=tolerance)


def test_limits_of_the_catalogue_become_limits_of_formulas():
    table = Table(
        {
            "flux_aper_h": [4.0, 0.0, 4.0, 0.0, np.nan],
            "flux_aper_lolim_h": [3.0, 0.0, 3.0, 0.0, np.nan],
            "flux_aper_hilim_h": [6.0, 2.0, 6.0, 2.0, np.nan],
            "flux_aper_s": [2.0, 2.0, 0.0, 0.0, 2.0],
            "flux_aper_lolim_s": [1.0, 1.0, 0.0, 0.0, 1.0],
            "flux_aper_hilim_s": [3.0, 3.0, 1.0, 1.0, 3.0],
        }
    )
    ratio = errors_of("flux_aper_h / flux_aper_s", table)
    assert ratio.upper.tolist() == [False, True, False, False, False]
    assert ratio.lower.tolist() == [False, False, True, False, False]
    assert ratio.high[1] == 1  # 2 / 2
    assert ratio.low[2] == 4  # 4 / 1
    assert np.isnan([ratio.low[3:], ratio.high[3:]]).all()  # 0 / 0 says nothing
    logarithm = errors_of("log10(flux_aper_h)", table)
    assert logarithm.upper.tolist() == [False, True, False, True, False]
    np.testing.assert_allclose(logarithm.high[:4], np.log10([6, 2, 6, 2]))
    assert logarithm.low[1] == -np.inf
    # Of a sum the limit is an error; it is bounded on both sides.
    total = errors_of("flux_aper_h + flux_aper_s", table)
    assert not total.upper[:3].any()
    np.testing.assert_allclose([total.low[1], total.high[1]], [1, 2 + np.hypot(2, 1)])
    assert total.upper[3]


def test_a_row_without_errors_has_none():
    found = errors_of("x / y", errors([2.0, 2.0], [np.nan, 1.0], [np.nan, 3.0], y=[2.0, 2.0]))
    assert np.isnan([found.low[0], found.high[0]]).all()
    assert (found.low[1], found.high[1]) == (0.5, 1.5)
    assert np.isnan(errors_of("2 * y", Table({"y": [1.0]})).low).all()


@pytest.mark.real
def test_real_limits_are_those_of_the_catalogue(pulsars):
    found = errors_of("flux_aper_b", pulsars)
    np.testing.assert_array_equal(found.high, np.ma.filled(pulsars["flux_aper_hilim_b"], np.nan))
    ratio = errors_of("flux_aper_h / flux_aper_s", pulsars)
    h, s = pulsars["flux_aper_h"], pulsars["flux_aper_s"]
    known = np.isfinite(h) & np.isfinite(s) & (s > 0) & (h > 0)
    assert known.sum() > 20
    value = h[known] / s[known]
    assert (ratio.low[known] <= value).all()
    assert (ratio.high[known] >= value).all()
    assert ratio.upper[(h == 0) & (s > 0)].all()
    assert ratio.lower[(s == 0) & (h > 0)].all()


def test_hundreds_of_thousands_of_rows_take_a_moment():
    rng = np.random.default_rng(1)
    columns = {name: rng.uniform(1, 2, 400_000) for name in ("a", "b")}
    table = Table({**columns, "e_a": columns["a"] / 9, "e_b": columns["b"] / 9})
    began = time.process_time()
    errors_of("log10((a - b) / (a + b) + 3)", table)
    assert time.process_time() - began < 0.6

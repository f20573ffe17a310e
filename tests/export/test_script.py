"""Scripts are put together of parts: what is written is read as the same, whatever a place or a query holds."""

import ast
import math

import astropy.units as u
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.export.script import Code, literal, named, script_text

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
)


@given(PLAIN)
def test_a_literal_is_read_as_the_same_value(value):
    assert ast.literal_eval(literal(value)) == value
    assert ast.literal_eval(named("x", value).partition(" = ")[2]) == value


@given(st.text(), st.lists(st.text()))
def test_no_title_or_query_ends_the_docstring_or_is_run(title, head):
    text = script_text(title, Code.of("x = 1"), head)
    docstring, statement = ast.parse(text.encode("utf-8", "replace")).body
    assert isinstance(docstring.value.value, str)
    assert ast.unparse(statement) == "x = 1"


def test_a_query_stands_in_the_docstring_as_it_is():
    query = 'SELECT "a\\b" FROM t WHERE name = \'"""\''
    (docstring,) = ast.parse(script_text("Rows", Code(), [query])).body
    assert query in docstring.value.value


def test_numbers_and_quantities_keep_every_digit():
    value = np.float64(1 / 3) * u.Unit("erg / (s cm2)")
    again = eval(literal(value), {"u": u})
    assert again == value
    assert again.unit == value.unit
    assert math.isnan(eval(literal(math.nan)))
    assert eval(literal(np.array([1.5, 2.5]))) == [1.5, 2.5]


def test_parts_and_imports_stand_once_in_the_order_of_linters():
    first = Code.of("a = np.pi", "import numpy as np", "from cscwidgets.sky import read_region", works=["csc"])
    second = Code.of("b = Region", "from cscwidgets.sky import Region", "from dataclasses import replace")
    text = (first + second + first).text
    assert text == (
        "from dataclasses import replace\n\nimport numpy as np\nfrom cscwidgets.sky import Region, read_region\n\n"
        "a = np.pi\n\nb = Region"
    )
    assert (second + first).works == ("csc",)

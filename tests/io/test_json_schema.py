"""Our reader of JSON Schema says what the package jsonschema says, and a document is bounded."""

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given

from cscwidgets.io.json_document import read_json
from cscwidgets.io.json_schema import listed, nullable, number, one_of, record, require_schema, text
from cscwidgets.io.reading import Unreadable

LEAVES = [
    text(3),
    number(0, 2),
    number(),
    {"type": "integer", "minimum": 1},
    {"type": "boolean"},
    {"type": ["boolean", "null"]},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    one_of([1, "a", True, None]),
]
SCHEMAS = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        inner.map(nullable),
        st.builds(lambda items, most: listed(items, most, fewest=1), inner, st.integers(1, 3)),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(lambda parts: record(parts, optional="a")),
        inner.map(lambda items: {"type": "object", "additionalProperties": items, "maxProperties": 2}),
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 0.5, -1, 3, 10**30, "", "a", "abcd"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)


@given(SCHEMAS, VALUES)
def test_a_schema_means_what_it_means_to_others(schema, value):
    import jsonschema

    valid = jsonschema.Draft202012Validator(schema).is_valid(value)
    try:
        require_schema(value, schema)
    except Unreadable:
        assert not valid
    else:
        assert valid


@given(VALUES)
def test_a_document_is_what_was_written(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps(value))
    assert read_json(path, 10_000, 20) == value


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[NaN]", "NaN is no number"),
        (b"[1e999]", "too large"),
        (b'{"a": 1, "a": 2}', "a key twice"),
        (b"[" * 30 + b"]" * 30, "nested too deeply"),
        (b'"\xff"', "no text in UTF-8"),
        (b"[1,", "it is no JSON: .* in line 1"),
        (b" " * 20_000, "larger than"),
    ],
)
def test_a_document_that_is_none_is_refused(tmp_path, content, why):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(Unreadable, match=why):
        read_json(tmp_path / "a.json", 10_000, 20)

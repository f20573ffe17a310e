"""Whether a value is as a JSON Schema says: the part of its words that our own schemas use.

`tests/io/test_json_schema.py` has it agree with the package ``jsonschema``, which takes a second to import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any, TypeAlias

from .reading import Unreadable

__all__ = ["Schema", "listed", "nullable", "number", "one_of", "record", "require_schema", "text"]

Schema: TypeAlias = Mapping[str, Any]

_LONGEST = 1000


def text(longest: int = _LONGEST) -> Schema:
    """A text."""
    return {"type": "string", "maxLength": longest}


def number(low: float | None = None, high: float | None = None) -> Schema:
    """A finite number, with its bounds."""
    bounds = {"minimum": low, "maximum": high}
    return {"type": "number", **{name: bound for name, bound in bounds.items() if bound is not None}}


def one_of(choices: Iterable[Any]) -> Schema:
    """One of some plain values."""
    return {"enum": list(choices)}


def listed(items: Schema, most: int, *, fewest: int = 0) -> Schema:
    """A list."""
    return {"type": "array", "items": items, "minItems": fewest, "maxItems": most}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def record(properties: Mapping[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    """An object with these keys and no other."""
    left_out = set(optional)
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in left_out],
        "additionalProperties": False,
    }


def require_schema(value: Any, schema: Schema, where: str = "") -> None:
    """Raise what is wrong with a value of JSON, and where.

    Raises
    ------
    Unreadable
        If the value is not as the schema says.

    Examples
    --------
    >>> require_schema({"radius": -1}, record({"radius": number(low=0)}), "region")
    Traceback (most recent call last):
    ...
    cscwidgets.io.reading.Unreadable: region.radius is -1, less than 0
    """
    for word, expected in schema.items():
        check = _CHECKS.get(word)
        if check is not None:
            check(value, expected, where, schema)


def _type(value: Any, expected: Any, where: str, _schema: Schema) -> None:
    if not any(_TYPES[name](value) for name in ([expected] if isinstance(expected, str) else expected)):
        raise _wrong(where, f"is no {expected if isinstance(expected, str) else ' or '.join(expected)}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and value == int(value),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _enum(value: Any, choices: Any, where: str, _schema: Schema) -> None:
    # True equals 1 in Python, and not in JSON.
    if not any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in choices):
        raise _wrong(where, f"is {value!r:.60}, and none of {', '.join(map(repr, choices))}"[:300])


def _bound(words: str, holds: Callable[[float, float], bool]) -> Callable[[Any, Any, str, Schema], None]:
    def check(value: Any, bound: Any, where: str, _schema: Schema) -> None:
        if _is_number(value) and not holds(value, bound):
            raise _wrong(where, f"is {value!r:.40}, {words} {bound:g}")

    return check


def _length(
    kind: type[Sized], words: str, holds: Callable[[int, int], bool]
) -> Callable[[Any, Any, str, Schema], None]:
    def check(value: Any, bound: Any, where: str, _schema: Schema) -> None:
        if isinstance(value, kind) and not holds(len(value), bound):
            raise _wrong(where, f"has {words.format(f'{bound:,}')}")

    return check


def _items(value: Any, schema: Any, where: str, _schema: Schema) -> None:
    if isinstance(value, list):
        for place, item in enumerate(value):
            require_schema(item, schema, f"{where}[{place}]")


def _properties(value: Any, schemas: Any, where: str, _schema: Schema) -> None:
    if isinstance(value, dict):
        for name, schema in schemas.items():
            if name in value:
                require_schema(value[name], schema, f"{where}.{name}".lstrip("."))


def _required(value: Any, names: Any, where: str, _schema: Schema) -> None:
    if isinstance(value, dict):
        for name in names:
            if name not in value:
                raise _wrong(where, f"has no {name!r}")


def _additional(value: Any, allowed: Any, where: str, schema: Schema) -> None:
    if isinstance(value, dict):
        for name in value.keys() - schema.get("properties", {}).keys():
            if allowed is False:
                raise _wrong(where, f"has a key {name!r:.60}, which is not known")
            require_schema(value[name], allowed, f"{where}.{name:.60}".lstrip("."))


def _any_of(value: Any, schemas: Any, where: str, _schema: Schema) -> None:
    failures = []
    for schema in schemas:
        try:
            require_schema(value, schema, where)
        except Unreadable as error:
            failures.append(error)
        else:
            return
    raise failures[0]


_CHECKS: Mapping[str, Callable[[Any, Any, str, Schema], None]] = {
    "type": _type,
    "enum": _enum,
    "minimum": _bound("less than", lambda value, bound: value >= bound),
    "maximum": _bound("more than", lambda value, bound: value <= bound),
    "exclusiveMinimum": _bound("not more than", lambda value, bound: value > bound),
    "exclusiveMaximum": _bound("not less than", lambda value, bound: value < bound),
    "maxLength": _length(str, "more than {} characters", lambda length, bound: length <= bound),
    "minItems": _length(list, "fewer than {} items", lambda length, bound: length >= bound),
    "maxItems": _length(list, "more than {} items", lambda length, bound: length <= bound),
    "maxProperties": _length(dict, "more than {} keys", lambda length, bound: length <= bound),
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "anyOf": _any_of,
}


def _wrong(where: str, what: str) -> Unreadable:
    return Unreadable(f"{where or 'the whole'} {what}")

"""Cells of text: padding, words that stand for nothing, numbers as people and programs write them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["clean", "numbers_of", "typed"]

_NULLS = pa.array(["", "nan", "null", "none", "indef", "--", "n/a", "<na>", "\\n"])
# These may mean something in a column of text, and nothing else in one of numbers.
_NO_NUMBERS = pa.array(["-", "---", "----", "..", "...", "na", "nil", "?", "\N{EN DASH}", "\N{HORIZONTAL ELLIPSIS}"])
_UNSAID = ("", "nan")
_SEXAGESIMAL = r"(?i)^[+-]?\s*\d+(\.\d*)?[\s:hmsd\x{b0}'\"]+\d+(\.\d*)?([\s:hmsd'\"]+(\d+\.?\d*|\.\d+)?)*$"
_LEADING_ZERO = r"^[+-]?0\d+$"


def clean(column: pa.Array) -> tuple[pa.Array, Counter[str]]:
    """Text without padding, with the words that stand for nothing as nulls, and how often which word did.

    Other types are unchanged. An empty cell and ``nan`` need not be told.

    >>> import pyarrow as pa
    >>> values, words = clean(pa.array([" 1.5 ", "NULL", "-", ""]))
    >>> values.to_pylist(), words
    (['1.5', None, None, None], Counter({'NULL': 1, '-': 1}))
    """
    if not pa.types.is_string(column.type):
        return column, Counter()
    trimmed = pc.utf8_trim_whitespace(column)
    lower = pc.utf8_lower(trimmed)
    nothing = pc.is_in(lower, value_set=_NULLS)
    no_number = pc.and_(pc.is_in(lower, value_set=_NO_NUMBERS), trimmed.is_valid())
    if pc.any(no_number).as_py():
        others = trimmed.filter(pc.and_(pc.invert(pc.or_(nothing, no_number)), trimmed.is_valid()))
        if not len(others) or numbers_of(others) is not None or _all_match(others, _SEXAGESIMAL):
            nothing = pc.or_(nothing, no_number)
    words = pc.value_counts(trimmed.filter(pc.and_(nothing, trimmed.is_valid()))).to_pylist()
    told = Counter({each["values"]: each["counts"] for each in words if each["values"].lower() not in _UNSAID})
    return pc.if_else(nothing, pa.scalar(None, pa.string()), trimmed), told


def numbers_of(column: pa.Array) -> pa.Array | None:
    """A column of text as real numbers; None if one of its cells is none.

    >>> import pyarrow as pa
    >>> numbers_of(pa.array(["+1.5", "1.0D-14", None])).to_pylist()
    [1.5, 1e-14, None]
    """
    try:
        return pc.cast(column, pa.float64())
    except pa.ArrowInvalid:
        pass
    plain = pc.replace_substring(column, "\N{MINUS SIGN}", "-")
    plain = pc.replace_substring_regex(plain, r"^\+", "")
    plain = pc.replace_substring_regex(plain, r"^(-?(?:\d+\.?\d*|\.\d+))[dD]([+-]?\d+)$", r"\1e\2")
    try:
        return pc.cast(plain, pa.float64())
    except pa.ArrowInvalid:
        return None


def typed(column: pa.Array) -> pa.Array:
    """A cleaned column of text in the narrowest type that loses nothing; other columns as they are.

    >>> import pyarrow as pa
    >>> [str(typed(pa.array(cells)).type) for cells in (["1", "2"], ["1", "2.5"], ["007", "1"], ["True", None])]
    ['int64', 'double', 'string', 'bool']
    """
    if not pa.types.is_string(column.type) or column.null_count == len(column):
        return column
    present = column.drop_null()
    if _all_match(present, "(?i)^(true|false)$"):
        return pc.equal(pc.utf8_lower(column), "true")
    if pc.any(pc.match_substring_regex(present, _LEADING_ZERO)).as_py():
        return column  # a number would be written without: this is what something is called
    if _all_match(present, r"^[+-]?\d+$"):
        try:
            return pc.cast(pc.replace_substring_regex(column, r"^\+", ""), pa.int64())
        except pa.ArrowInvalid:
            return column  # more digits than a number here can have
    numbers = numbers_of(column)
    return column if numbers is None else numbers


def _all_match(column: pa.Array, pattern: str) -> bool:
    # As a first look: most columns fail at their first cells.
    if len(column) > 100 and not _all_match(column[:100], pattern):
        return False
    return bool(np.all(pc.match_substring_regex(column, pattern).to_numpy(zero_copy_only=False)))

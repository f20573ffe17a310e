"""A JSON document from outside: bounded in size and depth, with finite numbers and no key twice."""

from __future__ import annotations

import json
import math
import os
from typing import Any, NoReturn

from .files import read_file
from .reading import Unreadable

__all__ = ["read_json"]


def read_json(path: str | os.PathLike[str], largest: int, deepest: int) -> Any:
    """What a file of JSON holds.

    Parameters
    ----------
    path : path
    largest : int
        Bytes it may have.
    deepest : int
        Lists and objects that may lie in one another.

    Raises
    ------
    Unreadable
        If it is larger, deeper, or no JSON as its standard (RFC 8259) has it.
    OSError
        If it is not there, or may not be read.
    """
    content = read_file(path, largest)
    try:
        document = json.loads(
            content.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_number, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        raise Unreadable("it is no text in UTF-8") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"it is no JSON: {error.msg} in line {error.lineno}") from error
    _require_depth(document, deepest)
    return document


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("it has a key twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise Unreadable(f"{text} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable(f"the number {text:.40} is too large")
    return number


def _require_depth(document: Any, deepest: int) -> None:
    level = [document]
    for _ in range(deepest + 1):
        level = [part for one in level if isinstance(one, dict | list) for part in _parts(one)]
        if not level:
            return
    raise Unreadable("it is nested too deeply")


def _parts(one: dict[str, Any] | list[Any]) -> list[Any]:
    return list(one.values()) if isinstance(one, dict) else one

"""The YAML that astropy writes into ECSV, FITS and Parquet, looked at before astropy acts on it."""

from __future__ import annotations

from typing import Any

import yaml

from .reading import Unreadable
from .units import is_harmless

__all__ = ["require_plain_unit", "require_plain_yaml"]

_LONGEST = 2_000_000  # characters: 1,700 columns, the whole catalogue, have 300,000
_MOST_NODES = 200_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def require_plain_unit(unit: object) -> None:
    """Refuse a unit that would take for ever to understand.

    Raises
    ------
    Unreadable

    Examples
    --------
    >>> require_plain_unit("erg / (s cm**2)")
    >>> require_plain_unit("10**99999999 erg")
    Traceback (most recent call last):
    ...
    cscwidgets.io.reading.Unreadable: a column's unit is '10**99999999 erg', which is not a unit
    """
    text = str(unit)
    if not is_harmless(text):
        raise Unreadable(f"a column's unit is {text[:40]!r}, which is not a unit")


def require_plain_yaml(text: str) -> None:
    """Refuse a header that would grow beyond bounds when it is read or shown.

    References within YAML let a few lines stand for gigabytes.

    Raises
    ------
    Unreadable
        If it is too long, refers to itself, or has a unit that is none.
    Exception
        Whatever yaml raises over a damaged one.
    """
    if len(text) > _LONGEST:
        raise Unreadable("its header is too long")
    root = yaml.compose(text, Loader=_LOADER)
    if root is not None:
        _size(root, {})


def _size(node: Any, sizes: dict[int, int]) -> int:
    """Nodes below one, each time that they are referred to; 0 stands in `sizes` for what is not counted yet."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in sizes:
        if not sizes[id(node)]:
            raise Unreadable("its header refers to itself")
        return sizes[id(node)]
    sizes[id(node)] = 0
    total = 1
    for part in node.value:
        children = part if isinstance(part, tuple) else (part,)
        if len(children) == 2 and children[0].value == "unit" and isinstance(children[1], yaml.ScalarNode):
            require_plain_unit(children[1].value)
        total += sum(_size(child, sizes) for child in children)
    if total > _MOST_NODES:
        raise Unreadable("its header refers to itself too often")
    sizes[id(node)] = total
    return total

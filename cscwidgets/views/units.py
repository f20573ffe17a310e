"""Units as a reader writes them."""

from __future__ import annotations

import re
from html import escape

__all__ = ["unit_html"]

_POWER = re.compile(r"(?:\^|\*\*)\(?(-?\d+)\)?|(?<=[a-zA-Z])(-?\d+)\b")
_TEN = re.compile(r"\b1e(\d+)\b")
_MINUS = "\N{MINUS SIGN}"


def unit_html(unit: str) -> str:
    """HTML of a unit: "1e22 cm^-2" and "1e22 cm-2" become "10<sup>22</sup> cm<sup>−2</sup>".

    >>> unit_html("1e22 cm-2")
    '10<sup>22</sup> cm<sup>−2</sup>'
    """
    text = _TEN.sub(r"10^\1", unit.strip())
    return _POWER.sub(lambda found: f"<sup>{(found[1] or found[2]).replace('-', _MINUS)}</sup>", escape(text))

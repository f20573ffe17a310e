"""What the cells of a VOTable take, as its columns say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil, prod

from .reading import Unreadable

__all__ = ["CellSize", "size_of_cell"]

_LARGEST_CELL = 4_000_000  # bytes in memory
_ARRAYSIZE = re.compile(r"(?:\d{1,9}x)*(?:\d{1,9}\*?|\*)", re.ASCII)
# Bytes of one value in memory, and in a binary stream where they differ. Characters are numpy's, of four bytes.
_SIZES = {
    "boolean": 1.0,
    "bit": 1.0,
    "unsignedByte": 1.0,
    "short": 2.0,
    "int": 4.0,
    "long": 8.0,
    "float": 4.0,
    "double": 8.0,
    "floatComplex": 8.0,
    "doubleComplex": 16.0,
    "char": 4.0,
    "unicodeChar": 4.0,
}
_SENT = {"bit": 1 / 8, "char": 1.0, "unicodeChar": 2.0}
_OBJECT = 600  # bytes of a cell that is an array of its own
_TEXT = 80  # and of one that is a string of its own


@dataclass(frozen=True)
class CellSize:
    """Bytes of a row, or a cell: in memory, and at least in a binary stream."""

    memory: float = 0.0
    sent: float = 0.0
    columns: int = 0


def size_of_cell(data: dict[str, str]) -> CellSize:
    """What a column's cells take; tidies what the column says of their size."""
    datatype = data.get("datatype", "")
    size = _SIZES.get(datatype, 16.0)
    declared = data.pop("arraysize", "").strip()
    if declared:
        data["arraysize"] = declared
    if not _ARRAYSIZE.fullmatch(declared or "1"):
        raise Unreadable(f"{declared[:40]!r} is no size of a cell")
    fixed = [int(number) for number in re.findall(r"\d+", declared)]
    values = prod(fixed)
    if not values:
        raise Unreadable(f"{declared[:40]!r} is no size of a cell")
    memory = values * (size + 1)  # with a byte each of the mask
    if memory > _LARGEST_CELL:
        raise Unreadable(f"its cells of {declared[:40]} values are larger than {_LARGEST_CELL / 1e6:.0f} MB")
    if not declared.endswith("*"):
        return CellSize(memory, ceil(values * _SENT.get(datatype, size)))
    if datatype not in {"char", "unicodeChar"}:
        return CellSize(_OBJECT, 4.0)
    return CellSize(memory if fixed else _TEXT, 4.0)

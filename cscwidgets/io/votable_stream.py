"""The binary rows of a VOTable: whether they are whole.

astropy passes over what is no base64, and a row that breaks off is no row to it: an answer that was damaged on its way
would have fewer rows, or others, without a word.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from math import ceil, prod

from .reading import Unreadable

__all__ = ["Layout", "broken_off", "check_stream", "decoded"]

_BYTES = {
    "boolean": 1,
    "unsignedByte": 1,
    "char": 1,
    "short": 2,
    "unicodeChar": 2,
    "int": 4,
    "float": 4,
    "long": 8,
    "double": 8,
    "floatComplex": 8,
    "doubleComplex": 16,
}
_LENGTH = 4  # bytes of the number before a cell of variable length


@dataclass(frozen=True)
class Layout:
    """How a row is sent: bytes up to each cell of variable length with the bytes of its values, and bytes after them.

    `known` is false for what is not checked: arrays of bits of any length, and columns that another table has.
    """

    parts: tuple[tuple[int, int], ...] = ()
    rest: int = 0
    columns: int = 0
    known: bool = True

    def with_column(self, datatype: str, arraysize: str) -> Layout:
        """The same with one more column."""
        size, variable = _BYTES.get(datatype), arraysize.endswith("*")
        dimensions = [
            int(number) for number in re.findall(r"\d+", arraysize.rpartition("x")[0] if variable else arraysize)
        ]
        columns = self.columns + 1
        if datatype == "bit" and not variable:
            return Layout(self.parts, self.rest + ceil(prod(dimensions) / 8), columns, self.known)
        if size is None:
            return Layout(columns=columns, known=False)
        if variable:
            return Layout((*self.parts, (self.rest, size * prod(dimensions))), 0, columns, self.known)
        return Layout(self.parts, self.rest + size * prod(dimensions), columns, self.known)


def check_stream(text: str, layout: Layout, *, nulls: bool) -> None:
    """Make sure that a stream is base64, and that its last row is whole.

    Parameters
    ----------
    text : str
        What is in STREAM.
    layout : Layout
    nulls : bool
        Whether each row begins with the bits of its nulls (BINARY2).

    Raises
    ------
    Unreadable
    """
    content = decoded(text.encode("utf-8"))
    if not layout.known or not layout.columns:
        return
    start = ceil(layout.columns / 8) if nulls else 0
    at, end = 0, len(content)
    if not layout.parts:
        at = end % max(1, start + layout.rest) + end
    while at < end:
        at += start
        for before, size in layout.parts:
            at += before + _LENGTH
            at += size * int.from_bytes(content[at - _LENGTH : at], "big", signed=False)
        at += layout.rest
    if at > end:
        raise broken_off()


def decoded(text: bytes | memoryview) -> bytes:
    """The bytes that base64 stands for.

    Raises
    ------
    Unreadable
    """
    try:
        try:
            return binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error:  # it may be broken into lines
            return binascii.a2b_base64(bytes(text).translate(None, b" \t\r\n"), strict_mode=True)
    except binascii.Error:
        raise Unreadable("its binary rows are no base64, or break off") from None


def broken_off() -> Unreadable:
    """What is said of rows that end in the midst of one."""
    return Unreadable("its binary rows break off in the midst of one")

"""The one walker over FITS files: whether headers and data follow each other as the headers say.

Nothing is believed that a header says of sizes before it was compared with the file; a file can pass by in pieces.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from .reading import Unreadable

__all__ = ["BLOCK", "FITS", "FitsUnit", "FitsWalker", "TooLarge"]

BLOCK = 2880
"""FITS files consist of blocks of so many bytes."""

FITS = b"SIMPLE  ="
"""How a FITS file begins."""

_CARD = 80
_LONGEST_HEADER = 1000 * BLOCK
_MOST_UNITS = 1000
_NAMES = (
    rb"BITPIX|Z?NAXIS\d*|PCOUNT|GCOUNT|GROUPS|XTENSION|T(?:FIELDS|HEAP|(?:FORM|BCOL|SCAL|ZERO)\d+)|ZBITPIX"
    rb"|ZIMAGE|ZTILE\d+|WCSAXES[A-Z]?|[AB]P?_ORDER"
)
_NAME = re.compile(_NAMES, re.IGNORECASE)
_KEYWORD = re.compile(rb"\s*(?:HIERARCH\s+)?(" + _NAMES + rb")\s*=", re.IGNORECASE)
# How what matches begins: most cards are passed over at once.
_BEGINNINGS = (
    *(b"BITPIX", b"NAXIS", b"ZNAXIS", b"PCOUNT", b"GCOUNT", b"GROUPS", b"XTENSION", b"TFIELDS", b"THEAP", b"TFORM"),
    *(b"TBCOL", b"TSCAL", b"TZERO", b"ZBITPIX", b"ZIMAGE", b"ZTILE", b"WCSAXES", b"A_", b"B_", b"AP_", b"BP_"),
    b"HIERARCH",
)
_INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_BITS = {8, 16, 32, 64, -32, -64}


class TooLarge(Unreadable):
    """A file is, or would unpack to, more than is allowed."""


@dataclass(frozen=True, slots=True)
class FitsUnit:
    """A header and its data unit.

    `keywords` are those that tell the data's form; `start` is where the data begin in the file and `size` their bytes
    without padding.
    """

    keywords: dict[str, str] = field(repr=False)
    start: int
    size: int

    def integer(self, key: str, default: int | None = None) -> int:
        """A keyword's value, a whole number.

        Raises
        ------
        Unreadable
            If it is none, or absent without a default.
        """
        value = self.keywords.get(key)
        if value is None:
            if default is None:
                raise Unreadable(f"a FITS header cannot be read: it has no {key}")
            return default
        if not _INTEGER.fullmatch(value):
            raise Unreadable(f"a FITS header cannot be read: {key} is {value[:40]!r}")
        return int(value)

    def axes(self, prefix: str = "") -> list[int]:
        """Lengths of the axes of an image or a table, or with "Z" of the image that is packed in it."""
        number = self.integer(f"{prefix}NAXIS")
        if not 0 <= number <= 999:
            raise Unreadable(f"a FITS header cannot be read: {prefix}NAXIS is {number}")
        lengths = [self.integer(f"{prefix}NAXIS{axis}") for axis in range(1, number + 1)]
        if any(length < 0 for length in lengths):
            raise Unreadable(f"a FITS header cannot be read: an axis is {min(lengths)} long")
        return lengths

    @property
    def kind(self) -> str:
        """What the extension is, as ``BINTABLE``; empty for the first unit of a file."""
        return self.keywords.get("XTENSION", "").strip("' ").upper()


class FitsWalker:
    """Follows a FITS file piece by piece: headers must end, data units must have the length the headers say.

    Parameters
    ----------
    largest : int
        Bytes it may have.

    Attributes
    ----------
    units : list of FitsUnit
        What was passed so far.

    Examples
    --------
    >>> walker = FitsWalker(largest=10_000)
    >>> walker.feed(b"photons")
    >>> walker.finish()
    Traceback (most recent call last):
    ...
    cscwidgets.io.reading.Unreadable: the FITS file breaks off, its end is missing
    """

    def __init__(self, largest: int) -> None:
        self.units: list[FitsUnit] = []
        self._largest = self._room = largest
        self._header = bytearray()
        self._data_left = 0
        self._passed = 0

    def feed(self, data: bytes) -> None:
        """Look at the next piece.

        Raises
        ------
        Unreadable
            If it does not follow.
        """
        view = memoryview(data)
        while view:
            if self._data_left:
                passed = min(self._data_left, len(view))
                self._data_left -= passed
            else:
                passed = min(BLOCK - len(self._header) % BLOCK, len(view))
                self._header += view[:passed]
            self._passed += passed
            view = view[passed:]
            if self._header and len(self._header) % BLOCK == 0:
                self._end_block()

    def finish(self) -> None:
        """Say that this was all.

        Raises
        ------
        Unreadable
            If more was announced.
        """
        if self._data_left or self._header or not self.units:
            raise Unreadable("the FITS file breaks off, its end is missing")

    def _end_block(self) -> None:
        start = b"XTENSION=" if self.units else FITS
        if not self._header.startswith(start):
            raise Unreadable("the lengths in the FITS headers do not agree with the file" if self.units else "no FITS")
        last = self._header[-BLOCK:]
        if not any(last[at : at + _CARD].rstrip() == b"END" for at in range(0, BLOCK, _CARD)):
            if len(self._header) > _LONGEST_HEADER:
                raise Unreadable("a FITS header does not end")
            return
        keywords = _keywords(bytes(self._header))
        size = _data_size(FitsUnit(keywords, self._passed, 0))
        self._room -= len(self._header) + size
        if self._room < 0:
            raise TooLarge(f"it would be larger than {self._largest / 1e6:,.0f} MB")
        self.units.append(FitsUnit(keywords, self._passed, size))
        if len(self.units) > _MOST_UNITS:
            raise Unreadable(f"it has more than {_MOST_UNITS} parts")
        self._data_left = size + -size % BLOCK
        self._header.clear()


def _keywords(header: bytes) -> dict[str, str]:
    """What a header says of its data's form, by keyword; said twice or in another spelling it could be misread."""
    keywords: dict[str, str] = {}
    for at in range(0, len(header), _CARD):
        card = header[at : at + _CARD]
        if not card.lstrip()[:8].upper().startswith(_BEGINNINGS):
            continue
        match = _KEYWORD.match(card)
        if match is None:
            if name := _NAME.fullmatch(card[:8].strip()):
                raise Unreadable(f"a FITS header cannot be read: {name[0].decode().upper()} has no value")
            continue
        key = match[1].decode().upper()
        if key in keywords or card[:10] != f"{key:8}= ".encode():
            raise Unreadable(f"a FITS header cannot be read: {key} is there twice, or misspelt")
        text = card[10:].decode("ascii", "replace")
        quoted = re.match(r"\s*'([^']*)'", text)
        # What is text where a number belongs stays in its quotes, and is none.
        worded = quoted and key.startswith(("XTENSION", "TFORM"))
        keywords[key] = quoted[1].strip() if quoted and worded else text.partition("/")[0].strip()
    return keywords


def _data_size(unit: FitsUnit) -> int:
    """Bytes of the data after a header, without padding (FITS 4.0, sections 4.4.1.1, 4.4.1.2 and 6.1.1)."""
    bits, axes = unit.integer("BITPIX"), unit.axes()
    parameters, groups = unit.integer("PCOUNT", 0), unit.integer("GCOUNT", 1)
    if bits not in _BITS or parameters < 0 or groups < 0:
        raise Unreadable("a FITS header cannot be read: BITPIX, PCOUNT or GCOUNT cannot be")
    if axes and axes[0] == 0 and unit.keywords.get("GROUPS") == "T":
        axes = axes[1:]
    return abs(bits) // 8 * groups * (parameters + (math.prod(axes) if axes else 0))

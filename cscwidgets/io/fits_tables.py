"""Whether what a FITS table's header says of its columns fits the data: looked at before anybody acts on it."""

from __future__ import annotations

import math
import re
from mmap import mmap

import numpy as np

from .fits_headers import FitsUnit
from .reading import Unreadable

__all__ = ["check_unit"]

_MOST_AXES = 99
_MOST = {"TFIELDS": 999, "A_ORDER": 9, "B_ORDER": 9, "AP_ORDER": 9, "BP_ORDER": 9}  # SIP goes up to 9
_FORM = re.compile(r"(\d{0,9})([LXBIJKAEDCMPQ])(.*)", re.ASCII | re.IGNORECASE)
_ASCII_FORM = re.compile(r"[AIFED](\d{1,9})(?:\.\d{1,9})?", re.ASCII | re.IGNORECASE)
_BITS = dict(zip("LXBIJKAEDCMPQ", (8, 1, 8, 16, 32, 64, 8, 32, 64, 64, 128, 64, 128), strict=True))


def check_unit(unit: FitsUnit, content: bytes | mmap, largest: int) -> None:
    """Make sure that a unit's data can be taken into memory as its header says.

    Parameters
    ----------
    unit : FitsUnit
    content : bytes or mmap
        The whole file.
    largest : int
        Bytes that the unit may take in memory: an image that is packed in it, or arrays that share their place.

    Raises
    ------
    Unreadable
        If columns, axes, orders or the arrays of a column cannot be what is said.
    """
    for key in unit.keywords:
        if key in _MOST or key.startswith("WCSAXES"):
            _require_between(unit, key, _MOST.get(key, _MOST_AXES))
    if unit.kind in {"BINTABLE", "A3DTABLE"}:
        _check_binary(unit, content, largest)
    elif unit.kind == "TABLE":
        _check_ascii(unit)
    if unit.keywords.get("ZIMAGE") == "T":
        _check_packed_image(unit, largest)


def _require_between(unit: FitsUnit, key: str, most: int) -> None:
    """Raise Unreadable unless a number that astropy and wcslib count up to is small enough for it."""
    if not 0 <= unit.integer(key) <= most:
        raise Unreadable(f"a FITS header cannot be read: {key} is {unit.integer(key)}")


def _check_binary(unit: FitsUnit, content: bytes | mmap, largest: int) -> None:
    width, rows = _shape(unit)
    at, arrays = 0, []
    for number, text in _forms(unit):
        form = _FORM.fullmatch(text)
        if form is None:
            raise Unreadable(f"column {number} of a table has the form {text[:40]!r}, which FITS does not know")
        repeat, letter = int(form[1] or 1), form[2].upper()
        if letter in "PQ" and repeat:
            arrays.append((number, at, letter, form[3]))
            _require_unscaled(unit, number)
        at += math.ceil(repeat * _BITS[letter] / 8)
    if at != width:
        raise Unreadable(f"the columns of a table have {at} bytes, its rows {width}")
    heap = unit.integer("THEAP", width * rows)
    if not width * rows <= heap <= unit.size:
        raise Unreadable("the arrays of a table would begin outside it")
    for number, first, letter, rest in arrays:
        largest -= _array_bytes(unit, content, (number, first, letter, rest), unit.size - heap)
        if largest < 0:
            raise Unreadable(f"the arrays of column {number} of a table share their place and are too large in all")


def _require_unscaled(unit: FitsUnit, number: int) -> None:
    """Raise Unreadable where arrays of a column are scaled: astropy would scale the first row alone."""
    for key, usual in ((f"TSCAL{number}", 1.0), (f"TZERO{number}", 0.0)):
        value = unit.keywords.get(key)
        try:
            scaled = value is not None and float(value.upper().replace("D", "E")) != usual
        except ValueError:
            scaled = True
        if scaled:
            raise Unreadable(f"the arrays of column {number} of a table are scaled ({key}), which is not read here")


def _array_bytes(unit: FitsUnit, content: bytes | mmap, column: tuple[int, int, str, str], room: int) -> int:
    """Bytes of all arrays of a column of variable length, none of which leaves the table's heap."""
    number, first, letter, rest = column
    width, rows = unit.axes()
    element = rest[:1].upper()
    if element not in _BITS or element in "PQ":
        raise Unreadable(f"column {number} of a table has arrays of an unknown kind")
    kind = np.dtype(">i4" if letter == "P" else ">i8")
    offset_of_column = unit.start + first
    pairs = np.ndarray((rows, 2), kind, content, offset_of_column, (width, kind.itemsize)).astype(np.int64)
    count, offset = pairs[:, 0], pairs[:, 1]
    used = count != 0
    # Compared before they are multiplied: what a damaged file says may be near the largest number there is.
    outside = used & ((count < 0) | (count > 8 * room) | (offset < 0) | (offset > room))
    size = np.where(used & ~outside, -(-np.where(outside, 0, count) * _BITS[element] // 8), 0)
    outside |= size > room - np.where(used, offset, 0)
    if outside.any():
        raise Unreadable(f"the array in row {int(outside.argmax()) + 1} of column {number} of a table leaves the table")
    return int(size.sum())


def _check_ascii(unit: FitsUnit) -> None:
    width, _ = _shape(unit)
    for number, text in _forms(unit):
        form, start = _ASCII_FORM.fullmatch(text), unit.integer(f"TBCOL{number}")
        if form is None or start < 1 or start - 1 + int(form[1]) > width:
            raise Unreadable(f"column {number} of a table has the form {text[:40]!r}, which does not fit its rows")


def _check_packed_image(unit: FitsUnit, largest: int) -> None:
    axes = unit.axes("Z")
    size = abs(unit.integer("ZBITPIX")) // 8 * math.prod(axes)
    tiles = [unit.integer(f"ZTILE{axis + 1}", length if axis == 0 else 1) for axis, length in enumerate(axes)]
    if any(tile < 1 for tile in tiles):
        raise Unreadable("an image is packed in tiles that have no size")
    if max(size, math.prod(tiles) * 8) > largest:
        raise Unreadable(f"one of its images would be larger than {largest / 1e6:,.0f} MB")


def _shape(unit: FitsUnit) -> tuple[int, int]:
    """Bytes of a row, and rows."""
    axes = unit.axes()
    if len(axes) != 2 or unit.integer("BITPIX") != 8 or unit.integer("GCOUNT", 1) != 1:
        raise Unreadable("one of its tables is malformed")
    if axes[0] == 0 and axes[1] > 0:
        raise Unreadable("one of its tables has rows of no bytes")
    return axes[0], axes[1]


def _forms(unit: FitsUnit) -> list[tuple[int, str]]:
    """Numbers and forms of the columns."""
    fields = unit.integer("TFIELDS")
    absent = [number for number in range(1, fields + 1) if f"TFORM{number}" not in unit.keywords]
    if absent:
        raise Unreadable(f"one of its tables has no form for column {absent[0]}")
    return [(number, unit.keywords[f"TFORM{number}"].strip()) for number in range(1, fields + 1)]

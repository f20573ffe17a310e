"""Bytes as text: in whatever encoding spreadsheets, editors and services write."""

from __future__ import annotations

import codecs
import re

from ..reading import Unreadable

__all__ = ["decoded"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet of old Excel"),
    (b"\x89HDF", "HDF5"),
    (b"\x1f\x9d", "packed with compress (.Z)"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3", "a database of SQLite"),
    (b"ARROW1", "Arrow's own format (Feather)"),
)
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")


def decoded(content: bytes) -> tuple[str, list[str]]:
    """The text of a file, and a note where its encoding had to be guessed.

    Raises
    ------
    Unreadable
        If it is no text; a known kind of file is named.

    Examples
    --------
    >>> decoded("\N{GREEK SMALL LETTER ETA} Car".encode("utf-16"))
    ('η Car', [])
    >>> decoded("Muñoz".encode("latin-1"))
    ('Muñoz', ['it is not in UTF-8, and was read as Western European (Windows-1252)'])
    """
    for start, what in _FOREIGN:
        if content.startswith(start):
            raise Unreadable(f"it is {what}, which is not read")
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None) or _unmarked(content)
    notes = []
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise Unreadable(f"it begins as {encoding.upper()}, and is not") from None
        text = content.decode("cp1252", "replace")
        notes.append("it is not in UTF-8, and was read as Western European (Windows-1252)")
    if _NO_TEXT.search(text):
        raise Unreadable("it is neither text nor any other format that is read")
    return text, notes


def _unmarked(content: bytes) -> str:
    """UTF-16 without its mark has a zero in nearly every second byte."""
    start = content[:1000]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = start[first::2].count(0)
        if len(start) > 3 and zeros > 0.9 * (len(start) // 2) and not start[1 - first :: 2].count(0):
            return encoding
    return "utf-8"

"""Text as people type and paste it, in the plain characters that everything else reads."""

from __future__ import annotations

import unicodedata

__all__ = ["plain_text", "unquoted"]

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\u02d7\ufe58"), "-")
_QUOTES = {ord(mark): "'" for mark in "\u2018\u2019\u201b\u2032\u00b4`"} | {
    ord(mark): '"' for mark in "\u201c\u201d\u201f\u2033\u00ab\u00bb"
}
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))
_DEGREE = {ord(mark): "\u00b0" for mark in "\u00ba\u02da"}
_PAIRS = ("''", '""', "<>")


def plain_text(text: str) -> str:
    """The text with plain blanks, minus signs, quotes and digits, and without what cannot be seen.

    Lines stay apart.

    >>> plain_text("83.82\N{DEGREE SIGN}\N{NO-BREAK SPACE}\N{MINUS SIGN}5.39\N{DEGREE SIGN}")
    '83.82\N{DEGREE SIGN} -5.39\N{DEGREE SIGN}'
    """
    # First what the normal form would make something else of: two primes of a double one, an o of a degree sign.
    text = text.translate(_DEGREE | _QUOTES | _UNSEEN)
    text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()


def unquoted(text: str) -> str:
    """The text without quotes around the whole of it, however many.

    >>> unquoted('"2CXO J002404.2-720457"')
    '2CXO J002404.2-720457'
    """
    while len(text) > 1 and text[0] + text[-1] in _PAIRS and text[0] not in text[1:-1]:
        text = text[1:-1].strip()
    return text

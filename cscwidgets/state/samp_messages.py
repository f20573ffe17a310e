"""What the messages of SAMP that are sent and taken hold, checked: texts, lists and maps, as its MTypes say.

MTypes: https://wiki.ivoa.net/twiki/bin/view/IVOA/SampMTypes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from cscwidgets.errors import CscError
from cscwidgets.io.samp_link import Answer
from cscwidgets.sky.on_sky import on_sky

__all__ = [
    "CHOOSE",
    "IMAGE",
    "LOOK",
    "POINT",
    "TABLE",
    "TABLES",
    "TAKEN",
    "Load",
    "answered",
    "read_load",
    "read_place",
    "read_rows",
]

TABLE = "table.load.votable"
TABLES = (TABLE, "table.load.fits")
CHOOSE = "table.select.rowList"
LOOK = "table.highlight.row"
POINT = "coord.pointAt.sky"
IMAGE = "image.load.fits"
TAKEN = (*TABLES, CHOOSE, LOOK, POINT, IMAGE)

_LONGEST = 4000  # characters of an address
_NAME = 60


class Load(NamedTuple):
    """Something to be loaded: its address, its identifier among the programs, and its name."""

    url: str
    identifier: str
    name: str


def read_load(parameters: Mapping[str, Any], identifier: str) -> Load:
    """Of ``table.load.*`` and ``image.load.*``; `identifier` is the parameter that has it.

    Raises
    ------
    CscError
        If there is no address.

    Examples
    --------
    >>> read_load({"url": "file:///tmp/a.vot", "name": "mine"}, "table-id")
    Load(url='file:///tmp/a.vot', identifier='', name='mine')
    """
    url = parameters.get("url")
    if not isinstance(url, str) or not url.strip() or len(url) > _LONGEST:
        raise CscError("The message was not understood", "its url is no address")
    known, name = (str(parameters.get(key) or "").strip() for key in (identifier, "name"))
    return Load(url.strip(), known, " ".join(name.split())[:_NAME])


def read_place(parameters: Mapping[str, Any]) -> tuple[float, float]:
    """Right ascension and declination (ICRS degrees) of ``coord.pointAt.sky``.

    Raises
    ------
    CscError
        If they are no place.

    Examples
    --------
    >>> read_place({"ra": "-10", "dec": "41.2"})
    (350.0, 41.2)
    """
    try:
        ra, dec = (float(parameters[key]) for key in ("ra", "dec"))
    except (KeyError, TypeError, ValueError, OverflowError):
        ra = dec = math.nan
    if not on_sky(ra, dec):
        raise CscError("The message was not understood", "its ra and dec are no place")
    return ra % 360, dec


def read_rows(parameters: Mapping[str, Any], *, single: bool) -> list[int]:
    """Row numbers of ``table.select.rowList``, or the one of ``table.highlight.row``; -1 there is none.

    Raises
    ------
    CscError
        If one is no number.

    Examples
    --------
    >>> read_rows({"row-list": ["0", "2"]}, single=False), read_rows({"row": "-1"}, single=True)
    ([0, 2], [])
    """
    listed = [parameters.get("row")] if single else parameters.get("row-list")
    try:
        rows = [int(str(row)) for row in listed] if isinstance(listed, list) else None
    except ValueError:
        rows = None
    if rows is None:
        raise CscError("The message was not understood", "its rows are no list of numbers")
    return [row for row in rows if row >= 0]


@contextmanager
def answered(answer: Answer) -> Iterator[None]:
    """Answer whether what is done inside was.

    Why not is for the reader alone, the same words for all reasons: they may quote what a file holds, or tell who
    answers in this network.
    """
    try:
        yield
    except BaseException:
        answer("It was not read. The explorer says why.")
        raise
    answer("")

"""Sesame, CDS's resolver of names: asked for little, in little time, and not believed where it breaks off.

Its addresses and databases are those of astropy (`astropy.coordinates.name_resolve.sesame_url`). astropy's own look-up
bounds neither the time nor the bytes of an answer, and takes a web page for a name that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from astropy.coordinates import SkyCoord
from astropy.coordinates.name_resolve import sesame_database, sesame_url

from cscwidgets.io.reading import Unreadable
from cscwidgets.io.url_content import http_content

from .on_sky import on_sky

__all__ = ["NoAnswer", "look_up"]

_SECONDS = 5.0  # for the answer of one server
_LARGEST = 1_000_000  # bytes of it; a name takes one or two thousand
# The blank after it tells that the number is whole.
_POSITION = re.compile(r"^%J\s+(\d{1,3}(?:\.\d*)?)\s+([-+]?\d{1,2}(?:\.\d*)?)\s", re.MULTILINE | re.ASCII)


class NoAnswer(Exception):
    """No server gave an answer that can be understood."""


def look_up(name: str) -> SkyCoord | None:
    """Position of an object in ICRS, or None where Sesame does not list it.

    Raises
    ------
    NoAnswer
        If no server answers as Sesame does, with what the first did instead.
    """
    failure: NoAnswer | None = None
    for address in _addresses(name):
        try:
            return _position(_ask(address))
        except NoAnswer as error:
            failure = failure or error
    raise failure or NoAnswer("no address of it is known")


def _addresses(name: str) -> Iterator[str]:
    database = str(sesame_database.get()).upper()[0]
    for server in dict.fromkeys(sesame_url.get()):
        yield f"{server.rstrip('/')}/{'SNV' if database == 'A' else database}?{quote(name)}"


def _ask(address: str) -> str:
    try:
        return http_content(address, _LARGEST, _SECONDS).decode("utf-8", "replace")
    except Unreadable as error:
        raise NoAnswer(str(error)) from error


def _position(answer: str) -> SkyCoord | None:
    """What an answer says: lines that begin with # or %, the position with %J."""
    if not answer.lstrip().startswith("#"):
        raise NoAnswer("what came is not as its answers are")
    found = _POSITION.search(answer)
    if found is not None:
        ra, dec = map(float, found.groups())
        if on_sky(ra, dec):
            return SkyCoord(ra, dec, unit="deg")
        raise NoAnswer("its position lies nowhere")
    if "\n%J" in answer or not re.search(r"^#=+\s*Done|nothing found", answer, re.MULTILINE | re.IGNORECASE):
        raise NoAnswer("its answer breaks off")
    return None

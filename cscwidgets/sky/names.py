"""From a name or written coordinates to a position."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from astropy.coordinates import SkyCoord

from cscwidgets.errors import RegionError
from cscwidgets.io.typed import plain_text, unquoted

from .positions import written_position
from .sesame import NoAnswer, look_up
from .source_names import source_position

__all__ = ["KNOWN_TARGETS", "check_name", "known_position", "known_target", "resolve"]

KNOWN_TARGETS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "m33": (23.4621, 30.6599),
        "47tuc": (6.0236, -72.0813),
        "m42": (83.8221, -5.3911),
        "lockmanhole": (164.05, 57.2),
        "m4": (245.89675, -26.52575),
        "m51": (202.4696, 47.1952),
        "sgra*": (266.4168, -29.0078),
    }
)
"""Targets of the tour and the catalogue's own threads, known without a network. ICRS degrees."""

_HINT = "Check the spelling, or give coordinates in degrees, which need no network."
_SPELLED = ("M33", "47 Tuc", "M42", "Lockman Hole", "M4", "M51", "Sgr A*")
_LONGEST = 80
_IAU_SHORT = re.compile(r"\d{4}[-+]\d{2,4}\w*")
_NAME = re.compile(r"[\w\s+\-.*'\[\]():&]+")
_NO_NAMES = re.compile(r"nan|inf|none|null|undefined|true|false|[\d.]+\s*[a-z]*(?:deg|arcmin|arcsec)\w*", re.IGNORECASE)
_NUMBERS_IN_BRACKETS = re.compile(r"[(\[][\s\d.+-]*[)\]]")


def known_position(text: str) -> SkyCoord | None:
    """Position in ICRS of what needs no look-up: written coordinates, a source's name, one of `KNOWN_TARGETS`.

    Returns
    -------
    SkyCoord or None
        None if the text looks like the name of another object.

    Raises
    ------
    RegionError
        If it is none of these and no object is called so.
    """
    name = plain_text(text)
    if len(name.splitlines()) > 1:
        raise RegionError(
            "The target was not understood",
            "it has several lines, and is no region",
            "Give one position, name or region.",
        )
    name = unquoted(name).strip(" ,;")
    degrees = known_target(name)
    if degrees is not None:
        return SkyCoord(*degrees, unit="deg")
    position = source_position(name)
    if position is None:
        position = written_position(name)
    if position is None:
        check_name(name)
    return position


def known_target(name: str) -> tuple[float, float] | None:
    """Right ascension and declination of one of `KNOWN_TARGETS`, however it is spelled; None of another.

    >>> known_target("M 33")
    (23.4621, 30.6599)
    """
    return KNOWN_TARGETS.get(re.sub(r"[\s_-]", "", name.lower()))


def resolve(text: str) -> SkyCoord:
    """Position of an object name or of written coordinates, in ICRS.

    Names that are not built in are asked of Sesame (CDS). Nothing else is sent there.

    Parameters
    ----------
    text : str
        As people write it.

    Returns
    -------
    SkyCoord
        In ICRS.

    Raises
    ------
    RegionError
        If the text is neither, Sesame does not know the name, or cannot be reached.

    Examples
    --------
    >>> from cscwidgets import sky
    >>> sky.resolve("M33").to_string()
    '23.4621 30.6599'
    >>> sky.resolve("05:35:17.3 -05:23:28").to_string(precision=4)
    '83.8221 -5.3911'
    """
    position = known_position(text)
    return position if position is not None else _sesame(unquoted(plain_text(text)).strip(" ,;"))


def check_name(name: str) -> None:
    """Raise unless objects are called so: anything else would be sent to a service for nothing.

    Raises
    ------
    RegionError
    """
    if not name:
        raise RegionError("No target was given", "the text is empty", _HINT)
    balanced = all(name.count(opens) == name.count(closes) for opens, closes in ("()", "[]"))
    letters = any(letter.isalpha() for letter in name) or _IAU_SHORT.fullmatch(name)
    if (
        len(name) > _LONGEST
        or not (letters and balanced and _NAME.fullmatch(name))
        or _NO_NAMES.fullmatch(name)
        or _NUMBERS_IN_BRACKETS.search(name)
    ):
        raise RegionError(
            f"The target {name[:_LONGEST]!r} was not understood",
            "it is no position, no region and no object's name",
            'Write a name, "RA Dec" in degrees or sexagesimal, or a region such as "circle(83.82, -5.39, 5\')".',
        )


def _sesame(name: str) -> SkyCoord:
    try:
        position = look_up(name)
    except NoAnswer as error:
        raise RegionError(
            f"The name {name!r} could not be looked up",
            f"the name resolver Sesame (CDS) did not answer: {error}",
            "Without a network give coordinates in degrees, or one of: " + ", ".join(_SPELLED),
        ) from error
    if position is None:
        raise RegionError(f"The name {name!r} is not known", "Sesame (SIMBAD, NED, VizieR) does not list it", _HINT)
    return position

"""From a name or written coordinates to a position."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from astropy.coordinates import SkyCoord
from astropy.coordinates.name_resolve import NameResolveError, get_icrs_coordinates
from astropy.utils.data import conf as data_conf

from cscwidgets.errors import RegionError

__all__ = ["KNOWN_TARGETS", "resolve"]

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

_TIMEOUT = 5.0
_SPELLED = ("M33", "47 Tuc", "M42", "Lockman Hole", "M4", "M51", "Sgr A*")
_DECIMAL = re.compile(r"[-+]?\d+(\.\d*)?\s*[, ]\s*[-+]?\d+(\.\d*)?")


def resolve(text: str) -> SkyCoord:
    """Position of an object name or of written coordinates, in ICRS.

    Names that are not built in are asked of Sesame (CDS).

    Raises
    ------
    RegionError
        If the text is neither, Sesame does not know the name, or cannot be reached.
    """
    text = text.strip()
    known = KNOWN_TARGETS.get(re.sub(r"[\s_-]", "", text.lower()))
    if known is not None:
        return SkyCoord(*known, unit="deg")
    written = _coordinates(text)
    return written if written is not None else _sesame(text)


def _coordinates(text: str) -> SkyCoord | None:
    """Coordinates if the text looks like some; names such as "3C 273" are left alone."""
    if _DECIMAL.fullmatch(text):
        return _parse(text.replace(",", " "), "deg")
    if re.fullmatch(r"[-+\d.:hmsd°'\", ]+", text) and len(re.findall(r"\d+\.?\d*", text)) >= 4:
        return _parse(text.replace(",", " "), ("hourangle", "deg"))
    return None


def _parse(text: str, unit: str | tuple[str, str]) -> SkyCoord:
    try:
        return SkyCoord(text, unit=unit)
    except ValueError as error:
        raise RegionError(
            f"The position {text!r} was not understood", str(error), 'Write "RA Dec" in degrees or sexagesimal.'
        ) from error


def _sesame(name: str) -> SkyCoord:
    hint = "Check the spelling, or give coordinates in degrees, which need no network."
    if not name:
        raise RegionError("No target was given", "the text is empty", hint)
    try:
        with data_conf.set_temp("remote_timeout", _TIMEOUT):
            return get_icrs_coordinates(name)
    except NameResolveError as error:
        if "Unable to find coordinates" in str(error):
            raise RegionError(
                f"The name {name!r} is not known", "Sesame (SIMBAD, NED, VizieR) does not list it", hint
            ) from error
        raise RegionError(
            f"The name {name!r} could not be looked up",
            "the name resolver Sesame (CDS) did not answer",
            "Without a network give coordinates in degrees, or one of: " + ", ".join(_SPELLED),
        ) from error

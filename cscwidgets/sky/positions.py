"""Positions: the many ways people put one down, read without asking anybody.

Written coordinates are two angles, each a decimal number or in sexagesimal parts with colons, blanks or letters; with
or without brackets, labels ("RA=", "l:") and the name of a frame before or behind. Without a frame they are ICRS.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

import astropy.units as u
import numpy as np
from astropy.coordinates import BaseCoordinateFrame, SkyCoord

from cscwidgets.errors import RegionError

__all__ = ["FRAMES", "WrittenAngles", "in_icrs", "position_of", "written_angles", "written_position"]

FRAMES = {
    "icrs": "icrs",
    "j2000": "fk5",
    "fk5": "fk5",
    "b1950": "fk4",
    "fk4": "fk4",
    "galactic": "galactic",
    "gal": "galactic",
    "ecliptic": "barycentricmeanecliptic",
}
"""What people call frames, and what astropy does."""

_FRAME = r"(?:icrs|j2000(?:\.0)?|fk5|b1950(?:\.0)?|fk4|galactic|gal|ecliptic)"
_AROUND = re.compile(
    rf"(?:(?P<before>{_FRAME})\b[\s;:,]*)?(?P<rest>.*?)(?:[\s;,]*[\s;,(](?P<after>{_FRAME})\)?)?", re.DOTALL
)

_EQUATORIAL = (r"r\.?a\.?|right ascension", r"d\.?e\.?c?\.?l?\.?|declination")
_GALACTIC = (r"l|glon|lii|galactic longitude", r"b|glat|bii|galactic latitude")
_GREEK = {ord("\N{GREEK SMALL LETTER ALPHA}"): "ra", ord("\N{GREEK SMALL LETTER DELTA}"): "dec"}
_LABELLED = {
    galactic: re.compile(
        rf"(?:{first})(?:[_ ]?\(?(?:deg|j2000|icrs)\)?)?\s*[=:]?\s*(?P<first>[-+\d.][^=:a-z]*[^=]*?)[\s,;]*"
        rf"(?<![a-z])(?:{second})(?:[_ ]?\(?(?:deg|j2000|icrs)\)?)?\s*[=:]?\s*(?P<second>[-+\d.].*)"
    )
    for galactic, (first, second) in ((False, _EQUATORIAL), (True, _GALACTIC))
}
_BRACKETED = re.compile(r"[(\[](?P<inner>[^()\[\]]*)[)\]]")

_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
_PARTS = (  # of one angle
    re.compile(rf"(?P<sign>[-+]?)\s*(?P<whole>{_NUMBER}(?:e[-+]?\d+)?)\s*(?P<unit>deg(?:rees?)?|°|d|h)?"),
    re.compile(
        rf"(?P<sign>[-+]?)\s*(?P<whole>\d+)\s*(?P<unit>[hd°:]|\s)\s*(?P<minutes>{_NUMBER})\s*(?:(?P<mark>[m':])?\s*)?"
        rf"(?:(?P<seconds>{_NUMBER})\s*(?:s|\"|'')?)?"
    ),
)
_LETTERED_SECONDS = re.compile(r"(\d)(s|\")\.(\d+)")  # 17s.3, as printed in journals
_SPOKEN = re.compile(
    r"[\s\d.,:;+\-'\"°()\[\]|]*(?:(?:deg(?:rees?)?|h|d|m|s|(?<=\d)e(?=[-+]?\d)|nan|inf)[\s\d.,:;+\-'\"°()\[\]|]*)*"
)
_IAU_SHORT = re.compile(r"\d{4}[-+]\d{2,4}")  # "0716+714" is a name

_TYPES = "Give a regions object, a SkyCoord, a name, coordinates or DS9 text."
_HINT = 'Write "RA Dec" in degrees, as in "83.82 -5.39", or sexagesimal, as in "05:35:17.3 -05:23:28".'


@dataclass(frozen=True, slots=True)
class _Angle:
    """One angle as written: degrees or hours, and whether the text says which."""

    value: float
    unit: str  # "h", "d", or "" for what the place says
    sexagesimal: bool


class WrittenAngles(NamedTuple):
    """Two angles as a text writes them, degrees, and astropy's name of their frame."""

    longitude: float
    latitude: float
    frame: str


def written_position(text: str) -> SkyCoord | None:
    """The position that a text writes down, or None if it looks like something else.

    Parameters
    ----------
    text : str
        In plain characters, see `typed.plain_text`.

    Raises
    ------
    RegionError
        If the text is made of numbers as coordinates are, and is no position all the same.

    Examples
    --------
    >>> written_position("RA=05h35m17.3s DEC=-05d23m28s").to_string(precision=5)
    '83.82208 -5.39111'
    >>> written_position("3C 273") is None
    True
    """
    angles = written_angles(text)
    return None if angles is None else SkyCoord(*angles[:2], unit="deg", frame=angles.frame).icrs


def written_angles(text: str, frame: str = "") -> WrittenAngles | None:
    """The angles of a position that a text writes down, or None if it looks like something else.

    Of a list, whose positions are many, they become coordinates together.

    Parameters
    ----------
    text : str
        In plain characters.
    frame : str
        One of `FRAMES`, of a text that does not say itself.

    Raises
    ------
    RegionError
        As `written_position`.

    Examples
    --------
    >>> written_angles("00 50 00 -00 30 00")
    WrittenAngles(longitude=12.5, latitude=-0.5, frame='icrs')
    >>> written_angles("120 -5", "galactic").frame
    'galactic'
    """
    normalised = _LETTERED_SECONDS.sub(r"\1.\3\2", " ".join(text.split()).lower().translate(_GREEK))
    around = _AROUND.fullmatch(normalised)
    said = ((around["before"] or around["after"] or "") if around else "").removesuffix(".0")
    inner = _without_brackets((around["rest"] if around else normalised).strip(" ,;"))
    for galactic, pattern in _LABELLED.items():
        labelled = pattern.fullmatch(inner)
        if labelled:
            said = said or ("galactic" if galactic else frame)
            pair = _angle(labelled["first"].strip(" ,;")), _angle(labelled["second"].strip(" ,;"))
            return _checked(text, pair[0], pair[1], said)
    if not (said or inner != normalised) and (_IAU_SHORT.fullmatch(inner) or not _looks_like_angles(inner)):
        return None
    if not _looks_like_angles(inner):
        return None
    pairs = [pair for cut in _cuts(inner) if (pair := (_angle(inner[: cut[0]]), _angle(inner[cut[1] :]))) and all(pair)]
    if len({(first.value, second.value) for first, second in pairs if first and second}) != 1:
        if re.fullmatch(r"\d*[hms]\s?\d{3,}.*", inner):
            return None  # "1H 0707-495"
        why = "it can be read in several ways" if pairs else "it is not made of two angles"
        raise RegionError(f"The position {text!r} was not understood", why, _HINT)
    return _checked(text, *pairs[0], said or frame)


def _looks_like_angles(text: str) -> bool:
    """Whether there are numbers and marks of angles, and nothing else."""
    return bool(_SPOKEN.fullmatch(text)) and bool(re.match(r"[-+.\d]|nan|inf", text.strip(" ([")))


def _without_brackets(text: str) -> str:
    """What stands in brackets around the whole; "(l, b) = (209.0, -19.4)" keeps its labels."""
    pair = re.fullmatch(r"\(?\s*(ra|l)\s*,\s*(dec|b)\s*\)?\s*[=:]?\s*(\(.*\)|[-+\d.].*)", text)
    if pair:
        inner = _without_brackets(pair[3])
        first, _, second = inner.partition("," if "," in inner else " ")
        return f"{pair[1]}={first.strip()} {pair[2]}={second.strip()}"
    bracketed = _BRACKETED.fullmatch(text)
    return bracketed["inner"].strip(" ,;") if bracketed else text


def _cuts(text: str) -> list[tuple[int, int]]:
    """Where the first angle may end and the second begin."""
    separators = list(re.finditer(r"\s*[,;|]\s*", text))
    if len(separators) == 1:
        return [separators[0].span()]
    signed = [match.span() for match in re.finditer(r"(?<=[\d.a-z°'\"])\s*(?=[-+])", text) if match.start()]
    signed = [span for span in signed if not re.search(r"\de$", text[: span[0]])]
    if len(signed) == 1:
        return signed
    marks = [match.span() for match in re.finditer(r"(?<=[hdms°'\"])\s*(?=[\d.])|\s+", text)]
    numbers = re.compile(r"[\d.]+(?:e[-+]?\d+)?")
    # Without a sign or comma both have as many parts.
    return [cut for cut in marks if 2 * len(numbers.findall(text[: cut[0]])) == len(numbers.findall(text))]


def _angle(text: str) -> _Angle | None:
    for pattern in _PARTS:
        match = pattern.fullmatch(text.strip())
        if match is None:
            continue
        parts = match.groupdict()
        minutes, seconds = (float(parts.get(name) or 0) for name in ("minutes", "seconds"))
        if minutes >= 60 or seconds >= 60 or (parts.get("seconds") and "." in (parts["minutes"] or "")):
            return None
        value = float(parts["whole"]) + minutes / 60 + seconds / 3600
        unit = {"h": "h", ":": "", "": ""}.get((parts["unit"] or "").strip(), "d")
        return _Angle(-value if parts["sign"] == "-" else value, unit, parts.get("minutes") is not None)
    return None


def _checked(text: str, first: _Angle | None, second: _Angle | None, frame: str) -> WrittenAngles:
    name = FRAMES.get(frame, "icrs")
    why = ""
    if first is None or second is None:
        raise RegionError(f"The position {text!r} was not understood", "it is not made of two angles", _HINT)
    hours = first.unit == "h" or (first.sexagesimal and not first.unit and name in {"icrs", "fk5", "fk4"})
    if second.unit == "h":
        why = "its second angle is in hours"
    longitude = first.value * (15 if hours else 1)
    if not why and not (math.isfinite(longitude) and abs(second.value) <= 90):
        why = f"its second angle, {second.value:g}, is not between -90 and 90 degrees"
    if not why and not -360 <= longitude <= 360:
        why = f"its first angle, {longitude:g} degrees, is more than once around the sky"
    if why:
        raise RegionError(f"The position {text!r} was not understood", why, _HINT)
    return WrittenAngles(longitude, second.value, name)


def position_of(target: object) -> SkyCoord:
    """The one position, in ICRS, that an object holds: a SkyCoord, a frame with data, or two numbers of degrees.

    Parameters
    ----------
    target : SkyCoord, BaseCoordinateFrame or sequence of two numbers
        Numbers are ICRS degrees.

    Returns
    -------
    SkyCoord
        In ICRS, without a shape.

    Raises
    ------
    RegionError
        If it holds none or several, or its frame cannot be turned into ICRS.

    Examples
    --------
    >>> from cscwidgets import sky
    >>> sky.position_of((83.82, -5.39)).to_string()
    '83.82 -5.39'
    """
    if isinstance(target, BaseCoordinateFrame) and target.has_data:
        target = SkyCoord(target)
    if isinstance(target, list | tuple | np.ndarray) and len(target) == 2:
        try:
            return SkyCoord(*(u.Quantity(coordinate, u.deg) for coordinate in target))
        except (TypeError, ValueError) as error:
            raise RegionError(
                "The position was not understood", str(error), 'Give (ra, dec) in degrees, or text such as "RA Dec".'
            ) from error
    if not isinstance(target, SkyCoord):
        raise RegionError("The region was not understood", f"it is of type {type(target).__name__}", _TYPES)
    if target.size != 1:
        raise RegionError("The region was not understood", f"there are {target.size} positions", "Give one position.")
    return in_icrs(target.reshape(()))


def in_icrs(coord: SkyCoord) -> SkyCoord:
    """Coordinates in ICRS.

    Raises
    ------
    RegionError
        If their frame lacks what that needs: AltAz its time and place.
    """
    try:
        return coord.icrs
    except Exception as error:  # astropy raises what it likes where a frame lacks its time or place
        raise RegionError(
            "The position cannot be put on the sky",
            f"its frame {coord.frame.name} cannot be turned into ICRS ({error})",
            "Give it with its time and place, or in ICRS.",
        ) from error

"""Units as files, services and people write them.

astropy reads ``10**99999999 erg`` as an integer of a hundred million digits: what is no unit is told apart before it
is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import astropy.units as u
import numpy as np

from .quiet import quiet

__all__ = ["HOURS", "is_harmless", "measured", "read_unit", "scale", "unit_of", "vounit"]

HOURS = u.hourangle
"""Of right ascensions written as hours, minutes and seconds."""

_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("degree", "degrees", "degs", "d:m:s", "dms", "dd:mm:ss", "sexagesimal deg"), "deg"),
        **dict.fromkeys(("h:m:s", "hms", "hh:mm:ss", "hourangle"), "hourangle"),
        **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"),
        **dict.fromkeys(("arcminute", "arcminutes", "arcmins", "amin", "'"), "arcmin"),
        **dict.fromkeys(("arcsecond", "arcseconds", "arcsecs", "asec", '"', "''"), "arcsec"),
        **dict.fromkeys(("milliarcsec", "milliarcsecond", "milliarcseconds", "marcsec"), "mas"),
        **dict.fromkeys(("radian", "radians"), "rad"),
        **dict.fromkeys(("second", "seconds", "sec", "secs"), "s"),
        **dict.fromkeys(("pixels", "pix"), "pixel"),
        **dict.fromkeys(("ksec", "kilosecond", "kiloseconds"), "ks"),
        **dict.fromkeys(("day", "days", "jd", "mjd"), "d"),
        **dict.fromkeys(("year", "years"), "yr"),
        **dict.fromkeys(("cts", "counts", "count"), "ct"),
        **dict.fromkeys(("photons", "photon", "phot"), "ph"),
        **dict.fromkeys(("ergs",), "erg"),
        **dict.fromkeys(("kev",), "keV"),
        **dict.fromkeys(("angstroms",), "Angstrom"),
        **dict.fromkeys(("mags", "magnitude", "magnitudes"), "mag"),
    }
)
"""Of single units, in lower case."""

_LONGEST, _DEEPEST = 100, 4  # characters, and brackets
_ALLOWED = re.compile(r"[\w\s.*^/()+\-%°µμÅ'\"\[\],:]*")
# No whole number has more than two digits behind a power, nor stands another power on one.
_POWER = re.compile(r"(\*\*|\^)\s*[(+\-\s]*(\d{3,}|\d+[\d.]*\s*(\*\*|\^))")
_LONG_NUMBER = re.compile(r"\d{16,}|\d[eE][+-]?\d{4,}|\b10[+-]\d{3,}")


def is_harmless(text: str) -> bool:
    """Whether a text is no trap for a reader of units: short, without huge powers.

    Examples
    --------
    >>> is_harmless("erg/s/cm**2"), is_harmless("10**99999999 erg")
    (True, False)
    """
    return (
        len(text) <= _LONGEST
        and _POWER.search(text) is None
        and _LONG_NUMBER.search(text) is None
        and text.count("(") <= _DEEPEST
    )


@cache
def read_unit(text: str) -> u.UnitBase | None:
    """The unit that a text names; None for no unit, and for words that are none.

    Parameters
    ----------
    text : str
        In the spelling of FITS, VOUnit, CDS or OGIP, or as people write it: ``"Degrees"``, ``"deg."``, ``"DEG"``,
        ``"h:m:s"`` (`HOURS`), ``"photons/cm^2/s"``.

    Examples
    --------
    >>> read_unit("DEG"), read_unit("photons/cm**2/s"), read_unit("furlongs")
    (Unit("deg"), Unit("ph / (s cm2)"), None)
    """
    if not is_harmless(text) or _ALLOWED.fullmatch(text) is None:
        return None
    stripped = text.strip().strip('"').strip() or text.strip()
    spelled = _SPELLINGS.get(stripped.rstrip(".").lower())
    if spelled is not None:
        return u.Unit(spelled)
    standard_names = re.sub(r"[A-Za-z]+", lambda word: _SPELLINGS.get(word[0].lower(), word[0]), stripped.rstrip("."))
    for spelling in (stripped, standard_names, standard_names.lower()):
        for standard in (None, "cds", "ogip"):
            unit = _parse(spelling.replace("**", "^") if standard is None else spelling, standard)
            if unit is not None:
                return None if unit == u.dimensionless_unscaled else unit
    return None


@cache
def vounit(text: str) -> str:
    """A unit as VOUnit spells it; words that name none, or none that VOUnit has, as they stand.

    Parameters
    ----------
    text : str
        In any spelling that `read_unit` takes.

    Examples
    --------
    >>> vounit("erg/cm^2/s"), vounit("10+20cm-2"), vounit("counts"), vounit("furlongs")
    ('erg.s**-1.cm**-2', '1e+20cm**-2', 'count', 'furlongs')
    """
    unit = read_unit(text)
    if unit is None:
        return text
    with quiet():  # VOUnit deprecates the erg, and has no better name for it
        try:
            return str(unit.to_string("vounit"))
        except (ValueError, TypeError):
            return text


def scale(unit: u.UnitBase, target: u.UnitBase) -> float:
    """What numbers in a unit are multiplied with to be in another; hours of an angle are those of a right ascension.

    Raises
    ------
    UnitConversionError
        If they measure different things, or are logarithms (``"[erg/s/cm2]"``), which no factor turns into numbers.

    Examples
    --------
    >>> import astropy.units as u
    >>> round(scale(u.hour, u.deg), 12), scale(u.hour, u.s)
    (15.0, 3600.0)
    """
    if unit == u.hour and target.is_equivalent(u.deg):
        unit = HOURS
    if unit != target and isinstance(unit, u.function.FunctionUnitBase):
        raise u.UnitConversionError(f"{unit} is of logarithms, and {target} is not")  # astropy gives what 1 stands for
    return float(unit.to(target))


def measured(numbers: np.ndarray[Any, Any], unit: u.UnitBase) -> u.Quantity:
    """Numbers in a unit, not copied; of a logarithm (``"[erg/s]"``, ``"mag(AB)"``) as astropy's own kind of quantity.

    Examples
    --------
    >>> import numpy as np
    >>> import astropy.units as u
    >>> measured(np.array([4.5]), read_unit("[cm/s2]")), measured(np.array([4.5]), u.s)
    (<Dex [4.5] dex(cm / s2)>, <Quantity [4.5] s>)
    """
    return numbers << unit


def unit_of(column: Any) -> u.UnitBase | None:
    """The unit of a table's column; one that astropy did not know is read here once more."""
    unit = getattr(column, "unit", None)
    return (read_unit(str(unit)) or unit) if isinstance(unit, u.UnrecognizedUnit) else unit


def _parse(text: str, standard: str | None) -> u.UnitBase | None:
    with quiet():  # the catalogue's own "erg/s/cm^2" is bad style in some standard or other
        try:
            unit = u.Unit(text, format=standard)
            return None if isinstance(unit, u.StructuredUnit) else unit  # "(deg, s)", of records
        except (ValueError, TypeError, OverflowError, ZeroDivisionError):
            return None

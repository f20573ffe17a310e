"""Names of sources: how the catalogue writes them, how people do, and where they lie on the sky.

A source is called by its position: ``2CXO JHHMMSS.s+DDMMSS``, cut off and not rounded, and a letter where two sources
would have one name (https://cxc.cfa.harvard.edu/csc/). The sources of the simulated sky begin with ``SIM``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import Table

from cscwidgets.errors import CscError
from cscwidgets.io.typed import plain_text, unquoted

__all__ = ["SIMULATED", "SourceNames", "is_source_name", "names_of", "source_angles", "source_name", "source_position"]

SourceNames = str | bytes | Iterable[Any]

SIMULATED = "SIM"
"""What names begin with that no telescope saw."""

_CATALOGUE = "2CXO"
_DASHES = {ord("\N{MINUS SIGN}"): "-", ord("\N{EN DASH}"): "-"}
_WRITTEN = re.compile(
    rf"(?P<prefix>{_CATALOGUE}|{SIMULATED})?[\s_]*"
    r"J\s?(?P<ra>[0-2]\d[0-5]\d[0-5]\d)\.?(?P<tenth>\d)\s?(?P<sign>[-+PM])\s?(?P<dec>\d\d[0-5]\d[0-5]\d)(?P<letter>[A-Z]*)",
    re.ASCII | re.IGNORECASE,
)


def source_name(text: object, *, simulated: bool | None = False) -> str:
    """A source's name as the catalogue writes it.

    Parameters
    ----------
    text : str or bytes
        A name with or without prefix, blanks, quotes and capitals, or the name of its folder or file:
        "2CXO J002404.2-720457", "j002404.2-720457", "2CXOJ0024042m720457". Other words stay as they are but for their
        blanks and dashes: the sources of a table of somebody's own have names of another kind.
    simulated : bool, optional
        Whether a name without a prefix is one of the simulated sky; with None it stays without.

    Examples
    --------
    >>> source_name("2cxoj002404.2-720457")
    '2CXO J002404.2-720457'
    >>> source_name("J002404.2-720457", simulated=True)
    'SIM J002404.2-720457'
    """
    written = _decoded(text)
    match = _WRITTEN.fullmatch(" ".join(unquoted(plain_text(written).strip(" ,;")).split()))
    if match is None:
        return unquoted(" ".join(written.translate(_DASHES).split()))
    prefix = match["prefix"] or {None: "", True: SIMULATED, False: _CATALOGUE}[simulated]
    sign = {"P": "+", "M": "-"}.get(match["sign"].upper(), match["sign"])
    return f"{prefix} J{match['ra']}.{match['tenth']}{sign}{match['dec']}{match['letter']}".strip().upper()


def is_source_name(text: str) -> bool:
    """Whether a text is a source's name, in any of the ways that `source_name` reads.

    >>> is_source_name("j002404.2-720457"), is_source_name("M33")
    (True, False)
    """
    return _WRITTEN.fullmatch(source_name(text)) is not None


def source_position(text: str) -> SkyCoord | None:
    """The position that a source's name says, or None if it is no such name.

    Both coordinates are cut off there: the source lies up to 0.1 s and 1" further from their zeros.
    """
    angles = source_angles(text)
    return None if angles is None else SkyCoord(*angles, unit="deg")


def source_angles(text: str) -> tuple[float, float] | None:
    """Right ascension and declination (degrees) of `source_position`, without its cost."""
    match = _WRITTEN.fullmatch(source_name(text))
    if match is None:
        return None
    hours, minutes, seconds = (int(match["ra"][at : at + 2]) for at in (0, 2, 4))
    degrees, arcmin, arcsec = (int(match["dec"][at : at + 2]) for at in (0, 2, 4))
    ra = 15 * (hours + minutes / 60 + (seconds + int(match["tenth"]) / 10) / 3600)
    dec = degrees + arcmin / 60 + arcsec / 3600
    if ra >= 360 or dec > 90:
        return None
    return ra, -dec if match["sign"] in "-Mm" else dec


def names_of(names: SourceNames | Table, *, simulated: bool | None = False) -> list[str]:
    """Names of sources as the catalogue writes them, each once, in order; masked ones are none.

    Parameters
    ----------
    names : str, bytes, Table or iterable of these
        One name, several, or rows with a column ``name``.
    simulated : bool, optional
        See `source_name`.

    Raises
    ------
    CscError
        If something among them is no text.
    """
    if isinstance(names, Table):
        if "name" not in names.colnames:
            raise _no_names(f"the table has no column name, but {', '.join(names.colnames) or 'none'}")
        names = names["name"]
    if isinstance(names, str | bytes):
        names = (names,)
    if not isinstance(names, Iterable):
        raise _no_names(f"it is of type {type(names).__name__}: {names!r:.60}")
    unique: dict[str, None] = {}
    for name in names:
        if name is not np.ma.masked:
            unique[source_name(name, simulated=simulated)] = None
    return list(unique)


def _decoded(text: object) -> str:
    if isinstance(text, np.ndarray) and text.shape == ():
        text = text[()]
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if not isinstance(text, str):
        raise _no_names(f"it is of type {type(text).__name__}: {text!r:.60}")
    # What str() makes of bytes, as tables of FITS files are often turned to text.
    literal = re.fullmatch(r"b(['\"])(.*)\1", text.strip())
    return literal[2] if literal else text


def _no_names(why: str) -> CscError:
    return CscError("Sources are asked for by their names", why, "Give one name as text, or a list of names.")

"""Keywords that say what numbers of a FITS file mean, or where they lie: of two that differ neither may win."""

from __future__ import annotations

import re
from collections import Counter

from astropy.io import fits

from .reading import Unreadable

__all__ = ["require_one_meaning"]

# FITS 4.0, sections 4.4.2, 7.2.2, 7.3.2, 8 and 9; OGIP/92-007; CIAO's data model.
_MEANING = re.compile(
    r"T(TYPE|UNIT|FORM|NULL|SCAL|ZERO|DIM|CTYP|CUNI|CRVL|CRPX|CDLT)\d+"
    r"|(C(TYPE|UNIT|RVAL|RPIX|DELT|ROTA)\d+|(CD|PC|PV)\d+_\d+|LONPOLE|LATPOLE|EQUINOX|RADESYS)[A-Z]?|EPOCH|RADECSYS"
    r"|HDUCLAS\d|(BACK|CORR|ANCR|RESP)FILE|POISSERR|CLOCKAPP|READMODE"
    r"|BUNIT|BSCALE|BZERO|BLANK|TIME(SYS|UNIT|REF|ZERO)|MJDREF[IF]?"
)


def require_one_meaning(header: fits.Header) -> None:
    """Refuse a header in which such a keyword is there several times, with different values.

    Raises
    ------
    Unreadable
        With the keyword.

    Examples
    --------
    >>> require_one_meaning(fits.Header([("BUNIT", "count"), ("BUNIT", "count/s")]))
    Traceback (most recent call last):
    ...
    cscwidgets.io.reading.Unreadable: its BUNIT is there 2 times, with different values
    """
    for key, times in Counter(header.keys()).items():
        if times > 1 and _MEANING.fullmatch(key) and len({str(header[key, at]) for at in range(times)}) > 1:
            raise Unreadable(f"its {key} is there {times} times, with different values")

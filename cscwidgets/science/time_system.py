"""What the times of a file count: seconds since Chandra's zero at the telescope, or at the solar system's barycentre.

CIAO's axbary takes event lists from the first to the second: https://cxc.cfa.harvard.edu/ciao/ahelp/axbary.html.
Keywords: A. Rots et al. 2015, A&A 574, A36 (FITS, time coordinates).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

import astropy.units as u
from astropy.io import fits
from astropy.time import Time
from numpy.typing import ArrayLike

from cscwidgets.errors import CscError
from cscwidgets.io.fits_values import number
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.units import read_unit

__all__ = ["TimeSystem", "shared_system"]

_MISSION_ZERO = 50_814.0  # MJD
_KEYWORDS = {("TT", "LOCAL"), ("TT", ""), ("TDB", "SOLARSYSTEM")}


class TimeSystem(Enum):
    """Time systems of mission times, by their names in TIMESYS; both count s from MJD 50814.

    Examples
    --------
    >>> from cscwidgets.science.time_system import TimeSystem
    >>> print(TimeSystem.BARYCENTRIC, TimeSystem.BARYCENTRIC.moments(86_400.0).mjd)
    TDB, barycentred 50815.0
    """

    LOCAL = "TT"
    BARYCENTRIC = "TDB"

    @classmethod
    def of(cls, header: fits.Header, default: TimeSystem | None = None) -> TimeSystem:
        """From a header.

        Parameters
        ----------
        header : Header
        default : TimeSystem, optional
            Of a table that says nothing of it, as a good-time table in a file of events.

        Raises
        ------
        Unreadable
            If its times count something else, or its keywords contradict one another.
        """
        system, place = (str(header.get(key, "")).strip().upper() for key in ("TIMESYS", "TIMEREF"))
        if default is not None:
            system = system or default.value
            place = place or ("SOLARSYSTEM" if system == "TDB" else "")
        if (system, place) not in _KEYWORDS:
            raise Unreadable(
                f"its times are {system or 'of no system'} (TIMESYS) and TIMEREF is {place or 'not given'}:"
                " neither Chandra's TT nor TDB at the solar system's barycentre",
                "Take the file as the archive has it, or as CIAO's axbary made it.",
            )
        _require_mission_zero(header, system, optional=default is not None)
        return cls(system)

    def __str__(self) -> str:
        return {"TT": "TT, not barycentred", "TDB": "TDB, barycentred"}[self.value]

    def moments(self, seconds: ArrayLike) -> Time:
        """Mission times, s, as astropy's."""
        return Time(_MISSION_ZERO, format="mjd", scale=self.value.lower()) + seconds * u.s


def shared_system(systems: Iterable[TimeSystem], what: str) -> TimeSystem:
    """The one time system of what is put together.

    Parameters
    ----------
    systems : iterable of TimeSystem
        At least one.
    what : str
        What is put together, with a capital.

    Raises
    ------
    CscError
        If there are two: they differ by up to 500 s, and change.
    """
    different = set(systems)
    if len(different) > 1:
        raise CscError(
            f"{what} cannot be put together",
            f"times are {' and '.join(sorted(map(str, different)))}",
            "Run CIAO's axbary on all of them, good-time tables included, or on none.",
        )
    return different.pop()


def _require_mission_zero(header: fits.Header, system: str, *, optional: bool) -> None:
    """Raise Unreadable unless times are s from Chandra's zero."""
    unit = str(header.get("TIMEUNIT", "s")).strip()
    if str(read_unit(unit)) != "s":
        raise Unreadable(f"its times are in {unit} (TIMEUNIT), not in s")
    zeros = []
    if "MJDREF" in header:
        zeros.append(number(header, "MJDREF"))
    if "MJDREFI" in header or not (zeros or optional):
        zeros.append(number(header, "MJDREFI") + number(header, "MJDREFF", 0.0))
    for zero in zeros:
        if abs(zero - _MISSION_ZERO) > 1e-9:
            raise Unreadable(f"times count from MJD {zero} {system}, not from Chandra's 50814")

"""What all FITS products of one observation have in common: opening them, and the keywords that say whose they are."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.io.files import read_file
from cscwidgets.io.fits import LARGEST, open_fits
from cscwidgets.io.fits_values import number
from cscwidgets.io.reading import Unreadable, reading

__all__ = ["ProductHeader", "open_product"]

_MISSION_ZERO = 50_814.0  # MJD (TT)


@dataclass(frozen=True, slots=True)
class ProductHeader:
    """Which observation a product is of, 0 for a stack of several; `start` and `stop` in s of mission time."""

    obsid: int
    obi: int
    target: str
    instrument: str
    detector: str
    start: float
    stop: float
    simulated: bool

    @classmethod
    def of(cls, header: fits.Header) -> ProductHeader:
        """From a header.

        Raises
        ------
        Unreadable
            If a keyword is missing or no number, or the times do not count from Chandra's zero.
        """
        single = "MJDREF" in header
        zero = number(header, "MJDREF") if single else number(header, "MJDREFI") + number(header, "MJDREFF")
        if abs(zero - _MISSION_ZERO) > 1e-9 or str(header.get("TIMESYS")).strip().upper() != "TT":
            raise Unreadable(f"times count from MJD {zero} {header.get('TIMESYS')}, not from Chandra's 50814 TT")
        start = number(header, "TSTART")
        return cls(
            obsid=0 if _of_stack(header) else int(number(header, "OBS_ID")),
            obi=int(number(header, "OBI_NUM", 0)),
            target=str(header.get("OBJECT", "")).strip(),
            instrument=str(header.get("INSTRUME", "")).strip(),
            detector=str(header.get("DETNAM", "")).strip(),
            start=start,
            stop=number(header, "TSTOP", least=start),
            simulated=str(header.get("ORIGIN", "")).strip() == "cscwidgets-sim",
        )


def _of_stack(header: fits.Header) -> bool:
    """Whether a file is of several observations: then it names a stack, and no one of them."""
    return "STACK_ID" in header and not str(header.get("OBS_ID", "")).strip().isdigit()


def open_product(
    path: str | os.PathLike[str], kind: str, extensions: Iterable[str], *, largest: int = LARGEST
) -> fits.HDUList:
    """Read a FITS product, compressed or not, that must have some extensions; nothing stays open.

    What astropy makes of its columns and keywords belongs inside `cscwidgets.io.reading.reading` too.

    Parameters
    ----------
    path : path
    kind : str
        What the product is, in words.
    extensions : iterable of str
        Those it must have.
    largest : int
        Bytes it may have, uncompressed.

    Raises
    ------
    CscError
        If it is absent, damaged, something else, or larger.
    """
    name = os.fspath(path)
    with reading(f"{name} cannot be read", "Fetch it again."):
        try:
            content = read_file(name, largest)
        except FileNotFoundError as error:
            raise CscError(
                f"{name} is not there", "no such file", "Check the path, or fetch the product again."
            ) from error
        hdus = open_fits(content, largest=largest)
        absent = [extension for extension in extensions if extension not in hdus]
        present = ", ".join(hdu.name for hdu in hdus[1:]) or "none"
    if absent:
        raise CscError(f"{name} is no {kind}", f"it has no {absent[0]} extension; it has: {present}")
    return hdus

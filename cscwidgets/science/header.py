"""What all FITS products of one observation have in common: opening them, and the keywords that say whose they are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.io.files import file_name, read_file
from cscwidgets.io.fits import LARGEST, open_fits
from cscwidgets.io.fits_values import number, whole_number
from cscwidgets.io.reading import Unreadable, reading

from .time_system import TimeSystem

__all__ = ["ProductHeader", "clock_notes", "filter_notes", "open_product", "single"]


# What fits and tests are usually about, 0.5-7 keV, by the columns that CIAO's users choose events by.
_USUAL = {"ENERGY": (500.0, 7000.0, "eV"), "PI": (35.0, 479.0, "channels")}
_END = r"([-+]?\d+\.?\d*(?:[eE][-+]?\d+)?)?"
_RANGE = re.compile(f"{_END}:{_END}")


@dataclass(frozen=True, slots=True)
class ProductHeader:
    """Which observation a product is of, 0 for several; `start` and `stop` in s of mission time, in `system`."""

    obsid: int
    obi: int
    target: str
    instrument: str
    detector: str
    start: float
    stop: float
    simulated: bool
    system: TimeSystem = TimeSystem.LOCAL

    @classmethod
    def of(cls, header: fits.Header) -> ProductHeader:
        """From a header.

        Raises
        ------
        Unreadable
            If a keyword is missing or no number, or the times are of another system; see `TimeSystem.of`.
        """
        system = TimeSystem.of(header)
        zero = number(header, "TIMEZERO", 0.0)
        start = number(header, "TSTART")
        return cls(
            obsid=0 if _of_several(header) else whole_number(header, "OBS_ID"),
            obi=whole_number(header, "OBI_NUM", 0),
            target=str(header.get("OBJECT", "")).strip(),
            instrument=str(header.get("INSTRUME", "")).strip(),
            detector=str(header.get("DETNAM", "")).strip(),
            start=start + zero,
            stop=number(header, "TSTOP", least=start) + zero,
            simulated=str(header.get("ORIGIN", "")).strip() == "cscwidgets-sim",
            system=system,
        )


def _of_several(header: fits.Header) -> bool:
    """Whether a file is of several observations: of a stack, or what CIAO's dmmerge makes of event lists."""
    name = header.get("OBS_ID", "")
    if not isinstance(name, str):
        return False
    return name.strip().lower() == "merged" or ("STACK_ID" in header and not name.strip().isdigit())


def clock_notes(header: fits.Header) -> list[str]:
    """What is to be said of the clock that times were taken by."""
    if header.get("CLOCKAPP", True) is False:
        return ["the clock correction was not applied (CLOCKAPP): absolute times may be off"]
    return []


def filter_notes(header: fits.Header) -> list[str]:
    """What is to be said of events that were left out by their energy, as CIAO's data subspace tells it.

    A file has a component for each chip: ``DSTYPn`` is the column, ``DSVALn`` are its ranges in the first component,
    ``iDSVALn`` those in the next. Format: CIAO's ``ahelp subspace``.
    """
    if str(header.get("INSTRUME", "")).strip().upper() == "HRC":
        return []
    notes = []
    for key in header:
        name = re.fullmatch(r"\d*DSVAL(\d+)", key)
        column = str(header.get(f"DSTYP{name[1]}", "")).strip().upper() if name else ""
        if column not in _USUAL:
            continue
        low, high, unit = _USUAL[column]
        said = str(header[key]).strip()
        ranges = [(float(one[1] or "-inf"), float(one[2] or "inf")) for one in _RANGE.finditer(said)]
        if ranges and not any(start <= low and stop >= high for start, stop in ranges):
            notes.append(f"it has events of {column.lower()} {said} {unit} alone (DSVAL)")
    return list(dict.fromkeys(notes))


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
    name = file_name(path)
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


def single(hdus: fits.HDUList, name: str) -> fits.BinTableHDU:
    """The table of that name.

    Raises
    ------
    Unreadable
        If there are several: the first is not better than the others.
    """
    tables = [hdu for hdu in hdus[1:] if hdu.name == name]
    if len(tables) > 1:
        raise Unreadable(f"it has {len(tables)} {name} tables", "Write the one you mean to a file of its own.")
    return tables[0]

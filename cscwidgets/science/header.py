"""What all FITS products of one observation have in common: opening them, and the keywords that say whose they are."""

from __future__ import annotations

import gzip
import io
import math
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits
from astropy.time import Time

from cscwidgets.errors import CscError

__all__ = ["ProductHeader", "open_product"]

_MISSION_ZERO = 50_814.0  # MJD (TT)
_GZIP = b"\x1f\x8b"
_BLOCK = 2880


@dataclass(frozen=True, slots=True)
class ProductHeader:
    """Which observation a product is of; `start` and `stop` in s of mission time."""

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
        KeyError, ValueError
            If a keyword is missing, or the times do not count from Chandra's zero.
        """
        zero = float(header["MJDREF"]) if "MJDREF" in header else header["MJDREFI"] + header["MJDREFF"]
        if abs(zero - _MISSION_ZERO) > 1e-9 or str(header["TIMESYS"]).strip().upper() != "TT":
            raise ValueError(f"times count from MJD {zero} {header['TIMESYS']}, not from Chandra's 50814 TT")
        return cls(
            obsid=int(header["OBS_ID"]),
            obi=int(header.get("OBI_NUM", 0)),
            target=str(header.get("OBJECT", "")).strip(),
            instrument=str(header.get("INSTRUME", "")).strip(),
            detector=str(header.get("DETNAM", "")).strip(),
            start=float(header["TSTART"]),
            stop=float(header["TSTOP"]),
            simulated=str(header.get("ORIGIN", "")).strip() == "cscwidgets-sim",
        )

    @property
    def start_time(self) -> Time:
        """Start of the observation (TT)."""
        return Time(self.start, format="cxcsec")


def open_product(path: str | os.PathLike[str], kind: str, extensions: Iterable[str]) -> fits.HDUList:
    """Read a FITS product, compressed or not, that must have some extensions; nothing stays open.

    Raises
    ------
    CscError
        If it is absent, damaged, or something else.
    """
    name = os.fspath(path)
    try:
        content = Path(name).read_bytes()
        if content[:2] == _GZIP:
            content = gzip.decompress(content)
        _require_whole(content)
        hdus = fits.open(io.BytesIO(content), memmap=False, lazy_load_hdus=False)
    except FileNotFoundError as error:
        raise CscError(f"{name} is not there", "no such file", "Check the path, or fetch the product again.") from error
    except (OSError, EOFError, KeyError, zlib.error) as error:
        raise CscError(f"{name} cannot be read", f"no intact FITS file: {error}", "Fetch it again.") from error
    absent = [wanted for wanted in extensions if wanted not in hdus]
    if absent:
        found = ", ".join(hdu.name for hdu in hdus[1:]) or "none"
        raise CscError(f"{name} is no {kind}", f"it has no {absent[0]} extension; it has: {found}")
    return hdus


def _require_whole(content: bytes) -> None:
    """Raise OSError unless every header's data are there: astropy only warns, and reads on."""
    if not content.startswith(b"SIMPLE"):
        raise OSError("it does not start as FITS does")
    stream = io.BytesIO(content)
    while stream.tell() < len(content):
        header = fits.Header.fromfile(stream)
        axes = [header[f"NAXIS{axis + 1}"] for axis in range(header["NAXIS"])]
        items = header.get("GCOUNT", 1) * (header.get("PCOUNT", 0) + math.prod(axes)) if axes else 0
        size = abs(header["BITPIX"]) // 8 * items
        stream.seek(-(-size // _BLOCK) * _BLOCK, io.SEEK_CUR)
    if stream.tell() != len(content):
        raise OSError("its end is missing")

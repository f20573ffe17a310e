"""Where pixels that stand in two columns of a table lie on the sky."""

from __future__ import annotations

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS, WcsError

from cscwidgets.io.fits_values import number
from cscwidgets.io.quiet import quiet
from cscwidgets.io.reading import Unreadable

from .on_sky import on_sky

__all__ = ["sky_of_columns"]


def sky_of_columns(header: fits.Header, columns: tuple[int, int]) -> WCS:
    """World coordinates of two columns (FITS 4.0, section 8.2: pixel lists), with their units, rotation and frame.

    Parameters
    ----------
    header : Header
        Of the table.
    columns : tuple of two ints
        Their numbers, from 1.

    Raises
    ------
    Unreadable
        If a keyword is missing or no number, or they contradict each other or lead nowhere on the sky.

    Examples
    --------
    >>> cards = {"TCTYP2": "RA---TAN", "TCRVL2": 10.0, "TCRPX2": 4096.5, "TCDLT2": -0.001, "TCUNI2": "deg"}
    >>> cards |= {"TCTYP3": "DEC--TAN", "TCRVL3": 41.0, "TCRPX3": 4096.5, "TCDLT3": 0.001, "TCUNI3": "deg"}
    >>> [float(angle) for angle in sky_of_columns(fits.Header(cards), (2, 3)).wcs_pix2world(4096.5, 4096.5, 1)]
    [10.0, 41.0]
    """
    wcs = _of_keywords(header, columns)
    if min(wcs.wcs.lng, wcs.wcs.lat) < 0:
        raise Unreadable(f"its positions are {' and '.join(wcs.wcs.ctype)} (TCTYP), which are no places on the sky")
    lon, lat = (float(wcs.wcs.crval[axis]) for axis in (wcs.wcs.lng, wcs.wcs.lat))
    if not on_sky(lon, lat):
        raise Unreadable(f"its field is at {lon:g} {lat:g} (TCRVL), which is no place on the sky")
    if not np.isfinite(wcs.wcs_pix2world(*wcs.wcs.crpix, 1)).all():
        raise Unreadable("its world coordinates lead nowhere")
    return wcs


def _of_keywords(header: fits.Header, columns: tuple[int, int]) -> WCS:
    for column in columns:
        if f"TCTYP{column}" not in header:
            raise Unreadable(f"it has no TCTYP{column}")
        for key in ("TCRVL", "TCRPX", "TCDLT"):
            number(header, f"{key}{column}")
    try:
        with quiet():  # astropy tells which spellings it mended
            wcs = WCS(header, keysel=["pixel"], colsel=list(columns))
        wcs.wcs.colax = [0, 0]  # else it would be written as of columns, which no reader of an image finds
        if columns[0] > columns[1]:  # it puts them in order
            wcs = wcs.sub([2, 1])
        # wcslib looks for those of each column only, which tables of events do not have.
        if not any(f"RADE{column}" in header for column in columns):
            wcs.wcs.radesys = str(header.get("RADESYS", header.get("RADECSYS", ""))).strip().upper()
        if not any(f"EQUI{column}" in header for column in columns):
            wcs.wcs.equinox = number(header, "EQUINOX", np.nan)
        wcs.wcs.set()
    except (WcsError, ValueError) as error:
        raise Unreadable(f"its world coordinates cannot be used: {str(error).strip().splitlines()[-1]}") from error
    return wcs

"""Where the pixels of an image lie on the sky, as a header says, or why that cannot be used."""

from __future__ import annotations

from typing import Any

import astropy.units as u
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import proj_plane_pixel_scales

from cscwidgets.io.reading import Unreadable
from cscwidgets.io.units import read_unit

__all__ = ["celestial_wcs"]

_COARSEST = 1.0  # degrees of a pixel's side: more is a map of the whole sky, or a mistake


def celestial_wcs(header: fits.Header) -> WCS:
    """The coordinates of the first two axes of an image.

    Parameters
    ----------
    header : Header
        Of an image with two axes, or with further ones after them.

    Raises
    ------
    Unreadable
        If it has none, if they lead nowhere, or if pixels have no area.
    """
    for name in (f"{word}{axis}" for word in ("CRVAL", "CRPIX", "CDELT") for axis in (1, 2)):
        if isinstance(header.get(name), str):  # astropy before 8 takes the default in its place
            raise Unreadable(f"its coordinates cannot be used: {name} is {header[name]!r}, no number")
    try:
        wcs: Any = WCS(_with_known_units(header), fix=False)
        if wcs.has_celestial and (wcs.naxis == 2 or wcs.axis_type_names[:2] == wcs.celestial.axis_type_names):
            wcs = wcs.celestial
            sides = proj_plane_pixel_scales(wcs)
            area = abs(np.linalg.det(wcs.pixel_scale_matrix))
            middle = [header[f"NAXIS{axis}"] / 2 for axis in (1, 2)]
            sky = np.array(wcs.all_pix2world(*middle, 0), dtype=float)
            # Written so that a NaN is refused.
            if area > 1e-3 * np.prod(sides) and (sides < _COARSEST).all() and np.isfinite(sky).all():
                pixel = wcs.all_world2pix(*sky, 0)
                if np.allclose(pixel, middle, atol=0.1):
                    return wcs
    except Exception as error:  # wcslib has a family of errors of its own
        raise Unreadable(f"its coordinates cannot be used: {error}") from error
    raise Unreadable("it has no celestial coordinates")


def _with_known_units(header: fits.Header) -> fits.Header:
    """A header whose axes are in deg where it has another spelling, as DEGREE, which wcslib does not know."""
    known = header
    for key in ("CUNIT1", "CUNIT2"):
        said = str(header.get(key, "deg")).strip()
        if said != "deg" and read_unit(said) == u.deg:
            known = header.copy() if known is header else known
            known[key] = "deg"
    return known

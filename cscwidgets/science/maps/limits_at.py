"""The limits at some positions, read out of each sensitivity map directly: of few positions no mosaic is needed."""

from __future__ import annotations

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord

from cscwidgets.arrays import Floats

from .sensitivity_map import SensitivityMap

__all__ = ["limits_at"]


def limits_at(one: SensitivityMap, ra: Floats, dec: Floats) -> Floats:
    """The limit of the pixel that each position lies in.

    Parameters
    ----------
    one : SensitivityMap
    ra, dec : ndarray, shape (n,)
        ICRS degrees.

    Returns
    -------
    ndarray, shape (n,)
        Photon/s/cm**2; NaN where the stack did not observe.

    Examples
    --------
    >>> from cscwidgets.science import maps
    >>> one = maps.read_sensitivity_map("stack1_sens3.fits")
    >>> centre = one.wcs.pixel_to_world(32, 32).icrs
    >>> bool(limits_at(one, [centre.ra.deg], [centre.dec.deg])[0] == one.limit[32, 32])
    True
    """
    sky = SkyCoord(ra, dec, unit=u.deg)
    middle = one.wcs.pixel_to_world((one.limit.shape[1] - 1) / 2, (one.limit.shape[0] - 1) / 2)
    x, y = one.wcs.world_to_pixel(sky)
    # The tangent plane shows what lies behind it too.
    inside = (sky.separation(middle).deg < 80) & np.isfinite(x) & np.isfinite(y)
    column, row = (np.rint(np.where(inside, axis, -9)).astype(np.int64) for axis in (x, y))
    height, width = one.limit.shape
    inside &= (column >= 0) & (column < width) & (row >= 0) & (row < height)
    limit = np.full(len(x), np.nan)
    limit[inside] = one.limit[row[inside], column[inside]]
    return limit

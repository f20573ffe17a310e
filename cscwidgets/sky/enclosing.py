"""The circle that holds some positions."""

from __future__ import annotations

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord

from .region import Region

__all__ = ["enclosing_region"]

_WIDEST = 60.0  # degrees: farther from its centre, what is drawn of a circle on a flat picture says little
_LEAST = 1 / 60  # degrees, around a single position


def enclosing_region(ra: u.Quantity, dec: u.Quantity) -> Region | None:
    """A circle around all of some positions, or None where they lie all over the sky.

    Parameters
    ----------
    ra, dec : Quantity
        ICRS.

    Examples
    --------
    >>> import astropy.units as u
    >>> print(enclosing_region([359.5, 0.5] * u.deg, [10.0, 10.0] * u.deg))
    circle 0.00000 +10.00037, radius 29.84 arcmin
    """
    places = SkyCoord(u.Quantity(ra, u.deg), u.Quantity(dec, u.deg))
    mean = places.cartesian.mean()
    if float(mean.norm()) < 1e-6:
        return None
    centre = SkyCoord(mean, representation_type="unitspherical")
    centre = SkyCoord(centre.spherical.lon, centre.spherical.lat)
    radius = max(_LEAST, 1.01 * float(np.max(places.separation(centre)).deg))
    return Region.circle(centre, radius) if radius <= _WIDEST else None

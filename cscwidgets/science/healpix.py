"""HEALPix cells of positions."""

from __future__ import annotations

import astropy.units as u
import cdshealpix
import numpy as np
from astropy.coordinates import Latitude, Longitude
from numpy.typing import NDArray

__all__ = ["cells"]


def cells(lon: NDArray[np.float64], lat: NDArray[np.float64], depth: int) -> NDArray[np.int64]:
    """Cells (nested) of finite positions in degrees."""
    found = cdshealpix.nested.lonlat_to_healpix(Longitude(lon * u.deg), Latitude(lat * u.deg), depth)
    return np.asarray(found, np.int64)

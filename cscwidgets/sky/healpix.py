"""HEALPix cells of positions."""

from __future__ import annotations

import astropy.units as u
import cdshealpix
import numpy as np
from astropy.coordinates import Latitude, Longitude

from cscwidgets.arrays import Floats, Integers

__all__ = ["cell_centres", "cells", "places"]


def cells(lon: Floats, lat: Floats, depth: int) -> Integers:
    """Cells (nested) of finite positions in degrees."""
    cell = cdshealpix.nested.lonlat_to_healpix(Longitude(lon * u.deg), Latitude(lat * u.deg), depth)
    return np.asarray(cell, np.int64)


def places(lon: Floats, lat: Floats, depth: int) -> tuple[Integers, Floats, Floats]:
    """Cells (nested) of finite positions in degrees, and where these lie in the base cells: x and y in cell widths."""
    located = cdshealpix.nested.lonlat_to_healpix(Longitude(lon * u.deg), Latitude(lat * u.deg), depth, True)
    cell, x, y = np.asarray(located[0], np.int64), np.array(located[1]), np.array(located[2])
    for bit in range(depth):
        x += (cell >> 2 * bit & 1) << bit
        y += (cell >> 2 * bit + 1 & 1) << bit
    return cell, x, y


def cell_centres(cell: Integers, depth: Integers) -> tuple[Floats, Floats]:
    """Longitudes and latitudes of cells' (nested) centres, degrees; each cell is of its own depth."""
    lon, lat = cdshealpix.nested.healpix_to_lonlat(cell.astype(np.uint64), depth.astype(np.uint8))
    return np.asarray(lon.deg, float), np.asarray(lat.deg, float)

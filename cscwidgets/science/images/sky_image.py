"""An image of a part of the sky: values on pixels whose places are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import proj_plane_pixel_scales

from cscwidgets.arrays import Floats, Pixels

__all__ = ["SkyImage"]

_EDGE_POINTS = 16  # on each side of the outline


@dataclass(frozen=True, slots=True, eq=False)
class SkyImage:
    """Values on the sky.

    Attributes
    ----------
    values : ndarray of float32, shape (ny, nx)
        NaN where there is none; the first row is that of the least y.
    wcs : WCS
        Celestial, of these pixels.
    title : str
        What it is.
    unit : str
        Of the values; empty where nobody says.
    block : int
        Pixels of the file to the side of one of these, whose mean it is.
    simulated : bool
        Whether its file says that no telescope took it.
    """

    values: Pixels
    wcs: WCS
    title: str = ""
    unit: str = ""
    block: int = 1
    simulated: bool = False

    @property
    def pixel(self) -> float:
        """Side of a pixel, degrees; of an oblong one the shorter."""
        return float(min(proj_plane_pixel_scales(self.wcs)))

    def hdu(self) -> fits.PrimaryHDU:
        """As a file has it, with its coordinates, unit and title."""
        header = self.wcs.to_header()
        for key, value in (("BUNIT", self.unit), ("OBJECT", self.title)):
            if value:
                header[key] = value.encode("ascii", "replace").decode()[:68]
        if self.simulated:
            header["ORIGIN"] = ("cscwidgets-sim", "SIMULATED: no telescope saw this")
        return fits.PrimaryHDU(self.values, header)

    def at(self, lon: Floats, lat: Floats) -> Pixels:
        """The values at positions.

        Parameters
        ----------
        lon, lat : ndarray, shape (n,)
            ICRS degrees.

        Returns
        -------
        ndarray of float32, shape (n,)
            NaN outside.
        """
        x, y = _icrs_to_pixel(self.wcs, lon, lat)
        rows, columns = self.values.shape
        # Written so that a NaN, of a position on the other side of the sky, is outside.
        inside = (x >= -0.5) & (x < columns - 0.5) & (y >= -0.5) & (y < rows - 0.5)
        values = np.full(x.shape, np.nan, np.float32)
        column, row = (np.rint(axis[inside]).astype(np.int64) for axis in (x, y))
        values[inside] = self.values[np.minimum(row, rows - 1), np.minimum(column, columns - 1)]
        return values

    def edge(self) -> tuple[Floats, Floats]:
        """Positions around its outline, ICRS degrees."""
        rows, columns = self.values.shape
        along = np.arange(_EDGE_POINTS) / _EDGE_POINTS
        one, zero = np.ones(_EDGE_POINTS), np.zeros(_EDGE_POINTS)
        x = np.concatenate([along, one, 1 - along, zero]) * columns - 0.5
        y = np.concatenate([zero, along, one, 1 - along]) * rows - 0.5
        return _pixel_to_icrs(self.wcs, x, y)


def _icrs_to_pixel(wcs: WCS, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    from astropy.coordinates import SkyCoord  # noqa: PLC0415 (slow to import)

    x, y = wcs.world_to_pixel(SkyCoord(lon, lat, unit="deg"))
    return np.atleast_1d(x), np.atleast_1d(y)


def _pixel_to_icrs(wcs: WCS, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    sky = wcs.pixel_to_world(x, y).icrs
    return sky.ra.deg, sky.dec.deg

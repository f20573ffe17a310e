"""Cut-outs around a position: the photons of each observation on the same pixels, so that they can be compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from astropy.wcs import WCS

from cscwidgets.arrays import Floats

from .event_image import count_photons
from .sky_image import SkyImage

__all__ = ["cutout_grid", "cutouts"]

Photons = tuple[Floats, Floats, WCS]


def cutout_grid(lon: float, lat: float, reach: float, pixel: float = 0.492) -> tuple[WCS, tuple[int, int]]:
    """A square of pixels, north up, about a position.

    Parameters
    ----------
    lon, lat : float
        ICRS degrees.
    reach : float
        From the position to the edge, arcsec.
    pixel : float
        Side of a pixel, arcsec; the default is that of ACIS.

    Returns
    -------
    wcs : WCS
        Tangential at the position, in ICRS.
    shape : (int, int)
        Rows and columns; odd: the position lies in the middle of a pixel.

    Examples
    --------
    >>> from cscwidgets.science import images
    >>> wcs, shape = images.cutout_grid(10.0, 20.0, reach=5.0, pixel=1.0)
    >>> shape, float(wcs.wcs_world2pix(10.0, 20.0, 0)[0])
    ((11, 11), 5.0)
    """
    half = int(np.ceil(reach / pixel - 0.5))
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval, wcs.wcs.crpix = [lon, lat], [half + 1.0, half + 1.0]
    wcs.wcs.cdelt = [-pixel / 3600, pixel / 3600]
    wcs.wcs.radesys = "ICRS"
    wcs.wcs.set()
    return wcs, (2 * half + 1, 2 * half + 1)


def cutouts(
    photons: Sequence[Photons], exposures: Sequence[float], grid: tuple[WCS, tuple[int, int]]
) -> list[SkyImage]:
    """Counts per kilosecond of each observation, on the same pixels.

    Parameters
    ----------
    photons : sequence of (ndarray, ndarray, WCS)
        Of each observation, as for `count_photons`.
    exposures : sequence of float
        Good time of each, s.
    grid : (WCS, (int, int))
        See `cutout_grid`.

    Returns
    -------
    list of SkyImage
        In ``ct / ks``, of each pixel; NaN where an exposure is not above 0.

    Raises
    ------
    CscError
        If the grid has too many pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from cscwidgets.science import images
    >>> grid = images.cutout_grid(10.0, 20.0, reach=1.0, pixel=1.0)
    >>> images.cutouts([(np.full(6, 2.0), np.full(6, 2.0), grid[0])], [3000.0], grid)[0].values[1, 1]
    np.float32(2.0)
    """
    made = []
    for one, exposure in zip(photons, exposures, strict=True):
        counted = count_photons([one], *grid)
        rate = counted.values * np.float32(1000 / exposure if exposure > 0 else np.nan)
        made.append(SkyImage(rate, counted.wcs, unit="ct / ks"))
    return made

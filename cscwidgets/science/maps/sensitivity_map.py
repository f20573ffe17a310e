"""The catalogue's limiting-sensitivity maps (sens3): the faintest flux at which a stack's pixel shows a source.

A file is of one detect stack and one band and holds two images: the flux at which a source would be MARGINAL, then that
at which it would be TRUE, which is the higher one. Pixels are blocks of 8 sky pixels (ACIS) or 16 (HRC-I).
Source: https://cxc.cfa.harvard.edu/csc/data_products/stack/sens3.html
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import proj_plane_pixel_scales
from numpy.typing import ArrayLike

from cscwidgets.arrays import Pixels
from cscwidgets.errors import CscError
from cscwidgets.io.files import file_name
from cscwidgets.io.reading import Unreadable, reading
from cscwidgets.io.units import read_unit

from ..celestial import celestial_wcs
from ..header import open_product

__all__ = ["PHOTON_FLUX", "THRESHOLDS", "SensitivityMap", "observed", "read_sensitivity_map"]


PHOTON_FLUX = u.photon / u.s / u.cm**2
THRESHOLDS = ("MARGINAL", "TRUE")
"""In the order of the images."""

_FAINTEST, _BRIGHTEST = 1e-20, 1.0
"""No limit is beyond these: 0 is what lies outside a reprojected map, 3e38 a null of the sensitivity service."""

_LARGEST = 1_000_000_000  # bytes of a file
_BANDS = frozenset("bhmsuw")
_NAME = re.compile(r"((?:acis|hrc)fJ\d{7}[pm]\d{6}_\d{3})N\d{3}_([bhmsuw])_sens3")


def observed(values: ArrayLike) -> Pixels:
    """Limits with NaN wherever a pixel has none: off the chips, zero, null, or not finite."""
    limit = np.array(values, np.float32)
    with np.errstate(invalid="ignore"):
        limit[~((limit > _FAINTEST) & (limit < _BRIGHTEST))] = np.nan
    return limit


@dataclass(frozen=True, slots=True)
class SensitivityMap:
    """One stack's limits in one band.

    Parameters
    ----------
    limit : ndarray of float32, shape (ny, nx)
        Photon/s/cm**2; NaN where the stack did not observe.
    wcs : WCS
        Celestial, of the map's (blocked) pixels.
    stack : str
        Name of the detect stack.
    band : str
        One letter.
    threshold : {"MARGINAL", "TRUE"}
        What a source as bright as the limit would be.
    background : ndarray of float32, shape (ny, nx), optional
        Counts of background expected in a detection cell; needed only to correct number counts.
    file : str
        Where it was read.
    simulated : bool
    """

    limit: Pixels
    wcs: WCS
    stack: str
    band: str
    threshold: str = "TRUE"
    background: Pixels | None = None
    file: str = ""
    simulated: bool = False

    def __post_init__(self) -> None:
        if self.limit.ndim != 2 or (self.background is not None and self.background.shape != self.limit.shape):
            raise CscError(f"The sensitivity map of {self.stack} cannot be used", "its images have no common 2-D shape")

    @property
    def pixel(self) -> float:
        """Side of a pixel, degrees; of an oblong one the shorter."""
        return float(min(proj_plane_pixel_scales(self.wcs)))


def read_sensitivity_map(path: str | os.PathLike[str], threshold: str = "TRUE") -> SensitivityMap:
    """Read a sensitivity map (sens3), compressed or not.

    Parameters
    ----------
    path : path
        The file.
    threshold : {"TRUE", "MARGINAL"}
        The published thread says TRUE and takes the first image, which is MARGINAL: here the name decides.

    Returns
    -------
    SensitivityMap
        Limits of one threshold, NaN where nothing was observed, with their place on the sky.

    Raises
    ------
    CscError
        Naming the file: if it cannot be read as FITS, is damaged, has not the two images in their order, no celestial
        coordinates, another unit, or no observed pixel.

    Examples
    --------
    >>> from cscwidgets.science import maps
    >>> one = maps.read_sensitivity_map("stack1_sens3.fits")
    >>> one.limit.shape, one.band, one.threshold
    ((64, 64), 'b', 'TRUE')
    """
    if threshold not in THRESHOLDS:
        raise CscError(f"No threshold {threshold!r}", f"there are {' and '.join(THRESHOLDS)}")
    name = file_name(path)
    hdus = open_product(name, "sensitivity map", (), largest=_LARGEST)
    with reading(f"{name} is no usable sensitivity map", "Fetch it again."):
        images = [hdu for hdu in hdus if hdu.is_image and hdu.header["NAXIS"] == 2]
        if len(images) != len(THRESHOLDS):
            raise Unreadable(f"it has {len(images)} images, not one for each threshold")
        limits = [observed(hdu.data * np.float32(_factor(hdu.header))) for hdu in images]
        _require_order(*limits)
        chosen = THRESHOLDS.index(threshold)
        if np.isnan(limits[chosen]).all():
            raise Unreadable("none of its pixels was observed")
        header = images[chosen].header
        for key in ("BAND", "STACK_ID"):
            told = {str(one.header[key]).strip() for one in images if key in one.header}
            if len(told) > 1:
                raise Unreadable(f"its images are of {' and '.join(sorted(told))} ({key})")
        stack, band = _identity(name, images[0].header + header)
        return SensitivityMap(
            limit=limits[chosen],
            wcs=celestial_wcs(header),
            stack=stack,
            band=band,
            threshold=threshold,
            file=name,
            simulated=str(images[0].header.get("ORIGIN", "")).strip() == "cscwidgets-sim",
        )


def _factor(header: fits.Header) -> float:
    """From the image's unit to photon/s/cm**2, which the format promises where the header is silent."""
    said = str(header.get("BUNIT", "")).strip()
    if not said:
        return 1.0
    unit = read_unit(said)
    if unit is None or not unit.is_equivalent(PHOTON_FLUX):
        raise Unreadable(f"its unit is {said}, not photon/s/cm**2")
    return float(unit.to(PHOTON_FLUX))


def _require_order(marginal: Pixels, true: Pixels) -> None:
    """A TRUE source is never fainter than a MARGINAL one."""
    if marginal.shape != true.shape:
        raise Unreadable("its two images differ in shape")
    both = np.isfinite(marginal) & np.isfinite(true)
    ratio = true[both] / marginal[both]
    # Where a few counts are a detection of either kind, the two are equal.
    if np.count_nonzero(ratio < 1 - 1e-5) > np.count_nonzero(ratio > 1 + 1e-5):
        raise Unreadable("its images are swapped: the second, TRUE, has the lower limits")


def _identity(name: str, header: fits.Header) -> tuple[str, str]:
    """Stack and band, as the header says or else the file's name."""
    match = _NAME.search(Path(name).name)
    stack = str(header.get("STACK_ID", "")).strip() or (match[1] if match else Path(name).name)
    band = str(header.get("BAND", "")).strip().lower()[:1]
    if band in _BANDS:
        return stack, band
    if not match:
        raise Unreadable("neither its header nor its name tells its band")
    return stack, match[2]

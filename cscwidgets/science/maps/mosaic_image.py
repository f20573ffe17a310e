"""The mosaic as an image, for the eye and for other tools; areas are those of the HEALPix mosaic.

Each output pixel takes the nearest pixel of each map (reproject) and the lowest of these limits: nothing is averaged,
so no edge grows, shrinks or is smeared.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from astropy.wcs.utils import pixel_to_pixel
from numpy.typing import NDArray

from cscwidgets.arrays import Pixels
from cscwidgets.errors import CscError

from .sensitivity_map import SensitivityMap, read_sensitivity_map

__all__ = ["ImageMosaic", "image_mosaic"]

Progress = Callable[[float], None]

_TILE = 1024  # pixels of a side that are worked on at once
_BLOCK = 256  # pixels of a side that a worker of Dask's is given
_MOST = 200_000_000  # pixels of an image
_NO_STACK = -1


def _silent(_: float) -> None: ...


@dataclass
class ImageMosaic:
    """Lowest limits on a grid of pixels.

    Parameters
    ----------
    limit : ndarray of float32, shape (ny, nx)
        Photon/s/cm**2; NaN where not observed.
    stack : ndarray of int16, shape (ny, nx)
        Number in `stacks` of that whose limit it is; -1 where not observed.
    wcs : WCS
    band, threshold : str
    stacks : list of str
    unknown : dict of str to CscError
        Maps that could not be used, and why.
    simulated : bool
    """

    limit: Pixels
    stack: NDArray[np.int16]
    wcs: WCS
    band: str
    threshold: str
    stacks: list[str] = field(default_factory=list)
    unknown: dict[str, CscError] = field(default_factory=dict)
    simulated: bool = False

    def hdus(self) -> fits.HDUList:
        """FITS: the limits, an image STACK of the stacks' numbers, and a table STACKS of their names."""
        header = self.wcs.to_header()
        image = header.copy()
        image.update(
            {"BUNIT": "photon/s/cm**2", "BAND": self.band, "LIKETHR": self.threshold, "NSTACKS": len(self.stacks)}
        )
        image["ORIGIN"] = "cscwidgets-sim" if self.simulated else "cscwidgets"
        for name, error in self.unknown.items():
            image.add_comment(f"area unknown: {Path(name).name}: {error.why or error.what}")
        names = fits.table_to_hdu(Table({"NUMBER": np.arange(len(self.stacks)), "STACK": np.array(self.stacks, str)}))
        names.name = "STACKS"
        return fits.HDUList([fits.PrimaryHDU(self.limit, image), fits.ImageHDU(self.stack, header, "STACK"), names])


def image_mosaic(
    maps: Sequence[SensitivityMap | str | os.PathLike[str]],
    *,
    resolution: u.Quantity = 8 * u.arcsec,
    grid: tuple[WCS, tuple[int, int]] | None = None,
    threshold: str = "TRUE",
    band: str | None = None,
    client: Any | None = None,
    progress: Progress = _silent,
) -> ImageMosaic:
    """Combine sensitivity maps into an image.

    Memory is needed for the image (6 bytes a pixel), one map, and tiles of 1024 x 1024 pixels.

    Parameters
    ----------
    maps : sequence of SensitivityMap or path
        sens3 files are read one at a time; a map that cannot be used hides no other.
    resolution : Quantity
        Side of a pixel. The default is fine for the eye; the maps' own is 3.9 arcsec (ACIS) or 2.1 arcsec (HRC).
    grid : (WCS, (ny, nx)), optional
        The pixels to fill; by default a tangential projection that holds all maps.
    threshold : {"TRUE", "MARGINAL"}
        Which of the two limits of a map.
    band : str, optional
        One letter; by default that of the first map.
    client : dask.distributed.Client, optional
        Whose workers project the maps, through reproject; by default threads of this process do.
    progress : callable
        Called with the fraction done; what it raises ends the work.

    Returns
    -------
    ImageMosaic
        The lowest limits, and which stack each is of.

    Raises
    ------
    CscError
        If no map can be used, or the image would be too large.

    Examples
    --------
    >>> import astropy.units as u
    >>> from cscwidgets.science import maps
    >>> image = maps.image_mosaic(["stack1_sens3.fits", "stack2_sens3.fits"], resolution=60 * u.arcsec)
    >>> image.limit.shape
    (99, 75)
    """
    from reproject.mosaicking import find_optimal_celestial_wcs  # noqa: PLC0415 (slow to import)

    failed: dict[str, CscError] = {}
    usable, band = _footprints(maps, threshold, band, failed)
    if not usable:
        why = next((error.why for error in failed.values()), "no sensitivity map was given")
        raise CscError(f"No image mosaic: none of {len(maps)} maps can be used", why)
    wcs, shape = grid or find_optimal_celestial_wcs([place for _, place in usable], resolution=resolution)
    if np.prod(shape, dtype=float) > _MOST:
        raise CscError(
            "The image mosaic would be too large",
            f"it has {shape[1]} x {shape[0]} pixels",
            "Choose a coarser resolution, or fewer stacks.",
        )
    image = ImageMosaic(
        np.full(shape, np.nan, np.float32), np.full(shape, _NO_STACK, np.int16), wcs, band, threshold, unknown=failed
    )
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        try:
            for number, (one, _) in enumerate(usable):
                _add(
                    image,
                    one if isinstance(one, SensitivityMap) else read_sensitivity_map(one, threshold),
                    pool,
                    client,
                )
                progress((number + 1) / len(usable))
        finally:
            pool.shutdown(cancel_futures=True)
    return image


def _footprints(
    maps: Sequence[SensitivityMap | str | os.PathLike[str]],
    threshold: str,
    band: str | None,
    failed: dict[str, CscError],
) -> tuple[list[tuple[SensitivityMap | str | os.PathLike[str], tuple[tuple[int, int], WCS]]], str]:
    """Maps that can be used with their shapes and coordinates, and their band."""
    usable = []
    for one in maps:
        try:
            held = one if isinstance(one, SensitivityMap) else read_sensitivity_map(one, threshold)
            band = band or held.band
            if (held.band, held.threshold) != (band, threshold):
                raise CscError(
                    f"The map {held.file or held.stack} is not added",
                    f"it is of band {held.band} and threshold {held.threshold}, not {band} and {threshold}",
                )
        except CscError as error:
            failed[one.stack if isinstance(one, SensitivityMap) else os.fspath(one)] = error
        else:
            usable.append((one, (held.limit.shape, held.wcs)))
    return usable, band or ""


def _add(image: ImageMosaic, one: SensitivityMap, pool: Executor, client: Any | None) -> None:
    number = np.int16(len(image.stacks))

    def lower(part: tuple[slice, slice], own: WCS, to: WCS) -> None:
        limit = _project(one.limit, own, to, image.limit[part].shape, client)
        better = ~(limit >= image.limit[part]) & np.isfinite(limit)
        np.copyto(image.limit[part], limit, where=better)
        np.copyto(image.stack[part], number, where=better)

    parts = list(_parts(image.limit.shape, one, image.wcs))
    # Before astropy 8 two threads must not compute with one WCS.
    own, to = [one.wcs.deepcopy() for _ in parts], [image.wcs[part] for part in parts]
    list((map if client is not None else pool.map)(lower, parts, own, to))
    image.stacks.append(one.stack)
    image.simulated |= one.simulated


def _project(limit: Pixels, wcs: WCS, to: WCS, shape: tuple[int, int], client: Any | None) -> Pixels:
    from reproject import reproject_interp  # noqa: PLC0415 (slow to import)

    with nullcontext() if client is None else client.as_current():
        projected = reproject_interp(
            (limit, wcs),
            to,
            shape_out=shape,
            order="nearest-neighbor",
            roundtrip_coords=False,
            return_footprint=False,
            parallel=False if client is None else "current-scheduler",
            block_size=None if client is None else (_BLOCK, _BLOCK),
        )
    return np.asarray(projected, np.float32)


def _parts(shape: tuple[int, ...], one: SensitivityMap, wcs: WCS) -> Iterator[tuple[slice, slice]]:
    """Tiles of the image that the map may reach."""
    lattice = [np.linspace(-1, size, 33) for size in one.limit.shape[::-1]]
    x, y = pixel_to_pixel(one.wcs, wcs, *(axis.ravel() for axis in np.meshgrid(*lattice)))
    (left, right), (low, high) = (
        (max(int(np.nanmin(at)) - 2, 0), min(int(np.nanmax(at)) + 3, size))
        for at, size in zip((x, y), shape[::-1], strict=True)
    )
    for row in range(low, high, _TILE):
        for column in range(left, right, _TILE):
            yield slice(row, min(row + _TILE, high)), slice(column, min(column + _TILE, right))

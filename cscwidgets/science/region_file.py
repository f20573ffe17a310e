"""Region files of detections (reg3): the source region and the background region, in sky pixels."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.wcs import WCS
from numpy.typing import ArrayLike

from cscwidgets.arrays import Flags, Floats
from cscwidgets.io.reading import Unreadable, reading

from .header import open_product, single
from .region_shapes import Shape, pixels_to_sky, same_pixels, shapes_in

__all__ = ["Area", "DetectionRegions", "Outline", "read_regions"]


_GRID = 1500


@dataclass(frozen=True, slots=True)
class Area:
    """Components that add up; within each all shapes apply: what is included in all and excluded by none.

    Parameters
    ----------
    components : tuple of tuple of Shape
        Sky pixels that are in any component.
    """

    components: tuple[tuple[Shape, ...], ...]

    def contains(self, x: ArrayLike, y: ArrayLike) -> Flags:
        """Whether points, in sky pixels, are in the region."""
        x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        inside = np.zeros(x.shape, dtype=bool)
        for shapes in self.components:
            part = np.ones_like(inside)
            for shape in shapes:
                part &= shape.contains(x, y) != shape.excluded
            inside |= part
        return inside

    @property
    def pixels(self) -> float:
        """Area in sky pixels, from a grid, good to about 0.1 %."""
        included = [shape.bounds for shapes in self.components for shape in shapes if not shape.excluded]
        left, right, bottom, top = zip(*included, strict=True)
        width, height = max(right) - min(left), max(top) - min(bottom)
        centre = (np.arange(_GRID) + 0.5) / _GRID
        inside = self.contains(min(left) + width * centre, (min(bottom) + height * centre)[:, None])
        return float(inside.mean() * width * height)


@dataclass(frozen=True, slots=True)
class Outline:
    """Corners of a shape on the sky.

    Attributes
    ----------
    ra, dec : ndarray, shape (corners,)
        ICRS degrees.
    background : bool
        Whether it is of the background region.
    """

    ra: Floats
    dec: Floats
    background: bool


@dataclass(frozen=True, slots=True)
class DetectionRegions:
    """Where a detection's counts and those of its background are taken.

    Attributes
    ----------
    source, background : Area
        In sky pixels.
    wcs : WCS or None
        Sky pixels to positions, where the file tells.
    """

    source: Area
    background: Area
    wcs: WCS | None = None

    def outlines(self) -> list[Outline]:
        """All shapes on the sky, those of the source first; none where the file has no celestial coordinates."""
        if self.wcs is None:
            return []
        outlines = []
        for area, background in ((self.source, False), (self.background, True)):
            for shape in (shape for shapes in area.components for shape in shapes):
                ra, dec = self.wcs.wcs_pix2world(*shape.outline, 1)
                outlines.append(Outline(ra, dec, background))
        return outlines

    @property
    def ratio(self) -> float:
        """Area of the background region over that of the source region."""
        return self.background.pixels / self.source.pixels


def read_regions(path: str | os.PathLike[str]) -> DetectionRegions:
    """Read a region file (reg3): shapes Circle, Ellipse, Box, RotBox and Polygon, "!" excluding one.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    DetectionRegions
        Of the source and of its background.

    Raises
    ------
    CscError
        If the file is no region file, has another shape, or one without a place or an extent; its row is told.

    Examples
    --------
    >>> from cscwidgets.science import region_file
    >>> regions = region_file.read_regions("reg3.fits")
    >>> regions.source.contains([4096, 4196], [4096, 4096])
    array([ True, False])
    >>> f"{regions.ratio:.1f}"
    '9.0'
    """
    hdus = open_product(path, "region file (reg3)", ("SRCREG", "BKGREG"))
    with reading(f"{os.fspath(path)} is no usable region file", "Fetch it again."):
        tables = [single(hdus, name) for name in ("SRCREG", "BKGREG")]
        source, background = map(_area, tables)
        wcs, other = map(pixels_to_sky, tables)
        if wcs is not None and other is not None and not same_pixels(wcs, other):
            raise Unreadable("its regions of source and background are in different sky pixels (TCRVL, TCRPX, TCDLT)")
        return DetectionRegions(source, background, wcs)


def _area(hdu: Any) -> Area:
    components: dict[int, list[Shape]] = {}
    for component, shape in shapes_in(hdu):
        components.setdefault(component, []).append(shape)
    if not components or any(all(shape.excluded for shape in shapes) for shapes in components.values()):
        raise Unreadable("a component includes nothing")
    return Area(tuple(tuple(shapes) for shapes in components.values()))

"""Region files of detections (reg3): the source region and the background region, in sky pixels."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.wcs import WCS
from numpy.typing import ArrayLike

from cscwidgets.arrays import Flags, Floats
from cscwidgets.io.fits_values import number
from cscwidgets.io.reading import Unreadable, reading

from .header import open_product

__all__ = ["Area", "DetectionRegions", "Outline", "Shape", "read_regions"]


_GRID = 1500
_CORNERS = 72


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of a region, in sky pixels.

    Parameters
    ----------
    kind : {"circle", "ellipse", "box", "polygon"}
        What it is.
    x, y : ndarray
        The centre, or the corners.
    size : ndarray
        The radius, the two semi-axes, or the two full widths.
    angle : float
        Degrees, anticlockwise from x.
    excluded : bool
        Whether it is taken out of its component.
    """

    kind: str
    x: Floats
    y: Floats
    size: Floats
    angle: float = 0.0
    excluded: bool = False

    def contains(self, x: Floats, y: Floats) -> Flags:
        """Whether points are in the shape, `excluded` or not."""
        if self.kind == "polygon":
            return self._in_polygon(x, y)
        turn = np.radians(self.angle)
        dx, dy = x - self.x[0], y - self.y[0]
        along, across = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
        if self.kind == "box":
            return np.asarray((np.abs(along) <= self.size[0] / 2) & (np.abs(across) <= self.size[1] / 2))
        return np.asarray((along / self.size[0]) ** 2 + (across / self.size[-1]) ** 2 <= 1)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Least and largest x, least and largest y that it may reach."""
        reach = 0.0 if self.kind == "polygon" else float(np.hypot(self.size[0], self.size[-1]))
        return self.x.min() - reach, self.x.max() + reach, self.y.min() - reach, self.y.max() + reach

    @property
    def outline(self) -> tuple[Floats, Floats]:
        """Corners in sky pixels, shape (corners,) each; circles and ellipses have `_CORNERS`."""
        if self.kind == "polygon":
            return self.x, self.y
        if self.kind == "box":
            along, across = self.size[0] / 2 * np.array([1, -1, -1, 1]), self.size[1] / 2 * np.array([1, 1, -1, -1])
        else:
            turn = 2 * np.pi * np.arange(_CORNERS) / _CORNERS
            along, across = self.size[0] * np.cos(turn), self.size[-1] * np.sin(turn)
        angle = np.radians(self.angle)
        x = self.x[0] + along * np.cos(angle) - across * np.sin(angle)
        return x, self.y[0] + along * np.sin(angle) + across * np.cos(angle)

    def _in_polygon(self, x: Floats, y: Floats) -> Flags:
        inside = np.zeros(np.shape(x), dtype=bool)
        for x1, y1, x2, y2 in zip(self.x, self.y, np.roll(self.x, -1), np.roll(self.y, -1), strict=True):
            if y1 != y2:
                inside ^= ((y1 > y) != (y2 > y)) & (x < x1 + (y - y1) / (y2 - y1) * (x2 - x1))
        return inside


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
        source, background = (_area(hdus[name]) for name in ("SRCREG", "BKGREG"))
        return DetectionRegions(source, background, _celestial(hdus["SRCREG"]))


def _celestial(hdu: Any) -> WCS | None:
    """World coordinates of the columns X and Y, where the header has them."""
    names = [name.upper() for name in hdu.columns.names]
    columns = [names.index(axis) + 1 for axis in ("X", "Y")]
    if any(f"TCTYP{column}" not in hdu.header for column in columns):
        return None
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = [str(hdu.header[f"TCTYP{column}"]) for column in columns]
    for key, setting in (("TCRVL", "crval"), ("TCRPX", "crpix"), ("TCDLT", "cdelt")):
        setattr(wcs.wcs, setting, [number(hdu.header, f"{key}{column}") for column in columns])
    wcs.wcs.set()
    if not np.isfinite(wcs.wcs_pix2world(*wcs.wcs.crpix, 1)).all():
        raise Unreadable("its world coordinates lead nowhere")
    return wcs


def _area(hdu: Any) -> Area:
    components: dict[int, list[Shape]] = {}
    for place, row in enumerate(hdu.data, start=1):
        try:
            components.setdefault(int(row["COMPONENT"]), []).append(_shape(row))
        except Unreadable as error:
            raise Unreadable(f"{error} in row {place} of {hdu.name}") from None
    if not components or any(all(shape.excluded for shape in shapes) for shapes in components.values()):
        raise Unreadable("a component includes nothing")
    return Area(tuple(tuple(shapes) for shapes in components.values()))


def _shape(row: Any) -> Shape:
    name = str(row["SHAPE"]).strip().lower()
    kind = {"rotbox": "box"}.get(name.lstrip("!"), name.lstrip("!"))
    if kind not in {"circle", "ellipse", "box", "polygon"}:
        raise Unreadable(f"the shape {name!r} is not known")
    x, y, size = (np.atleast_1d(np.asarray(row[key], dtype=float)) for key in ("X", "Y", "R"))
    corners = np.isfinite(x) & np.isfinite(y) if kind == "polygon" else slice(1)
    used = size[: {"circle": 1, "polygon": 0}.get(kind, 2)]
    shape = Shape(kind, x[corners], y[corners], used, float(np.atleast_1d(row["ROTANG"])[0]), name.startswith("!"))
    _require_shape(shape)
    return shape


def _require_shape(shape: Shape) -> None:
    """Raise Unreadable unless a shape has a place, an extent and a direction."""
    if not (np.isfinite(shape.x).all() and np.isfinite(shape.y).all() and len(shape.x)):
        raise Unreadable(f"the centre of the {shape.kind} is no position")
    if shape.kind == "polygon":
        if len(shape.x) < 3:
            raise Unreadable(f"a polygon has {len(shape.x)} corners")
        return
    least = 1 if shape.kind == "circle" else 2
    if len(shape.size) < least or not (np.isfinite(shape.size) & (shape.size > 0)).all():
        raise Unreadable(f"R of the {shape.kind} is {', '.join(f'{one:g}' for one in shape.size)}")
    if not np.isfinite(shape.angle):
        raise Unreadable(f"ROTANG of the {shape.kind} is {shape.angle:g}")

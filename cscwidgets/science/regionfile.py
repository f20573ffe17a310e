"""Region files of detections (reg3): the source region and the background region, in sky pixels."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

import astropy.units as u
import numpy as np
from regions import (
    CirclePixelRegion,
    CompoundPixelRegion,
    EllipsePixelRegion,
    PixCoord,
    PixelRegion,
    PolygonPixelRegion,
    RectanglePixelRegion,
)

from cscwidgets.errors import CscError

from .header import open_product

__all__ = ["DetectionRegions", "read_regions"]


@dataclass(frozen=True, slots=True)
class DetectionRegions:
    """Where a detection's counts and those of its background are taken; `ratio` is background over source area."""

    source: PixelRegion
    background: PixelRegion
    ratio: float


def read_regions(path: str | os.PathLike[str]) -> DetectionRegions:
    """Read a region file (reg3): shapes Circle, Ellipse, RotBox and Polygon, "!" excluding one.

    Shapes of one component all apply (an area and what is cut out of it), components add up.

    Raises
    ------
    CscError
        If the file is no region file, or has another shape.
    """
    hdus = open_product(path, "region file (reg3)", ("SRCREG", "BKGREG"))
    try:
        source, background = (_region(hdus[name].data) for name in ("SRCREG", "BKGREG"))
    except (KeyError, IndexError, TypeError) as error:
        raise CscError(f"{os.fspath(path)} is no usable region file", str(error).strip("\"'")) from error
    return DetectionRegions(source, background, _area(background) / _area(source))


def _region(rows: Any) -> PixelRegion:
    components: dict[int, list[PixelRegion]] = {}
    for row in rows:
        components.setdefault(int(row["COMPONENT"]), []).append(_shape(row))
    return reduce(or_, (reduce(and_, shapes) for shapes in components.values()))


def _shape(row: Any) -> PixelRegion:
    name = str(row["SHAPE"]).strip().lower()
    x, y, size = (np.atleast_1d(np.asarray(row[key], dtype=float)) for key in ("X", "Y", "R"))
    angle = float(np.atleast_1d(row["ROTANG"])[0]) * u.deg
    centre = PixCoord(float(x[0]), float(y[0]))
    match name.lstrip("!"):
        case "circle":
            region: Any = CirclePixelRegion(centre, size[0])
        case "ellipse":
            region = EllipsePixelRegion(centre, 2 * size[0], 2 * size[1], angle)
        case "box" | "rotbox":
            region = RectanglePixelRegion(centre, size[0], size[1], angle)
        case "polygon":
            known = np.isfinite(x)
            region = PolygonPixelRegion(PixCoord(x[known], y[known]))
        case other:
            raise KeyError(f"shape {other!r}")
    region.meta["include"] = not name.startswith("!")
    return region


def _area(region: PixelRegion) -> float:
    """Area in pixels: by formula for one shape, on a fine grid for what is composed of several."""
    if not isinstance(region, CompoundPixelRegion):
        return float(region.area)
    box = region.bounding_box
    x, y = (
        np.linspace(low, high, _GRID, endpoint=False) + (high - low) / _GRID / 2
        for low, high in ((box.ixmin - 1, box.ixmax + 1), (box.iymin - 1, box.iymax + 1))
    )
    inside = region.contains(PixCoord(*np.meshgrid(x, y)))
    return float(np.count_nonzero(inside) * (x[1] - x[0]) * (y[1] - y[0]))


_GRID = 1000

"""Tables of shapes as CIAO's tools write them (reg3, fov3): one shape a row, in sky pixels or on the sky.

Rows of one COMPONENT apply together, and "!" takes a shape out of its component. Corners of a polygon are padded to the
length of the longest: with NaN, with zeros, or with anything once the first corner has come again.
Format: https://cxc.cfa.harvard.edu/ciao/ahelp/dmregions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from cscwidgets.arrays import Flags, Floats
from cscwidgets.io.fits_values import column_names, number, unit_factor
from cscwidgets.io.reading import Unreadable
from cscwidgets.sky.column_wcs import sky_of_columns

__all__ = ["Shape", "pixels_to_sky", "same_pixels", "shapes_in"]

_CORNERS = 72
_J2000 = 2000.0
_SAME = 0.05  # pixels


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


def pixels_to_sky(hdu: Any) -> WCS | None:
    """World coordinates of the columns X and Y, where the header has them."""
    names = [name.upper() for name in hdu.columns.names]
    columns = [names.index(axis) + 1 for axis in ("X", "Y") if axis in names]
    if len(columns) < 2 or any(f"TCTYP{column}" not in hdu.header for column in columns):
        return None
    wcs = sky_of_columns(hdu.header, (columns[0], columns[1]))
    _require_unturned(hdu.header, columns)
    _require_icrs(wcs)
    return wcs


def same_pixels(one: WCS, other: WCS) -> bool:
    """Whether sky pixels of one are those of the other, at its middle and far from it."""
    middle, far = one.wcs.crpix, one.wcs.crpix + 1000.0
    pixels = np.array([middle, far, [middle[0], far[1]]])
    there = other.wcs_world2pix(one.wcs_pix2world(pixels, 1), 1)
    return bool((np.abs(there - pixels) < _SAME).all())


def _require_unturned(header: fits.Header, columns: Sequence[int]) -> None:
    """Raise Unreadable where columns of pixels are turned against the sky, which CIAO's sky pixels never are."""
    one, other = columns
    crossed = [f"{key}{a}_{b}" for key in ("TP", "TPC", "TC", "TCD") for a, b in ((one, other), (other, one))]
    for key in (f"TCROT{one}", f"TCROT{other}", *crossed):
        if number(header, key, 0.0) != 0:
            raise Unreadable(f"its pixels are turned ({key} is {header[key]}), which is not read here")


def _require_icrs(wcs: WCS) -> None:
    """Raise Unreadable unless axes are right ascension and declination, J2000 or ICRS, which are 0.02 arcsec apart."""
    kinds = list(wcs.wcs.ctype)
    if [kind[:4] for kind in kinds] != ["RA--", "DEC-"]:
        raise Unreadable(f"its positions are {' and '.join(kinds)} (TCTYP), not right ascension and declination")
    equinox = float(wcs.wcs.equinox) if np.isfinite(wcs.wcs.equinox) else _J2000
    if wcs.wcs.radesys not in {"", "ICRS", "FK5"} or equinox != _J2000:
        raise Unreadable(f"its positions are {wcs.wcs.radesys} (RADESYS) of {equinox:g} (EQUINOX), not ICRS")


def shapes_in(hdu: Any, axes: tuple[str, str] = ("X", "Y")) -> Iterator[tuple[int, Shape]]:
    """The component and the shape of each row; without a column COMPONENT every shape that is included begins one.

    Parameters
    ----------
    hdu : BinTableHDU
        With SHAPE and the two columns of positions, and with R and ROTANG where there is more than polygons.
    axes : tuple of str
        Columns of the positions.

    Raises
    ------
    Unreadable
        If a shape is not known, or has no place, extent or direction; its row is told.
    """
    names = column_names(hdu)
    _require_units(hdu, axes, names)
    component = 0
    for place, row in enumerate(hdu.data, start=1):
        try:
            shape = _shape(row, axes, names)
            component = int(row["COMPONENT"]) if "COMPONENT" in names else component + (not shape.excluded)
            yield component, shape
        except Unreadable as error:
            raise Unreadable(f"{error} in row {place} of {hdu.name}") from None


def _require_units(hdu: Any, axes: tuple[str, str], names: set[str]) -> None:
    """Raise Unreadable unless places and extents are in pixels, or places in degrees as their columns say."""
    place = u.deg if axes == ("RA", "DEC") else u.pix
    for name, unit in (*((axis, place) for axis in axes), ("R", place), ("ROTANG", u.deg)):
        if name in names and unit_factor(hdu, name, unit) != 1:
            raise Unreadable(f"its {name} is not in {unit} (TUNIT)")


def _shape(row: Any, axes: tuple[str, str], names: set[str]) -> Shape:
    name = str(row["SHAPE"]).strip().lower()
    kind = {"rotbox": "box"}.get(name.lstrip("!"), name.lstrip("!"))
    if kind not in {"circle", "ellipse", "box", "polygon"}:
        raise Unreadable(f"the shape {name!r} is not known")
    x, y = (np.atleast_1d(np.asarray(row[axis], dtype=float)) for axis in axes)
    excluded = name.startswith("!")
    if kind == "polygon":
        shape = Shape(kind, *_corners(x, y), np.empty(0), excluded=excluded)
    else:
        size = np.atleast_1d(np.asarray(row["R"], dtype=float))[: 1 if kind == "circle" else 2]
        angle = float(np.atleast_1d(row["ROTANG"])[0]) if "ROTANG" in names else 0.0
        shape = Shape(kind, x[:1], y[:1], size, angle, excluded)
    _require_shape(shape)
    return shape


def _corners(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Corners without what pads them, and without the first one again at their end."""
    if x.shape != y.shape:
        raise Unreadable(f"a polygon has {len(x)} and {len(y)} coordinates")
    present = np.isfinite(x) & np.isfinite(y)
    x, y = x[present], y[present]
    again = np.flatnonzero((x == x[:1]) & (y == y[:1]))
    if len(again) > 1:
        return x[: again[-1]], y[: again[-1]]
    used = np.flatnonzero((x != 0) | (y != 0))
    end = used[-1] + 1 if len(used) else 0
    return x[:end], y[:end]


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

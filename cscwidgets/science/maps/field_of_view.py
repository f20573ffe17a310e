"""Fields of view (fov3): the outlines of an observation's chips, or of all observations of a stack, on the sphere."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

import astropy.units as u
import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Flags, Floats
from cscwidgets.csc.instruments import configuration
from cscwidgets.io.fits_values import column_names
from cscwidgets.io.reading import Unreadable, reading
from cscwidgets.sky.region import Region
from cscwidgets.sky.sphere import inside_polygon, project, separation

from ..header import open_product
from ..region_shapes import pixels_to_sky, shapes_in

if TYPE_CHECKING:
    from mocpy import MOC

__all__ = ["FieldOfView", "FieldPolygon", "read_field_of_view", "union_moc"]

_STEPS = 12  # points of a side where it is asked whether two outlines meet
_LARGEST = 10_000_000  # bytes; a file has some tens of corners


@dataclass(frozen=True, eq=False)
class FieldPolygon:
    """One polygon; its sides are great circles.

    Attributes
    ----------
    ra, dec : ndarray, shape (corners,)
        ICRS degrees; the first corner does not come again.
    component : int
        Polygons of one component apply together, and components add up.
    excluded : bool
        Whether it is taken out of its component.
    chip : int or None
        The chip that it is of, where the file tells.
    """

    ra: Floats
    dec: Floats
    component: int = 1
    excluded: bool = False
    chip: int | None = None

    @property
    def sides(self) -> tuple[Floats, Floats]:
        """Points along the sides."""
        lon, lat = np.radians(self.ra), np.radians(self.dec)
        corners = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        step = np.arange(_STEPS) / _STEPS
        x, y, z = (corners[..., None] * (1 - step) + np.roll(corners, -1, axis=1)[..., None] * step).reshape(3, -1)
        return np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))


@dataclass(frozen=True, eq=False)
class FieldOfView:
    """What an observation, or a stack of observations, has looked at.

    Attributes
    ----------
    polygons : tuple of FieldPolygon
        In the order of the file.
    instrument : str
        One of `cscwidgets.csc.instruments.CONFIGURATIONS`, or empty where the file does not tell.
    simulated : bool
        Whether no telescope saw it.
    """

    polygons: tuple[FieldPolygon, ...]
    instrument: str = ""
    simulated: bool = False

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Right ascension and declination of the middle of the corners, degrees."""
        lon, lat = (np.radians(axis) for axis in self._corners)
        x, y, z = (part.mean() for part in (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
        return float(np.degrees(np.arctan2(y, x)) % 360), float(np.degrees(np.arctan2(z, np.hypot(x, y))))

    @cached_property
    def radius(self) -> float:
        """From the centre to the farthest corner, degrees."""
        return float(separation(*self._corners, *self.centre).max())

    def contains(self, ra: ArrayLike, dec: ArrayLike) -> Flags:
        """Which positions (ICRS degrees, shape (n,)) lie in it."""
        x, y = project(np.atleast_1d(ra), np.atleast_1d(dec), *self.centre)
        inside = np.zeros(x.shape, dtype=bool)
        for polygons in self._components():
            part = np.ones(x.shape, dtype=bool)
            for polygon in polygons:
                part &= inside_polygon(x, y, *project(polygon.ra, polygon.dec, *self.centre)) != polygon.excluded
            inside |= part
        return inside & np.isfinite(x)

    def reaches(self, region: Region) -> bool:
        """Whether it has any part in common with a region."""
        if float(separation(*self.centre, *region.centre)) > self.radius + region.radius:
            return False
        sides = np.concatenate([np.stack(polygon.sides) for polygon in self.polygons if not polygon.excluded], axis=1)
        edge = region.boundary(360)
        centre = ([value] for value in region.centre)
        return bool(region.contains(*sides).any() or self.contains(*edge).any() or self.contains(*centre).any())

    def moc(self, order: int = 13) -> MOC:
        """Its coverage map; cells of HEALPix order 13 have sides of 26 arcsec, and those on an edge are in."""
        from mocpy import MOC  # noqa: PLC0415 (slow to import)

        mocs = []
        for polygons in self._components():
            # One at a time: from_polygons starts a pool of threads at each call.
            drawn = [MOC.from_polygon(polygon.ra * u.deg, polygon.dec * u.deg, max_depth=order) for polygon in polygons]
            included = [moc for moc, polygon in zip(drawn, polygons, strict=True) if not polygon.excluded]
            excluded = [moc for moc, polygon in zip(drawn, polygons, strict=True) if polygon.excluded]
            mocs.append(reduce(MOC.difference, excluded, reduce(MOC.intersection, included)))
        return reduce(MOC.union, mocs)

    @property
    def _corners(self) -> tuple[Floats, Floats]:
        included = [polygon for polygon in self.polygons if not polygon.excluded]
        return np.concatenate([one.ra for one in included]), np.concatenate([one.dec for one in included])

    def _components(self) -> Iterable[list[FieldPolygon]]:
        components: dict[int, list[FieldPolygon]] = {}
        for polygon in self.polygons:
            components.setdefault(polygon.component, []).append(polygon)
        return components.values()


def union_moc(fields: Iterable[FieldOfView], order: int = 13) -> MOC:
    """The coverage map of all that some fields of view have seen; see `FieldOfView.moc`."""
    from mocpy import MOC  # noqa: PLC0415 (slow to import)

    return reduce(MOC.union, (field.moc(order) for field in fields), MOC.new_empty(order))


def read_field_of_view(path: str | os.PathLike[str]) -> FieldOfView:
    """Read the field of view of an observation or a stack (fov3), as CIAO's skyfov writes it.

    Parameters
    ----------
    path : path
        The file. Corners are sky pixels, in the columns X and Y with world coordinates, or positions in RA and DEC.

    Returns
    -------
    FieldOfView
        Its polygons in the order of the file.

    Raises
    ------
    CscError
        If it is absent, damaged or something else, has no shapes, or does not tell where they are on the sky.

    Examples
    --------
    >>> from cscwidgets.science import maps
    >>> field = maps.read_field_of_view("fov3.fits")
    >>> field.instrument, [polygon.chip for polygon in field.polygons]
    ('ACIS-S', [6, 7])
    >>> field.contains([6.0, 8.0], [-72.08, -72.08])
    array([ True, False])
    """
    hdus = open_product(path, "field of view (fov3)", (), largest=_LARGEST)
    with reading(f"{os.fspath(path)} is no usable field of view", "Fetch it again."):
        tables = [one for one in hdus[1:] if "SHAPE" in column_names(one)]
        if len(tables) != 1:
            many = f"{len(tables)} tables" if tables else "no table"
            raise Unreadable(f"it has {many} with the column SHAPE")
        hdu = tables[0]
        header = hdu.header
        return FieldOfView(
            _polygons(hdu),
            configuration(str(header.get("INSTRUME", "")), str(header.get("DETNAM", ""))),
            str(header.get("ORIGIN", "")).strip() == "cscwidgets-sim",
        )


def _polygons(hdu: Any) -> tuple[FieldPolygon, ...]:
    names = column_names(hdu)
    wcs = pixels_to_sky(hdu)
    if wcs is None and not {"RA", "DEC"} <= names:
        raise Unreadable("its corners have no world coordinates")
    chips = hdu.data["CCD_ID"] if "CCD_ID" in names else [None] * len(hdu.data)
    polygons: list[FieldPolygon] = []
    for chip, (component, shape) in zip(chips, shapes_in(hdu, ("X", "Y") if wcs else ("RA", "DEC")), strict=True):
        ra, dec = wcs.wcs_pix2world(*shape.outline, 1) if wcs else shape.outline
        if not (np.isfinite(ra).all() and np.isfinite(dec).all() and (np.abs(dec) <= 90).all()):
            raise Unreadable(f"a corner of polygon {len(polygons) + 1} is nowhere on the sky")
        number = None if chip is None else int(chip)
        polygons.append(FieldPolygon(ra % 360, dec, component, shape.excluded, number))
    included = {polygon.component for polygon in polygons if not polygon.excluded}
    if not polygons:
        raise Unreadable("it has no shapes")
    if included != {polygon.component for polygon in polygons}:
        raise Unreadable("a component includes nothing")
    field = FieldOfView(tuple(polygons))
    if field.radius > 45:
        raise Unreadable(f"its corners are up to {field.radius:.0f} degrees from their middle")
    return field.polygons

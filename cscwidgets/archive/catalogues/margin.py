"""A region and a margin around it: where the counterparts of its sources can be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import astropy.units as u
import numpy as np
from astropy.table import QTable
from numpy.typing import ArrayLike
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, SkyRegion

from cscwidgets.arrays import Flags, Floats
from cscwidgets.errors import CscError, RegionError
from cscwidgets.io.units import scale, unit_of
from cscwidgets.sky.region import to_ds9
from cscwidgets.sky.shapes import boundary, centre, contains
from cscwidgets.sky.sphere import separation

__all__ = ["Position", "cut_to_margin", "enclosing_radius", "margin_degrees", "within"]


_WIDEST = 30.0
_ELLIPSE_POINTS = 1440
_AT_ONCE = 4_000_000  # pairs of positions and edges, for memory


def margin_degrees(margin: u.Quantity) -> float:
    """A margin in degrees.

    Raises
    ------
    RegionError
        If it is no angle between 0 and 30 degrees.
    """
    try:
        degrees = float(margin.to_value(u.deg))
    except (AttributeError, TypeError, u.UnitConversionError) as error:
        raise RegionError(f"The margin {margin!r} was not understood", "", "Give an angle: 5 * u.arcsec.") from error
    if not 0 <= degrees <= _WIDEST:
        raise RegionError(f"The margin {margin} cannot be used", f"it is not between 0 and {_WIDEST:g} degrees")
    return degrees


def within(region: SkyRegion, degrees: float, ra: ArrayLike, dec: ArrayLike) -> Flags:
    """Which positions lie in a region or within a distance of its edge.

    Parameters
    ----------
    region : SkyRegion
        Circle, ellipse, rectangle or polygon, in ICRS.
    degrees : float
        The distance, 0 to 30.
    ra, dec : array, shape (n,)
        ICRS degrees; a missing position (NaN) lies nowhere.

    Notes
    -----
    Exact on the sphere for circles and for shapes with straight sides, which are great circles. The edge of an ellipse
    is followed by 1440 chords, and the distance widened by what lies between (0.009 arcsec for a semi-axis of 1 deg):
    no position is missed.
    """
    ra, dec = np.asarray(ra, float), np.asarray(dec, float)
    if isinstance(region, CircleSkyRegion):
        return np.asarray(separation(ra, dec, *centre(region)) <= region.radius.to_value(u.deg) + degrees)
    kept = contains(region, ra, dec)
    if degrees == 0:
        return kept
    points = _ELLIPSE_POINTS if isinstance(region, EllipseSkyRegion) else _corners(region)
    edge = boundary(region, points)
    if isinstance(region, EllipseSkyRegion):
        degrees += float(separation(*edge, *centre(region)).max()) * (2 * np.pi / points) ** 2 / 8
    outside = np.flatnonzero(~kept & (separation(ra, dec, *centre(region)) <= enclosing_radius(region) + degrees))
    outside = outside[_perhaps_near(region, degrees, ra[outside], dec[outside])]
    kept[outside] = _near_edges(ra[outside], dec[outside], *edge, degrees)
    return kept


def enclosing_radius(region: SkyRegion) -> float:
    """Radius (degrees) of a circle about the region's centre that holds all of it."""
    if isinstance(region, CircleSkyRegion):
        return float(region.radius.to_value(u.deg))
    points = _ELLIPSE_POINTS if isinstance(region, EllipseSkyRegion) else _corners(region)
    return float(separation(*boundary(region, points), *centre(region)).max()) * 1.00001


@dataclass(frozen=True, slots=True, eq=False)
class Position:
    """Where the rows of a table are: ICRS degrees, NaN where a position is missing, and what the columns are called."""

    ra: Floats
    dec: Floats
    names: tuple[str, str]

    @classmethod
    def of(cls, table: QTable, ra: str, dec: str) -> Position:
        """Of two columns, in degrees unless they have another unit.

        Raises
        ------
        CscError
            If they hold no numbers, or are in no unit of angles.
        """
        return cls(_degrees(table, ra), _degrees(table, dec), (ra, dec))


def cut_to_margin(region: SkyRegion, degrees: float, table: QTable, position: Position) -> QTable:
    """Keep the rows in a region and within a margin of it; the provenance counts those left out.

    Raises
    ------
    CscError
        If no row is there, but would be with right ascension and declination swapped, or if positions are impossible.
    """
    east, north, (ra, dec) = position.ra, position.dec, position.names
    placed = np.isfinite(east) & np.isfinite(north)
    kept = within(region, degrees, np.where(placed, east, np.nan), np.where(placed, north, np.nan))
    wrong = placed & (np.abs(north) > 90)
    if wrong.any() or (not kept.any() and within(region, degrees, north, np.where(np.abs(east) <= 90, east, 0)).any()):
        why = (
            f"{int(wrong.sum()):,} rows have a declination ({dec}) beyond 90 degrees"
            if wrong.any()
            else f"none of its {len(table):,} rows is there, but some would be with {ra} and {dec} swapped"
        )
        raise CscError("The catalogue's positions cannot be right", why, "Say which columns are ra and dec.")
    provenance = replace(
        table.meta["provenance"],
        outside=int(np.count_nonzero(placed & ~kept)),
        unplaced=int(np.count_nonzero(~placed)),
        region=to_ds9(region),
    )
    rows = table[kept]
    rows.meta["provenance"] = provenance
    return rows


def _degrees(table: QTable, name: str) -> Floats:
    column = table[name]
    if len(table) and np.asarray(getattr(column, "value", column)).dtype.kind not in "fiu":
        raise CscError("The catalogue's positions cannot be read", f"column {name} holds no numbers")
    unit = unit_of(column)
    values = np.ma.filled(np.ma.asarray(getattr(column, "value", column)).astype(float), np.nan)
    try:
        return np.asarray(values * scale(unit or u.deg, u.deg), float)
    except (TypeError, ValueError) as error:  # another quantity's unit, or none that is known
        raise CscError("The catalogue's positions cannot be read", f"column {name} is in {unit}, no angle") from error


def _corners(region: SkyRegion) -> int:
    return len(region.vertices) if isinstance(region, PolygonSkyRegion) else 4


def _perhaps_near(region: SkyRegion, degrees: float, ra: Floats, dec: Floats) -> Flags:
    """Positions within a distance of a point of the edge and a step to the next: all that can be near it."""
    from scipy.spatial import KDTree  # noqa: PLC0415 (slow to import)

    edge = boundary(region, _ELLIPSE_POINTS)
    step = float(separation(*edge, *(np.roll(axis, -1) for axis in edge)).max())
    reach = 2 * np.sin(np.radians(min(180.0, degrees + step)) / 2)
    nearest, _ = KDTree(_directions(*edge)).query(_directions(ra, dec), distance_upper_bound=reach)
    return np.asarray(np.isfinite(nearest))


def _near_edges(ra: Floats, dec: Floats, edge_ra: Floats, edge_dec: Floats, degrees: float) -> Flags:
    """Which positions lie within a distance of a closed chain of great circles."""
    start = _directions(edge_ra, edge_dec)
    end = np.roll(start, -1, axis=0)
    normal = np.cross(start, end)
    length = np.linalg.norm(normal, axis=1)
    start, end, normal = (vectors[length > 1e-15] for vectors in (start, end, normal))
    normal /= length[length > 1e-15, None]
    forwards, backwards = np.cross(normal, start), np.cross(end, normal)
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    near = np.zeros(len(ra), bool)
    step = max(1, _AT_ONCE // max(1, len(start)))
    for first in range(0, len(ra), step):
        block = slice(first, first + step)
        place = _directions(ra[block], dec[block])
        beside = (place @ forwards.T >= 0) & (place @ backwards.T >= 0) & (np.abs(place @ normal.T) <= sine)
        near[block] = (beside | (place @ start.T >= cosine)).any(axis=1)
    return near


def _directions(ra: Floats, dec: Floats) -> Floats:
    lon, lat = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)

"""A region and a margin around it: where the counterparts of its sources can be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import astropy.units as u
import numpy as np
from astropy.table import QTable

from cscwidgets.arrays import Flags, Floats
from cscwidgets.errors import CscError, RegionError
from cscwidgets.io.reading import reading
from cscwidgets.sky.on_sky import on_sky
from cscwidgets.sky.position_columns import read_position
from cscwidgets.sky.region import Region

__all__ = ["Position", "cut_to_margin", "margin_degrees"]


_WIDEST = 30.0


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


@dataclass(frozen=True, slots=True, eq=False)
class Position:
    """Where the rows of a table are: ICRS degrees, NaN where a position is missing, and what the columns are called."""

    ra: Floats
    dec: Floats
    names: tuple[str, str]

    @classmethod
    def of(cls, table: QTable, ra: str, dec: str) -> Position:
        """Of two columns; see `cscwidgets.sky.position_columns.read_position`.

        Raises
        ------
        CscError
            If they hold no numbers, or are in no unit of angles.
        """
        with reading("The catalogue's positions cannot be read", "Say which columns are ra and dec."):
            return cls(*read_position(table, ra, dec), (ra, dec))


def _impossible(table: QTable, position: Position, wrong: Flags) -> str:
    first, (ra, dec) = int(np.flatnonzero(wrong)[0]), position.names
    place = f"{ra} {position.ra[first]:g} and {dec} {position.dec[first]:g} degrees"
    return f"{int(wrong.sum()):,} of its {len(table):,} rows lie nowhere: row {first + 1} has {place}"


def cut_to_margin(region: Region, degrees: float, table: QTable, position: Position) -> QTable:
    """Keep the rows in a region and within a margin of it; the provenance counts those left out.

    Raises
    ------
    CscError
        If no row is there, but would be with right ascension and declination swapped, or if positions are impossible.
    """
    east, north, (ra, dec) = position.ra, position.dec, position.names
    placed = np.isfinite(east) & np.isfinite(north)
    kept = region.contains(np.where(placed, east, np.nan), np.where(placed, north, np.nan), degrees)
    wrong = placed & ~on_sky(east, north)
    if wrong.any() or (not kept.any() and region.contains(north, np.where(np.abs(east) <= 90, east, 0), degrees).any()):
        why = (
            _impossible(table, position, wrong)
            if wrong.any()
            else f"none of its {len(table):,} rows is there, but some would be with {ra} and {dec} swapped"
        )
        raise CscError("The catalogue's positions cannot be right", why, "Say which columns are ra and dec.")
    provenance = replace(
        table.meta["provenance"],
        outside=int(np.count_nonzero(placed & ~kept)),
        unplaced=int(np.count_nonzero(~placed)),
        region=region.ds9,
    )
    rows = table[kept]
    rows.meta["provenance"] = provenance
    return rows

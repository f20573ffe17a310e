"""A table as positions with errors and motions: what cannot be used is counted, never dropped unsaid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import Table
from astropy.time import Time
from numpy.typing import NDArray

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.errors import CscError
from cscwidgets.io.reading import reading
from cscwidgets.io.row_values import one_value_a_row
from cscwidgets.io.units import scale, unit_of
from cscwidgets.sky.on_sky import on_sky
from cscwidgets.sky.position_columns import read_position

from ..masked import plain
from .column_roles import ColumnRoles
from .position_error import Covariance

__all__ = ["SkyTable", "column_values", "joined", "read_positions"]


_MJD_0, _J2000 = 2_400_000.5, 2_451_545.0
_LATEST_YEAR = 3000.0  # the MJDs of all telescopes are far beyond


@dataclass(frozen=True)
class SkyTable:
    """Rows of a table that have a position, once each; arrays of shape (n,) for these rows.

    Attributes
    ----------
    what : str
        "sources" or "catalogue", for messages.
    row : ndarray of int
        In the table.
    names : ndarray or None
        Of all rows of the table, whether they are used or not.
    ra, dec : ndarray
        Degrees.
    errors : Covariance or None
        Arcsec**2; None where the table has no errors.
    pmra, pmdec : ndarray
        Mas/yr, 0 where there is none.
    epoch : ndarray
        Julian years, NaN where it is not known.
    counts : dict
        Of rows: `rows`, `without_position`, `repeated` (same name and position as a row before), `used`, and of those
        used, `without_error` (they get the median one) and `without_motion` (they stay where they are).
    """

    what: str
    row: Integers
    names: NDArray[Any] | None
    ra: Floats
    dec: Floats
    errors: Covariance | None
    pmra: Floats
    pmdec: Floats
    epoch: Floats
    counts: dict[str, int]

    def __len__(self) -> int:
        return len(self.row)

    def error_of(self, row: int) -> Covariance | None:
        """The error of a row of the table, as it was used; None where there is none."""
        at = int(np.searchsorted(self.row, row))
        if self.errors is None or at == len(self.row) or self.row[at] != row:
            return None
        return self.errors[np.array([at])]

    def taken(self, rows: Integers) -> SkyTable:
        """Some of the used rows as a table of their own, with the counts of all."""
        return replace(
            self,
            row=np.arange(len(rows)),
            names=None if self.names is None else self.names[self.row[rows]],
            errors=None if self.errors is None else self.errors[rows],
            **{name: getattr(self, name)[rows] for name in ("ra", "dec", "pmra", "pmdec", "epoch")},
        )


def read_positions(
    table: Table,
    roles: ColumnRoles,
    what: str,
    error: u.Quantity | None = None,
    *,
    epoch: Time | float | None = None,
    once: bool = False,
) -> SkyTable:
    """Read a table by its columns' roles.

    Parameters
    ----------
    table : Table
        Of any kind of column: masked, with or without units.
    roles : ColumnRoles
        Which column is what.
    what : str
        What to call the table in messages.
    error : Quantity, optional
        Circular 1 sigma error for rows, or a whole table, without one.
    epoch : Time or float, optional
        Of all rows, in place of their column (Julian year).
    once : bool
        Whether rows that repeat the name and position of an earlier one are left out.

    Returns
    -------
    SkyTable
        The rows that have a position; its ``counts`` tell of the others.

    Raises
    ------
    CscError
        If a column is not there, is no number, has a unit of something else, or holds no positions.

    Examples
    --------
    >>> import astropy.units as u
    >>> from astropy.table import Table
    >>> from cscwidgets.science import matches
    >>> table = Table({"ra": [10.0, float("nan")], "dec": [41.0, 41.1]})
    >>> positions = matches.read_positions(table, matches.ColumnRoles.guess(table), "catalogue", 0.5 * u.arcsec)
    >>> positions.ra, positions.row
    (array([10.]), array([0]))
    """
    ra, dec = _positions(table, roles, what)
    valid = np.isfinite(ra) & np.isfinite(dec)
    row = np.flatnonzero(valid)
    counts = {"rows": len(table), "without_position": int((~valid).sum()), "repeated": 0}
    names = np.ma.asarray(_column(table, roles.name, what)) if roles.name else None
    if once and names is not None:
        row = _once(np.asarray(names), ra, dec, row)
        counts["repeated"] = int(valid.sum()) - len(row)
    rows = table[row] if len(row) < len(table) else table
    errors, without_error = _errors(rows, roles, what, error)
    pmra, pmdec, without_motion = _motions(rows, roles, what)
    counts |= {"used": len(row), "without_error": without_error, "without_motion": without_motion}
    return SkyTable(what, row, names, ra[row], dec[row], errors, pmra, pmdec, _epochs(rows, roles, what, epoch), counts)


def joined(tables: list[SkyTable]) -> SkyTable:
    """Tables of the same columns, `taken` one after the other; counts are added."""
    names = [table.names for table in tables if table.names is not None and len(table)]
    errors = [table.errors for table in tables if table.errors is not None]
    masked: Any = np.ma
    together: dict[str, Any] = {
        name: np.concatenate([getattr(table, name) for table in tables])
        for name in ("ra", "dec", "pmra", "pmdec", "epoch")
    }
    return replace(
        tables[0],
        row=np.arange(sum(map(len, tables))),
        names=masked.concatenate(names) if names else tables[0].names,
        errors=Covariance.joined(errors) if errors else None,
        counts={key: sum(table.counts[key] for table in tables) for key in tables[0].counts},
        **together,
    )


def column_values(table: Table, name: str, what: str, unit: u.UnitBase | None = None, default: Any = None) -> Floats:
    """Values of a column in a unit, NaN where masked; of a column without a unit, in the default one."""
    column = _column(table, name, what)
    own = unit_of(column)
    if _is_blank(column):
        return np.full(len(table), np.nan)
    try:
        values = plain(getattr(column, "value", column))
    except (TypeError, ValueError) as error:
        raise CscError(f"The {what} cannot be matched", f"column {name} does not hold numbers") from error
    if unit is None:
        return values
    try:
        return np.asarray(values * scale(own or default or unit, unit))
    except (u.UnitConversionError, AttributeError) as error:
        raise CscError(
            f"The {what} cannot be matched",
            f"column {name} is in {own}, which is not {_kind(unit)}",
            "Correct its unit.",
        ) from error


def _is_blank(column: Any) -> bool:
    """Whether a column is text without a word: what readers make of one that is empty in all rows of a CSV file."""
    if getattr(column, "dtype", np.dtype(float)).kind not in "OSU":
        return False
    return all(text is None or not str(text).strip() for text in np.ma.asarray(column).compressed().tolist())


def _column(table: Table, name: str, what: str) -> Any:
    if name not in table.colnames:
        raise CscError(f"The {what} cannot be matched", f"there is no column {name}", "Say which columns to use.")
    with reading(f"The {what} cannot be matched", "Say which columns to use."):
        return one_value_a_row(table, name)


def _kind(unit: u.UnitBase) -> str:
    return "an angle" if unit.is_equivalent(u.deg) else f"convertible to {unit}"


def _positions(table: Table, roles: ColumnRoles, what: str) -> tuple[Floats, Floats]:
    if not (roles.ra and roles.dec):
        raise CscError(
            f"The {what} cannot be matched",
            f"none of its columns {', '.join(table.colnames[:8])} ... is known as a position",
            "Name them: ColumnRoles(ra=..., dec=...).",
        )
    with reading(f"The {what} cannot be matched", "Say which columns to use."):
        ra, dec = read_position(table, roles.ra, roles.dec)
    wrong = np.isfinite(ra) & np.isfinite(dec) & ~on_sky(ra, dec)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise CscError(
            f"The {what} cannot be matched",
            f"row {first} has ra {ra[first]:g}, dec {dec[first]:g} deg, as {int(wrong.sum()):,} have",
            "Check the columns and their units.",
        )
    return ra, dec


def _once(names: NDArray[Any], ra: Floats, dec: Floats, row: Integers) -> Integers:
    """Rows without those that repeat the name and position of an earlier one."""
    order = row[np.argsort(ra[row])]
    same = np.diff(ra[order], prepend=np.nan, append=np.nan) == 0
    ties = order[same[1:] | same[:-1]]  # of equal right ascension
    ties = ties[np.lexsort((ties, dec[ties], ra[ties]))]
    equal = (np.diff(ra[ties]) == 0) & (np.diff(dec[ties]) == 0)
    places = np.split(ties, np.flatnonzero(~equal) + 1)
    repeated = [other for place in places if len(place) > 1 for other in place[~_first_of(names[place])]]
    return np.setdiff1d(row, repeated, assume_unique=True) if repeated else row


def _first_of(names: NDArray[Any]) -> Flags:
    first = np.zeros(len(names), bool)
    first[np.unique(names, return_index=True)[1]] = True
    return first


def _errors(rows: Table, roles: ColumnRoles, what: str, error: u.Quantity | None) -> tuple[Covariance | None, int]:
    def read(name: str, unit: u.UnitBase = u.arcsec) -> Floats:
        return column_values(rows, name, what, unit, roles.error_unit)

    if roles.major:
        major = read(roles.major)
        minor = read(roles.minor) if roles.minor else major
        angle = column_values(rows, roles.angle, what, u.deg) if roles.angle else np.zeros(len(rows))
        circle = ~((minor > 0) & np.isfinite(angle))
        errors = Covariance.of_ellipse(major, np.where(circle, major, minor), np.where(circle, 0, angle), roles.content)
        valid = np.isfinite(major) & (major > 0)
    elif roles.ra_error and roles.dec_error:
        east, north = read(roles.ra_error), read(roles.dec_error)
        correlation = column_values(rows, roles.correlation, what) if roles.correlation else np.zeros(len(rows))
        errors = Covariance.of_axes(east, north, np.where(np.abs(correlation) < 1, correlation, 0))
        valid = np.isfinite(east + north) & (east > 0) & (north > 0)
    elif error is None:
        return None, len(rows)
    else:
        errors, valid = Covariance(*np.zeros((3, len(rows)))), np.zeros(len(rows), bool)
    if valid.all():
        return errors, 0
    if error is not None:
        variance = _size(error, what) ** 2
    elif valid.any():
        variance = float(np.median((errors.east + errors.north)[valid])) / 2
    else:
        return None, len(rows)
    east, north = (np.where(valid, values, variance) for values in (errors.east, errors.north))
    return Covariance(east, north, np.where(valid, errors.cross, 0)), int((~valid).sum())


def _size(error: u.Quantity, what: str) -> float:
    try:
        size = float(error.to_value(u.arcsec))
    except (u.UnitConversionError, AttributeError) as problem:
        raise CscError(f"The {what} cannot be matched", f"{error} is no angle", "Give 0.3 * u.arcsec.") from problem
    if not size >= 0:
        raise CscError(f"The {what} cannot be matched", f"{error} is no error of a position")
    return size


def _motions(rows: Table, roles: ColumnRoles, what: str) -> tuple[Floats, Floats, int]:
    if not (roles.pmra and roles.pmdec):
        return np.zeros(len(rows)), np.zeros(len(rows)), len(rows)
    east, north = (column_values(rows, name, what, u.mas / u.yr) for name in (roles.pmra, roles.pmdec))
    valid = np.isfinite(east) & np.isfinite(north)
    return np.where(valid, east, 0), np.where(valid, north, 0), int((~valid).sum())


def _epochs(rows: Table, roles: ColumnRoles, what: str, epoch: Time | float | None) -> Floats:
    if epoch is not None:
        return np.full(len(rows), float(epoch.jyear if isinstance(epoch, Time) else epoch))
    if not roles.epoch:
        return np.full(len(rows), np.nan)
    column = rows[roles.epoch] if roles.epoch in rows.colnames else None
    if isinstance(column, Time):
        return plain(column.jyear)
    values = column_values(rows, roles.epoch, what)
    dates = 2000 + (np.where(values < _MJD_0 / 2, values + _MJD_0, values) - _J2000) / 365.25
    if unit_of(column) == u.d:
        return np.asarray(dates)
    # What is no year for ages is a date without its unit; 0 and -999 stand for none.
    return np.where(values > _LATEST_YEAR, dates, np.where(values > 0, values, np.nan))

"""Which column of a table is the position, its error, its proper motion: guessed from names and UCDs, to be edited."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import astropy.units as u
from astropy.table import Table

from cscwidgets.sky.position_columns import parts_of, position_columns_of

__all__ = ["CONTENT", "ColumnRoles"]

CONTENT = "position_error_content"
"""Where the ``meta`` of a table says which fraction of all positions its error radius holds."""


@dataclass(frozen=True)
class ColumnRoles:
    """Names of columns, empty where there is none. Change a guess with `dataclasses.replace`.

    Attributes
    ----------
    ra, dec : str
        Position (ICRS), degrees unless the columns have another unit; text may be sexagesimal. A column of `SkyCoord`
        is both. Hours, minutes and seconds of a column each are named with colons between: ``"RAh:RAm:RAs"``.
    name : str
        What an object is called.
    major, minor, angle : str
        Semi-axes of the error ellipse, and the position angle of the major one in degrees; without `minor`, a circle.
    content : float, optional
        Probability the ellipse holds, 0.95 in the CSC; None for semi-axes of 1 sigma.
    ra_error, dec_error, correlation : str
        In place of an ellipse: 1 sigma along right ascension (times cos dec) and declination, and their correlation.
    error_unit : Unit
        Of errors whose columns have no unit.
    pmra, pmdec : str
        Proper motion (with cos dec), mas/yr unless the columns have another unit.
    epoch : str
        Of the position: a Julian year, a date (JD or MJD: in days, or beyond 3000), or a column of `Time`.
    """

    ra: str = ""
    dec: str = ""
    name: str = ""
    major: str = ""
    minor: str = ""
    angle: str = ""
    content: float | None = None
    ra_error: str = ""
    dec_error: str = ""
    correlation: str = ""
    error_unit: u.UnitBase = field(default=u.arcsec)
    pmra: str = ""
    pmdec: str = ""
    epoch: str = ""

    @property
    def columns(self) -> list[str]:
        """All columns with a role."""
        position = [part for role in (self.ra, self.dec) for part in parts_of(role)]
        roles = (self.name, *position, *(getattr(self, role) for role in _OF_ERRORS))
        return list(dict.fromkeys(name for name in (*roles, self.pmra, self.pmdec, self.epoch) if name))

    @classmethod
    def guess(cls, table: Table) -> ColumnRoles:
        """What names and UCDs of a table suggest."""
        names = _Names(table)
        errors = next((complete for convention in _ERRORS if (complete := names.all_of(convention))), cls())
        if errors.major and not errors.minor and errors.content is None:
            errors = replace(errors, content=table.meta.get(CONTENT))  # what the catalogue's authors say of its radius
        ra, dec = position_columns_of(table) or ("", "")
        pmra, pmdec = names.pair(_MOTIONS, _MOTION_UCDS) or ("", "")
        name, epoch = names.one(_NAMES, "meta.id;meta.main"), names.one(_EPOCHS)
        return replace(errors, ra=ra, dec=dec, pmra=pmra, pmdec=pmdec, name=name, epoch=epoch)


_MOTIONS = (("pmra", "pmdec"), ("pmRA", "pmDE"), ("pm_ra_cosdec", "pm_dec"))
_MOTION_UCDS = ("pos.pm;pos.eq.ra", "pos.pm;pos.eq.dec")
_NAMES = (
    *("name", "source_id", "designation", "2CXO", "2MASS", "AllWISE", "Gaia", "DR3Name", "SDSS", "objID", "IAUNAME"),
    *("source_name", "Source", "main_id", "id"),
)
_EPOCHS = ("ref_epoch", "Epoch", "epoch", "jyear")
_ERRORS = (
    ColumnRoles(major="err_ellipse_r0", minor="err_ellipse_r1", angle="err_ellipse_ang", content=0.95),
    ColumnRoles(major="err_ellipse_r0", content=0.95),
    ColumnRoles(ra_error="ra_error", dec_error="dec_error", correlation="ra_dec_corr", error_unit=u.mas),
    ColumnRoles(ra_error="ra_error", dec_error="dec_error", error_unit=u.mas),
    ColumnRoles(ra_error="e_RA_ICRS", dec_error="e_DE_ICRS", correlation="RADEcor", error_unit=u.mas),
    ColumnRoles(ra_error="e_RA_ICRS", dec_error="e_DE_ICRS"),
    ColumnRoles(ra_error="e_RAJ2000", dec_error="e_DEJ2000"),
    ColumnRoles(major="errMaj", minor="errMin", angle="errPA"),
    ColumnRoles(major="err_maj", minor="err_min", angle="err_ang"),
    ColumnRoles(major="eeMaj", minor="eeMin", angle="eePA"),
    ColumnRoles(ra_error="sigra", dec_error="sigdec"),
    ColumnRoles(ra_error="raErr", dec_error="decErr"),
    ColumnRoles(ra_error="raMeanErr", dec_error="decMeanErr"),
    ColumnRoles(major="SC_POSERR", content=0.632),  # XMM-Newton: the root of both axes' squared errors
    ColumnRoles(major="ePos"),
    ColumnRoles(major="pos_err"),
    ColumnRoles(major="poserr"),
    ColumnRoles(major="error_radius"),
    ColumnRoles(major="radec_err", content=0.632),
    ColumnRoles(major="Err90", content=0.9),
)
_OF_ERRORS = ("major", "minor", "angle", "ra_error", "dec_error", "correlation")


class _Names:
    """The columns of a table, found whatever their case."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._by_case = {name.lower(): name for name in reversed(table.colnames)}
        self._by_ucd = {
            column.info.meta["ucd"].lower(): column.info.name
            for column in reversed(table.columns.values())
            if column.info.meta and column.info.meta.get("ucd")
        }

    def _find(self, name: str) -> str:
        return name if name in self._table.colnames else self._by_case.get(name.lower(), "")

    def one(self, names: tuple[str, ...], ucd: str = "") -> str:
        return next((column for name in names if (column := self._find(name))), self._by_ucd.get(ucd, ""))

    def pair(self, pairs: tuple[tuple[str, str], ...], ucds: tuple[str, str]) -> tuple[str, str] | None:
        by_ucd = tuple(self._by_ucd.get(ucd, "") for ucd in ucds)
        columns = (tuple(self._find(name) for name in pair) for pair in (*pairs,))
        for first, second in (*columns, by_ucd):
            if first and second:
                return first, second
        return None

    def all_of(self, convention: ColumnRoles) -> ColumnRoles | None:
        named = {role: getattr(convention, role) for role in _OF_ERRORS if getattr(convention, role)}
        columns: dict[str, Any] = {role: self._find(name) for role, name in named.items()}
        return replace(convention, **columns) if all(columns.values()) else None

"""Which columns of a table are its position, and what they hold in degrees: one list for all who ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import Table

from cscwidgets.arrays import Floats
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.row_values import one_value_a_row
from cscwidgets.io.sexagesimal import angles, degrees_of
from cscwidgets.io.tables.declared_frame import other_frame
from cscwidgets.io.units import scale, unit_of

from .positions import in_icrs

__all__ = [
    "galactic_columns_of",
    "parts_of",
    "position_columns",
    "position_columns_of",
    "read_galactic",
    "read_position",
]

_MAIN_UCDS = (("pos.eq.ra;meta.main", "pos.eq.dec;meta.main"), ("pos_eq_ra_main", "pos_eq_dec_main"))
_LESSER_UCDS = (("pos.eq.ra", "pos.eq.dec"), ("pos_eq_ra", "pos_eq_dec"))

# Without case, blanks and punctuation: "RA_ICRS", "_RA.icrs" and "RA (ICRS)" are one. ICRS and J2000 before the rest,
# since what is read is taken for ICRS.
_NAMES = (
    *(("ra", "dec"), ("ra", "de"), ("ra", "decl"), ("raicrs", "deicrs"), ("raicrs", "decicrs")),
    *(("raj2000", "dej2000"), ("raj2000", "decj2000"), ("ra2000", "dec2000"), ("ra2000", "de2000")),
    *(("radeg", "dedeg"), ("radeg", "decdeg"), ("rad", "decd"), ("radegree", "decdegree"), ("radegrees", "decdegrees")),
    *(("raj2000deg", "dej2000deg"), ("raj2000deg", "decj2000deg"), ("raicrsdeg", "decicrsdeg")),
    *(("rightascension", "declination"), ("rightasc", "declination"), ("ramean", "decmean"), ("rastack", "decstack")),
    *(("sra", "sdec"), ("scra", "scdec"), ("racorr", "deccorr"), ("alphaj2000", "deltaj2000")),
    *(("alphawinj2000", "deltawinj2000"), ("alphapeakj2000", "deltapeakj2000"), ("rajd", "decjd"), ("raj", "decj")),
    *(("rahms", "decdms"), ("rahms", "dedms")),
)
_GALACTIC_UCDS = (("pos.galactic.lon", "pos.galactic.lat"), ("pos_gal_lon", "pos_gal_lat"))
_GALACTIC = (("glon", "glat"), ("l", "b"), ("lii", "bii"), ("gallon", "gallat"), ("lgal", "bgal"), ("gall", "galb"))
_GALACTIC_LONG = (("galacticlongitude", "galacticlatitude"), ("galacticl", "galacticb"))
_PARTS = (("rah", "ram", "ras"), ("de-", "ded", "dem", "des"))
_SEPARATOR = ":"
# Of the two tables of a join the first is meant; TOPCAT, pandas and SQL mark columns that both have in these ways.
_JOINED = re.compile(r"(.+?)[_.](1|x|left|a|l)", re.IGNORECASE)
# "coord.ra", "gaia_ra": whose position. Errors and motions are no positions.
_PREFIXED = re.compile(r"(.+)[._](ra|dec)", re.IGNORECASE)
# "RAB1950": read as ICRS it would be off by 40 arcmin.
_FRAME_COLUMNS = ("equinox", "eqnx")
_OTHER_FRAME = re.compile(r"(?<!\d)1950(?!\d)|fk4", re.IGNORECASE)
_NO_POSITION = re.compile(r"pm|mu|e|err|error|sigma|sig|s|d|delta|unc|std|var|n", re.IGNORECASE)


def position_columns(columns: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The columns of a position among (name, UCD) pairs, or None.

    First the main ones by UCD, then the names that catalogues use, plain or as a join marks them, then any by UCD.
    Right ascension in hours, minutes and seconds of a column each is the three with colons between, `parts_of` them.

    Examples
    --------
    >>> position_columns([("_RA.icrs", ""), ("_DE.icrs", ""), ("Vmag", "")])
    ('_RA.icrs', '_DE.icrs')
    >>> position_columns([(name, "") for name in "RAh RAm RAs DE- DEd DEm DEs".split()])
    ('RAh:RAm:RAs', 'DE-:DEd:DEm:DEs')
    """
    listed = [(name, ucd) for name, ucd in columns if not _OTHER_FRAME.search(name)]
    by_ucd = {ucd.lower(): name for name, ucd in reversed(listed) if ucd}
    names = [name for name, _ in listed]
    return _pair(_MAIN_UCDS, by_ucd) or _by_name(names) or _pair(_LESSER_UCDS, by_ucd)


def position_columns_of(table: Table) -> tuple[str, str] | None:
    """The columns of a position in a table; a column of coordinates, of whatever frame, is both."""
    plain = [column for column in table.columns.values() if not isinstance(column, SkyCoord)]
    # One in another frame is none, unless there is no better: then `read_position` says why it cannot be used.
    icrs = [column for column in plain if not other_frame(_declared(column), {})]
    pairs = ([(c.info.name, str((c.info.meta or {}).get("ucd", ""))) for c in columns] for columns in (icrs, plain))
    found = next(filter(None, map(position_columns, pairs)), None)
    if found is not None:
        return found
    return next(((name, name) for name in table.colnames if isinstance(table[name], SkyCoord)), None)


def galactic_columns_of(table: Table) -> tuple[str, str] | None:
    """The columns of galactic longitude and latitude in a table, by UCD or name, or None.

    >>> galactic_columns_of(Table({"GLON": [120.5], "GLAT": [-2.0]}))
    ('GLON', 'GLAT')
    """
    columns = [column.info for column in reversed(table.columns.values())]
    by_ucd = {
        str(info.meta["ucd"]).lower().removesuffix(";meta.main"): info.name
        for info in columns
        if "ucd" in (info.meta or {})
    }
    names = {_plain_name(info.name): info.name for info in columns}
    return _pair(_GALACTIC_UCDS, by_ucd) or _pair((*_GALACTIC, *_GALACTIC_LONG), names)


def read_galactic(table: Table, lon: str, lat: str) -> tuple[Floats, Floats]:
    """Galactic longitude and latitude of each row in degrees, NaN where there is none; text is in degrees.

    Raises
    ------
    Unreadable
        If a column holds no angles, or is in the unit of something else.
    """
    return _degrees(table, lon, hours=False), _degrees(table, lat, hours=False)


def parts_of(role: str) -> list[str]:
    """The columns that a role names: one, or those of hours or degrees, minutes and seconds.

    >>> parts_of("RAh:RAm:RAs"), parts_of("RA (J2000)")
    (['RAh', 'RAm', 'RAs'], ['RA (J2000)'])
    """
    return role.split(_SEPARATOR) if role.count(_SEPARATOR) in (2, 3) else [role]


def read_position(table: Table, ra: str, dec: str) -> tuple[Floats, Floats]:
    """Right ascension and declination of each row in degrees, NaN where there is none.

    Numbers are degrees unless their column has another unit; text may be sexagesimal, of hours in right ascension
    unless it or its column's unit says degrees.

    Parameters
    ----------
    table : Table
    ra, dec : str
        Columns, as `position_columns` names them.

    Returns
    -------
    ra, dec : ndarray of float, shape (rows,)

    Raises
    ------
    Unreadable
        If a column is not there, holds no angles, is in the unit of something else, or said to be in another frame.

    Examples
    --------
    >>> from astropy.table import Table
    >>> read_position(Table({"ra": ["05 30 00", ""], "dec": [-5.5, 1]}), "ra", "dec")
    (array([82.5,  nan]), array([-5.5,  1. ]))
    """
    if ra == dec and ra in table.colnames and isinstance(table[ra], SkyCoord):
        sky = in_icrs(one_value_a_row(table, ra))
        return _plain(sky.ra.deg), _plain(sky.dec.deg)
    _require_icrs(table, (*parts_of(ra), *parts_of(dec)))
    return _degrees(table, ra, hours=True), _degrees(table, dec, hours=False)


def _declared(column: Any) -> str:
    return str((column.info.meta or {}).get("frame", ""))


def _require_icrs(table: Table, names: Iterable[str]) -> None:
    for name in table.colnames:
        if _plain_name(name) in _FRAME_COLUMNS and table[name].dtype.kind in "fiuOSU" and table[name].ndim == 1:
            said = {str(one) for one in np.ma.asarray(table[name]).compressed().tolist()}
            if frames := sorted(filter(None, (other_frame("", {"equinox": one}) for one in said))):
                raise Unreadable(f"column {name} says of rows that they are of {frames[0]}, not ICRS")
    for name in names:
        if name in table.colnames and (frame := other_frame(_declared(table[name]), table.meta)):
            raise Unreadable(
                f"column {name} is said to be in {frame}, not ICRS; SkyCoord of astropy turns one into the other"
            )


def _pair(pairs: Iterable[tuple[str, str]], names: Mapping[str, str]) -> tuple[str, str] | None:
    return next(((names[ra], names[dec]) for ra, dec in pairs if ra in names and dec in names), None)


def _by_name(names: list[str]) -> tuple[str, str] | None:
    # RAJ2000 before _RAJ2000, where a table has both: VizieR computes the second.
    ordered = sorted(names, key=lambda name: name.startswith("_"))
    found = _pair(_NAMES, {_plain_name(name): name for name in reversed(ordered)})
    if found is not None:
        return found
    exact = {name.lower(): name for name in reversed(names)}
    if all(part in exact for part in (*_PARTS[0], *_PARTS[1][1:])):
        # Without a column for it the sign stands at the degrees.
        ra, dec = (_SEPARATOR.join(exact[part] for part in parts if part in exact) for parts in _PARTS)
        return ra, dec
    joined = {_plain_name(match[1]): name for name in reversed(names) if (match := _JOINED.fullmatch(name))}
    return _pair(_NAMES, joined) or _prefixed(names)


def _prefixed(names: list[str]) -> tuple[str, str] | None:
    """The one position of some thing, "target_ra" and "target_dec"; of two none is meant more than the other."""
    axes: dict[str, dict[str, str]] = {}
    for name in names:
        match = _PREFIXED.fullmatch(name)
        if match and not _NO_POSITION.fullmatch(match[1]):
            axes.setdefault(match[1].lower(), {})[match[2].lower()] = name
    whole = [(pair["ra"], pair["dec"]) for pair in axes.values() if len(pair) == 2]
    return whole[0] if len(whole) == 1 else None


def _plain_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _degrees(table: Table, role: str, *, hours: bool) -> Floats:
    names = [role] if role in table.colnames else parts_of(role)
    missing = [name for name in names if name not in table.colnames]
    if missing:
        raise Unreadable(f"there is no column {', '.join(missing)}")
    if len(names) > 1:
        return _of_parts(table, names, hours=hours)
    column = one_value_a_row(table, role)
    values = np.ma.asarray(getattr(column, "value", column))
    unit = unit_of(column)
    if values.dtype.kind in "OSU" and len(table):
        return _of_text(np.ma.filled(values.astype(object), None).tolist(), role, unit, hours=hours)
    try:
        return np.asarray(_plain(values) * scale(unit or u.deg, u.deg), float)
    except (TypeError, ValueError, AttributeError) as error:  # another quantity's unit, or none that is known
        raise Unreadable(f"column {role} is in {unit}, which is not an angle") from error


def _of_text(cells: list[Any], role: str, unit: u.UnitBase | None, *, hours: bool) -> Floats:
    texts = [cell.decode("utf-8", "replace") if isinstance(cell, bytes) else cell for cell in cells]
    texts = [None if text is None else str(text).strip() for text in texts]
    if unit is None or unit == u.deg:
        # "d:m:s" reads as deg too.
        values = np.array([_one(text, hours=hours and unit is None) for text in texts])
    else:
        values = angles(texts, unit)
    if any(texts) and not np.isfinite(values).any():
        raise Unreadable(f"column {role} holds no numbers")
    return values


def _one(text: str | None, *, hours: bool) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        degrees = degrees_of(str(text), hours=hours)
        return np.nan if degrees is None else degrees


def _of_parts(table: Table, names: list[str], *, hours: bool) -> Floats:
    columns = [one_value_a_row(table, name) for name in names]
    signed = columns[0].dtype.kind in "OSU" and len(names) == 4
    sign = np.ones(len(table))
    if signed:
        sign[[str(mark).strip().startswith(("-", "\N{MINUS SIGN}")) for mark in columns[0]]] = -1
    numbers = [_numbers(column, name) for column, name in zip(columns[signed:], names[signed:], strict=True)]
    if not signed:
        sign = np.where(np.signbit(numbers[0]), -1.0, 1.0)
    # Minutes or seconds that are not given are none, as where a position is known to the minute.
    small = [np.where(np.isfinite(part), part, 0) for part in numbers[1:]]
    degrees = np.abs(numbers[0]) + small[0] / 60 + small[1] / 3600
    return np.asarray(sign * degrees * (15 if hours else 1))


def _numbers(column: Any, name: str) -> Floats:
    values = np.ma.asarray(getattr(column, "value", column))
    if values.dtype.kind in "OSU":
        values = np.ma.array([str(text).strip() or "nan" for text in np.ma.filled(values.astype(object), "nan")])
    try:
        return _plain(values)
    except ValueError as error:
        raise Unreadable(f"column {name} holds no numbers") from error


def _plain(values: Any) -> Floats:
    return np.asarray(np.ma.filled(np.ma.asarray(values).astype(float), np.nan), float)

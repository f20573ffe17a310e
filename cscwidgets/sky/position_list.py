"""Lists of positions and names as people have them: each row is kept, with its number and what is wrong with it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import Table

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.errors import RegionError
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.typed import plain_text, unquoted

from .names import check_name, known_target
from .on_sky import on_sky
from .position_columns import galactic_columns_of, position_columns_of, read_galactic, read_position
from .positions import FRAMES, WrittenAngles, in_icrs, written_angles
from .source_names import is_source_name, source_angles, source_name
from .sphere import right_ascension

__all__ = ["PositionList", "of_coordinates", "of_lines", "of_table"]

_NAME_COLUMNS = ("name", "sourcename", "2cxo", "designation", "mainid", "iauname", "target", "object", "source", "id")
_HEADINGS = {*_NAME_COLUMNS, "names", "sources", "objects", "targets", "position", "positions", "coordinates", "radec"}
_SEPARATORS = re.compile(r"\s*[,;|\t]\s*")
_DECIMALS = re.compile(r"([-+]?\d+(?:\.\d*)?)(?:\s+|\s*[,;|\t]\s*)([-+]?\d+(?:\.\d*)?)")
# A name gives a position cut off, not rounded: 0.1 s of time and 1 arcsec. The middle is off by this at most, arcsec.
_CUT_OFF = 0.91
_NONE = "it has no position"
_SUSPICIOUS = 20  # rows from which their common range says something about their unit


@dataclass(frozen=True, eq=False)
class PositionList:
    """Rows of a list as they were read; arrays and sequences of length n.

    Attributes
    ----------
    line : ndarray of int
        Number of the line or row, from 1.
    text : sequence of str
        What stands there.
    name : sequence of str
        Name of a catalogue source where that is what stands there, as the catalogue writes it but perhaps without its
        prefix; else empty.
    unresolved : sequence of str
        Name of another object, whose position is yet to be looked up; else empty.
    ra, dec : ndarray
        ICRS degrees, NaN where there is none. Of a source's name, the middle of what it may mean.
    blur : ndarray
        By how much a position may be off because of how it is written, arcsec.
    problem : sequence of str
        Why a row cannot be used; else empty.
    notes : tuple of str
        What is to be said of the whole.
    what : str
        "line" or "row".
    """

    line: Integers
    text: Sequence[str]
    name: Sequence[str]
    unresolved: Sequence[str]
    ra: Floats
    dec: Floats
    blur: Floats
    problem: Sequence[str]
    notes: tuple[str, ...] = ()
    what: str = "line"

    def __len__(self) -> int:
        return len(self.line)

    @property
    def placed(self) -> Flags:
        """Which rows have a position."""
        return np.isfinite(self.ra) & np.isfinite(self.dec)

    def looked_up(self, look_up: Callable[[str], SkyCoord]) -> PositionList:
        """The list with the positions of other objects, where a look-up gives them.

        Parameters
        ----------
        look_up : callable
            Gives a position; a `RegionError` that it raises is the row's problem.
        """
        ra, dec, problem = self.ra.copy(), self.dec.copy(), list(self.problem)
        found: dict[str, SkyCoord | RegionError] = {}
        for row, name in enumerate(self.unresolved):
            if not name:
                continue
            if name not in found:
                try:
                    found[name] = look_up(name)
                except RegionError as error:
                    found[name] = error
            answer = found[name]
            if isinstance(answer, RegionError):
                problem[row] = _reason(answer)
            else:
                ra[row], dec[row] = answer.ra.deg, answer.dec.deg
        return replace(self, ra=ra, dec=dec, problem=problem, unresolved=[""] * len(self))


def of_lines(lines: Iterable[str]) -> PositionList:
    r"""Read lines, each a position, a source's name or an object's.

    Blank lines and those that begin with "#" are none. A line that only names a frame, as in DS9's files, holds for
    those that follow and name none. Of cells between commas, tabs, semicolons or bars, one before or behind the two of
    a position is a label.

    Parameters
    ----------
    lines : iterable of str
        Positions as `cscwidgets.sky.read_region` takes them.

    Examples
    --------
    >>> read = of_lines(["83.82 -5.39", "", "05:35:17.3 -00:23:28", "2CXO J053515.7-052309", "what?!", "M33"])
    >>> read.line, read.dec.round(4)
    (array([1, 3, 4, 5, 6]), array([-5.39  , -0.3911, -5.386 ,     nan, 30.6599]))
    >>> read.problem[3]
    "it is no position, no region and no object's name"
    """
    rows = _Rows()
    frame = ""
    comments = 0
    for number, line in enumerate(lines, 1):
        text = plain_text(line)
        if not text:
            continue
        if text.startswith("#"):
            comments += 1
        elif text.lower().strip(";,: ").removesuffix(".0") in FRAMES:
            frame = text.lower().strip(";,: ").removesuffix(".0")
        elif not len(rows) and re.sub(r"[^a-z0-9]", "", text.lower()) in _HEADINGS:
            rows.notes.append(f"line {number}, {text!r}, is a heading")
        else:
            _read_line(rows, number, text, line, frame)
    if comments:
        rows.notes.append(f"{comments:,} line{'s are comments' if comments > 1 else ' is a comment'}")
    return rows.listed("line")


def of_coordinates(coordinates: SkyCoord) -> PositionList:
    """Coordinates of any frame and shape, in order.

    Raises
    ------
    RegionError
        If their frame cannot be turned into ICRS.
    """
    flat = in_icrs(coordinates.reshape(-1))
    ra, dec = (np.asarray(np.ma.filled(axis.deg, np.nan), float) for axis in (flat.ra, flat.dec))
    placed = np.isfinite(ra) & np.isfinite(dec)
    texts = [f"{x:.6f} {y:+.6f}" if there else "" for x, y, there in zip(ra, dec, placed, strict=True)]
    empty = [""] * len(ra)
    problems = ["" if there else _NONE for there in placed]
    ra, dec = np.where(placed, ra, np.nan), np.where(placed, dec, np.nan)
    numbers = np.arange(1, len(ra) + 1)
    return PositionList(numbers, texts, empty, empty, ra, dec, np.zeros(len(ra)), problems, what="position")


def of_table(table: Table) -> PositionList:
    """Rows of a table with columns of a position, equatorial or galactic, or of names.

    A source's name counts before its position, an object's where there is no position.

    Raises
    ------
    Unreadable
        If no column is known as one of these, or the position's hold something else, as a unit of lengths.
    """
    names = _name_column(table)
    notes: list[str] = []
    if (pair := position_columns_of(table)) is not None:
        ra, dec = read_position(table, *pair)
        notes += _suspicions(ra, dec, table, pair)
    elif (pair := galactic_columns_of(table)) is not None:
        ra, dec = _icrs(*read_galactic(table, *pair), "galactic")
        notes.append(f"{pair[0]} and {pair[1]} were read as galactic coordinates")
    elif names:
        ra, dec = np.full((2, len(table)), np.nan)
    else:
        listed = ", ".join(table.colnames[:8]) or "none"
        raise Unreadable(
            f"none of its columns {listed} is known as a right ascension and declination, l and b, or a name"
        )
    given = _texts(table[names]) if names else [""] * len(table)
    written = [_texts(table[name]) for name in dict.fromkeys(pair or ()) if name in table.colnames]
    rows = _Rows(notes)
    wrong = ~on_sky(ra, dec)
    for row, (name, *cells) in enumerate(zip(given, *written, strict=True)):
        text = name or " ".join(cells)
        if wrong[row]:
            if pair is not None and not (name and is_source_name(name)):
                rows.add(row + 1, text, problem=_problem(ra[row], dec[row], " ".join(cells)))
            else:
                _read_name(rows, row + 1, text, name)
        elif name and is_source_name(name):
            rows.add(row + 1, text, source_name(name, simulated=None), (ra[row], dec[row], "icrs"))
        else:
            rows.add(row + 1, text, angles=(ra[row], dec[row], "icrs"))
    return rows.listed("row")


class _Rows:
    """Rows while they are read."""

    def __init__(self, notes: Iterable[str] = ()) -> None:
        self.notes = list(notes)
        self._line: list[int] = []
        self._text: list[str] = []
        self._name: list[str] = []
        self._object: list[str] = []
        self._angles: list[tuple[float, float, str]] = []
        self._blur: list[float] = []
        self._problem: list[str] = []

    def __len__(self) -> int:
        return len(self._line)

    def add(
        self,
        line: int,
        text: str,
        name: str = "",
        angles: tuple[float, float, str] | None = None,
        *,
        unresolved: str = "",
        blur: float = 0.0,
        problem: str = "",
    ) -> None:
        self._line.append(line)
        self._text.append(text)
        self._name.append(name)
        self._object.append(unresolved)
        self._angles.append((np.nan, np.nan, "icrs") if angles is None else angles)
        self._blur.append(blur)
        self._problem.append(problem)

    def listed(self, what: str) -> PositionList:
        lon, lat = (np.array([angles[axis] for angles in self._angles], float) for axis in (0, 1))
        frames = np.array([angles[2] for angles in self._angles], dtype=object)
        ra, dec = right_ascension(lon), lat
        for frame in set(frames) - {"icrs"}:
            rows = np.flatnonzero(frames == frame)
            ra[rows], dec[rows] = _icrs(lon[rows], lat[rows], frame)
        return PositionList(
            np.array(self._line, np.int64),
            self._text,
            self._name,
            self._object,
            ra,
            dec,
            np.array(self._blur, float),
            self._problem,
            tuple(self.notes),
            what,
        )


def _read_line(rows: _Rows, number: int, text: str, line: str, frame: str) -> None:
    decimals = _DECIMALS.fullmatch(text)
    if decimals is not None:
        longitude, latitude = float(decimals[1]), float(decimals[2])
        if on_sky(longitude, latitude):
            rows.add(number, text, angles=(longitude, latitude, FRAMES.get(frame, "icrs")))
            return
    words = unquoted(text).strip(" ,;")
    if is_source_name(words):
        _read_name(rows, number, text, words)
        return
    try:
        angles = _labelled(line, frame) or written_angles(words, frame)
    except RegionError as error:
        rows.add(number, text, problem=_reason(error))
        return
    if angles is None:
        _read_name(rows, number, text, words)
    else:
        rows.add(number, text, angles=angles)


def _read_name(rows: _Rows, number: int, text: str, name: str) -> None:
    """A source's name, one of the targets that are known, or another object's."""
    try:
        if is_source_name(name):
            name = source_name(name, simulated=None)
            at = source_angles(name)
            rows.add(number, text, name, None if at is None else _middle(*at), blur=_CUT_OFF)
        elif (known := known_target(name)) is not None:
            rows.add(number, text, angles=(*known, "icrs"))
        else:
            check_name(name)
            rows.add(number, text, unresolved=name)
    except RegionError as error:
        rows.add(number, text, problem=_reason(error))


def _middle(ra: float, dec: float) -> tuple[float, float, str]:
    """The middle of the positions that a name may mean, whose digits are cut off."""
    return ra + 0.75 / 3600, math.copysign(abs(dec) + 0.5 / 3600, dec), "icrs"


def _labelled(line: str, frame: str) -> WrittenAngles | None:
    """The position among three cells or more; the first or third, which is no angle, is a label."""
    cells = [cell for cell in _SEPARATORS.split(line.strip().strip(",;|")) if cell]
    if len(cells) < 3:
        return None
    for first, label in ((1, 0), (0, 2)):
        if re.fullmatch(r"[-+\d.:\s]*", cells[label]):
            continue
        try:
            angles = written_angles(plain_text(f"{cells[first]}, {cells[first + 1]}"), frame)
        except RegionError:
            continue
        if angles is not None:
            return angles
    return None


def _icrs(lon: Floats, lat: Floats, frame: str) -> tuple[Floats, Floats]:
    """ICRS degrees of positions in another frame; NaN where there is none."""
    ra, dec = np.full((2, len(lon)), np.nan)
    rows = np.flatnonzero(on_sky(lon, lat))
    if len(rows):
        sky = SkyCoord(lon[rows], lat[rows], unit="deg", frame=frame).icrs
        ra[rows], dec[rows] = sky.ra.deg, sky.dec.deg
    return ra, dec


def _problem(ra: float, dec: float, cells: str) -> str:
    if np.isnan(ra) or np.isnan(dec):
        return (
            f"its position {cells!r} is not made of two angles"
            if re.search(r"[^\W\d]|:", _without_nulls(cells))
            else _NONE
        )
    if abs(dec) > 90:
        return f"its declination, {dec:g} degrees, is not between -90 and 90"
    return f"its right ascension, {ra:g} degrees, is more than once around the sky"


def _without_nulls(cells: str) -> str:
    return re.sub(r"\b(nan|none|null|inf)\b", "", cells, flags=re.IGNORECASE)


def _suspicions(ra: Floats, dec: Floats, table: Table, pair: tuple[str, str]) -> list[str]:
    """Whether numbers without a unit look as if they were no degrees."""
    good = on_sky(ra, dec)
    if np.count_nonzero(good) < _SUSPICIOUS or any(getattr(table[name], "unit", 1) is not None for name in pair):
        return []
    ra, dec = ra[good], dec[good]
    if float(np.abs(dec).max()) <= np.pi / 2 and float(ra.max()) <= 2 * np.pi and np.ptp(ra) > 3:
        return ["all positions were read as degrees; they would fit into radians: give their columns a unit"]
    if 12 < float(ra.max()) <= 24 and float(np.ptp(dec)) > 30:
        return ["all right ascensions were read as degrees, and lie below 24: if they are hours, give them that unit"]
    return []


def _name_column(table: Table) -> str:
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in reversed(table.colnames)}
    names = (plain[name] for name in _NAME_COLUMNS if name in plain)
    return next((name for name in names if getattr(table[name], "dtype", np.dtype(float)).kind in "OSU"), "")


def _texts(column: Any) -> list[str]:
    if isinstance(column, SkyCoord):
        return [""] * len(column)
    values = np.ma.asarray(getattr(column, "value", column))
    masked = np.ma.getmaskarray(values).tolist()
    cells = values.data.astype(object).tolist()
    return ["" if hidden or cell is None else _text(cell) for cell, hidden in zip(cells, masked, strict=True)]


def _text(cell: Any) -> str:
    return (cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)).strip()


def _reason(error: RegionError) -> str:
    return error.why or error.what

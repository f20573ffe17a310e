"""Columns as file formats have them: times as text with their scale, coordinates as two columns of degrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import Column, MaskedColumn, Table
from astropy.time import Time

from cscwidgets.errors import CscError

__all__ = ["Portable", "portable", "widened"]


@dataclass(frozen=True)
class Portable:
    """One column of a file.

    Attributes
    ----------
    name, unit, description : str
    values : masked array
        Text, numbers or flags; text is of fixed width, and one that is missing is masked.
    meta : mapping
        What else is known of it: ``ucd``, and for times ``scale``.
    """

    name: str
    values: np.ma.MaskedArray[Any, Any]
    unit: str = ""
    description: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)

    def column(self) -> MaskedColumn | Column:
        """For an astropy table: masked where values are missing."""
        missing = bool(np.any(np.ma.getmaskarray(self.values)))
        kind = MaskedColumn if missing else Column
        values = self.values if missing else np.asarray(self.values.data)
        return kind(values, name=self.name, unit=self.unit or None, description=self.description or None)


def portable(table: Table) -> list[Portable]:
    """The columns of a table, each as a file can have it.

    Raises
    ------
    CscError
        If a column is of a kind that no file has.
    """
    return [column for name in table.colnames for column in _columns(table, name, set(table.colnames))]


def widened(column: Portable) -> Portable:
    """A column in the narrowest type of number that FITS and VOTable have both, and that loses nothing.

    Neither has half floats, nor VOTable whole numbers without a sign but bytes; astropy takes those of one byte with a
    sign for flags in FITS.

    >>> widened(Portable("n", np.ma.array([1, -2], dtype="i1"))).values.dtype.name
    'int16'
    """
    values = column.values
    wider = _WIDER.get(values.dtype.newbyteorder("=").str[1:])
    if wider == "i8" and values.count() and int(values.max()) > np.iinfo(np.int64).max:
        wider = None
    return replace(column, values=np.ma.array(values, dtype=wider)) if wider else column


_WIDER = {"i1": "i2", "u2": "i4", "u4": "i8", "u8": "i8", "f2": "f4"}


def _columns(table: Table, name: str, taken: set[str]) -> Iterator[Portable]:
    column = table[name]
    description = str(column.info.description or "")
    meta = {key: str(value) for key, value in (column.info.meta or {}).items() if key == "ucd" and value}
    if isinstance(column, Time):
        yield _time(name, column, description, meta)
    elif isinstance(column, SkyCoord):
        yield from _coordinates(name, column, description, taken)
    else:
        unit = "" if column.info.unit is None else str(column.info.unit)
        yield Portable(name, _plain(name, column), unit, description, meta)


def _time(name: str, times: Time, description: str, meta: dict[str, str]) -> Portable:
    scale = times.scale.upper()
    precise = times.copy()
    precise.precision = 9  # nanoseconds
    texts = np.ma.array(np.asarray(precise.unmasked.isot), mask=np.broadcast_to(np.asarray(times.mask), times.shape))
    words = f"{description} ({scale}, ISO 8601)".strip()
    return Portable(name, texts, "", words, {"ucd": "time.epoch", **meta, "scale": scale})


def _coordinates(name: str, positions: SkyCoord, description: str, taken: set[str]) -> Iterator[Portable]:
    spherical = positions.spherical
    axes = list(positions.frame.get_representation_component_names())[:2]
    frame = positions.frame.name.upper()
    equatorial = axes == ["ra", "dec"]
    for axis, angles in zip(axes, (spherical.lon, spherical.lat), strict=True):
        own = f"{name}_{axis}"
        while own in taken:
            own += "_"
        words = f"{description} ({axis}, {frame})".strip()
        ucd = {"ucd": f"pos.eq.{axis}"} if equatorial else {}
        values = u.Quantity(getattr(angles, "unmasked", angles)).to_value(u.deg)
        mask = np.broadcast_to(np.asarray(getattr(angles, "mask", False)), np.shape(values))
        yield Portable(own, np.ma.array(values, mask=mask), "deg", words, ucd)


def _plain(name: str, column: Any) -> np.ma.MaskedArray[Any, Any]:
    quantity = getattr(column, "unmasked", column)
    values = quantity.value if isinstance(quantity, u.Quantity) else quantity
    mask = np.ma.getmaskarray(column) if isinstance(column, np.ma.MaskedArray) else getattr(column, "mask", False)
    masked = np.ma.array(np.asarray(values), mask=np.broadcast_to(np.asarray(mask), np.shape(values)))
    if masked.dtype.kind == "O":
        masked = _texts(name, masked)
    if masked.dtype.kind == "S":
        masked = np.ma.array(np.char.decode(masked.filled(b""), "utf-8"), mask=np.ma.getmaskarray(masked))
    if masked.dtype.kind not in "fiubUc":
        raise CscError(
            "The table was not written",
            f"the column {name} holds {masked.dtype} values, which no file has",
            f"Remove it, or turn it into numbers or text: table[{name!r}] = ...",
        )
    return masked


def _texts(name: str, masked: np.ma.MaskedArray[Any, Any]) -> np.ma.MaskedArray[Any, Any]:
    """A column of Python objects: numbers or flags if all are, else text."""
    mask = np.ma.getmaskarray(masked) | np.array([item is None for item in masked.data.flat], bool).reshape(
        masked.shape
    )
    present = masked.data[~mask].tolist()
    kinds = {type(item) for item in present}
    filler: Any = "" if not kinds or kinds - {bool, int, float, np.float64, np.int64} else type(present[0])(0)
    if filler == "" and kinds - {str, bytes, np.str_}:
        raise CscError(
            "The table was not written",
            f"the column {name} holds values of {', '.join(sorted(kind.__name__ for kind in kinds))}",
            f"Remove it, or turn it into numbers or text: table[{name!r}] = ...",
        )
    items = [filler if missing else item for item, missing in zip(masked.data.flat, mask.flat, strict=True)]
    items = [item.decode("utf-8", "replace") if isinstance(item, bytes) else item for item in items]
    return np.ma.array(np.array(items).reshape(masked.shape), mask=mask)

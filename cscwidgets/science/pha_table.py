"""The table of a spectrum (PHA): counts in channels, and what its keywords say against taking them for more.

Format: OGIP/92-007, https://heasarc.gsfc.nasa.gov/docs/heasarc/ofwg/docs/spectra/ogip_92_007/ogip_92_007.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np
from astropy.io import fits

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.io.fits_values import column_names, integers, number, numbers, require, whole_number
from cscwidgets.io.reading import Unreadable

from .header import filter_notes

__all__ = ["NO_NAME", "Counts", "PhaTable", "bad_channels", "pha_table", "read_pha"]

NO_NAME = {"", "none"}
"""What stands for no file, in lower case."""

_GOOD, _DUBIOUS = 0, 2  # of QUALITY
_SPLIT = "Write the one you mean to a file of its own."
_WHOLE = 1e-4  # by which single-precision rates times the exposure may miss a whole number


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one region.

    Attributes
    ----------
    counts : ndarray, shape (channels,)
        In each channel.
    exposure : float
        In s.
    backscal : float or ndarray
        The region's area as a fraction of the detector; an array where it differs between channels.
    areascal : float or ndarray
        A factor on its effective area.
    """

    counts: Floats
    exposure: float
    backscal: float | Floats
    areascal: float | Floats


@dataclass(frozen=True, slots=True)
class PhaTable:
    """What a table of a spectrum holds.

    Attributes
    ----------
    header : Header
    channel : ndarray of int, shape (channels,)
    counts : Counts
    grouping, quality : ndarray of int or None
        None where it has none.
    net : bool
        Whether the background was subtracted.
    notes : tuple of str
        What it says that is not usual, and how it was taken.
    """

    header: fits.Header
    channel: Integers
    counts: Counts
    grouping: Integers | None
    quality: Integers | None
    net: bool
    notes: tuple[str, ...]


def pha_table(hdus: fits.HDUList, *, background: bool = False) -> Any | None:
    """The spectrum of a file, or its background's, which the catalogue has as a second table.

    Parameters
    ----------
    hdus : HDUList
    background : bool
        Whether the background's is wanted.

    Returns
    -------
    BinTableHDU or None
        None where there is none of this kind.

    Raises
    ------
    Unreadable
        If there are several, of which none is better than the others.
    """
    tables = [hdu for hdu in hdus[1:] if hdu.name == "SPECTRUM" and (_class(hdu.header, 2) == "BKG") == background]
    if len(tables) > 1:
        raise Unreadable(f"it has {len(tables)} spectra{' of a background' if background else ''}", _SPLIT)
    return tables[0] if tables else None


def read_pha(table: Any) -> PhaTable:
    """Read a table of a spectrum.

    Raises
    ------
    Unreadable
        If a number in it is none, or it holds several spectra.
    """
    _require_one_spectrum(table)
    counts, channel = _counts(table), _channels(table)
    names = column_names(table)
    grouping = integers(table, "GROUPING") if "GROUPING" in names else None
    quality = _quality(table)
    return PhaTable(
        header=table.header,
        channel=channel,
        counts=counts,
        grouping=grouping,
        quality=quality,
        net=_class(table.header, 2) == "NET",
        notes=tuple(_notes(table, counts, quality)),
    )


def bad_channels(quality: Integers) -> Flags:
    """Channels that are flagged bad; dubious ones are not."""
    return np.asarray((quality != _GOOD) & (quality != _DUBIOUS))


def _class(header: fits.Header, level: int) -> str:
    return str(header.get(f"HDUCLAS{level}", "")).strip().upper()


def _require_one_spectrum(table: Any) -> None:
    names = column_names(table)
    wide = any(np.ndim(table.data[key]) != 1 for key in ("CHANNEL", "COUNTS", "RATE") if key in names)
    # CIAO has the type at the third level, OGIP at the fourth.
    if wide or "SPEC_NUM" in names or "TYPE:II" in {_class(table.header, 3), _class(table.header, 4)}:
        raise Unreadable(
            f"it holds {len(table.data)} spectra (PHA type II), of which none can be chosen here",
            "Write one to a file of its own, as with CIAO's dmtype2split.",
        )


def _counts(table: Any) -> Counts:
    head, names = table.header, column_names(table)

    def factor(key: str) -> float | Floats:
        return numbers(table, key, above=0) if key in names else number(head, key, 1.0, above=0)

    exposure = number(head, "EXPOSURE", above=0)
    counted = "COUNTS" in names
    values = numbers(table, "COUNTS", u.ct) if counted else numbers(table, "RATE", u.ct / u.s) * exposure
    return Counts(values, exposure, factor("BACKSCAL"), factor("AREASCAL"))


def _channels(table: Any) -> Integers:
    """The channels, which follow one another."""
    channel = integers(table, "CHANNEL")
    if not len(channel):
        raise Unreadable("it has no channels")
    require(np.diff(channel, prepend=channel[0] - 1) == 1, "CHANNEL", channel, "not the next one")
    return channel


def _quality(table: Any) -> Integers | None:
    """The flags of the channels, which a keyword may give for all."""
    if "QUALITY" in column_names(table):
        return integers(table, "QUALITY")
    flag = whole_number(table.header, "QUALITY", 0.0)
    return None if flag == _GOOD else np.full(len(table.data), flag)


def _notes(table: Any, counts: Counts, quality: Integers | None) -> Iterator[str]:
    """What is to be said of a table, in words that name the keyword."""
    yield from _of_counts(table, counts)
    if quality is not None:
        bad, dubious = int(bad_channels(quality).sum()), int((quality == _DUBIOUS).sum())
        if bad:
            yield f"{bad} of {len(quality)} channels are flagged bad (QUALITY) and left out"
        if dubious:
            yield f"{dubious} of {len(quality)} channels are flagged dubious (QUALITY 2) and used"
    yield from filter_notes(table.header)
    yield from _of_errors(table)
    yield from _of_correction(table)


def _of_counts(table: Any, counts: Counts) -> Iterator[str]:
    head, names, channels = table.header, column_names(table), len(table.data)
    if "COUNTS" not in names:
        yield "its counts are RATE times EXPOSURE"
    if (np.abs(counts.counts - np.round(counts.counts)) > _WHOLE * np.maximum(counts.counts, 1)).any():
        yield "its counts are no whole numbers (COUNTS, RATE): statistics that take them for Poisson's are approximate"
    if "BACKSCAL" not in names and "BACKSCAL" not in head:
        yield "it does not tell its area (BACKSCAL): 1 is taken"
    if number(head, "DETCHANS", float(channels)) != channels:
        yield f"it has {channels} channels, where its DETCHANS is {head['DETCHANS']}"


def _of_errors(table: Any) -> Iterator[str]:
    head, names = table.header, column_names(table)
    if head.get("POISSERR", True) is False or "STAT_ERR" in names:
        yield "its own errors (STAT_ERR, POISSERR) are not used: counts are taken for Poisson distributed"
    systematic = numbers(table, "SYS_ERR").max() if "SYS_ERR" in names else number(head, "SYS_ERR", 0.0)
    if systematic > 0:
        yield f"its systematic errors (SYS_ERR, up to {systematic:.3g}) are not used"


def _of_correction(table: Any) -> Iterator[str]:
    head, names = table.header, column_names(table)
    correction = str(head.get("CORRFILE", "")).strip()
    if correction.lower() not in NO_NAME and number(head, "CORRSCAL", 1.0) != 0:
        yield f"its correction file {correction} (CORRFILE, CORRSCAL) is not subtracted"
    beside = [name for name in ("BACKGROUND_UP", "BACKGROUND_DOWN") if name in names]
    if beside:
        yield f"its columns {' and '.join(beside)} are not read: they are no background here"

"""Responses of an X-ray detector: effective area (ARF) and redistribution of energies over channels (RMF).

Format: OGIP memos CAL/GEN/92-002 and 92-002a,
https://heasarc.gsfc.nasa.gov/docs/heasarc/caldb/docs/memos/cal_gen_92_002/cal_gen_92_002.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any

import astropy.units as u
import numpy as np
from astropy.io import fits

from cscwidgets.arrays import Floats, Integers
from cscwidgets.errors import CscError
from cscwidgets.io.files import file_name
from cscwidgets.io.fits_values import column_names, integers, numbers, require, whole_number
from cscwidgets.io.reading import Unreadable, reading

from .header import open_product, single
from .pha_table import NO_NAME, PhaTable

__all__ = ["Response", "read_response"]


_LARGEST = 1_000_000_000  # bytes: matrices of other telescopes have gigabytes, Chandra's 10 MB
_LOWEST = 1e-10  # keV: an energy grid may start at 0, a power law may not
_AREA = 2.0  # in the mean over energies: an area has hundreds of cm**2, a redistribution at most all of 1
_AGAIN = "Fetch the responses again."


@dataclass(frozen=True, slots=True)
class Response:
    """How a detector turns photons into counts, as the files have it.

    `low` and `high` are the edges of the energy bins, `area` their effective area in cm**2, all of shape (energies,).
    The redistribution matrix is compressed: each energy has `groups` runs of channels, each run starts at channel
    `first` and has `length` channels, and `matrix` is all runs one after the other. `channel_low` and `channel_high`
    are the nominal energies of the channels, shape (channels,); all energies are in keV. `arf` is empty where the
    matrix itself has the effective area, and `area` is 1 then. `first` counts as the channels do, from `first_channel`,
    also where a file counts them differently in its two tables. `arf` and `rmf` are the files that were read, `notes`
    what they say that is not usual, and how it was taken.
    """

    arf: str
    rmf: str
    low: Floats
    high: Floats
    area: Floats
    groups: Integers
    first: Integers
    length: Integers
    matrix: Floats
    first_channel: int
    channel_low: Floats
    channel_high: Floats
    notes: tuple[str, ...] = ()


def read_response(
    arf: str | os.PathLike[str] | None, rmf: str | os.PathLike[str], *, of: PhaTable | None = None
) -> Response:
    """Read an ARF and the RMF that belongs to it, compressed or not.

    Parameters
    ----------
    arf : path, optional
        None where the effective area is in the file of the matrix, as in one that is called ``.rsp``.
    rmf : path
        The redistribution matrix.
    of : PhaTable, optional
        The spectrum they are for: to count channels as it does where the matrix' tables differ, and to say where they
        are of something else.

    Returns
    -------
    Response
        Effective area and the redistribution of energies over channels.

    Raises
    ------
    CscError
        If one cannot be read, is something else, or holds a number that is none, which is told with its column and
        row; or if they do not belong together.

    Examples
    --------
    >>> from cscwidgets.science import response
    >>> detector = response.read_response("a.arf", "m.rmf")
    >>> detector.area.shape, float(detector.area[0])
    ((200,), 400.0)
    """
    arf, rmf = "" if arf is None else file_name(arf), file_name(rmf)
    hdus = open_product(rmf, "redistribution matrix (RMF)", ("EBOUNDS",), largest=_LARGEST)
    with reading(f"{rmf} is no usable redistribution matrix (RMF)", _AGAIN):
        table = _matrix_table(hdus, rmf)
        low, high = _energies(table)
        bounds = single(hdus, "EBOUNDS")
        lowest = _first_channel(table)
        channel, channel_low, channel_high, notes = _channels(bounds, lowest, of)
        groups, first, length, matrix = _matrix(table)
        first = first - (channel[0] if lowest is None else lowest) + channel[0]
        _require_runs(groups, first, length, channel)
        full = matrix.sum() >= _AREA * len(low) or _class(table) == "FULL"
        if full:
            notes += [f"its ARF {arf} is left out: the matrix has the effective area (HDUCLAS3 FULL)"] if arf else []
            arf, area = "", np.ones(len(low))
        else:
            if not arf and "SPECRESP" not in hdus:
                raise CscError(
                    *(f"{rmf} has no effective area", "it needs an ARF, and the spectrum names none"),
                    "Give the file as arf=.",
                )
            arf = arf or rmf
            area, head = _area(arf, rmf, low)
            notes += _told(arf, head, of)
        notes += _told(rmf, table.header, of)
    low = np.maximum(low, _LOWEST)
    return Response(
        *(arf, rmf, low, high, area, groups, first, length, matrix, int(channel[0]), channel_low, channel_high),
        notes=tuple(notes),
    )


def _class(table: Any) -> str:
    return str(table.header.get("HDUCLAS3", "")).strip().upper()


def _matrix_table(hdus: fits.HDUList, rmf: str) -> Any:
    tables = [hdu for hdu in hdus[1:] if "MATRIX" in column_names(hdu)]
    if not tables:
        raise CscError(f"{rmf} is no redistribution matrix (RMF)", "no table in it has a MATRIX column")
    if len(tables) > 1:
        raise Unreadable(f"it has {len(tables)} matrices", "Write the one you mean to a file of its own.")
    return tables[0]


def _told(file: str, head: fits.Header, of: PhaTable | None) -> Iterator[str]:
    """Where a response says that it is of something else than its spectrum."""
    name = PureWindowsPath(file).name
    for key in ("TELESCOP", "INSTRUME", "CHANTYPE"):
        own, its = (str(one.get(key, "")).strip().upper() for one in (head, head if of is None else of.header))
        if own and its and own != its:
            yield f"{name} is of {own} ({key}), the spectrum of {its}"
    made = PureWindowsPath(str(head.get("PHAFILE", "")).strip()).name
    if made.lower() not in NO_NAME and of is not None:
        yield f"{name} was made for {made} (PHAFILE)"


def _area(arf: str, rmf: str, low: Floats) -> tuple[Floats, fits.Header]:
    """The area in the energy bins of a matrix, and its header."""
    hdus = open_product(arf, "effective area (ARF)", ("SPECRESP",))
    with reading(f"{arf} is no usable effective area (ARF)", _AGAIN):
        table = single(hdus, "SPECRESP")
        start = numbers(table, "ENERG_LO", u.keV, least=0)
        area = numbers(table, "SPECRESP", u.cm**2, least=0)
        if not len(start):
            raise Unreadable("it has no energies")
    if len(start) != len(low) or not np.allclose(start, low, rtol=1e-3, atol=1e-3):
        raise CscError(
            f"{arf} does not belong to {rmf}",
            f"their energy grids differ: {len(start)} and {len(low)} bins from {start[0]:g} and {low[0]:g} keV",
            "Use the ARF and RMF of the same spectrum.",
        )
    return area, table.header


def _energies(table: Any) -> tuple[Floats, Floats]:
    """The edges of the energy bins, which go one way."""
    low, high = numbers(table, "ENERG_LO", u.keV, least=0), numbers(table, "ENERG_HI", u.keV)
    if not len(low):
        raise Unreadable("it has no energies")
    require(high > np.maximum(low, _LOWEST), "ENERG_HI", high, "not above ENERG_LO")
    step = np.diff(low)
    if (step <= 0).any() and (step >= 0).any():
        require(np.append(True, step > 0), "ENERG_LO", low, "out of its order")
    _require_apart("ENERG_HI", low, high)
    return low, high


def _first_channel(table: Any) -> int | None:
    """From which number F_CHAN counts channels; None where the file does not tell."""
    key = _key(table, "TLMIN", "F_CHAN")
    return whole_number(table.header, key) if key in table.header else None


def _channels(bounds: Any, lowest: int | None, of: PhaTable | None) -> tuple[Integers, Floats, Floats, list[str]]:
    """Numbers and nominal energies of the channels, which follow one another, and what is to be said of them.

    Where the numbers are damaged the rows are still in order: TLMIN of F_CHAN counts them, as OGIP has it and as
    Sherpa does.
    """
    low, high = numbers(bounds, "E_MIN", u.keV), numbers(bounds, "E_MAX", u.keV)
    if not len(low):
        raise Unreadable("it has no channels")
    notes = []
    try:
        channel = integers(bounds, "CHANNEL")
        require(np.diff(channel, prepend=channel[0] - 1) == 1, "CHANNEL", channel, "not the next one")
    except Unreadable as damage:
        if lowest is None:
            raise
        channel = np.arange(lowest, lowest + len(low))
        notes.append(f"the channels of its EBOUNDS are damaged ({damage}): they are counted from TLMIN of F_CHAN")
    else:
        if lowest is not None and lowest != channel[0]:
            notes.append(f"its matrix counts channels from {lowest} (TLMIN of F_CHAN), its EBOUNDS from {channel[0]}")
            if of is not None and of.channel[0] == lowest:
                channel = channel - channel[0] + lowest
    require(high >= low, "E_MAX", high, "below E_MIN")
    step = np.diff(low)
    if (step < 0).any() and (step > 0).any():
        require(np.append(True, step >= 0), "E_MIN", low, "out of its order")
    _require_apart("E_MAX", low, high)
    return channel, low, high, notes


def _require_apart(name: str, low: Floats, high: Floats) -> None:
    """Raise Unreadable if bins reach beyond the next one, as they do if their ends are in two units.

    Rounding takes no half of a bin.
    """
    step = np.diff(low)
    ends, begins = (high[:-1], low[1:]) if (step >= 0).all() else (high[1:], low[:-1])
    apart = (ends - begins <= np.abs(step) / 2) | (step == 0)
    require(np.append(apart, True), name, high, "beyond the next one")


def _require_runs(groups: Integers, first: Integers, length: Integers, channel: Integers) -> None:
    """Raise Unreadable unless all runs lie within the channels."""
    inside = (first >= channel[0]) & (first + length - 1 <= channel[-1])
    if not inside.all():
        run = int(inside.argmin())
        row = int(np.searchsorted(np.cumsum(groups), run, side="right"))
        raise Unreadable(
            f"F_CHAN and N_CHAN in row {row + 1} are {length[run]} channels from {first[run]},"
            f" outside the {len(channel)} from {channel[0]}"
        )


def _key(table: Any, prefix: str, name: str) -> str:
    """The keyword that tells something of a column."""
    return f"{prefix}{[one.upper() for one in table.columns.names].index(name) + 1}"


def _matrix(table: Any) -> tuple[Integers, Integers, Integers, Floats]:
    """The compressed matrix without padding: groups, first channels, lengths and values.

    Raises
    ------
    Unreadable
        If the runs need more values than their row has, or a value is no probability.
    """
    data = table.data
    groups = integers(table, "N_GRP")
    require(groups >= 0, "N_GRP", groups)
    first, length, rows = [], [], []
    parts = zip(groups.tolist(), data["F_CHAN"], data["N_CHAN"], data["MATRIX"], strict=True)
    for place, (count, start, run, values) in enumerate(parts, start=1):
        runs = np.atleast_1d(run)[:count]
        used = int(np.sum(runs))
        row = np.atleast_1d(values)
        if len(runs) < count or used > len(row) or (count and runs.min() < 0):
            raise Unreadable(f"row {place} of the matrix has {len(row)} values where its runs need {used}")
        first.append(np.atleast_1d(start)[:count])
        length.append(runs)
        rows.append(row[:used])
    starts, lengths, values = (np.concatenate(parts) if parts else np.empty(0) for parts in (first, length, rows))
    good = np.isfinite(values) & (values >= 0)
    if not good.all():
        ends = np.cumsum([len(row) for row in rows])
        at = int(good.argmin())
        raise Unreadable(f"MATRIX is {values[at]:g} in row {int(np.searchsorted(ends, at, side='right')) + 1}")
    used_runs = lengths > 0  # empty ones are padding, which Sherpa refuses
    groups = np.bincount(np.repeat(np.arange(len(groups)), groups)[used_runs], minlength=len(groups))
    return groups, starts[used_runs].astype(np.int64), lengths[used_runs].astype(np.int64), values.astype(float)

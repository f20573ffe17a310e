"""Responses of an X-ray detector: effective area (ARF) and redistribution of energies over channels (RMF).

Format: OGIP memos CAL/GEN/92-002 and 92-002a,
https://heasarc.gsfc.nasa.gov/docs/heasarc/caldb/docs/memos/cal_gen_92_002/cal_gen_92_002.html
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from cscwidgets.errors import CscError

from .header import open_product

__all__ = ["Response", "read_response"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_LOWEST = 1e-10  # keV: an energy grid may start at 0, a power law may not


@dataclass(frozen=True, slots=True)
class Response:
    """How a detector turns photons into counts, as the files have it.

    `low` and `high` are the edges of the energy bins, `area` their effective area in cm**2, all of shape (energies,).
    The redistribution matrix is compressed: each energy has `groups` runs of channels, each run starts at channel
    `first` and has `length` channels, and `matrix` is all runs one after the other. `channel_low` and `channel_high`
    are the nominal energies of the channels, shape (channels,); all energies are in keV.
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


def read_response(arf: str | os.PathLike[str], rmf: str | os.PathLike[str]) -> Response:
    """Read an ARF and the RMF that belongs to it, compressed or not.

    Raises
    ------
    CscError
        If one cannot be read or is something else, or they do not belong together.
    """
    arf, rmf = os.fspath(arf), os.fspath(rmf)
    area_table = open_product(arf, "effective area (ARF)", ("SPECRESP",))["SPECRESP"]
    hdus = open_product(rmf, "redistribution matrix (RMF)", ("EBOUNDS",))
    matrix_table = next((hdu for hdu in hdus[1:] if "MATRIX" in _names(hdu)), None)
    if matrix_table is None:
        raise CscError(f"{rmf} is no redistribution matrix (RMF)", "no table in it has a MATRIX column")
    try:
        area = np.asarray(area_table.data["SPECRESP"], dtype=float)
        low, high = (np.asarray(matrix_table.data[name], dtype=float) for name in ("ENERG_LO", "ENERG_HI"))
        groups, first, length, matrix = _matrix(matrix_table)
        bounds = hdus["EBOUNDS"].data
        channel_low, channel_high = (np.asarray(bounds[name], dtype=float) for name in ("E_MIN", "E_MAX"))
        start = np.asarray(area_table.data["ENERG_LO"], dtype=float)
        first_channel = int(np.min(bounds["CHANNEL"]))
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise CscError(
            f"{rmf} or {arf} is not complete", str(error).strip("\"'"), "Fetch the responses again."
        ) from error
    if len(start) != len(low) or not np.allclose(start, low, rtol=1e-3, atol=1e-3):
        raise CscError(
            f"{arf} does not belong to {rmf}",
            f"their energy grids differ: {len(start)} and {len(low)} bins from {start[0]:g} and {low[0]:g} keV",
            "Use the ARF and RMF of the same spectrum.",
        )
    low = np.maximum(low, _LOWEST)
    return Response(arf, rmf, low, high, area, groups, first, length, matrix, first_channel, channel_low, channel_high)


def _names(hdu: Any) -> list[str]:
    return list(hdu.columns.names) if isinstance(hdu, fits.BinTableHDU) else []


def _matrix(table: Any) -> tuple[Integers, Integers, Integers, Floats]:
    """The compressed matrix without padding: groups, first channels, lengths and values.

    Raises
    ------
    ValueError
        If the runs need more values than their row has.
    """
    data = table.data
    groups = np.asarray(data["N_GRP"], dtype=np.int64)
    first, length, rows = [], [], []
    for count, start, run, values in zip(groups, data["F_CHAN"], data["N_CHAN"], data["MATRIX"], strict=True):
        runs = np.atleast_1d(run)[:count]
        used = int(np.sum(runs))
        row = np.atleast_1d(values)
        if len(runs) < count or used > len(row):
            raise ValueError(f"a row of the matrix has {len(row)} values where its runs need {used}")
        first.append(np.atleast_1d(start)[:count])
        length.append(runs)
        rows.append(row[:used])
    flat = (np.concatenate(parts) if parts else np.empty(0) for parts in (first, length, rows))
    starts, lengths, values = flat
    return groups, starts.astype(np.int64), lengths.astype(np.int64), values.astype(float)

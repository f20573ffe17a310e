"""The simulated response files of ACIS: effective area (arf3) and redistribution over channels (rmf3) of a region."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..sky.source_spectra import ENERGY, STEP
from ..telescope.instrument import APERTURE_FRACTION, vignetting
from ..telescope.responses import CHANNELS, redistribution
from .keywords import Column, Keywords, fits_bytes, observation_keywords, table_hdu
from .region_events import RegionRow

__all__ = ["area_file", "redistribution_file"]

_BINS = len(CHANNELS) - 1


def area_file(row: RegionRow) -> bytes:
    """A gzipped arf3 file.

    As in the catalogue the area is that of the whole point-spread function, whose part in the region is in a
    column of its own: the flux of a fit is that in the region.
    """
    theta = row.exposure.theta[row.exposure_row]
    area = row.observation.area * vignetting(theta)
    columns: list[Column] = [
        *_energies(),
        ("SPECRESP", "1E", "cm**2", area.astype(np.float32)),
        ("PSF_FRAC", "1D", "", np.full(len(ENERGY), APERTURE_FRACTION)),
    ]
    keywords = _keywords(row, "ARF", "SPECRESP") | {"ARFVERSN": ("1992a", ""), "DETCHANS": (len(ENERGY), "")}
    return fits_bytes([table_hdu("SPECRESP", columns, keywords)], observation_keywords(row.stack, row.observation))


def redistribution_file(row: RegionRow) -> bytes:
    """A gzipped rmf3 file, with the same matrix for all regions."""
    first, length, runs = _matrix()
    columns: list[Column] = [
        *_energies(),
        ("N_GRP", "I", "", np.ones(len(ENERGY), dtype=np.int16)),
        ("F_CHAN", "PI()", "", first),
        ("N_CHAN", "PI()", "", length),
        ("MATRIX", "PE()", "au", runs),
    ]
    common: Keywords = {
        "RMFVERSN": ("1992a", ""),
        "DETCHANS": (_BINS, "Number of channels"),
    }
    matrix = table_hdu("RSP_MATRIX", columns, _keywords(row, "RMF", "RSP_MATRIX"), common, {"HDUCLAS3": ("REDIST", "")})
    bounds: list[Column] = [
        ("CHANNEL", "1J", "channel", np.arange(1, _BINS + 1, dtype=np.int32)),
        ("E_MIN", "1E", "keV", CHANNELS[:-1].astype(np.float32)),
        ("E_MAX", "1E", "keV", CHANNELS[1:].astype(np.float32)),
    ]
    nominal = table_hdu("EBOUNDS", bounds, _keywords(row, "RMF", "EBOUNDS"), common)
    for table, column in ((matrix, 4), (nominal, 1)):
        table.header[f"TLMIN{column}"], table.header[f"TLMAX{column}"] = 1, _BINS
    return fits_bytes([matrix, nominal], observation_keywords(row.stack, row.observation))


def _energies() -> list[Column]:
    return [
        ("ENERG_LO", "1E", "keV", (ENERGY - STEP / 2).astype(np.float32)),
        ("ENERG_HI", "1E", "keV", (ENERGY + STEP / 2).astype(np.float32)),
    ]


def _keywords(row: RegionRow, content: str, kind: str) -> dict[str, tuple[str | float | int | bool, str]]:
    return {
        **observation_keywords(row.stack, row.observation),
        "CONTENT": (content, "What data product"),
        "HDUCLASS": ("OGIP", "format conforms to OGIP/GSFC standards"),
        "HDUCLAS1": ("RESPONSE", "Extension contains a response"),
        "HDUCLAS2": (kind, ""),
        "HDUVERS": ("1.3.0", ""),
        "CHANTYPE": ("PI", "channels are of pulse invariant energy"),
        "REGIONID": (f"{row.region_id:04d}", "Region id"),
        "STACK_ID": (row.stack.stack_id, "Stack id"),
    }


@cache
def _matrix() -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.object_]]:
    """First channel, number of channels and values of the one run of channels of each energy."""
    matrix = redistribution("ACIS").astype(np.float32)
    filled = matrix > 0
    first = filled.argmax(axis=1)
    length = _BINS - filled[:, ::-1].argmax(axis=1) - first
    columns = np.empty((3, len(matrix)), dtype=object)
    for number, (row, start, long) in enumerate(zip(matrix, first, length, strict=True)):
        columns[0, number] = np.array([start + 1], dtype=np.int16)
        columns[1, number] = np.array([long], dtype=np.int16)
        columns[2, number] = row[start : start + long]
    return columns[0], columns[1], columns[2]

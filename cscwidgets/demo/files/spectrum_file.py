"""The simulated spectrum file (pha3) of a region: its events' channels, and those of its background."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from ..telescope.events import PlacedEvents
from ..telescope.responses import CHANNELS, channels
from .keywords import Column, Keywords, fits_bytes, good_times, observation_keywords, table_hdu
from .region_events import RegionRow

__all__ = ["spectrum_file"]

_NONE = "none"


def spectrum_file(row: RegionRow, own: str, arf: str = _NONE, rmf: str = _NONE) -> bytes:
    """A gzipped pha3 file: source, good times, and background.

    Parameters
    ----------
    row : RegionRow
        The region.
    own, arf, rmf : str
        Names, without ``.gz``, of the file itself and of its responses, as they are written into it.
    """
    x, y = row.centre
    scale = row.observation.pixel_size
    inner, outer = row.radius / scale, row.outer_radius / scale
    source = _spectrum(row, row.events(), 1.0, f"Circle({x:.2f},{y:.2f},{inner:.4f})")
    background = _spectrum(row, row.background_events(), row.ratio, f"Annulus({x:.2f},{y:.2f},{inner:.4f},{outer:.4f})")
    for number, (table, kind, names) in enumerate(
        ((source, "TOTAL", (own, arf, rmf)), (background, "BKG", (_NONE, _NONE, _NONE))), start=1
    ):
        table.ver = number
        table.header["HDUNAME"] = f"SPECTRUM{number}"
        table.header["HDUCLAS2"] = (kind, "source with background, or background alone")
        for key, name in zip(("BACKFILE", "ANCRFILE", "RESPFILE"), names, strict=True):
            table.header[key] = name
    keywords = observation_keywords(row.stack, row.observation)
    return fits_bytes([source, good_times([row.observation], row.chip, keywords), background], keywords)


def _spectrum(row: RegionRow, placed: PlacedEvents, areas: float, region: str) -> fits.BinTableHDU:
    """Counts in all channels, of a region so many times the source region's size."""
    observation = row.observation
    number = np.arange(1, len(CHANNELS))
    counts = np.bincount(channels(placed.events.energy), minlength=len(CHANNELS))[1:]
    columns: list[Column] = [
        ("CHANNEL", "1J", "channel", number.astype(np.int32)),
        ("PI", "1D", "chan", number.astype(float)),
        ("COUNTS", "1J", "count", counts.astype(np.int32)),
        ("COUNT_RATE", "1D", "count/s", counts / observation.exposure),
    ]
    keywords: Keywords = {
        **observation_keywords(row.stack, observation),
        "CONTENT": ("SPECTRUM", "What data product"),
        "HDUCLASS": ("OGIP", "format conforms to OGIP/GSFC standards"),
        "HDUCLAS1": ("SPECTRUM", "Extension contains a spectrum"),
        "HDUCLAS3": ("COUNT", "counts, not rates"),
        "HDUVERS": ("1.1.0", ""),
        "HDUVERS1": ("1.1.0", ""),
        "CHANTYPE": ("PI", "channels are of pulse invariant energy"),
        "DETCHANS": (len(number), "Number of channels"),
        "TOTCTS": (int(counts.sum()), "Total counts"),
        "BACKSCAL": (row.backscal * areas, "Ratio of area to field"),
        "AREASCAL": (1.0, ""),
        "CORRSCAL": (0.0, ""),
        "CORRFILE": (_NONE, ""),
        "POISSERR": (True, "Errors are Poisson"),
        "SYS_ERR": (0.0, "Systematic errors"),
        "QUALITY": (0, "no channel is bad"),
        "GROUPING": (0, "channels are not grouped"),
        "REGIONID": (f"{row.region_id:04d}", "Region id"),
        "STACK_ID": (row.stack.stack_id, "Stack id"),
        "DSTYP1": ("time", "what was chosen, and how"),
        "DSVAL1": ("TABLE", ""),
        "DSFORM1": ("D", ""),
        "DSREF1": (f":GTI{row.chip}", ""),
        "DSTYP2": ("sky(x,y)", ""),
        "DSVAL2": (region, ""),
        "DSFORM2": ("E", ""),
    }
    table = table_hdu("SPECTRUM", columns, keywords)
    for column in (1, 2):
        table.header[f"TLMIN{column}"], table.header[f"TLMAX{column}"] = 1, len(number)
    return table

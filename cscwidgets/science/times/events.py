"""Event files of one source region (regevt3) or one observation (evt3): what statistics in time are made from.

Events: time, energy, chip, position in sky pixels. Every chip has its own good-time intervals.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import Any

import astropy.units as u
import numpy as np
from astropy.io import fits
from astropy.table import QTable
from astropy.time import Time
from astropy.wcs import WCS

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.errors import CscError
from cscwidgets.io.fits_values import number, numbers, require
from cscwidgets.io.reading import Unreadable, reading

from ..header import ProductHeader, open_product
from ..region_file import Area
from ..region_shapes import pixels_to_sky
from .good_time import GoodTime

__all__ = ["EventList", "read_events"]


_LARGEST = 4_000_000_000  # bytes: the HRC sees 100 events a second in its whole field
_CHIP = re.compile(r"GTI(\d+)$")


@dataclass(frozen=True, slots=True)
class EventList:
    """Events in the order of time.

    Parameters
    ----------
    header : ProductHeader
        Which observation they are of.
    time : ndarray, shape (events,)
        Mission time, s (TT, not barycentred).
    energy : ndarray, shape (events,)
        keV; NaN for the HRC, which does not measure it.
    x, y : ndarray, shape (events,)
        Sky pixels.
    chip : ndarray, shape (events,)
        CCD or HRC plate.
    good_times : dict
        Good time of each chip.
    band : tuple of float, optional
        Lower and upper energy in keV that were chosen.
    wcs : WCS, optional
        Where the sky pixels lie, as far as the file tells.
    """

    header: ProductHeader
    time: Floats
    energy: Floats
    x: Floats
    y: Floats
    chip: Integers
    good_times: dict[int, GoodTime]
    band: tuple[float, float] | None = None
    wcs: WCS | None = None

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, rows: Flags) -> EventList:
        names = ("time", "energy", "x", "y", "chip")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    @property
    def has_energies(self) -> bool:
        """Whether the detector measures energies: the HRC does not."""
        return self.header.instrument != "HRC" and (not len(self) or bool(np.isfinite(self.energy).any()))

    @property
    def times(self) -> Time:
        """Arrival times (TT)."""
        return Time(self.time, format="cxcsec")

    @property
    def good_time(self) -> GoodTime:
        """Time in which all chips with events were good: the exposure of a region that lies on several."""
        seen = [self.good_times[chip] for chip in np.unique(self.chip).tolist()]
        return reduce(and_, seen or list(self.good_times.values()))

    def within(self, low: float, high: float) -> EventList:
        """Events of low <= energy < high, keV.

        Raises
        ------
        CscError
            For the HRC.
        """
        if not self.has_energies:
            raise CscError(
                "Events of the HRC cannot be chosen by energy", "it does not measure it", "Use all events: the w band."
            )
        return replace(self[(self.energy >= low) & (self.energy < high)], band=(low, high))

    def during(self, start: float, stop: float) -> EventList:
        """Events of start <= time < stop, s of mission time."""
        return self[(self.time >= start) & (self.time < stop)]

    def clean(self) -> EventList:
        """Events within `good_time`."""
        return self[self.good_time.contains(self.time)] if len(self) else self

    def inside(self, area: Area) -> EventList:
        """Events within a region: the source's or its background's, of `region_file.read_regions`."""
        return self[area.contains(self.x, self.y)]

    def table(self) -> QTable:
        """The events with units; ``energy`` is absent for the HRC."""
        table = QTable({"time": self.times, "x": self.x * u.pix, "y": self.y * u.pix, "chip": self.chip})
        if self.has_energies:
            table["energy"] = self.energy * u.keV
        table.meta.update(obsid=self.header.obsid, obi=self.header.obi, simulated=self.header.simulated)
        return table


def read_events(path: str | os.PathLike[str]) -> EventList:
    """Read a regevt3 or evt3 file, compressed or not.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    EventList
        In the order of time, with the good time of each chip.

    Raises
    ------
    CscError
        If the file cannot be read as FITS, is no event list, or has no good time; also if a time, an energy or a
        position is no number, with its row.

    Examples
    --------
    >>> from cscwidgets.science import times
    >>> events = times.read_events("regevt3.fits")
    >>> len(events), events.good_time.total
    (400, 10000.0)
    """
    hdus = open_product(path, "event list", ("EVENTS",), largest=_LARGEST)
    with reading(f"{os.fspath(path)} is no usable event list", "Fetch it again."):
        events = hdus["EVENTS"]
        time = numbers(events, "time") + number(events.header, "TIMEZERO", 0.0)
        names = {name.lower() for name in events.columns.names}
        order = np.argsort(time, kind="stable")

        def column(name: str, unit: float = 1.0) -> Floats:
            return numbers(events, name)[order] * unit if name in names else np.full(len(order), np.nan)

        absent = [name for name in ("x", "y") if name not in names]
        if absent:
            raise Unreadable(f"the EVENTS table has no column {absent[0]}")
        chip = column("ccd_id" if "ccd_id" in names else "chip_id")
        return EventList(
            header=ProductHeader.of(events.header),
            time=time[order],
            energy=column("energy", 1e-3),  # eV in the file
            x=column("x"),
            y=column("y"),
            chip=np.where(np.isfinite(chip), chip, 0).astype(np.int64),
            wcs=pixels_to_sky(events),
            good_times=_good_times(hdus, sorted({int(number) for number in chip[np.isfinite(chip)]} or {0})),
        )


def _good_times(hdus: Any, chips: list[int]) -> dict[int, GoodTime]:
    """Intervals of each chip: its own table, one without a number for all, or the time between TSTART and TSTOP."""
    own: dict[int, GoodTime] = {}
    common: GoodTime | None = None
    for hdu in hdus[1:]:
        if not isinstance(hdu, fits.BinTableHDU) or not {"START", "STOP"} <= set(hdu.columns.names):
            continue
        start = numbers(hdu, "START")
        stop = numbers(hdu, "STOP")
        require(stop >= start, f"STOP of {hdu.name}", stop, "before its START")
        good = GoodTime.of(start, stop)
        named = _CHIP.match(str(hdu.header.get("HDUNAME", hdu.name)))
        if "CCD_ID" in hdu.header or named:
            own[int(number(hdu.header, "CCD_ID", float(named[1]) if named else None))] = good
        else:
            common = good
    if common is None:
        ends = (number(hdus["EVENTS"].header, key) for key in ("TSTART", "TSTOP"))
        common = reduce(and_, own.values()) if own else GoodTime.of(*ends)
    return own | {chip: common for chip in chips if chip not in own}

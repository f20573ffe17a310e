"""Event files of one source region (regevt3) or one observation (evt3): what statistics in time are made from.

Events: time, energy, chip, position in sky pixels. Every chip has its own good-time intervals.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
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
from cscwidgets.io.fits_values import column_names, number, numbers
from cscwidgets.io.reading import Unreadable, reading

from ..energies import kev
from ..header import ProductHeader, clock_notes, filter_notes, open_product, single
from ..region_file import Area
from ..region_shapes import pixels_to_sky, same_pixels
from ..seconds import seconds
from .good_time import GoodTime
from .good_time_tables import read_good_times

__all__ = ["EventList", "read_events"]


_LARGEST = 4_000_000_000  # bytes: the HRC sees 100 events a second in its whole field
_LAST_CHIP = 99  # ACIS has 0 to 9, the HRC fewer
_GOOD_GRADES = (0, 2, 3, 4, 6)  # of ACIS: what the pipeline takes for photons
_ROUNDED = 1e-6  # by which a fraction in a header may be above 1


@dataclass(frozen=True, slots=True)
class EventList:
    """Events in the order of time.

    Parameters
    ----------
    header : ProductHeader
        Which observation they are of.
    time : ndarray, shape (events,)
        Mission time, s, in the header's time system: TT, or TDB where CIAO's axbary barycentred it.
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
    live : float
        Fraction of good time in which the detector was alive (DTCOR).
    resolution : float, optional
        How long a readout takes (TIMEDEL), s: no arrival time is known better.
    notes : tuple of str
        What the file says that is not usual, and how it was taken.
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
    live: float = 1.0
    resolution: float | None = None
    notes: tuple[str, ...] = ()

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
        """Arrival times, TT or TDB."""
        return self.header.system.moments(self.time)

    @property
    def good_time(self) -> GoodTime:
        """Livetime in which all chips with events were good: the exposure of a region that lies on several."""
        seen = [self.good_times[chip] for chip in np.unique(self.chip).tolist()]
        return reduce(and_, seen or list(self.good_times.values())) * self.live

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
        low, high = kev(low), kev(high)
        return replace(self[(self.energy >= low) & (self.energy < high)], band=(low, high))

    def during(self, start: float, stop: float) -> EventList:
        """Events of start <= time < stop, s of mission time."""
        return self[(self.time >= seconds(start)) & (self.time < seconds(stop))]

    def clean(self) -> EventList:
        """Events within `good_time`."""
        return self[self.good_time.contains(self.time)] if len(self) else self

    def inside(self, area: Area, wcs: WCS | None = None) -> EventList:
        """Events within a region: the source's or its background's, of `region_file.read_regions`.

        `wcs` tells where the region's sky pixels lie, which are not the events' where it was made for a stack, or for
        another observation.
        """
        x, y = self.x, self.y
        if wcs is not None and self.wcs is not None and len(self) and not same_pixels(wcs, self.wcs):
            x, y = wcs.wcs_world2pix(*self.wcs.wcs_pix2world(x, y, 1), 1)
        return self[area.contains(x, y)]

    def table(self) -> QTable:
        """The events with units; ``energy`` is absent for the HRC."""
        table = QTable({"time": self.times, "x": self.x * u.pix, "y": self.y * u.pix, "chip": self.chip})
        if self.has_energies:
            table["energy"] = self.energy * u.keV
        table.meta.update(obsid=self.header.obsid, obi=self.header.obi, simulated=self.header.simulated)
        table.meta.update(times=str(self.header.system), notes=self.notes)
        return table


def read_events(path: str | os.PathLike[str]) -> EventList:
    """Read a regevt3 or evt3 file, compressed or not, barycentred (CIAO's axbary) or not.

    How each keyword is used is told in ``docs/files.md``.

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
        position is no number, with its row, or if events and good times are of different time systems.

    Examples
    --------
    >>> from cscwidgets.science import times
    >>> events = times.read_events("regevt3.fits")
    >>> len(events), events.good_time.total
    (400, 10000.0)
    """
    hdus = open_product(path, "event list", ("EVENTS",), largest=_LARGEST)
    with reading(f"{os.fspath(path)} is no usable event list", "Fetch it again."):
        events = single(hdus, "EVENTS")
        header = ProductHeader.of(events.header)
        time = numbers(events, "time", u.s) + number(events.header, "TIMEZERO", 0.0)
        names = column_names(events)
        order = np.argsort(time, kind="stable")

        def column(name: str, unit: u.UnitBase | None = None) -> Floats:
            return numbers(events, name, unit)[order] if name.upper() in names else np.full(len(order), np.nan)

        absent = [name for name in ("x", "y") if name.upper() not in names]
        if absent:
            raise Unreadable(f"the EVENTS table has no column {absent[0]}")
        chip = column("ccd_id" if "CCD_ID" in names else "chip_id")
        if (wrong := (chip < 0) | (chip > _LAST_CHIP)).any():
            raise Unreadable(f"it has events of a chip {chip[wrong][0]:g}")
        chips = sorted({int(number) for number in chip[np.isfinite(chip)]} or {0})
        good_times, said = read_good_times(hdus, events.header, chips)
        live, unsaid = _live(events.header)
        return EventList(
            header=header,
            time=time[order],
            energy=column("energy", u.eV) * 1e-3,
            x=column("x", u.pix),
            y=column("y", u.pix),
            chip=np.where(np.isfinite(chip), chip, 0).astype(np.int64),
            wcs=pixels_to_sky(events),
            good_times=good_times,
            live=live,
            resolution=number(events.header, "TIMEDEL", above=0) if "TIMEDEL" in events.header else None,
            notes=(*_notes(events.header), *_of_level(events, names), *unsaid, *said),
        )


def _live(header: fits.Header) -> tuple[float, list[str]]:
    """The fraction of good time that the detector was alive, and what is to be said of it."""
    if "DTCOR" in header:
        live, name = number(header, "DTCOR", above=0), "DTCOR"
    elif {"LIVETIME", "ONTIME"} <= set(header):
        live, name = number(header, "LIVETIME", above=0) / number(header, "ONTIME", above=0), "LIVETIME / ONTIME"
    else:
        return 1.0, ["its header tells no dead time (DTCOR): rates are over good time"]
    if live > 1 + _ROUNDED:
        raise Unreadable(f"its {name} is {live:g}: a detector is not alive longer than it observes")
    return min(live, 1.0), []


def _notes(header: fits.Header) -> list[str]:
    """What an event list's header says that is not usual."""
    notes = []
    if str(header.get("OBS_ID", "")).strip().lower() == "merged":
        notes.append("it is merged from several observations (OBS_ID)")
    if str(header.get("READMODE", "")).strip().upper() == "CONTINUOUS":
        notes.append("it was read out continuously (READMODE): positions are known along one axis only")
    return [*notes, *filter_notes(header), *clock_notes(header)]


def _of_level(events: Any, names: set[str]) -> Iterator[str]:
    """Where events of ACIS are not those that CIAO's pipeline leaves in a file of level 2: cosmic rays, bad pixels."""
    number, among = len(events.data), f"of its {len(events.data)} events"
    if str(events.header.get("INSTRUME", "")).strip().upper() != "ACIS" or not number:
        return
    flagged = np.asarray(events.data["status"]).reshape(number, -1).any(axis=1).sum() if "STATUS" in names else 0
    if flagged:
        yield f"{flagged} {among} are flagged (STATUS) and counted: filter them as CIAO does, [status=0]"
    wrong = (~np.isin(events.data["grade"], _GOOD_GRADES)).sum() if "GRADE" in names else 0
    if wrong:
        yield f"{wrong} {among} have a GRADE that photons seldom have, and are counted: filter [grade=0,2,3,4,6]"

"""The good-time tables of an event file: one for each chip, or one for all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import and_

import astropy.units as u
import numpy as np
from astropy.io import fits

from cscwidgets.io.fits_values import column_names, number, numbers, require, whole_number
from cscwidgets.io.reading import Unreadable

from ..time_system import TimeSystem
from .good_time import GoodTime

__all__ = ["read_good_times"]

_CHIP = re.compile(r"GTI(\d+)$")


def read_good_times(
    hdus: fits.HDUList, events: fits.Header, chips: Sequence[int]
) -> tuple[dict[int, GoodTime], list[str]]:
    """Good time of each chip, and what is to be said of it.

    Parameters
    ----------
    hdus : HDUList
        The file.
    events : Header
        Of its events.
    chips : sequence of int
        Those with events.

    Returns
    -------
    good_times : dict
        What is good in a chip's own table and in one of all chips, or the time between TSTART and TSTOP.
    notes : list of str

    Raises
    ------
    Unreadable
        If a time is no number, or not of the events' time system.
    CscError
        Without any good time.
    """
    system = TimeSystem.of(events)
    tables: dict[int | None, list[GoodTime]] = {}
    notes = []
    for hdu in hdus[1:]:
        if not {"START", "STOP"} <= column_names(hdu):
            continue
        if "GTI" not in hdu.name.upper() and str(hdu.header.get("HDUCLAS1", "")).strip().upper() != "GTI":
            notes.append(f"its table {hdu.name or 'without a name'} of times is no good-time table and was left out")
            continue
        tables.setdefault(_chip(hdu), []).append(_intervals(hdu, events, system))
    good = {chip: _together(own, chip, notes) for chip, own in tables.items()}
    common = good.pop(None, None)
    own = {chip: time for chip, time in good.items() if chip is not None}
    if common is None:
        lacking = [chip for chip in chips if chip not in own]
        if own and lacking:
            notes.append(
                f"chip {', '.join(map(str, lacking))} has no good-time table: what is good on all others is taken"
            )
        if not own:
            notes.append("it has no good-time table (GTI): all time between TSTART and TSTOP is taken for good")
        common = reduce(and_, own.values()) if own else _all_time(events, system)
    else:
        # As what was cut out of flares: a chip is good where its own table and that of all chips say so.
        own = {chip: time & common for chip, time in own.items()}
    return own | {chip: common for chip in chips if chip not in own}, notes


def _chip(hdu: fits.BinTableHDU) -> int | None:
    """The chip that a table is of, None for all."""
    named = _CHIP.match(str(hdu.header.get("HDUNAME", hdu.name)))
    if "CCD_ID" not in hdu.header and not named:
        return None
    return whole_number(hdu.header, "CCD_ID", float(named[1]) if named else None)


def _intervals(hdu: fits.BinTableHDU, events: fits.Header, system: TimeSystem) -> GoodTime:
    own = TimeSystem.of(hdu.header, system)
    if own is not system:
        raise Unreadable(
            f"its events are in {system}, its good times ({hdu.header.get('HDUNAME', hdu.name)}) in {own}",
            "Run CIAO's axbary on the file with both.",
        )
    start, stop = (numbers(hdu, name, u.s) for name in ("START", "STOP"))
    require(stop >= start, f"STOP of {hdu.name}", stop, "before its START")
    zero = number(hdu.header, "TIMEZERO", number(events, "TIMEZERO", 0.0))
    return GoodTime.of(start + zero, stop + zero, system)


def _together(tables: Sequence[GoodTime], chip: int | None, notes: list[str]) -> GoodTime:
    """One good time of several tables, as a CIAO file has for the parts it was selected by: what is in any of them."""
    first = tables[0]
    if all(np.array_equal(one.intervals, first.intervals) for one in tables[1:]):
        return first
    whose = "all chips" if chip is None else f"chip {chip}"
    notes.append(f"it has {len(tables)} different good-time tables of {whose}: what is good in any of them is taken")
    start, stop = np.concatenate([one.intervals for one in tables]).T
    return GoodTime.of(start, stop, first.system)


def _all_time(events: fits.Header, system: TimeSystem) -> GoodTime:
    zero = number(events, "TIMEZERO", 0.0)
    return GoodTime.of(number(events, "TSTART") + zero, number(events, "TSTOP") + zero, system)

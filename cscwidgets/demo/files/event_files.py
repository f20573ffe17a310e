"""The simulated event files, of one region (regevt3) and of whole fields (evt3), and the region file (reg3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

from cscwidgets.arrays import Integers

from ..telescope.events import PlacedEvents
from ..telescope.responses import channels
from .keywords import (
    FAST,
    Column,
    Keywords,
    add_sky_coordinates,
    fits_bytes,
    good_times,
    observation_keywords,
    table_hdu,
)

if TYPE_CHECKING:
    from ..telescope.observations import SimulatedObservation
    from .region_events import RegionRow

__all__ = ["field_event_file", "region_event_file", "region_file"]


_FRAME = 3.24104  # s, of an ACIS exposure


def region_event_file(row: RegionRow) -> bytes:
    """A gzipped regevt3: the source region and the background ring around it."""
    placed = PlacedEvents.joined([row.events(), row.background_events()])
    chips = np.full(len(placed.x), row.chip)
    keywords = observation_keywords(row.stack, row.observation)
    extra: Keywords = {"REGIONID": (f"{row.region_id:04d}", "Region id"), "STACK_ID": (row.stack.stack_id, "Stack id")}
    events = _events_table([(row.observation, placed, chips)], keywords, extra)
    return fits_bytes([events, good_times([row.observation], row.chip, keywords)], keywords)


def field_event_file(fields: Sequence[tuple[SimulatedObservation, PlacedEvents]], keywords: Keywords) -> bytes:
    """A gzipped evt3: all events of observations with one aim point, as `field_events` gives them, in order of time.

    As far as is documented, the catalogue's have no column for the observation: the time tells it.
    """
    parts = [(observation, placed, observation.chips(placed.x, placed.y)) for observation, placed in fields]
    seen = [(observation, set(chips.tolist())) for observation, _, chips in parts]
    times = [
        good_times([observation for observation, own in seen if chip in own], chip, keywords)
        for chip in sorted(set[int]().union(*(own for _, own in seen)))
    ]
    return fits_bytes([_events_table(parts, keywords), *times], keywords, FAST)


def region_file(row: RegionRow) -> bytes:
    """A gzipped reg3: a circle for the source, a ring for the background."""
    x, y = row.centre
    scale = row.observation.pixel_size
    inner, outer = row.radius / scale, row.outer_radius / scale
    keywords = observation_keywords(row.stack, row.observation)
    extra = {"REGIONID": (f"{row.region_id:04d}", "Region id"), "STACK_ID": (row.stack.stack_id, "Stack id")}
    tables = []
    for name, shapes in (("SRCREG", [("Circle", inner)]), ("BKGREG", [("Circle", outer), ("!Circle", inner)])):
        count = len(shapes)
        columns: list[Column] = [
            ("SHAPE", "16A", "", np.array([shape for shape, _ in shapes])),
            ("X", "1D", "pixel", np.full(count, x)),
            ("Y", "1D", "pixel", np.full(count, y)),
            ("R", "2D", "pixel", np.array([[radius, 0.0] for _, radius in shapes])),
            ("ROTANG", "1D", "deg", np.zeros(count)),
            ("COMPONENT", "1I", "", np.ones(count, dtype=np.int16)),
        ]
        table = table_hdu(name, columns, keywords, extra)
        add_sky_coordinates(table.header, row.observation, [name for name, *_ in columns].index("X") + 1)
        tables.append(table)
    return fits_bytes(tables, keywords)


def _events_table(
    parts: Sequence[tuple[SimulatedObservation, PlacedEvents, Integers]], *keywords: Keywords
) -> fits.BinTableHDU:
    """Events of observations, each with its events and their chips, one after the other."""
    in_order = sorted(parts, key=lambda part: part[0].start)
    columns: list[Column] = [
        (*same[0][:3], np.concatenate([values for *_, values in same]))
        for same in zip(*(_columns(*part) for part in in_order), strict=True)
    ]
    content: Keywords = {"CONTENT": ("EVT3", "What data product"), "HDUCLASS": ("OGIP", ""), "HDUCLAS1": ("EVENTS", "")}
    events = table_hdu("EVENTS", columns, *keywords, content)
    add_sky_coordinates(events.header, parts[0][0], [name for name, *_ in columns].index("x") + 1)
    return events


def _columns(observation: SimulatedObservation, placed: PlacedEvents, chips: Integers) -> Iterator[Column]:
    time, energy = placed.events.time, placed.events.energy
    yield "time", "1D", "s", time
    if observation.instrument == "ACIS":
        yield "ccd_id", "1I", "", chips.astype(np.int16)
        yield "expno", "1J", "", np.floor((time - observation.start) / _FRAME).astype(np.int32)
    else:
        yield "chip_id", "1I", "", chips.astype(np.int16)
    yield "x", "1E", "pixel", placed.x.astype(np.float32)
    yield "y", "1E", "pixel", placed.y.astype(np.float32)
    if observation.instrument == "ACIS":
        yield "energy", "1E", "eV", (energy * 1000).astype(np.float32)
    yield "pi", "1J", "chan", channels(energy).astype(np.int32)

"""The simulated event files, of one region (regevt3) and of one observation (evt3), and the region file (reg3)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cscwidgets.arrays import Integers

from ..telescope.events import PlacedEvents
from ..telescope.observations import SimulatedObservation, SimulatedStack
from ..telescope.responses import channels
from .field_events import field_background
from .keywords import Column, add_sky_coordinates, fits_bytes, good_times, observation_keywords, table_hdu
from .region_events import RegionRow

__all__ = ["observation_event_file", "region_event_file", "region_file"]


_FRAME = 3.24104  # s, of an ACIS exposure


def region_event_file(row: RegionRow) -> bytes:
    """A gzipped regevt3: the source region and the background ring around it."""
    return _event_file(row.stack, row.observation, [row.events(), row.background_events()], row)


def observation_event_file(rows: list[RegionRow]) -> bytes:
    """A gzipped evt3: the events of all source regions, and background in the rest of the field.

    Light that several regions share is in each of them, here too.
    """
    stack, observation = rows[0].stack, rows[0].observation
    background = field_background(observation, [row.centre for row in rows], [row.radius for row in rows])
    return _event_file(stack, observation, [*(row.events() for row in rows), background], None)


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


def _event_file(
    stack: SimulatedStack, observation: SimulatedObservation, parts: list[PlacedEvents], row: RegionRow | None
) -> bytes:
    placed = PlacedEvents.joined(parts)
    chips = np.full(placed.x.shape, row.chip) if row is not None else observation.chips(placed.x, placed.y)
    keywords = observation_keywords(stack, observation)
    extra = {"CONTENT": ("EVT3", "What data product"), "HDUCLASS": ("OGIP", ""), "HDUCLAS1": ("EVENTS", "")}
    if row is not None:
        extra |= {"REGIONID": (f"{row.region_id:04d}", "Region id"), "STACK_ID": (stack.stack_id, "Stack id")}
    columns = list(_columns(observation, placed, chips))
    events = table_hdu("EVENTS", columns, keywords, extra)
    add_sky_coordinates(events.header, observation, [name for name, *_ in columns].index("x") + 1)
    return fits_bytes([events, *(good_times(observation, int(chip), keywords) for chip in np.unique(chips))], keywords)


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

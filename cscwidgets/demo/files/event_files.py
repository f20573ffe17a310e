"""The simulated event files, of one region (regevt3) and of one observation (evt3), and the region file (reg3)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from ..telescope.observations import Observation, Stack
from ..telescope.responses import channels
from .field_events import chips_of, field_background
from .keywords import Column, Keywords, fits_bytes, observation_keywords, table_hdu
from .region_events import PlacedEvents, RegionRow, middle_pixel, pixel_size

__all__ = ["chip_of", "good_times", "observation_event_file", "region_event_file", "region_file"]

Floats = NDArray[np.float64]

_FRAME = 3.24104  # s, of an ACIS exposure


def region_event_file(row: RegionRow) -> bytes:
    """A gzipped regevt3: the source region and the background ring around it."""
    return _event_file(row.stack, row.observation, [row.events(), row.background_events()], row)


def observation_event_file(rows: list[RegionRow]) -> bytes:
    """A gzipped evt3: the events of all source regions, and background in the rest of the field.

    Light that several regions share is in each of them, here too.
    """
    stack, observation = rows[0].stack, rows[0].observation
    return _event_file(stack, observation, [*(row.events() for row in rows), field_background(rows)], None)


def region_file(row: RegionRow) -> bytes:
    """A gzipped reg3: a circle for the source, a ring for the background."""
    x, y = row.centre
    scale = pixel_size(row.observation)
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
        _add_sky_coordinates(table.header, row.observation, [name for name, *_ in columns].index("X") + 1)
        tables.append(table)
    return fits_bytes(tables, keywords)


def _event_file(stack: Stack, observation: Observation, parts: list[PlacedEvents], row: RegionRow | None) -> bytes:
    placed = PlacedEvents.joined(parts)
    chips = np.full(placed.x.shape, chip_of(row)) if row is not None else chips_of(observation, placed.x, placed.y)
    keywords = observation_keywords(stack, observation)
    extra = {"CONTENT": ("EVT3", "What data product"), "HDUCLASS": ("OGIP", ""), "HDUCLAS1": ("EVENTS", "")}
    if row is not None:
        extra |= {"REGIONID": (f"{row.region_id:04d}", "Region id"), "STACK_ID": (stack.stack_id, "Stack id")}
    columns = list(_columns(observation, placed, chips))
    events = table_hdu("EVENTS", columns, keywords, extra)
    _add_sky_coordinates(events.header, observation, [name for name, *_ in columns].index("x") + 1)
    return fits_bytes([events, *(good_times(observation, int(chip), keywords) for chip in np.unique(chips))], keywords)


def good_times(observation: Observation, chip: int, keywords: Keywords) -> fits.BinTableHDU:
    """The good times of a chip: the whole observation."""
    whole: list[Column] = [
        ("START", "1D", "s", np.array([observation.start])),
        ("STOP", "1D", "s", np.array([observation.stop])),
    ]
    numbered: Keywords = {"CCD_ID": (chip, "CCD for this table")} if observation.instrument == "ACIS" else {}
    return table_hdu("GTI", whole, keywords, numbered, version=chip)


def chip_of(row: RegionRow) -> int:
    """The chip of a region: the one under its centre."""
    return int(chips_of(row.observation, *(np.array([middle]) for middle in row.centre))[0])


def _columns(observation: Observation, placed: PlacedEvents, chips: NDArray[np.int64]) -> Iterator[Column]:
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


def _add_sky_coordinates(header: fits.Header, observation: Observation, x_column: int) -> None:
    """World coordinates of the columns x and y (tangent plane), and their ranges."""
    middle = middle_pixel(observation)
    size = pixel_size(observation) / 3600
    for number, kind, value, step in (
        (x_column, "RA---TAN", observation.ra, -size),
        (x_column + 1, "DEC--TAN", observation.dec, size),
    ):
        header[f"TLMIN{number}"], header[f"TLMAX{number}"] = 0.5, 2 * middle - 0.5
        header[f"TCTYP{number}"], header[f"TCUNI{number}"] = kind, "deg"
        header[f"TCRVL{number}"], header[f"TCRPX{number}"], header[f"TCDLT{number}"] = value, middle, step

"""The simulated fields of view (fov3): a polygon a chip of an observation, or an observation of a stack."""

from __future__ import annotations

from functools import cache

import numpy as np

from cscwidgets.arrays import Floats
from cscwidgets.csc.products import Observation, Owner, Stack

from ..telescope.instrument import chip_corners, outline_corners
from ..telescope.observations import SimulatedObservation, SimulatedStack, stacks
from .keywords import Column, Keywords, add_sky_coordinates, fits_bytes, observation_keywords, stack_keywords, table_hdu

__all__ = ["fov_file", "fov_instrument"]

_PADDED = 8  # corners that there is room for, the first one again at the end included


def fov_instrument(owner: Owner) -> str:
    """The instrument of an observation or a stack that was simulated, empty for others."""
    found = _owners().get(owner)
    return "" if found is None else found[0].instrument


def fov_file(owner: Owner) -> bytes:
    """A gzipped fov3 file.

    Raises
    ------
    KeyError
        If there is no such observation or stack.
    """
    found = _owners().get(owner)
    if found is None:
        raise KeyError(str(owner))
    stack, observation = found
    if observation is not None:
        return _file(observation, chip_corners(observation.detector), observation_keywords(stack, observation))
    seen = [one.pixels_of_detector(*outline_corners(one.detector)) for one in stack.observations]
    detectors = {one.detector for one in stack.observations}
    keywords = {**stack_keywords(stack), "DETNAM": (" ".join(sorted(detectors)), "Detector")}
    return _file(stack.observations[0], dict(enumerate(seen)), keywords, of_stack=True)


def _file(
    observation: SimulatedObservation,
    polygons: dict[int, tuple[Floats, Floats]],
    keywords: Keywords,
    *,
    of_stack: bool = False,
) -> bytes:
    pixels = [corners if of_stack else observation.pixels_of_detector(*corners) for corners in polygons.values()]
    x, y = (np.array([_padded(corners[axis]) for corners in pixels]) for axis in (0, 1))
    count = len(pixels)
    columns: list[Column] = [
        ("SHAPE", "16A", "", np.full(count, "Polygon")),
        ("X", f"{_PADDED}D", "pixel", x),
        ("Y", f"{_PADDED}D", "pixel", y),
        ("R", "2D", "pixel", np.full((count, 2), np.nan)),
        ("ROTANG", "1D", "deg", np.zeros(count)),
        ("COMPONENT", "1I", "", np.arange(1, count + 1, dtype=np.int16)),
    ]
    if not of_stack:
        columns.append(("CCD_ID", "1I", "", np.array([*polygons], dtype=np.int16)))
    extra: Keywords = {
        "CONTENT": ("FOV3", "What data product"),
        "HDUCLASS": ("ASC", ""),
        "HDUCLAS1": ("REGION", ""),
        "HDUCLAS2": ("STANDARD", ""),
    }
    table = table_hdu("FOV", columns, keywords, extra)
    add_sky_coordinates(table.header, observation, 2)
    return fits_bytes([table], keywords)


def _padded(corners: Floats) -> Floats:
    """A closed polygon, with NaN in what is left of its room."""
    closed = np.append(corners, corners[0])
    return np.append(closed, np.full(_PADDED - len(closed), np.nan))


@cache
def _owners() -> dict[Owner, tuple[SimulatedStack, SimulatedObservation | None]]:
    owners: dict[Owner, tuple[SimulatedStack, SimulatedObservation | None]] = {}
    for stack in stacks():
        owners[Stack(stack.stack_id)] = stack, None
        owners |= {Observation(one.obsid, one.obi): (stack, one) for one in stack.observations}
    return owners

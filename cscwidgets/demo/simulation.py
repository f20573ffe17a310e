"""The one simulated sky: each stage is made once in a process, from the one before."""

from __future__ import annotations

from functools import cache

import numpy as np

from .files.field_events import FieldExposure
from .files.region_events import RegionRow
from .files.region_events import region_rows as rows_of
from .telescope.counting import count
from .telescope.detections import Detections, detect
from .telescope.events import Events
from .telescope.exposures import Exposure, expose
from .telescope.observations import stacks
from .telescope.region_counts import RegionCounts

__all__ = ["detections", "exposures", "field_exposures", "region_counts", "region_events", "region_rows"]


@cache
def exposures() -> tuple[tuple[Exposure, ...], ...]:
    """Every observation of every stack, in the order of `stacks`."""
    return tuple(tuple(expose(stack, observation) for observation in stack.observations) for stack in stacks())


@cache
def detections() -> Detections:
    """What is found in them."""
    return detect(exposures())


@cache
def region_counts() -> RegionCounts:
    """What the regions hold."""
    return count(exposures(), detections())


@cache
def region_rows() -> dict[tuple[int, int, int], RegionRow]:
    """Every region in every observation, by obsid, obi and region id."""
    return rows_of(region_counts())


@cache
def field_exposures() -> tuple[tuple[FieldExposure, ...], ...]:
    """Every observation with its regions, in the order of `exposures`."""
    rows: dict[tuple[int, int], list[RegionRow]] = {}
    for (obsid, obi, _), row in region_rows().items():
        rows.setdefault((obsid, obi), []).append(row)
    return tuple(
        tuple(FieldExposure(stack, e, rows.get((e.observation.obsid, e.observation.obi), [])) for e in seen)
        for stack, seen in zip(stacks(), exposures(), strict=True)
    )


def region_events(stack_id: str, region_id: int, obsid: int, obi: int = 0) -> Events:
    """Events of one region in one observation: what its light curve and spectrum are made of.

    Raises
    ------
    KeyError
        If the simulated sky has no such region, or the observation does not see it.
    """
    records = region_counts()
    for row in np.flatnonzero(records.region_id[records.region] == region_id):
        observation = records.exposure_of(int(row)).observation
        same_stack = stacks()[records.stack[records.region[row]]].stack_id == stack_id
        if same_stack and (observation.obsid, observation.obi) == (obsid, obi):
            return records.events(int(row))
    raise KeyError((stack_id, region_id, obsid, obi))

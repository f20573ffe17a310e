"""Events of the simulation, and where they lie in the image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Flags, Floats

__all__ = ["Events", "PlacedEvents"]


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one source region: arrival times (s) in order, measured energies (keV), and whether of a source.

    Those of the HRC are pulse heights on ACIS's scale, which tell nothing about the energy.
    """

    time: Floats
    energy: Floats
    source: Flags


@dataclass(frozen=True, slots=True)
class PlacedEvents:
    """Events with sky pixels, in the order of time."""

    events: Events
    x: Floats
    y: Floats

    @classmethod
    def joined(cls, parts: list[PlacedEvents]) -> PlacedEvents:
        """All events of all parts."""
        columns = zip(*((p.events.time, p.events.energy, p.events.source, p.x, p.y) for p in parts), strict=True)
        time, energy, source, x, y = (np.concatenate(column) for column in columns)
        order = np.argsort(time, kind="stable")
        return cls(Events(time[order], energy[order], source[order]), x[order], y[order])

"""Events of the simulation, and where they lie in the image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Flags, Floats, Integers

__all__ = ["Events", "PlacedEvents"]


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one source region.

    Arrival times (s) in order, the number of each one's part of `PARTS`, measured energies (keV; NaN where nobody asked
    for them, since drawing them takes longest), and whether of a source. Energies of the HRC are pulse heights on
    ACIS's scale, which tell nothing about the energy.
    """

    time: Floats
    part: Integers
    energy: Floats
    source: Flags

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True)
class PlacedEvents:
    """Events with sky pixels."""

    events: Events
    x: Floats
    y: Floats

    @classmethod
    def chained(cls, parts: Iterable[PlacedEvents]) -> PlacedEvents:
        """All events of all parts, one part after the other."""
        rows = ((p.events.time, p.events.part, p.events.energy, p.events.source, p.x, p.y) for p in parts)
        time, part, energy, source, x, y = (np.concatenate(column) for column in zip(*rows, strict=True))
        return cls(Events(time, part, energy, source), x, y)

    @classmethod
    def joined(cls, parts: Iterable[PlacedEvents]) -> PlacedEvents:
        """All events of all parts, in the order of time."""
        chained = cls.chained(parts)
        return chained[np.argsort(chained.events.time, kind="stable")]

    def __getitem__(self, which: Flags | Integers) -> PlacedEvents:
        e = self.events
        return PlacedEvents(
            Events(e.time[which], e.part[which], e.energy[which], e.source[which]), self.x[which], self.y[which]
        )

    def __len__(self) -> int:
        return len(self.x)

"""Frequencies to search, and what a search for periods found at them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

from ..seconds import seconds

__all__ = ["Frequencies", "Periodogram"]

_RARE = 1e-3


@dataclass(frozen=True, slots=True)
class Frequencies:
    """A regular grid of `number` frequencies from `first`, `step` apart, in Hz (or 1 / unit of the times)."""

    first: float
    step: float
    number: int

    @classmethod
    def between(cls, shortest: float, longest: float, span: float, oversampling: float = 5.0) -> Frequencies:
        """Frequencies for periods between two limits.

        Parameters
        ----------
        shortest, longest : float
            Periods, s.
        span : float
            Length of the observation, s: a peak is 1 / span wide.
        oversampling : float
            Frequencies per width of a peak.
        """
        shortest, longest, span = (float(seconds(time)) for time in (shortest, longest, span))
        if not (0 < shortest < longest and span > 0 and oversampling >= 1):
            raise CscError("There are no such periods to search", f"from {shortest} to {longest}, in a span of {span}")
        step = 1 / (oversampling * span)
        return cls(1 / longest, step, math.floor((1 / shortest - 1 / longest) / step + 1e-9) + 1)

    @property
    def values(self) -> Floats:
        """All frequencies."""
        return np.asarray(self.first + self.step * np.arange(self.number))

    @property
    def range(self) -> float:
        """Width of the interval that is searched."""
        return self.step * max(self.number - 1, 1)


@dataclass(frozen=True, slots=True)
class Periodogram:
    """Power against frequency.

    `false_alarm(power)` is the chance that noise alone gives as much anywhere in the search.

    Attributes
    ----------
    frequency, power : ndarray, shape (frequencies,)
        Hz, or 1 / unit of the times.
    method : str
        How false alarms were found, in words.
    single, overall : callable
        Chance that noise exceeds a power, at one frequency and anywhere in the search.
    window : ndarray, shape (frequencies,)
        Power of the exposure itself.
    """

    frequency: Floats
    power: Floats
    method: str
    single: Callable[[Floats], Floats] = field(repr=False)
    overall: Callable[[Floats], Floats] = field(repr=False)
    window: Floats = field(repr=False)

    @property
    def peak(self) -> int:
        """Where the power is highest."""
        return int(np.argmax(self.power))

    @property
    def period(self) -> float:
        """Period of the highest peak."""
        return float(1 / self.frequency[self.peak])

    @property
    def trials(self) -> float:
        """Independent looks that the search amounts to, where noise comes with a chance of 0.1 %."""
        single = float(self.single(np.array(self.level(_RARE))))
        return math.log1p(-_RARE) / math.log1p(-single)

    def false_alarm(self, power: ArrayLike | None = None) -> Floats:
        """Chance of such a power, or of the highest peak's, by noise alone, all trials counted."""
        return np.asarray(self.overall(np.asarray(self.power[self.peak] if power is None else power, dtype=float)))

    def level(self, false_alarm: float) -> float:
        """Power that noise reaches with this chance."""
        low, high = 0.0, float(max(self.power.max(), 1.0))
        while self.overall(np.array(high)) > false_alarm and high < 1e6:
            high *= 2
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.overall(np.array(middle)) > false_alarm else (low, middle)
        return high

    def aliases(self, strongest: int = 3) -> list[tuple[float, float]]:
        """Frequencies at which the sampling may repeat the highest peak, and the window's power there.

        The peak's frequency plus and minus those of the window function's highest maxima, strongest first,
        as far as they were searched.
        """
        w = self.window
        inner = np.flatnonzero((w[1:-1] > w[:-2]) & (w[1:-1] >= w[2:])) + 1
        step = float(self.frequency[1] - self.frequency[0]) if len(self.frequency) > 1 else 0.0
        top = inner[np.argsort(-w[inner])][:strongest]
        aliases = []
        for index in top:
            for sign in (-1, 1):
                place = abs(float(self.frequency[self.peak]) + sign * step * (index + 1))
                if self.frequency[0] <= place <= self.frequency[-1]:
                    aliases.append((place, float(w[index])))
        return aliases

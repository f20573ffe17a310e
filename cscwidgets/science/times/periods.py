"""Search for periods: Lomb-Scargle of binned rates or flux points, Z-squared and the H test of events.

Buccheri et al. 1983, A&A 128, 245 (Z-squared); de Jager, Raubenheimer & Swanepoel 1989, A&A 221, 180, and de Jager &
Buesching 2010, A&A 517, L9 (H test); VanderPlas 2018, ApJS 236, 16 (Lomb-Scargle, windows and aliases).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from astropy.timeseries import LombScargle
from numpy.typing import ArrayLike, NDArray
from scipy import special

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

from .fourier import fourier_sums
from .good_time import GoodTime
from .smoothed import require_independent

__all__ = ["Frequencies", "Periodogram", "h_test", "lomb_scargle", "window_function", "z_squared"]

Progress = Callable[[float], None]

_HARMONICS = 20
_H_SCALE = 0.4
_FEWEST_EVENTS = 10
_RARE = 1e-3


def _silent(done: float) -> None:
    pass


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


def lomb_scargle(time: ArrayLike, value: ArrayLike, error: ArrayLike, frequencies: Frequencies) -> Periodogram:
    """Lomb-Scargle periodogram of independent measurements, with a floating mean.

    Parameters
    ----------
    time : array_like, shape (n,)
        Times, s or any other unit.
    value, error : array_like, shape (n,)
        Measurements and their errors; those without a finite value and a positive error are left out.
    frequencies : Frequencies
        In 1 / unit of `time`.

    Returns
    -------
    Periodogram
        Power from 0 to 1; false alarms by Baluev (2008, MNRAS 385, 1279), whose bound holds for any oversampling.

    Raises
    ------
    CscError
        For a smoothed curve, or fewer than 5 measurements.

    References
    ----------
    Baluev, R. V. 2008, MNRAS 385, 1279.

    Examples
    --------
    >>> import numpy as np
    >>> from cscwidgets.science import times
    >>> time = np.linspace(0, 100, 80)
    >>> value, error = 5 + np.sin(2 * np.pi * time / 7), np.full(80, 0.1)
    >>> f"{times.lomb_scargle(time, value, error, times.Frequencies.between(2, 20, 100)).period:.1f}"
    '7.0'
    """
    for data in (time, value):
        require_independent(data, "a Lomb-Scargle periodogram")
    t, v, e = (np.asarray(x, dtype=np.float64) for x in (time, value, error))
    usable = np.isfinite(t) & np.isfinite(v) & np.isfinite(e) & (e > 0)
    if np.count_nonzero(usable) < 5:
        raise CscError("There is no Lomb-Scargle periodogram", "it needs 5 measurements or more")
    t, v, e = t[usable], v[usable], e[usable]
    search = LombScargle(t - t.min(), v, e)
    power = search.power(frequencies.values, assume_regular_frequency=True)
    highest = frequencies.first + frequencies.range

    def of_single(z: Floats) -> Floats:
        return np.asarray(search.false_alarm_probability(z, method="single"))

    def of_all(z: Floats) -> Floats:
        bounded = np.clip(z, 0, 1 - 1e-12)
        return np.asarray(search.false_alarm_probability(bounded, method="baluev", maximum_frequency=highest))

    method = f"Lomb-Scargle, floating mean; false alarms after Baluev (2008) for frequencies up to {highest:.3g}"
    return Periodogram(frequencies.values, np.asarray(power), method, of_single, of_all, _points_window(t, frequencies))


def z_squared(
    time: ArrayLike,
    frequencies: Frequencies,
    good_time: GoodTime,
    *,
    harmonics: int = 2,
    progress: Progress = _silent,
) -> Periodogram:
    """Z-squared statistic of events: the power in the first harmonics.

    What gaps and dither alone would give is subtracted from the Fourier sums before they are squared. Noise
    is chi-squared with 2 n degrees of freedom at one frequency. The search's false alarms are the expected
    number of its upward crossings of a level (Rice's formula as in Baluev 2008, with the mean square of the harmonic
    numbers, which errs to the safe side), so they hold for any oversampling.

    Parameters
    ----------
    time : array_like, shape (events,)
        Arrival times, s; those outside good time are left out.
    frequencies : Frequencies
        In Hz.
    good_time : GoodTime
        Exposure, with dither if known.
    harmonics : int
        1 is the Rayleigh test.
    progress : callable
        Told the fraction done; may raise to stop.

    Returns
    -------
    Periodogram
        Of Z-squared.

    Raises
    ------
    CscError
        For a smoothed curve or fewer than 10 events.

    References
    ----------
    Buccheri, R., et al. 1983, A&A 128, 245; Baluev, R. V. 2008, MNRAS 385, 1279.

    Examples
    --------
    >>> from cscwidgets.science import times
    >>> events = times.read_events("regevt3.fits").clean()
    >>> search = times.Frequencies.between(200, 2000, events.good_time.total)
    >>> power = times.z_squared(events.time, search, events.good_time)
    >>> f"{power.period:.0f} s"
    '500 s'
    >>> bool(power.false_alarm() < 1e-6)
    True
    """
    arrivals = _arrivals(time, good_time)
    power = np.zeros(frequencies.number)
    for excess in _excess_powers(arrivals, frequencies, good_time, harmonics, progress):
        power += excess
    freedom = 2 * harmonics
    steepness = math.sqrt((harmonics + 1) * (2 * harmonics + 1) / 6)
    crossings = frequencies.range * 2 * math.sqrt(2 * math.pi) * arrivals.std() * steepness

    def of_single(z: Floats) -> Floats:
        return np.asarray(special.chdtrc(freedom, z))

    def of_all(z: Floats) -> Floats:
        z = np.maximum(z, 1e-9)
        log_density = (harmonics - 1) * np.log(z) - z / 2
        density = np.exp(log_density - harmonics * math.log(2) - special.gammaln(harmonics))
        return np.asarray(-np.expm1(np.log1p(-of_single(z)) - crossings * np.sqrt(z) * density))

    return Periodogram(
        frequencies.values,
        power,
        f"Z-squared with {harmonics} harmonics, {len(arrivals)} events; false alarms from chi-squared with {freedom} "
        f"degrees of freedom and the expected number of upward crossings over {frequencies.number} frequencies",
        of_single,
        of_all,
        window_function(good_time, frequencies),
    )


def h_test(
    time: ArrayLike, frequencies: Frequencies, good_time: GoodTime, *, progress: Progress = _silent
) -> Periodogram:
    """H test of events: the best number of harmonics up to 20, max of Z-squared_m - 4 m + 4.

    Noise exceeds H with the chance exp(-0.4 H) at one frequency (de Jager & Buesching 2010). Every frequency counts as
    one trial, which errs to the safe side where they lie closer than 1 / span.

    Parameters
    ----------
    time : array_like, shape (events,)
        Arrival times, s; those outside good time are left out.
    frequencies : Frequencies
        In Hz.
    good_time : GoodTime
        Exposure, with dither if known.
    progress : callable
        Told the fraction done; may raise to stop.

    Returns
    -------
    Periodogram
        Of H.

    Raises
    ------
    CscError
        For a smoothed curve or fewer than 10 events.

    References
    ----------
    de Jager, O. C., & Buesching, I. 2010, A&A 517, L9.

    Examples
    --------
    >>> from cscwidgets.science import times
    >>> events = times.read_events("regevt3.fits").clean()
    >>> search = times.Frequencies.between(200, 2000, events.good_time.total)
    >>> f"{times.h_test(events.time, search, events.good_time).period:.0f} s"
    '500 s'
    """
    arrivals = _arrivals(time, good_time)
    running = np.zeros(frequencies.number)
    power = np.full(frequencies.number, -np.inf)
    powers = _excess_powers(arrivals, frequencies, good_time, _HARMONICS, progress)
    for number, excess in enumerate(powers, start=1):
        running += excess
        np.maximum(power, running - 4 * number + 4, out=power)

    def of_single(h: Floats) -> Floats:
        return np.asarray(np.exp(-_H_SCALE * np.maximum(h, 0)))

    def of_all(h: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(-np.expm1(frequencies.number * np.log1p(-of_single(h))))

    return Periodogram(
        frequencies.values,
        power,
        f"H test, {len(arrivals)} events; false alarms 1 - (1 - exp(-0.4 H))^{frequencies.number}: every frequency "
        "counts as a trial",
        of_single,
        of_all,
        window_function(good_time, frequencies),
    )


def window_function(good_time: GoodTime, frequencies: Frequencies) -> Floats:
    """Power of the exposure itself, 0 to 1, at step, 2 step, ... as many as there are frequencies.

    Parameters
    ----------
    good_time : GoodTime
        Exposure.
    frequencies : Frequencies
        Whose step and number are taken.

    Returns
    -------
    ndarray, shape (frequencies,)
        Power.

    Examples
    --------
    >>> from cscwidgets.science import times
    >>> good_time = times.GoodTime.of([0, 1000, 2000], [500, 1500, 2500])
    >>> window = times.window_function(good_time, times.Frequencies(0.001, 0.001, 3))
    >>> window.round(2)
    array([0.41, 0.  , 0.05])
    """
    transform = _exposure_transform(good_time, frequencies.step, frequencies.step, frequencies.number)
    return np.asarray(np.abs(transform) ** 2)


def _points_window(time: Floats, frequencies: Frequencies) -> Floats:
    sums = fourier_sums(time - time.min(), frequencies.step, frequencies.step, frequencies.number)
    return np.asarray(np.abs(sums / len(time)) ** 2)


def _arrivals(time: ArrayLike, good_time: GoodTime) -> Floats:
    require_independent(time, "a period search")
    arrivals = np.asarray(time, dtype=np.float64)
    arrivals = arrivals[good_time.contains(arrivals)]
    if len(arrivals) < _FEWEST_EVENTS:
        raise CscError(
            "No period can be found", f"{len(arrivals)} events are too few", f"At least {_FEWEST_EVENTS} are needed."
        )
    return arrivals


def _excess_powers(
    arrivals: Floats, frequencies: Frequencies, good_time: GoodTime, harmonics: int, progress: Progress
) -> Iterator[Floats]:
    """Power 2 / N |sum - expected|**2 of each harmonic."""
    events, since = len(arrivals), arrivals - good_time.start
    for harmonic in range(1, harmonics + 1):
        progress((harmonic - 1) / harmonics)
        first, step = harmonic * frequencies.first, harmonic * frequencies.step
        sums = fourier_sums(since, first, step, frequencies.number)
        expected = events * _exposure_transform(good_time, first, step, frequencies.number)
        yield np.abs(sums - expected) ** 2 * (2 / events)
    progress(1.0)


def _exposure_transform(good_time: GoodTime, first: float, step: float, number: int) -> NDArray[np.complex128]:
    """Fourier transform of the exposure over its total, times counted from its start.

    A step function's transform is that of its jumps, divided by 2 pi i f.
    """
    jumps = np.diff(np.concatenate([[0.0], good_time.fraction, [0.0]]))
    sums = fourier_sums(good_time.edges - good_time.start, first, step, number, jumps)
    frequency = first + step * np.arange(number)
    return np.asarray(sums / (-2j * np.pi * frequency * good_time.total))

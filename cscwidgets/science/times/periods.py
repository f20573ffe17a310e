"""Search for periods: Lomb-Scargle of binned rates or flux points, Z-squared and the H test of events.

Buccheri et al. 1983, A&A 128, 245 (Z-squared); de Jager, Raubenheimer & Swanepoel 1989, A&A 221, 180, and de Jager &
Buesching 2010, A&A 517, L9 (H test); VanderPlas 2018, ApJS 236, 16 (Lomb-Scargle, windows and aliases).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import scipy
from astropy.timeseries import LombScargle
from numpy.typing import ArrayLike, NDArray

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

from ..masked import plain
from ..seconds import seconds
from .fourier import fourier_sums
from .good_time import GoodTime
from .periodogram import Frequencies, Periodogram
from .smoothed import require_independent

__all__ = ["Frequencies", "Periodogram", "h_test", "lomb_scargle", "window_function", "z_squared"]

Progress = Callable[[float], None]

_HARMONICS = 20
_H_SCALE = 0.4
_FEWEST_EVENTS = 10


def _silent(done: float) -> None:
    pass


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
    t, v, e = (plain(x) for x in (time, value, error))
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
        return np.asarray(scipy.special.chdtrc(freedom, z))

    def of_all(z: Floats) -> Floats:
        z = np.maximum(z, 1e-9)
        log_density = (harmonics - 1) * np.log(z) - z / 2
        density = np.exp(log_density - harmonics * math.log(2) - scipy.special.gammaln(harmonics))
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
    arrivals = seconds(time)
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

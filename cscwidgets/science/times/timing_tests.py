"""All tests for variability within one observation, from events and their exposure."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from cscwidgets.errors import CscError

from ..seconds import seconds
from ..variability import GregoryLoredo, deviations, gregory_loredo, ks_probability, kuiper_probability
from .good_time import GoodTime
from .smoothed import require_independent

__all__ = ["TimeTests", "time_tests"]

_PARTS = 20_000  # of the observation, in which its exposure is told: shorter than an ACIS frame for most


@dataclass(frozen=True, slots=True)
class TimeTests:
    """Outcomes of three tests; probabilities are of variability, near 1 for a variable source.

    Attributes
    ----------
    gregory_loredo : GregoryLoredo
        With its light curve.
    ks_probability, kuiper_probability : float
        Of the tests of Kolmogorov and Smirnov, and of Kuiper.
    events : int
        In good time.
    """

    gregory_loredo: GregoryLoredo
    ks_probability: float
    kuiper_probability: float
    events: int


def time_tests(time: ArrayLike, good_time: GoodTime, *, max_bins: int | None = None) -> TimeTests:
    """Gregory-Loredo, Kolmogorov-Smirnov and Kuiper test of events, corrected for gaps and dither.

    Parameters
    ----------
    time : array_like, shape (events,)
        Arrival times, s; those outside good time are left out.
    good_time : GoodTime
        Exposure, with dither if known.
    max_bins : int, optional
        Of the Gregory-Loredo test; CIAO's glvary's own choice if left out, see `variability.gregory_loredo`.

    Returns
    -------
    TimeTests
        Probabilities of variability.

    Raises
    ------
    CscError
        For a smoothed curve, or without an event.

    Examples
    --------
    >>> from cscwidgets.science import times
    >>> events = times.read_events("regevt3.fits").clean()
    >>> tests = times.time_tests(events.time, events.good_time)
    >>> tests.events, bool(0 <= tests.ks_probability <= 1)
    (400, True)
    """
    require_independent(time, "tests for variability")
    arrivals = seconds(time)
    arrivals = arrivals[good_time.contains(arrivals)]
    if not len(arrivals):
        raise CscError("Variability cannot be tested", "there is no event in good time")
    start, stop = good_time.start, good_time.stop
    parts = 1 if len(good_time.fraction) == 1 else _PARTS
    variability = gregory_loredo(arrivals, start, stop, exposure=good_time.parts(parts), max_bins=max_bins)
    # In exposure instead of time a constant source is constant, whatever the gaps.
    above, below = deviations(good_time.elapsed(arrivals), 0.0, good_time.total)
    number = len(arrivals)
    return TimeTests(
        variability,
        float(ks_probability(above, below, number)),
        float(kuiper_probability(above, below, number)),
        number,
    )

"""What the events of one observation say of variability: binned curve, Bayesian blocks and the tests of constancy."""

from __future__ import annotations

from dataclasses import dataclass

from ..region_file import DetectionRegions
from ..time_system import TimeSystem, shared_system
from .binning import BinnedCurve, bin_events
from .blocks import Blocks, bayesian_blocks
from .events import EventList
from .timing_tests import TimeTests, time_tests

__all__ = ["SourceEvents", "Timing", "timing"]

_FEWEST = 2  # events for a change to be seen in


@dataclass(frozen=True, slots=True)
class SourceEvents:
    """Events of a source region, and of its background region where that is known.

    `ratio` is the area of the background region over that of the source region.

    Raises
    ------
    CscError
        If source and background are of different time systems.
    """

    source: EventList
    background: EventList | None = None
    ratio: float = 1.0

    def __post_init__(self) -> None:
        lists = [self.source] if self.background is None else [self.source, self.background]
        shared_system((one.header.system for one in lists), "Events of source and background")

    @classmethod
    def separated(cls, events: EventList, regions: DetectionRegions) -> SourceEvents:
        """Sort events into source and background by the detection's region file."""
        source, background = (events.inside(area, regions.wcs) for area in (regions.source, regions.background))
        return cls(source, background, regions.ratio)

    def within(self, low: float, high: float) -> SourceEvents:
        """Events of low <= energy < high, keV; all of the HRC's, which measures no energies."""
        if not self.source.has_energies:
            return self
        background = None if self.background is None else self.background.within(low, high)
        return SourceEvents(self.source.within(low, high), background, self.ratio)


@dataclass(frozen=True, slots=True)
class Timing:
    """Curves and tests of one event list.

    Attributes
    ----------
    events : int
        In good time, background included.
    exposure : float
        Livetime, s.
    band : tuple of float or None
        Energies in keV that events were chosen by, None where all count.
    separated : bool
        Whether source and background were told apart.
    binned : BinnedCurve
        In bins.
    blocks : Blocks or None
        None with fewer than two events.
    tests : TimeTests or None
        None with fewer than two events.
    notes : tuple of str
        What the file says that is not usual, and how it was taken.
    """

    events: int
    exposure: float
    band: tuple[float, float] | None
    separated: bool
    binned: BinnedCurve
    blocks: Blocks | None
    tests: TimeTests | None
    notes: tuple[str, ...] = ()

    @property
    def system(self) -> TimeSystem:
        """What its times count."""
        return self.binned.system


def timing(events: SourceEvents, *, width: float | None = None, counts: int | None = None, p0: float = 0.05) -> Timing:
    """Bin the events and test them, unbinned, for variability.

    Parameters
    ----------
    events : SourceEvents
        Of the source's region, and of its background's.
    width, counts : float, int, optional
        Width of the bins in s, or least number of events in one; see `binning.bin_events`.
    p0 : float
        False-alarm probability of a change point of the Bayesian blocks.

    Returns
    -------
    Timing
        Bins, blocks and tests.

    Raises
    ------
    CscError
        If there is no good time, or bins cannot be made.

    Examples
    --------
    >>> from cscwidgets.science import region_file, times
    >>> regions = region_file.read_regions("reg3.fits")
    >>> events = times.SourceEvents.separated(times.read_events("regevt3.fits"), regions)
    >>> result = times.timing(events.within(0.5, 7.0), width=1000)
    >>> result.events, len(result.binned.counts)
    (400, 10)
    """
    source = events.source.clean()
    good_time = source.good_time
    times, background = source.time, events.background
    binned = bin_events(
        times,
        good_time,
        width=width,
        counts=counts,
        background=None if background is None else background.time,
        ratio=events.ratio,
    )
    blocks = tests = None
    if len(times) >= _FEWEST:
        blocks = bayesian_blocks(times, good_time=good_time, p0=p0)
        tests = time_tests(times, good_time)
    separated = background is not None
    return Timing(len(times), good_time.total, source.band, separated, binned, blocks, tests, source.notes)

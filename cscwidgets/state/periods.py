"""The search for periods in the events of one observation, and the curve folded at one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from traitlets import Enum, Float, Instance, Int, Unicode

from cscwidgets.csc.observation import ObservationKey
from cscwidgets.errors import CscError
from cscwidgets.science.times.binning import bin_events
from cscwidgets.science.times.events import EventList
from cscwidgets.science.times.folding import FoldedCurve, fold_events, phases
from cscwidgets.science.times.periods import Frequencies, Periodogram, h_test, lomb_scargle, z_squared

from .keeping import FLAG, Keeps, Kept, Renewal
from .lightcurve import LightCurveState
from .observed import Missing
from .tasks import Task

__all__ = ["BETWEEN", "BINS_A_PERIOD", "METHODS", "PeriodSearch", "PeriodState"]

BETWEEN = "between"
"""The key that stands for the fluxes of all observations, in days, instead of one observation's events, in seconds."""

METHODS = {"z2": "Z²₂ (events)", "h": "H test (events)", "lomb-scargle": "Lomb–Scargle (binned)"}
"""How periods are searched in events, by name; in the fluxes of all observations it is always Lomb-Scargle."""

BINS_A_PERIOD = 4
"""Of the shortest period: Lomb-Scargle sees no faster ones than half of that."""

_MOST = 2_000_000  # frequencies: some seconds and some hundred MB
_FEWEST = 10  # events
_RANGES = {"s": (50.0, 20_000.0), "d": (1.0, 1000.0)}


@dataclass(frozen=True)
class PeriodSearch:
    """What was searched: the `method`, and periods from `shortest` to `longest`."""

    method: str
    shortest: float
    longest: float


class PeriodState(Keeps):
    """One observation's events, or the fluxes of all observations, against frequency and phase.

    Attributes
    ----------
    key : str
        The observation's key, or `BETWEEN`; empty while none is chosen.
    method : str
        One of `METHODS`.
    shortest, longest : float
        Periods to search, in `unit`.
    periodogram : Periodogram or None
        Outcome of the last search of these events.
    period : float
        Period to fold at, in `unit`; 0 while there is none.
    bins : int
        Phase bins.
    folded : FoldedCurve or None
        The events in bins of phase.
    phased : ndarray, shape (observations,), or None
        Phase of each observation; of `BETWEEN` only.
    searched : PeriodSearch or None
        What `periodogram` is the outcome of.
    """

    plain: ClassVar = ("key", "method", "shortest", "longest", "period", "bins")  # another key changes the range
    fields: ClassVar = {"found": FLAG}

    key = Unicode("")
    method = Enum(tuple(METHODS), default_value="z2")
    shortest = Float(50.0)
    longest = Float(20_000.0)
    periodogram = Instance(Periodogram, allow_none=True)
    period = Float(0.0)
    bins = Int(16, min=1, max=10_000)
    folded = Instance(FoldedCurve, allow_none=True)
    phased = Instance(np.ndarray, allow_none=True)

    def __init__(self, curves: LightCurveState) -> None:
        super().__init__()
        self.curves = curves
        self.searched: PeriodSearch | None = None
        self.desk = desk = curves.desk
        desk.when(curves.source, "name", self._new_source)
        desk.when(curves, ("chosen", "events"), self._follow)
        desk.when(curves, "energies", lambda: self._forget(between=False))
        desk.when(curves, "longterm", lambda: self._forget(between=True))
        self.observe(desk.messages.guard(lambda change: self._new_key(change["old"])), "key")
        desk.when(self, ("period", "bins"), self._fold)

    @property
    def found(self) -> bool:
        """Whether periods were searched."""
        return self.periodogram is not None

    def restore(self, kept: Kept) -> Iterator[None]:
        """Choose what was chosen, where that observation is."""
        if kept["key"] in ("", BETWEEN) or kept["key"] in self.curves.chosen:
            self.assign(kept)
        yield from ()

    def renewal(self, kept: Kept) -> Renewal:
        """The search."""
        return Renewal("the search for periods" if kept["found"] else "")

    def renew(self, kept: Kept) -> Iterator[None]:
        """Search again, and fold at the period that was chosen."""
        if kept["found"] and kept["key"] == self.key:
            self.search()
            yield
            self.period = kept["period"]

    @property
    def unit(self) -> str:
        """Of periods: "s" or, between observations, "d"."""
        return "d" if self.key == BETWEEN else "s"

    @property
    def events(self) -> EventList | None:
        """Events of the source in good time, in the chosen energies; None where there are none."""
        if self.key in ("", BETWEEN):
            return None
        events = self.curves.events.get(ObservationKey.read(self.key))
        if events is None or isinstance(events, Missing):
            return None
        return events.within(*self.curves.energies).source.clean()

    @property
    def clock(self) -> str:
        """What the times of the events count, and how well they are known, in words; empty without events."""
        events = self.events
        if events is None:
            return ""
        words = f"Times are {events.header.system}"
        if events.resolution is None:
            return f"{words}."
        words += f", known to {events.resolution:.3g} s (TIMEDEL)"
        fastest = 2 * events.resolution
        return f"{words}{f': periods below {fastest:.3g} s are aliases' if self.shortest < fastest else ''}."

    def search(self) -> None:
        """Search for periods, in the background; the best one is folded."""
        if self.key == BETWEEN:
            self._search_fluxes()
            return
        events = self.events
        if events is None:
            raise CscError(
                "Nothing can be searched for periods", "no events are loaded", "Choose Events and an observation."
            )
        if len(events) < _FEWEST:
            raise CscError(
                "No period can be found", f"{len(events)} events are too few", f"At least {_FEWEST} are needed."
            )
        asked = PeriodSearch(self.method, self.shortest, self.longest)
        good_time = events.good_time
        grid = self._grid(good_time.stop - good_time.start)

        def work(task: Task) -> Periodogram:
            def progress(done: float) -> None:
                task.check()
                task.report(f"{grid.number:,} frequencies", done)

            if asked.method == "lomb-scargle":
                task.report(f"{grid.number:,} frequencies")
                binned = bin_events(events.time, good_time, width=asked.shortest / BINS_A_PERIOD)
                exposed = ~binned.unexposed
                error = (binned.upper - binned.lower)[exposed] / 2
                return lomb_scargle(binned.time[exposed], binned.rate[exposed], error, grid)
            test = z_squared if asked.method == "z2" else h_test
            return test(events.time, grid, good_time, progress=progress)

        self._run(work)

    def _search_fluxes(self) -> None:
        curve, shortest, longest = self.curves.longterm, self.shortest, self.longest
        if curve is None:
            raise CscError("Nothing can be searched for periods", "no source is in focus", "Click one on the sky.")
        self._grid(float(np.ptp(curve.time)))

        def work(task: Task) -> Periodogram:
            task.report("the fluxes of all observations")
            return curve.periodogram(shortest, longest)

        self._run(work)

    def _grid(self, span: float) -> Frequencies:
        grid = Frequencies.between(self.shortest, self.longest, max(span, self.longest))
        if grid.number > _MOST:
            raise CscError(
                "The periods were not searched",
                f"{grid.number:,} frequencies would be needed, and {_MOST:,} are possible",
                "Begin with longer periods.",
            )
        return grid

    def _run(self, work: Callable[[Task], Periodogram]) -> None:
        asked, search = self._asked, PeriodSearch(self.method, self.shortest, self.longest)

        def done(periodogram: Periodogram) -> None:
            self.searched = search
            self.periodogram = periodogram
            self.period = periodogram.period

        what = "all observations" if self.key == BETWEEN else self.key
        self.desk.tasks.run(
            f"Searching {what} for periods", work, done, key="periods", stands=lambda: asked == self._asked
        )

    @property
    def _asked(self) -> tuple[object, ...]:
        """Whose events a search is of."""
        curves = self.curves
        of = (curves.band, curves.quantity) if self.key == BETWEEN else curves.energies
        return curves.source.name, self.key, of

    def _new_source(self) -> None:
        self.period = 0.0

    def _follow(self) -> None:
        chosen = [key for key in self.curves.chosen if not isinstance(self.curves.events.get(key), Missing)]
        if self.key not in (*chosen, BETWEEN):
            self.key = chosen[0] if chosen else ""
        self._fold()

    def _new_key(self, old: str) -> None:
        with self.hold_trait_notifications():
            self.periodogram = None
            if BETWEEN in (old, self.key):
                # Between observations a period is in days, within them in seconds.
                self.period = 0.0
                self.shortest, self.longest = _RANGES[self.unit]
            self._fold()

    def _forget(self, *, between: bool) -> None:
        """What is searched, fluxes or events, is not what it was."""
        if between == (self.key == BETWEEN):
            self.periodogram = None
            self._fold()

    def _fold(self) -> None:
        events, curve = self.events, self.curves.longterm
        with self.hold_trait_notifications():
            self.folded = self.phased = None
            if self.key == BETWEEN and curve is not None and self.period != 0:
                self.phased = phases(curve.time, self.period, float(curve.time[0]))
            elif events is not None and self.period != 0:
                self.folded = fold_events(events.time, self.period, events.good_time, bins=self.bins)

"""The search for periods in the events of one observation, and the curve folded at one."""

from __future__ import annotations

from traitlets import Enum, Float, HasTraits, Instance, Int, Unicode

from cscwidgets.errors import CscError
from cscwidgets.science.binning import bin_events
from cscwidgets.science.events import EventList
from cscwidgets.science.folding import FoldedCurve, fold_events
from cscwidgets.science.periods import Frequencies, Periodogram, h_test, lomb_scargle, z_squared

from .lightcurve import LightCurveState, Missing
from .tasks import Task

__all__ = ["METHODS", "PeriodState"]

METHODS = {"z2": "Z²₂ (events)", "h": "H test (events)", "lomb-scargle": "Lomb–Scargle (binned)"}
"""How periods are searched, by name."""

_MOST = 2_000_000  # frequencies: some seconds and some hundred MB
_FEWEST = 10  # events
_BINS_A_PERIOD = 4  # of the shortest period: Lomb-Scargle sees no faster ones than half of that


class PeriodState(HasTraits):
    """One observation's events against frequency and phase.

    Attributes
    ----------
    key : str
        The observation, "obsid.obi.region_id".
    method : str
        One of `METHODS`.
    shortest, longest : float
        Periods to search, s.
    periodogram : Periodogram or None
        Outcome of the last search of these events.
    period : float
        Period to fold at, s; 0 while there is none.
    bins : int
        Phase bins.
    folded : FoldedCurve or None
    """

    key = Unicode("")
    method = Enum(tuple(METHODS), default_value="z2")
    shortest = Float(50.0)
    longest = Float(20_000.0)
    periodogram = Instance(Periodogram, allow_none=True)
    period = Float(0.0)
    bins = Int(16)
    folded = Instance(FoldedCurve, allow_none=True)

    def __init__(self, curves: LightCurveState) -> None:
        super().__init__()
        self.curves = curves
        guard = curves.source.explorer.messages.guard
        curves.source.observe(guard(lambda _: self._new_source()), "name")
        curves.observe(guard(lambda _: self._follow()), ["chosen", "events"])
        curves.observe(guard(lambda _: self._forget()), "energies")
        self.observe(guard(lambda _: self._forget()), "key")
        self.observe(guard(lambda _: self._fold()), ["period", "bins"])

    @property
    def events(self) -> EventList | None:
        """Events of the source in good time, in the chosen energies; None where there are none."""
        found = self.curves.events.get(self.key)
        if found is None or isinstance(found, Missing):
            return None
        return found.within(*self.curves.energies).source.clean()

    def search(self) -> None:
        """Search for periods, in the background; the best one is folded."""
        events = self.events
        if events is None:
            raise CscError(
                "There is nothing to search for periods", "no events are here", "Choose Events and an observation."
            )
        if len(events) < _FEWEST:
            raise CscError(
                "There is no period to be found", f"{len(events)} events are too few", f"Have {_FEWEST} or more."
            )
        asked, method = self._asked, self.method
        good_time = events.good_time
        grid = Frequencies.between(self.shortest, self.longest, good_time.stop - good_time.start)
        if grid.number > _MOST:
            raise CscError(
                "The periods were not searched",
                f"{grid.number:,} frequencies would be needed, and {_MOST:,} are possible",
                "Begin with longer periods.",
            )

        def work(task: Task) -> Periodogram:
            def progress(done: float) -> None:
                task.check()
                task.report(f"{grid.number:,} frequencies", done)

            if method == "lomb-scargle":
                task.report(f"{grid.number:,} frequencies")
                binned = bin_events(events.time, good_time, width=self.shortest / _BINS_A_PERIOD)
                seen = ~binned.unexposed
                error = (binned.upper - binned.lower)[seen] / 2
                return lomb_scargle(binned.time[seen], binned.rate[seen], error, grid)
            test = z_squared if method == "z2" else h_test
            return test(events.time, grid, good_time, progress=progress)

        def done(found: Periodogram) -> None:
            if asked == self._asked:
                self.periodogram = found
                self.period = found.period

        self.curves.source.explorer.tasks.run(f"Searching {self.key} for periods", work, done, key="periods")

    @property
    def _asked(self) -> tuple[object, ...]:
        """Whose events a search is of."""
        return self.curves.source.name, self.key, self.curves.energies

    def _new_source(self) -> None:
        self.period = 0.0

    def _follow(self) -> None:
        chosen = [key for key in self.curves.chosen if not isinstance(self.curves.events.get(key), Missing)]
        if self.key not in chosen:
            self.key = chosen[0] if chosen else ""
        self._fold()

    def _forget(self) -> None:
        self.periodogram, self.folded = None, None
        self._fold()

    def _fold(self) -> None:
        events = self.events
        with self.hold_trait_notifications():
            self.folded = None
            if events is not None and self.period != 0:
                self.folded = fold_events(events.time, self.period, events.good_time, bins=self.bins)

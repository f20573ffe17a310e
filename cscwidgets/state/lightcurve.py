"""Light curves of the source in focus: fetched when they are looked at, kept while it stays in focus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
from traitlets import Bool, Dict, Float, Instance, Tuple, Unicode

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.observation import ObservationKey
from cscwidgets.errors import CscError
from cscwidgets.io.json_schema import listed, number, one_of
from cscwidgets.science.lightcurve import LightCurve, read
from cscwidgets.science.region_file import read_regions
from cscwidgets.science.times.events import read_events
from cscwidgets.science.times.intra_observation import SourceEvents, Timing, timing
from cscwidgets.science.times.long_term_curve import LongTermCurve, long_term

from .keeping import Field, Kept
from .observed import Missing, ObservedState, attempt
from .source import SourceState
from .tasks import Task

__all__ = ["LightCurveState"]

_MOST_BINS = 20_000  # more are not told apart, and a browser that draws them halts


class LightCurveState(ObservedState):
    """What is measured of the source in focus over time.

    Attributes
    ----------
    of_events : bool
        Whether events are looked at, or the catalogue's curves.
    band : str
        Energy band of the curves.
    quantity : str
        ``photflux_aper`` or ``flux_aper``: what is compared between observations.
    longterm : LongTermCurve or None
        Between observations; None while there is no source, or nothing to compare.
    curves : dict
        The catalogue's light curve of each observation asked for, or `Missing`.
    events : dict
        Events of each observation asked for, or `Missing`.
    energies : (float, float)
        Energies in keV that events are chosen by; the HRC measures none and ignores them.
    width : float
        Width of the bins of events, s.
    times : tuple of float
        Start and stop of a time that was brushed, s of mission time; empty for none.
    false_alarm : float
        Chance of a false change point in Bayesian blocks.
    timings : dict
        What the events of each chosen observation say, with these settings.
    """

    plain: ClassVar = ("of_events", "width", "false_alarm")
    fields: ClassVar = {
        "band": Field(one_of(BANDS)),
        "quantity": Field(one_of(("photflux_aper", "flux_aper"))),
        "energies": Field(listed(number(0, 100), 2, fewest=2), list, tuple),
        "times": Field(listed(number(), 2), list, tuple),
        **ObservedState.fields,
    }

    of_events = Bool(False)
    band = Unicode("b")
    quantity = Unicode("photflux_aper")
    longterm = Instance(LongTermCurve, allow_none=True)
    curves: Dict[ObservationKey, LightCurve | Missing] = Dict()
    events: Dict[ObservationKey, SourceEvents | Missing] = Dict()
    energies = Tuple((0.5, 7.0))
    width = Float(1000.0)
    times = Tuple()
    false_alarm = Float(0.05)
    timings: Dict[ObservationKey, Timing | Missing] = Dict()

    def __init__(self, source: SourceState) -> None:
        super().__init__(source)
        self.desk.when(self, "band", self._new_band)
        self.desk.when(self, "quantity", self._compare)
        self.desk.when(self, "of_events", self.look)
        self.desk.when(self, ("events", "chosen", "energies", "width", "false_alarm"), self._time)

    @property
    def question(self) -> str:
        """The key of what is fetched: events or the catalogue's curves."""
        return "events" if self.of_events else "light curves"

    @property
    def loaded(self) -> bool:
        """Whether curves or events of a chosen observation are here."""
        return any(key in (self.events if self.of_events else self.curves) for key in self.chosen)

    def restore(self, kept: Kept) -> Iterator[None]:
        """Look at the observations that were looked at; a time is brushed when its photons are here."""
        yield from super().restore({name: value for name, value in kept.items() if name != "times"})

    def renew(self, kept: Kept) -> Iterator[None]:
        """Fetch them, and brush."""
        yield from super().renew(kept)
        yield  # the events are timed
        if len(kept["times"]) == 2:
            self.times = kept["times"]
            yield

    @property
    def instruments(self) -> dict[ObservationKey, str]:
        """What each observation was made with: ACIS or HRC."""
        curve = self.longterm
        return {} if curve is None else dict(zip(curve.keys, map(str, curve.instrument), strict=True))

    def settle(self, *keys: str) -> None:
        """Have what is chosen, and raise what that, or a question about it, failed with; see `Tasks.settle`."""
        super().settle(*(("timing",) if self.of_events else ()), *keys)

    def load(self) -> None:
        """Fetch what is chosen and not here yet."""
        if self.of_events:
            self._load_events()
        else:
            self._load_curves()

    def _load_curves(self) -> None:
        keys = [key for key in self.chosen if key not in self.curves]
        absent = {key: self._no_curve(key) for key in keys}

        def done(curves: dict[ObservationKey, LightCurve | Missing]) -> None:
            self.curves = self.curves | absent | curves

        # The HRC has one band only: beside the broad band of the ACIS its curves are of that.
        self.fetch(
            *(("lc",), keys),
            reader=lambda files: read(files["lc"]),
            done=done,
            stands=self._still_asked(),
            bands="bw" if self.band == "b" else self.band,
        )

    def _still_asked(self) -> Callable[[], bool]:
        """Whether later the same is looked at as now."""

        def looked_at() -> tuple[object, ...]:
            return self.source.name, self.band, self.chosen, self.of_events

        now = looked_at()
        return lambda: now == looked_at()

    def _no_curve(self, key: ObservationKey) -> Missing:
        """Why the catalogue has no light curve of an observation."""
        instrument = self.instruments.get(key, "")
        band = BANDS["w" if (self.band, instrument) == ("b", "HRC") else self.band]
        if instrument and instrument != band.detector:
            return Missing(f"the {instrument} has no {band.name} band, which is the {band.detector}'s")
        return Missing(f"the archive has no light curve in the {band.name} band: the detection is too weak there")

    def _load_events(self) -> None:
        wanted = [key for key in self.chosen if key not in self.events]

        def done(events: dict[ObservationKey, SourceEvents | Missing]) -> None:
            absent = Missing("the archive has no event file of this detection")
            self.events = self.events | dict.fromkeys(wanted, absent) | events

        self.fetch(("regevt", "reg"), wanted, reader=_source_events, done=done, stands=self._still_asked())

    def _time(self) -> None:
        """Bin and test the events of the chosen observations, in the background."""
        chosen = {key: self.events[key] for key in self.chosen if key in self.events}
        asked = self._asked
        (low, high), width, p0 = self.energies, self.width, self.false_alarm
        if not chosen:
            return

        def work(task: Task) -> dict[ObservationKey, Timing | Missing]:
            timings: dict[ObservationKey, Timing | Missing] = {}
            for place, (key, events) in enumerate(chosen.items()):
                task.report(key, place / len(chosen))
                task.check()
                if isinstance(events, Missing):
                    timings[key] = events
                else:
                    timings[key] = attempt(partial(_timed, events.within(low, high), width, p0))
            return timings

        self.desk.tasks.run(
            *("Timing the events", work, lambda timings: self.set_trait("timings", timings)),
            key="timing",
            stands=lambda: asked == self._asked,
        )

    @property
    def _asked(self) -> tuple[object, ...]:
        """What the timings answer to."""
        return self.source.name, self.chosen, self.energies, self.width, self.false_alarm

    def forget(self) -> None:
        """Drop the curves of the source before, and compare the fluxes of this one."""
        self.curves, self.events, self.timings, self.times = {}, {}, {}, ()
        self._compare()
        detectors = set(self.instruments.values())
        if detectors and BANDS[self.band].detector not in detectors:
            self.band = "w" if detectors == {"HRC"} else "b"
            self._compare()

    def first_chosen(self) -> tuple[ObservationKey, ...]:
        """The longest observation: there is most to see."""
        curve = self.longterm
        if curve is None or not len(curve):
            return ()
        length = np.where(curve.detected & (curve.measured | ~curve.measured.any()), curve.stop - curve.start, -1.0)
        return (curve.keys[int(np.argmax(length))],)

    def _new_band(self) -> None:
        with self.hold_trait_notifications():
            self.curves = {}
            self._compare()
        self.look()

    def _compare(self) -> None:
        source = self.source
        with self.hold_trait_notifications():
            self.longterm, self.absent = None, ""
            if source.row is None:
                return
            if not len(source.detections):
                self.absent = f"The archive has no detections of {source.name}."
                return
            rows = source.detections.copy()
            for what in ("prob", "index", "sigma"):
                column = f"var_inter_{what}_{self.band}"
                if column in source.row.colnames:
                    rows[column] = np.full(len(rows), np.ma.filled(source.row[column], np.nan))
            try:
                self.longterm = long_term(rows, source.name, band=self.band, quantity=self.quantity)
            except CscError as error:  # somebody's own table may lack fluxes or times
                self.absent = str(error)


def _source_events(files: dict[str, Path]) -> SourceEvents:
    """Events sorted by the detection's regions; all are the source's where the archive has no region file."""
    events = read_events(files["regevt"])
    return SourceEvents.separated(events, read_regions(files["reg"])) if "reg" in files else SourceEvents(events)


def _timed(events: SourceEvents, width: float, p0: float) -> Timing:
    good_time = events.source.good_time
    bins = (good_time.stop - good_time.start) / width
    if bins > _MOST_BINS:
        raise CscError(f"Bins of {width:g} s are too narrow to be shown", f"there are {bins:,.0f}", "Use wider ones.")
    return timing(events, width=width, p0=p0)

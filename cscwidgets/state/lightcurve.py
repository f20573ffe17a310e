"""Light curves of the source in focus: fetched when they are looked at, kept while it stays in focus."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from astropy.table import Table
from astropy.time import Time
from traitlets import Bool, Dict, Float, HasTraits, Instance, Tuple, Unicode

from cscwidgets.archive.bands import BANDS
from cscwidgets.errors import CscError, IncompleteFetch
from cscwidgets.science.events import read_events
from cscwidgets.science.lightcurve import LightCurve, read
from cscwidgets.science.longterm import LongTermCurve, long_term
from cscwidgets.science.masked import plain
from cscwidgets.science.regionfile import read_regions
from cscwidgets.science.timing import SourceEvents, Timing, timing

from .source import SourceState
from .tasks import Task

__all__ = ["LightCurveState", "Missing"]

T = TypeVar("T")


@dataclass(frozen=True)
class Missing:
    """Why an observation has no file to show."""

    why: str


class LightCurveState(HasTraits):
    """What is measured of the source in focus over time.

    An observation is known by "obsid.obi.region_id".

    Attributes
    ----------
    active : bool
        Whether anybody looks: only then files are fetched.
    of_events : bool
        Whether events are looked at, or the catalogue's curves.
    band : str
        Energy band of the curves.
    quantity : str
        ``photflux_aper`` or ``flux_aper``: what is compared between observations.
    longterm : LongTermCurve or None
        Between observations; None while there is no source.
    chosen : tuple of str
        The observations to look into.
    curves : dict
        The catalogue's light curve of each observation asked for, or `Missing`.
    events : dict
        Events of each observation asked for, or `Missing`.
    energies : (float, float)
        Energies in keV that events are chosen by; the HRC measures none and ignores them.
    width : float
        Width of the bins of events, s.
    false_alarm : float
        Chance of a false change point in Bayesian blocks.
    timings : dict
        What the events of each chosen observation say, with these settings.
    """

    active = Bool(False)
    of_events = Bool(False)
    band = Unicode("b")
    quantity = Unicode("photflux_aper")
    longterm = Instance(LongTermCurve, allow_none=True)
    chosen = Tuple()
    curves: Dict[str, LightCurve | Missing] = Dict()
    events: Dict[str, SourceEvents | Missing] = Dict()
    energies = Tuple((0.5, 7.0))
    width = Float(1000.0)
    false_alarm = Float(0.05)
    timings: Dict[str, Timing | Missing] = Dict()

    def __init__(self, source: SourceState) -> None:
        super().__init__()
        self.source = source
        guard = source.explorer.messages.guard
        source.observe(guard(lambda _: self._new_source()), "name")
        self.observe(guard(lambda _: self._new_band()), ["band", "quantity"])
        self.observe(guard(lambda _: self.load()), ["active", "chosen", "of_events"])
        self.observe(guard(lambda _: self._time()), ["events", "chosen", "energies", "width", "false_alarm"])

    @property
    def observations(self) -> dict[str, str]:
        """The source's observations in order of time, and what each is called."""
        curve = self.longterm
        if curve is None:
            return {}
        dates = Time(curve.start, format="mjd", scale="tt").strftime("%Y-%m-%d") if len(curve) else []
        return {
            f"{obsid}.{obi}.{region}": f"{date}  ObsID {obsid}"
            + (f" ({obi})" if obi else "")
            + f", {detector}"
            + ("" if detected else ", not detected")
            for obsid, obi, region, date, detector, detected in zip(
                *(curve.obsid, curve.obi, curve.region_id, dates, curve.detector, curve.detected), strict=True
            )
        }

    def load(self) -> None:
        """Fetch what is looked at and not here yet."""
        if not self.active:
            return
        if self.of_events:
            self._load_events()
        else:
            self._load_curves()

    def _load_curves(self) -> None:
        band = self.band
        wanted = [key for key in self.chosen if key not in self.curves]
        why = f"the archive has no light curve in the {BANDS[band].name} band: the detection is too weak there"

        def done(found: dict[str, LightCurve | Missing]) -> None:
            if band == self.band:
                self.curves = self.curves | dict.fromkeys(wanted, Missing(why)) | found

        self._fetch("light curves", ("lc",), wanted, lambda files: read(files["lc"]), done)

    def _load_events(self) -> None:
        wanted = [key for key in self.chosen if key not in self.events]

        def done(found: dict[str, SourceEvents | Missing]) -> None:
            absent = Missing("the archive has no event file of this detection")
            self.events = self.events | dict.fromkeys(wanted, absent) | found

        self._fetch("events", ("regevt", "reg"), wanted, _source_events, done)

    def _time(self) -> None:
        """Bin and test the events of the chosen observations, in the background."""
        chosen = {key: self.events[key] for key in self.chosen if key in self.events}
        (low, high), width, p0 = self.energies, self.width, self.false_alarm
        if not chosen:
            return

        def work(task: Task) -> dict[str, Timing | Missing]:
            found: dict[str, Timing | Missing] = {}
            for number, (key, events) in enumerate(chosen.items()):
                task.report(key, number / len(chosen))
                task.check()
                if isinstance(events, Missing):
                    found[key] = events
                else:
                    kept = events.within(low, high) if events.source.has_energies else events
                    found[key] = _tried(partial(timing, kept, width=width, p0=p0))
            return found

        def done(found: dict[str, Timing | Missing]) -> None:
            self.timings = found

        self.source.explorer.tasks.run("Timing the events", work, done, key="timing")

    def _new_source(self) -> None:
        with self.hold_trait_notifications():
            self.curves, self.events, self.timings, self.chosen = {}, {}, {}, ()
            bands = [str(name)[0] for name in self.source.detections["instrument"]] if self.source.row else []
            if bands and set(bands) == {"H"}:
                self.band = "w"
            elif self.band == "w":
                self.band = "b"
            self._compare()
        curve = self.longterm
        if curve is not None and len(curve):
            # Begin with the longest observation: there is most to see.
            seen = np.where(curve.detected & (curve.measured | ~curve.measured.any()), curve.stop - curve.start, -1.0)
            self.chosen = (list(self.observations)[int(np.argmax(seen))],)

    def _new_band(self) -> None:
        with self.hold_trait_notifications():
            self.curves = {}
            self._compare()
        self.load()

    def _compare(self) -> None:
        source = self.source
        if source.row is None:
            self.longterm = None
            return
        rows = source.detections.copy()
        for what in ("prob", "index", "sigma"):
            column = f"var_inter_{what}_{self.band}"
            if column in source.row.colnames:
                rows[column] = np.full(len(rows), np.ma.filled(source.row[column], np.nan))
        self.longterm = long_term(rows, source.name, band=self.band, quantity=self.quantity)

    def _fetch(
        self,
        what: str,
        kinds: tuple[str, ...],
        keys: list[str],
        reader: Callable[[dict[str, Path]], T],
        done: Callable[[dict[str, T | Missing]], None],
    ) -> None:
        """Fetch files of some observations and read them, in the thread; the first kind must be there."""
        source, name = self.source, self.source.name
        # The HRC has one band only: beside the broad band of the ACIS its curves are of that.
        bands = "bw" if self.band == "b" else self.band
        if not keys:
            return
        archive = source.explorer.archive
        rows = _rows(source.detections, keys)

        def work(task: Task) -> dict[str, T | Missing]:
            products = archive.products(rows, kinds, bands=bands, monitor=task)
            problems: dict[str, CscError] = {}
            try:
                fetched = dict(zip(map(str, products["filename"]), archive.fetch(products, monitor=task), strict=True))
            except IncompleteFetch as incomplete:
                fetched, problems = incomplete.fetched, incomplete.failed
            files: dict[str, dict[str, Path]] = {}
            found: dict[str, T | Missing] = {}
            for row in products:
                key, filename = f"{row['obsid']}.{row['obi']}.{row['region_id']}", str(row["filename"])
                if filename in fetched:
                    files.setdefault(key, {})[str(row["kind"])] = fetched[filename]
                else:
                    found[key] = Missing(str(problems[filename]))
            for key, here in files.items():
                task.check()
                if kinds[0] in here:
                    found[key] = _tried(partial(reader, here))
            return found

        def arrived(found: dict[str, T | Missing]) -> None:
            if name == source.name:
                done(found)

        source.explorer.tasks.run(f"Fetching {what} of {name}", work, arrived, key=what)


def _rows(detections: Table, keys: Iterable[str]) -> Table:
    columns = [plain(detections[name]).astype(int) for name in ("obsid", "obi", "region_id")]
    wanted = set(keys)
    return detections[[f"{o}.{i}.{r}" in wanted for o, i, r in zip(*columns, strict=True)]]


def _source_events(files: dict[str, Path]) -> SourceEvents:
    """Events sorted by the detection's regions; all are the source's where the archive has no region file."""
    events = read_events(files["regevt"])
    return SourceEvents.separated(events, read_regions(files["reg"])) if "reg" in files else SourceEvents(events)


def _tried(work: Callable[[], T]) -> T | Missing:
    """The result, or why there is none: one bad file must not take the others with it."""
    try:
        return work()
    except CscError as error:
        return Missing(str(error))

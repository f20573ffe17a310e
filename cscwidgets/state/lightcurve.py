"""Light curves of the source in focus: fetched when they are looked at, kept while it stays in focus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from astropy.table import Table
from traitlets import Bool, Dict, HasTraits, Instance, Tuple, Unicode

from cscwidgets.archive.bands import BANDS
from cscwidgets.errors import CscError, IncompleteFetch
from cscwidgets.science.events import EventList, read_events
from cscwidgets.science.lightcurve import LightCurve, read
from cscwidgets.science.longterm import LongTermCurve, long_term
from cscwidgets.science.masked import plain

from .source import SourceState
from .tasks import Task

__all__ = ["LightCurveState", "Missing"]

T = TypeVar("T", LightCurve, EventList)


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
    """

    active = Bool(False)
    band = Unicode("b")
    quantity = Unicode("photflux_aper")
    longterm = Instance(LongTermCurve, allow_none=True)
    chosen = Tuple()
    curves: Dict[str, LightCurve | Missing] = Dict()
    events: Dict[str, EventList | Missing] = Dict()

    def __init__(self, source: SourceState) -> None:
        super().__init__()
        self.source = source
        guard = source.explorer.messages.guard
        source.observe(guard(lambda _: self._new_source()), "name")
        self.observe(guard(lambda _: self._new_band()), ["band", "quantity"])
        self.observe(guard(lambda _: self.load()), ["active", "chosen"])

    @property
    def observations(self) -> dict[str, str]:
        """The source's observations in order of time, and what each is called."""
        curve = self.longterm
        if curve is None:
            return {}
        dates = curve.table()["time"].strftime("%Y-%m-%d") if len(curve) else []
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
        """Fetch the curves of the chosen observations that are not here yet."""
        wanted = [key for key in self.chosen if key not in self.curves]
        if not (self.active and wanted):
            return
        band = self.band

        def done(found: dict[str, LightCurve | Missing]) -> None:
            if band == self.band:
                self.curves = self.curves | found

        self._fetch("light curves", "lc", wanted, read, done)

    def load_events(self) -> None:
        """Fetch the events of the chosen observations that are not here yet."""
        wanted = [key for key in self.chosen if key not in self.events]

        def done(found: dict[str, EventList | Missing]) -> None:
            self.events = self.events | found

        if wanted:
            self._fetch("events", "regevt", wanted, read_events, done)

    def _new_source(self) -> None:
        with self.hold_trait_notifications():
            self.curves, self.events, self.chosen = {}, {}, ()
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
        kind: str,
        keys: list[str],
        reader: Callable[[Path], T],
        done: Callable[[dict[str, T | Missing]], None],
    ) -> None:
        source, band, name = self.source, self.band, self.source.name
        archive = source.explorer.archive
        rows = _rows(source.detections, keys)

        def work(task: Task) -> dict[str, T | Missing]:
            products = archive.products(rows, kind, bands=(band,), monitor=task)
            problems: Mapping[str, CscError] = {}
            try:
                paths = dict(zip(map(str, products["filename"]), archive.fetch(products, monitor=task), strict=True))
            except IncompleteFetch as incomplete:
                paths, problems = incomplete.fetched, incomplete.failed
            found: dict[str, T | Missing] = dict.fromkeys(keys, Missing(_absent(what, band)))
            for row in products:
                key, filename = f"{row['obsid']}.{row['obi']}.{row['region_id']}", str(row["filename"])
                task.check()
                try:
                    found[key] = reader(paths[filename])
                except KeyError:
                    found[key] = Missing(str(problems.get(filename, "not fetched")))
                except CscError as error:
                    found[key] = Missing(str(error))
            return found

        def arrived(found: dict[str, T | Missing]) -> None:
            if name == source.name:
                done(found)

        source.explorer.tasks.run(f"Fetching {what} of {name}", work, arrived, key=kind)


def _rows(detections: Table, keys: Iterable[str]) -> Table:
    columns = [plain(detections[name]).astype(int) for name in ("obsid", "obi", "region_id")]
    wanted = set(keys)
    return detections[[f"{o}.{i}.{r}" in wanted for o, i, r in zip(*columns, strict=True)]]


def _absent(what: str, band: str) -> str:
    if what == "events":
        return "the archive has no event file of this detection"
    return f"the archive has no light curve in the {BANDS[band]} band: the detection is too weak there, or not in it"

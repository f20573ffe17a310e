"""Spectra of the source in focus: fetched when they are looked at, kept while it stays in focus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.table import QTable
from astropy.time import Time
from numpy.typing import NDArray
from traitlets import Bool, Dict, HasTraits, Tuple, Unicode

from cscwidgets.science.masked import plain
from cscwidgets.science.spectrum import Spectrum, read

from .observations import Missing, fetch_files, observation_words
from .source import SourceState

__all__ = ["SpectrumState"]

_AT_FIRST = 5  # observations that are shown at once: each is a megabyte to fetch

_NEEDED = ("obsid", "obi", "region_id")


class SpectrumState(HasTraits):
    """The spectra of a source's observations.

    An observation is known by "obsid.obi.region_id".

    Attributes
    ----------
    active : bool
        Whether anybody looks: only then files are fetched.
    observations : dict
        The source's observations in order of time, and what each is called.
    absent : str
        Why there are none.
    chosen : tuple of str
        The observations to look at and to fit; at first the longest ones with energies.
    spectra : dict
        The spectrum of each observation asked for, or `Missing`.
    """

    active = Bool(False)
    observations: Dict[str, str] = Dict()
    absent = Unicode("")
    chosen = Tuple()
    spectra: Dict[str, Spectrum | Missing] = Dict()

    def __init__(self, source: SourceState) -> None:
        super().__init__()
        self.source = source
        guard = source.explorer.messages.guard
        source.observe(guard(lambda _: self._new_source()), "name")
        self.observe(guard(lambda _: self._look()), ["active", "chosen"])

    @property
    def shown(self) -> dict[str, Spectrum]:
        """The spectra of the chosen observations, as far as they are here."""
        found = {key: self.spectra.get(key) for key in self.chosen}
        return {key: spectrum for key, spectrum in found.items() if isinstance(spectrum, Spectrum)}

    @property
    def fittable(self) -> list[Spectrum]:
        """Those of them that have energies."""
        return [spectrum for spectrum in self.shown.values() if not spectrum.refusal]

    def load(self) -> None:
        """Fetch what is chosen and not here yet."""
        name, chosen = self.source.name, self.chosen
        wanted = [key for key in chosen if key not in self.spectra]

        def done(found: dict[str, Spectrum | Missing]) -> None:
            absent = Missing("the archive has no spectrum (pha3) of this detection")
            self.spectra = self.spectra | dict.fromkeys(wanted, absent) | found

        fetch_files(
            *(self.source, "spectra", ("pha", "arf", "rmf"), wanted),
            reader=_spectrum,
            done=done,
            stands=lambda: (name, chosen) == (self.source.name, self.chosen),
        )

    def settle(self, *keys: str) -> None:
        """Have what is chosen, and raise what that, or a question about it, failed with; see `Tasks.settle`.

        Files are fetched also where nobody looks: code asks.
        """
        self.source.settle()
        if self.active:
            self.load()
        self.active = True
        self.source.settle("spectra", *keys)

    def _look(self) -> None:
        if self.active:
            self.load()

    def _new_source(self) -> None:
        rows = self.source.detections
        with self.hold_trait_notifications():
            self.spectra, self.observations, self.chosen, self.absent = {}, {}, (), ""
            if not (len(rows) and set(_NEEDED) <= set(rows.colnames)):
                self.absent = f"The archive has no detections of {self.source.name}."
                return
            rows = rows[np.argsort(rows["time"].mjd, kind="stable")] if "time" in rows.colnames else rows
            keys = _keys(rows)
            self.observations = dict(zip(keys, _words(rows), strict=True))
            self.chosen = tuple(key for key, first in zip(keys, _first(rows), strict=True) if first)


def _keys(rows: QTable) -> list[str]:
    return [f"{o}.{i}.{r}" for o, i, r in zip(*(plain(rows[name]).astype(int) for name in _NEEDED), strict=True)]


def _words(rows: QTable) -> list[str]:
    dates = Time(rows["time"]).strftime("%Y-%m-%d") if "time" in rows.colnames else [""] * len(rows)
    detectors = _text(rows, "detector")
    numbers = zip(*(plain(rows[name]).astype(int) for name in ("obsid", "obi")), strict=True)
    return [
        observation_words(date, obsid, obi, detector, detected=detected)
        for date, (obsid, obi), detector, detected in zip(dates, numbers, detectors, _detected(rows), strict=True)
    ]


def _first(rows: QTable) -> NDArray[np.bool_]:
    """Which observations are chosen at first: of those that detect the source the longest, ACIS before HRC."""
    length = (
        np.nan_to_num(plain(getattr(rows["livetime"], "value", rows["livetime"])))
        if ("livetime" in rows.colnames)
        else np.ones(len(rows))
    )
    acis = np.array([name == "ACIS" for name in _text(rows, "instrument")])
    for candidates, number in ((acis & _detected(rows), _AT_FIRST), (acis, 1), (~acis, 1)):
        if candidates.any():
            order = np.argsort(np.where(candidates, -length, np.inf), kind="stable")[:number]
            return np.asarray(np.isin(np.arange(len(rows)), order) & candidates)
    return np.zeros(len(rows), dtype=bool)


def _detected(rows: QTable) -> NDArray[np.bool_]:
    return np.array([kind.strip() != "n" for kind in _text(rows, "match_type")])


def _text(rows: QTable, name: str) -> list[str]:
    return [str(value) for value in rows[name]] if name in rows.colnames else [""] * len(rows)


def _spectrum(files: dict[str, Path]) -> Spectrum:
    return read(files["pha"])

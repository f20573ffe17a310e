"""Spectra of the source in focus: fetched when they are looked at, kept while it stays in focus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.table import QTable
from traitlets import Dict

from cscwidgets.arrays import Flags
from cscwidgets.csc.observation import ObservationKey
from cscwidgets.science.masked import plain
from cscwidgets.science.spectrum import Spectrum, read

from .observed import Missing, ObservedState

__all__ = ["SpectrumState"]

_AT_FIRST = 5  # observations that are shown at once: each is a megabyte to fetch


class SpectrumState(ObservedState):
    """The spectra of a source's observations; at first the longest ones with energies are chosen.

    Attributes
    ----------
    spectra : dict of ObservationKey
        The spectrum of each observation asked for, or `Missing`.
    """

    spectra: Dict[ObservationKey, Spectrum | Missing] = Dict()

    @property
    def question(self) -> str:
        """The key of what is fetched."""
        return "spectra"

    @property
    def shown(self) -> dict[ObservationKey, Spectrum]:
        """The spectra of the chosen observations, as far as they are here."""
        spectra = {key: self.spectra.get(key) for key in self.chosen}
        return {key: spectrum for key, spectrum in spectra.items() if isinstance(spectrum, Spectrum)}

    @property
    def missing(self) -> dict[ObservationKey, str]:
        """Why others of them have none."""
        spectra = {key: self.spectra.get(key) for key in self.chosen}
        return {key: one.why for key, one in spectra.items() if isinstance(one, Missing)}

    @property
    def fittable(self) -> list[Spectrum]:
        """Those of them that have energies."""
        return [spectrum for spectrum in self.shown.values() if not spectrum.refusal]

    @property
    def loaded(self) -> bool:
        """Whether spectra of a chosen observation are here."""
        return any(key in self.spectra for key in self.chosen)

    def load(self) -> None:
        """Fetch what is chosen and not here yet."""
        name, chosen = self.source.name, self.chosen
        wanted = [key for key in chosen if key not in self.spectra]

        def done(spectra: dict[ObservationKey, Spectrum | Missing]) -> None:
            absent = Missing("the archive has no spectrum (pha3) of this detection")
            self.spectra = self.spectra | dict.fromkeys(wanted, absent) | spectra

        self.fetch(
            *(("pha", "arf", "rmf"), wanted),
            reader=_spectrum,
            done=done,
            stands=lambda: (name, chosen) == (self.source.name, self.chosen),
        )

    def forget(self) -> None:
        """Drop the spectra of the source before."""
        self.spectra = {}

    def first_chosen(self) -> list[ObservationKey]:
        """Of the observations that detect the source the longest ones, ACIS before HRC, in order of time."""
        rows = self.source.detections
        first = {key for key, chosen in zip(ObservationKey.of_rows(rows), _first(rows), strict=True) if chosen}
        return [key for key in self.observations if key in first]


def _first(rows: QTable) -> Flags:
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


def _detected(rows: QTable) -> Flags:
    return np.array([kind.strip() != "n" for kind in _text(rows, "match_type")])


def _text(rows: QTable, name: str) -> list[str]:
    return [str(value) for value in rows[name]] if name in rows.colnames else [""] * len(rows)


def _spectrum(files: dict[str, Path]) -> Spectrum:
    return read(files["pha"])

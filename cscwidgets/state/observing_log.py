"""What the archive tells of whole observations: when, how long, with which detector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from astropy.table import QTable
from astropy.time import Time

from cscwidgets.archive import Archive
from cscwidgets.archive.query import NAMES_PER_QUERY, quote_text
from cscwidgets.archive.whole_answer import require_all
from cscwidgets.csc.instruments import configuration
from cscwidgets.csc.products import Observation
from cscwidgets.science.masked import plain

from .tasks import Task

__all__ = ["LoggedObservation", "observing_log", "stack_members", "times"]

_COLUMNS = ("instrument", "detector", "gti_mjd_obs", "livetime")


@dataclass(frozen=True, slots=True)
class LoggedObservation:
    """One observation interval; what the archive does not tell is NaN, or empty.

    Attributes
    ----------
    key : Observation
    instrument : str
        One of `cscwidgets.csc.instruments.CONFIGURATIONS`.
    start : float
        MJD (TT) of the first good time of a source in it.
    exposure : float
        Longest live time of a source in it, s: chips differ.
    """

    key: Observation
    instrument: str = ""
    start: float = np.nan
    exposure: float = np.nan

    @property
    def name(self) -> str:
        """ObsID, with the interval where it is not the first."""
        return str(self.key.obsid) + (f".{self.key.obi}" if self.key.obi else "")

    @property
    def date(self) -> str:
        """Day of the start, empty where it is not known."""
        return Time(self.start, format="mjd", scale="tt").isot[:10] if np.isfinite(self.start) else ""


def observing_log(archive: Archive, keys: Iterable[Observation], task: Task) -> dict[Observation, LoggedObservation]:
    """What is known of some observations.

    The archive has no table of observations: their numbers stand in the rows of the sources in them, so that of one
    without any source nothing is known.
    """
    entries = {key: LoggedObservation(key) for key in keys}
    available = set(archive.columns("observation_source", task))
    if not {"obsid", "obi", *_COLUMNS} <= available:
        return entries
    schema, obsids = archive.open(task).schema, sorted({key.obsid for key in entries})
    for start in range(0, len(obsids), NAMES_PER_QUERY):
        listed = ", ".join(map(str, obsids[start : start + NAMES_PER_QUERY]))
        answer = archive.query(
            "SELECT o.obsid, o.obi, MIN(o.instrument) AS instrument, MIN(o.detector) AS detector, "
            "MIN(o.gti_mjd_obs) AS started, MAX(o.livetime) AS lasted "
            f"FROM {schema}.observation_source AS o WHERE o.obsid IN ({listed}) GROUP BY o.obsid, o.obi",
            quiet=True,
            monitor=task,
        )
        rows = require_all(answer, ("obsid", "obi", "instrument", "detector", "started", "lasted"), ("obsid", "obi"))
        entries |= {entry.key: entry for entry in _entries(rows) if entry.key in entries}
    return entries


def stack_members(archive: Archive, stacks: Sequence[str], task: Task) -> dict[str, list[Observation]]:
    """The observations of each of some stacks."""
    members: dict[str, list[Observation]] = {stack: [] for stack in stacks}
    schema = archive.open(task).schema
    for start in range(0, len(stacks), NAMES_PER_QUERY):
        listed = ", ".join(map(quote_text, stacks[start : start + NAMES_PER_QUERY]))
        answer = archive.query(
            f"SELECT detect_stack_id, obsid, obi FROM {schema}.detect_stack WHERE detect_stack_id IN ({listed})",
            quiet=True,
            monitor=task,
        )
        rows = require_all(answer, ("detect_stack_id", "obsid", "obi"), ("obsid", "obi"))
        for stack, *key in zip(*(rows[name].tolist() for name in ("detect_stack_id", "obsid", "obi")), strict=True):
            members[str(stack).strip()].append(Observation(*map(int, key)))
    # A row for each of the exposures of alternating mode.
    return {stack: sorted(set(keys), key=lambda key: (key.obsid, key.obi)) for stack, keys in members.items()}


def times(days: Iterable[float]) -> Time:
    """Starts of observations, masked where they are not known."""
    starts = Time(np.ma.masked_invalid(np.array([*days], dtype=float)), format="mjd", scale="tt")
    starts.format = "isot"
    return starts


def _entries(rows: QTable) -> Iterable[LoggedObservation]:
    if not len(rows):
        return
    numbers = (np.ma.filled(np.ma.asarray(rows[name]), 0).astype(int).tolist() for name in ("obsid", "obi"))
    started, lasted = plain(rows["started"]), plain(rows["lasted"])
    for row, key in enumerate(map(Observation, *numbers)):
        instrument = configuration(str(rows["instrument"][row]), str(rows["detector"][row]))
        yield LoggedObservation(key, instrument, float(started[row]), float(lasted[row]))

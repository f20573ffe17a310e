"""The observations of the source in focus: which there are, which are looked at, and how their files come."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
from astropy.table import Table
from astropy.time import Time
from traitlets import Bool, Dict, MetaHasTraits, Tuple, Unicode, validate

from cscwidgets.csc.observation import ObservationKey
from cscwidgets.errors import CscError, CscWarning, IncompleteFetch, ProductError, warn
from cscwidgets.io.json_schema import listed, text

from .keeping import FLAG, Field, Keeps, Kept, Renewal
from .source import SourceState
from .tasks import Task

__all__ = ["Missing", "ObservedState", "attempt", "observation_names"]

T = TypeVar("T")


@dataclass(frozen=True)
class Missing:
    """Why an observation has no file to show, and whether it may have one at another try."""

    why: str
    passing: bool = False


class _AbstractTraits(MetaHasTraits, ABCMeta):
    """Of classes with traits that subclasses complete."""


_CHOSEN = Field(
    listed(text(60), 10_000),
    lambda keys: [str(key) for key in keys],
    lambda kept: tuple(ObservationKey.read(key) for key in kept),
)


class ObservedState(Keeps, metaclass=_AbstractTraits):
    """Looks at some of the observations of the source in focus.

    Subclasses say what is fetched of them (`load`), under which question of the tasks (`question`), and which are
    looked at first (`first_chosen`).

    Attributes
    ----------
    active : bool
        Whether anybody looks: only then files are fetched. Code that asks gets them all the same, see `settle`.
    observations : dict of ObservationKey to str
        The source's observations in order of time, and what each is called.
    absent : str
        Why there is nothing to look at.
    chosen : tuple of ObservationKey
        The observations that are looked at; texts "obsid.obi.region_id" become keys.
    """

    fields: ClassVar = {"chosen": _CHOSEN, "loaded": FLAG}

    active = Bool(False)
    observations: Dict[ObservationKey, str] = Dict()
    absent = Unicode("")
    chosen = Tuple()

    def __init__(self, source: SourceState) -> None:
        super().__init__()
        self.source, self.desk = source, source.desk
        self.desk.when(source, "name", self._new_source)
        self.desk.when(self, ("active", "chosen"), self.look)
        self.desk.when(source.explorer, "tries", self.try_again)

    @property
    @abstractmethod
    def question(self) -> str:
        """The key, among the tasks, of what is fetched."""

    @property
    @abstractmethod
    def loaded(self) -> bool:
        """Whether files of the chosen observations are here."""

    def restore(self, kept: Kept) -> Iterator[None]:
        """Look at the observations that were looked at."""
        self.assign({name: kept[name] for name in kept if name != "chosen"})
        gone = [key for key in kept["chosen"] if key not in self.observations]
        if self.observations:
            self.chosen = tuple(key for key in kept["chosen"] if key in self.observations)
        if gone and self.observations:
            self.desk.messages.warn(
                f"{len(gone)} observations of the session are not in this archive", ", ".join(gone[:5])
            )
        yield from ()

    def renewal(self, kept: Kept) -> Renewal:
        """The files of these observations."""
        return Renewal(f"{self.question} of {self.source.explorer.focus}" if kept["loaded"] else "")

    def renew(self, kept: Kept) -> Iterator[None]:
        """Fetch them."""
        if kept["loaded"] and self.observations:
            self.load()
            yield

    @abstractmethod
    def load(self) -> None:
        """Fetch what is chosen and not here yet."""

    @abstractmethod
    def first_chosen(self) -> Iterable[ObservationKey]:
        """What to look at first of a new source."""

    @abstractmethod
    def forget(self) -> None:
        """Drop what belongs to the source before."""

    def look(self) -> None:
        """Fetch what is chosen if somebody looks."""
        if self.active:
            self.load()

    def try_again(self) -> None:
        """Forget which files could not be fetched, so that they are asked for again."""
        for name in self.traits():
            results = getattr(self, name)
            if isinstance(results, dict):
                kept = {key: one for key, one in results.items() if not (isinstance(one, Missing) and one.passing)}
                setattr(self, name, kept)
        self.look()

    def settle(self, *keys: str) -> None:
        """Have what is chosen, and raise what that, or a question about it, failed with; see `Tasks.settle`."""
        self.source.settle()
        self.load()
        self.source.settle(self.question, *keys)

    def of_chosen(self, what: str, results: Mapping[ObservationKey, T | Missing]) -> dict[ObservationKey, T]:
        """The results of the chosen observations, for code that asks for them.

        Raises
        ------
        ProductError
            If there is none of any: it says why. Where there are some, a warning tells of the others.
        """
        present: dict[ObservationKey, T] = {}
        missing: list[str] = []
        for key in self.chosen:
            result = results.get(key)
            if isinstance(result, Missing):
                missing.append(f"{key}: {result.why}")
            elif result is not None:
                present[key] = result
        if missing and not present:
            raise ProductError(f"There are no {what} of what is chosen", "; ".join(missing))
        if missing:
            warn(CscWarning(f"{len(missing)} observations have no {what}. {'; '.join(missing)}."), stacklevel=3)
        return present

    def fetch(
        self,
        kinds: tuple[str, ...],
        keys: Iterable[ObservationKey],
        *,
        reader: Callable[[dict[str, Path]], T],
        done: Callable[[dict[ObservationKey, T | Missing]], None],
        stands: Callable[[], bool],
        bands: str = "b",
    ) -> None:
        """Fetch files of some observations and read them, in a task.

        The archive must have the first kind; one of another that it has and that did not come is missed as well.

        Parameters
        ----------
        kinds : tuple of str
            Kinds of products.
        keys : iterable of ObservationKey
            The observations.
        reader : callable
            Makes of the files of one observation, by kind, what is wanted.
        done : callable
            Called with what was read, or `Missing`.
        stands : callable
            Whether these observations of this source are still asked for; see `Tasks.run`.
        bands : str
            Bands of products that are made for each.
        """
        archive = self.desk.archive
        rows = _rows(self.source.detections, set(keys))
        if not len(rows):
            return

        def work(task: Task) -> dict[ObservationKey, T | Missing]:
            products = archive.products(rows, kinds, bands=bands, monitor=task)
            problems: dict[str, CscError] = {}
            try:
                fetched = dict(zip(map(str, products["filename"]), archive.fetch(products, monitor=task), strict=True))
            except IncompleteFetch as incomplete:
                fetched, problems = incomplete.fetched, incomplete.failed
            files: dict[ObservationKey, dict[str, Path]] = {}
            results: dict[ObservationKey, T | Missing] = {}
            for key, row in zip(ObservationKey.of_rows(products), products, strict=True):
                filename = str(row["filename"])
                if filename in fetched:
                    files.setdefault(key, {})[str(row["kind"])] = fetched[filename]
                else:
                    results[key] = Missing(str(problems[filename]), passing=True)
            for key, by_kind in files.items():
                task.check()
                if kinds[0] in by_kind and key not in results:
                    read = attempt(partial(reader, by_kind))
                    if isinstance(read, Missing) and not all(path.exists() for path in by_kind.values()):
                        read = Missing(read.why, passing=True)  # somebody cleared the cache
                    results[key] = read
            return results

        label = f"Fetching {self.question} of {self.source.name}"
        self.desk.tasks.run(label, work, done, key=self.question, stands=stands)

    @validate("chosen")
    def _as_keys(self, proposal: Mapping[str, Any]) -> tuple[ObservationKey, ...]:
        return tuple(ObservationKey.read(key) for key in proposal["value"])

    def _new_source(self) -> None:
        rows = self.source.detections
        with self.hold_trait_notifications():
            self.absent = ""
            self.observations = observation_names(rows)
            self.forget()
            if not self.observations:
                self.absent = f"The archive has no detections of {self.source.name}."
            self.chosen = tuple(self.first_chosen()) if self.observations else ()


def observation_names(detections: Table) -> dict[ObservationKey, str]:
    """What each observation of a source is called, in order of time.

    Parameters
    ----------
    detections : Table
        As `Archive.detections` gives them, or a part of its columns.
    """
    if not (len(detections) and ObservationKey.in_columns(detections.colnames)):
        return {}
    if "time" in detections.colnames:
        rows = detections[np.argsort(detections["time"].mjd, kind="stable")]
        dates = Time(rows["time"]).strftime("%Y-%m-%d").tolist()
    else:
        rows, dates = detections, [""] * len(detections)
    detector, match = (
        [str(value).strip() for value in rows[name]] if name in rows.colnames else [""] * len(rows)
        for name in ("detector", "match_type")
    )
    keys = ObservationKey.of_rows(rows)
    return {
        key: _words(*details) for key, details in zip(keys, zip(keys, dates, detector, match, strict=True), strict=True)
    }


def _words(key: ObservationKey, date: str, detector: str, match: str) -> str:
    interval = f" ({key.obi})" if key.obi else ""
    return f"{date}  ObsID {key.obsid}{interval}, {detector}{', not detected' if match == 'n' else ''}"


def attempt(work: Callable[[], T]) -> T | Missing:
    """The result, or why there is none: one bad file must not take the others with it."""
    try:
        return work()
    except CscError as error:
        return Missing(str(error))


def _rows(detections: Table, keys: set[ObservationKey]) -> Table:
    if not keys or not detections.colnames:
        return detections[:0]
    return detections[[key in keys for key in ObservationKey.of_rows(detections)]]

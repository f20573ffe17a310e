"""Observations of the source in focus, and how their files are fetched and read in the background."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from astropy.table import Table

from cscwidgets.errors import CscError, CscWarning, IncompleteFetch, ProductError
from cscwidgets.science.masked import plain

from .source import SourceState
from .tasks import Task

__all__ = ["Missing", "fetch_files", "found_of", "observation_words", "tried"]

T = TypeVar("T")


@dataclass(frozen=True)
class Missing:
    """Why an observation has no file to show."""

    why: str


def observation_words(date: str, obsid: int, obi: int, detector: str, *, detected: bool) -> str:
    """What an observation is called."""
    return (
        f"{date}  ObsID {obsid}"
        + (f" ({obi})" if obi else "")
        + f", {detector}"
        + ("" if detected else ", not detected")
    )


def fetch_files(
    source: SourceState,
    what: str,
    kinds: tuple[str, ...],
    keys: Iterable[str],
    *,
    reader: Callable[[dict[str, Path]], T],
    done: Callable[[dict[str, T | Missing]], None],
    stands: Callable[[], bool],
    bands: str = "b",
) -> None:
    """Fetch files of some observations of the source in focus and read them, in a task.

    The archive must have the first kind; one of another that it has and that did not come is missed as well.

    Parameters
    ----------
    what : str
        What is fetched, in words; a new question for the same replaces the one that runs.
    kinds : tuple of str
        Kinds of products.
    keys : iterable of str
        Observations as "obsid.obi.region_id".
    reader : callable
        Makes of the files of one observation, by kind, what is wanted.
    done : callable
        Called with what was read, or `Missing`.
    stands : callable
        Whether these observations of this source are still asked for; see `Tasks.run`.
    bands : str
        Bands of products that are made for each.
    """
    name, archive = source.name, source.explorer.archive
    rows = _rows(source.detections, keys)
    if not len(rows):
        return

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
            if kinds[0] in here and key not in found:
                found[key] = tried(partial(reader, here))
        return found

    source.explorer.tasks.run(f"Fetching {what} of {name}", work, done, key=what, stands=stands)


def found_of(what: str, chosen: Iterable[str], found: Mapping[str, T | Missing]) -> dict[str, T]:
    """What was found of the observations that code asks for.

    Raises
    ------
    ProductError
        If nothing was found of any: it says why. Where something was found of some, a warning tells of the others.
    """
    here: dict[str, T] = {}
    missing: list[str] = []
    for key in chosen:
        one = found.get(key)
        if isinstance(one, Missing):
            missing.append(f"{key}: {one.why}")
        elif one is not None:
            here[key] = one
    if missing and not here:
        raise ProductError(f"There are no {what} of what is chosen", "; ".join(missing))
    if missing:
        warnings.warn(CscWarning(f"{len(missing)} observations have no {what}. {'; '.join(missing)}."), stacklevel=3)
    return here


def tried(work: Callable[[], T]) -> T | Missing:
    """The result, or why there is none: one bad file must not take the others with it."""
    try:
        return work()
    except CscError as error:
        return Missing(str(error))


def _rows(detections: Table, keys: Iterable[str]) -> Table:
    wanted = set(keys)
    if not wanted or not detections.colnames:
        return detections[:0]
    columns = [plain(detections[name]).astype(int) for name in ("obsid", "obi", "region_id")]
    return detections[[f"{o}.{i}.{r}" in wanted for o, i, r in zip(*columns, strict=True)]]

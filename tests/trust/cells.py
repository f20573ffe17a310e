"""A cell of the fault matrix: a step under a fault, and whether what came of it may be."""

from __future__ import annotations

import gc
import gzip
import hashlib
import os
import re
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from astropy.coordinates import SkyCoord
from astropy.table import Table

from cscwidgets.archive.cache_folder import CACHE_VARIABLE
from cscwidgets.archive.files.integrity import is_intact
from cscwidgets.errors import CscError, CscWarning, IncompleteFetch, NotFound, QueryCancelled

from .faults import FAULTS
from .faulty_server import FaultyServer
from .step import Client
from .steps import STEPS

__all__ = ["Cell", "Undisturbed", "run_cell"]

SECONDS = 60.0  # of a cell: with tries after dropped lines, on a machine that has other things to do
GRACE = 3.0  # for threads to end and lines to close


@dataclass(frozen=True)
class Cell:
    """What came of a step under a fault.

    Attributes
    ----------
    step, fault, often : str
        `often` is "once" or "always".
    outcome : str
        "recovered", "told" (a warning with an answer that says that it is not whole), "refused", or "WRONG".
    why : str
        The words of the error, or what is wrong.
    seconds : float
    """

    step: str
    fault: str
    often: str
    outcome: str
    why: str
    seconds: float

    as_dict = asdict


class Undisturbed:
    """The answers of the steps without a fault, and how a client of each looks to the outside."""

    def __init__(self, server: FaultyServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self._answers: dict[str, Any] = {}

    def client(self) -> Client:
        """Somebody who has just begun."""
        return Client(self.server, Path(tempfile.mkdtemp(dir=self.folder)))

    def answer(self, step: str) -> Any:
        """The right answer."""
        if step not in self._answers:
            client = replace(self.client(), timeouts=(10.0, 120.0))  # a machine that is busy is no fault
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._answers[step] = plain(STEPS[step].ask(client))
            client.session.close()
        return self._answers[step]


def plain(answer: Any) -> Any:
    """An answer as values that can be compared: rows in an order of their own, files by their contents."""
    if isinstance(answer, Table):
        columns = sorted(answer.colnames)
        cells = [_values(answer[name]) for name in columns]
        units = [str(getattr(answer[name], "unit", None) or "") for name in columns]
        return columns, units, sorted(zip(*cells, strict=True), key=repr)
    if isinstance(answer, list) and answer and isinstance(answer[0], Path):
        return [(path.name, _content(path)) for path in answer]
    if isinstance(answer, Path) and answer.is_dir():
        return [(_named(path, answer), _content(path)) for path in sorted(answer.rglob("*")) if _tells(path)]
    if isinstance(answer, Path):
        return answer.name, _content(answer)
    if isinstance(answer, SkyCoord):
        return round(float(answer.ra.deg), 9), round(float(answer.dec.deg), 9)
    return repr(answer)


def _values(column: Any) -> list[Any]:
    values = np.ma.asarray(getattr(column, "value", column))
    return [None if value is None or value != value else value for value in values.tolist()]  # noqa: PLR0124 - NaN


def _named(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _tells(path: Path) -> bool:
    return path.is_file() and path.name != "archive.json"


def _content(path: Path) -> str:
    if path.suffix == ".parquet":
        return repr(sorted(map(repr, pq.read_table(path).to_pylist())))
    content = path.read_bytes()
    return hashlib.sha256(gzip.decompress(content) if path.suffix == ".gz" else content).hexdigest()


def run_cell(step: str, fault: str, often: str, right: Undisturbed) -> Cell:
    """Ask under a fault, look at what comes and at what is left, and ask once more without it."""
    expected, chosen = right.answer(step), FAULTS[fault]
    client, server = right.client(), right.server
    with _watched(client.folder) as left:
        server.order(
            chosen.act, STEPS[step].hits, once=often == "once", elsewhere=chosen.elsewhere, prepare=chosen.prepare
        )
        begun = time.monotonic()
        outcome, why = _ask(lambda: STEPS[step].ask(client), expected)
        seconds = time.monotonic() - begun
        met, undone = server.met, server.problems
        server.behave()
        if outcome != "WRONG":
            outcome, why = _afterwards(step, client, expected) or (outcome, why)
        client.session.close()
        server.behave()
    must = chosen.mended == "always" or (chosen.mended == "once" and often == "once")
    problems = [
        *([f"took {seconds:.0f} s"] if seconds > SECONDS else []),
        *(["the fault met no request"] if not met else []),
        *(["was not mended"] if must and outcome != "recovered" else []),
        *undone,
        *left,
    ]
    if problems:
        outcome, why = "WRONG", "; ".join([*problems, why])
    return Cell(step, fault, often, outcome, why, round(seconds, 2))


def _ask(ask: Callable[[], Any], expected: Any) -> tuple[str, str]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            answer = ask()
        except QueryCancelled as error:
            return "WRONG", f"cancelled by nobody: {error}"
        except CscError as error:
            return _judged(error)
        except Exception as error:  # noqa: BLE001 - this is what must not happen
            return "WRONG", f"raw {type(error).__name__}: {error}"
    if plain(answer) == expected:
        return "recovered", ""
    told = [warning for warning in said if issubclass(warning.category, CscWarning)]
    if told:
        return "told", str(told[0].message)
    return "WRONG", f"another answer, without a word: {str(plain(answer))[:300]} for {str(expected)[:300]}"


_NOT_WORDS = re.compile(r"Traceback|0x[0-9a-f]{6}|<urllib3|<html|HTTPConnectionPool|\(Caused by|b'|\bException\b")


def _judged(error: CscError) -> tuple[str, str]:
    """Whether an error says what did not happen, why, and what to do."""
    words = str(error)
    causes = list(error.failed.values()) if isinstance(error, IncompleteFetch) else []
    for one in (error, *causes):
        parts = ("what", "hint") if isinstance(one, NotFound) else ("what", "why", "hint")  # which is its own reason
        missing = [part for part in parts if not getattr(one, part).strip()]
        if missing:
            return "WRONG", f"an error without {' and '.join(missing)}: {one}"
        if _NOT_WORDS.search(str(one)) or len(str(one)) > 1500:
            return "WRONG", f"an error that is not for people: {str(one)[:600]}"
    return "refused", words


def _afterwards(step: str, client: Client, expected: Any) -> tuple[str, str] | None:
    """What is wrong with the same question, asked by the same client, when all is well again."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = plain(STEPS[step].ask(client))
    except Exception as error:  # noqa: BLE001 - whatever it is
        return "WRONG", f"cannot be used afterwards: {type(error).__name__}: {error}"
    return None if answer == expected else ("WRONG", f"answers otherwise afterwards: {str(answer)[:300]}")


@contextmanager
def _watched(folder: Path) -> Iterator[list[str]]:
    """Threads, lines and files that are left behind."""
    left: list[str] = []
    threads, lines, usual = set(threading.enumerate()), _lines(), (tempfile.tempdir, os.environ.get(CACHE_VARIABLE))
    temporary = folder / "tmp"
    temporary.mkdir()
    tempfile.tempdir, os.environ[CACHE_VARIABLE] = str(temporary), str(folder / "caches")
    try:
        yield left
    finally:
        tempfile.tempdir = usual[0]
        os.environ.pop(CACHE_VARIABLE) if usual[1] is None else os.environ.update({CACHE_VARIABLE: usual[1]})
        end = time.monotonic() + GRACE
        while time.monotonic() < end and (set(threading.enumerate()) - threads or _lines() > lines):
            gc.collect()
            time.sleep(0.02)
        left += [f"the thread {thread.name} is left" for thread in set(threading.enumerate()) - threads]
        left += [f"{_lines() - lines} lines are left"] if _lines() > lines else []
        left += [f"{path.name} is left in the folder of temporary files" for path in temporary.iterdir()]
        left += [f"{path} is half a file" for path in folder.rglob("*") if _is_half(path)]


def _lines() -> int:
    count = 0
    for line in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            count += str(line.readlink()).startswith("socket:")
    return count


def _is_half(path: Path) -> bool:
    if path.is_dir():
        return path.name.startswith(".") and path.name != ".incoming"
    if path.parent.name == ".incoming":
        return True
    if path.suffix == ".gz":
        return not is_intact(path)
    return path.name.startswith(".")

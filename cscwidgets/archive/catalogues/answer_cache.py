"""Answers of services on this machine, so that a question goes out once: whole ones only, each with its age."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from astropy.table import QTable

from cscwidgets.errors import CscError
from cscwidgets.io.atomic import write_whole

from ..cache_folder import cache_root
from ..provenance import Provenance

__all__ = ["AnswerCache"]

LIMIT = 2_000_000_000
"""Bytes of answers to keep unless told."""


class AnswerCache:
    """Complete answers by what was asked of whom.

    Any number of threads and processes may use it at once, and any of them may be killed at any moment.

    Parameters
    ----------
    folder : path, optional
        Where to keep them; ``answers`` in the user's cache unless told.
    limit : int
        Bytes above which the answers used longest ago go.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, limit: int = LIMIT) -> None:
        self.folder = Path(folder) if folder is not None else cache_root() / "answers"
        self.limit = limit

    def __repr__(self) -> str:
        return f"AnswerCache({str(self.folder)!r}, limit={self.limit})"

    def answer(
        self,
        service: str,
        question: str,
        ask: Callable[[], QTable],
        *,
        refresh: bool = False,
        keeps: Callable[[QTable], bool] = lambda _: True,
    ) -> QTable:
        """The answer that is here, or a new one, which is kept.

        Parameters
        ----------
        service, question : str
            What is asked of whom.
        ask : callable
            Asks.
        refresh : bool
            Ask anew, though an answer is here.
        keeps : callable
            Whether a complete answer is worth keeping; all are unless told.
        """
        answer = None if refresh else self.find(service, question)
        if answer is None:
            answer = ask()
            if keeps(answer):
                self.store(service, question, answer)
        return answer

    def find(self, service: str, question: str) -> QTable | None:
        """An answer that is here, or None; its provenance says in ``origin`` when it came."""
        path = self._path(service, question)
        try:
            table = QTable.read(path, format="parquet")
            provenance = Provenance(**table.meta.pop("provenance"))
        except FileNotFoundError:
            return None
        except Exception:  # noqa: BLE001 (what readers raise over a damaged file cannot be listed)
            with suppress(OSError):
                path.unlink(missing_ok=True)  # not written by this version, or damaged: ask again
            return None
        with suppress(OSError):  # of others, which may be read only
            path.touch()
        came = datetime.fromisoformat(provenance.time).astimezone(UTC).strftime("cached %Y-%m-%d %H:%M UTC")
        origin = f"{provenance.origin}; {came}" if provenance.origin else came
        table.meta["provenance"] = replace(provenance, origin=origin)
        return table

    def store(self, service: str, question: str, answer: QTable) -> None:
        """Keep an answer, if it is complete and there is a place to write to."""
        provenance: Provenance = answer.meta["provenance"]
        if not provenance.complete:
            return
        kept = answer.copy(copy_data=False)
        kept.meta["provenance"] = provenance.as_dict()
        path = self._path(service, question)
        with suppress(OSError, CscError):  # an answer that cannot be kept is no worse
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, lambda incoming: kept.write(incoming, format="parquet", overwrite=True), overwrite=True)
            self._trim()

    def clear(self) -> None:
        """Forget all answers."""
        for path in self.folder.glob("*.parquet"):
            path.unlink(missing_ok=True)

    def _path(self, service: str, question: str) -> Path:
        key = hashlib.sha256(f"{service}\n{question}".encode()).hexdigest()
        return self.folder / f"{key}.parquet"

    def _trim(self) -> None:
        files = []
        for path in self.folder.glob("*.parquet"):
            try:
                files.append((path.stat().st_mtime, path.stat().st_size, path))
            except FileNotFoundError:
                continue  # others are at work here too
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if total <= self.limit:
                return
            path.unlink(missing_ok=True)
            total -= size

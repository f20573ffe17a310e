"""Whole tables of an archive as an archive folder: fetched in pieces, one after the other, killed and gone on with.

Each table is planned first (`mirror_plan`), and the plan with the count of each piece is written down. A piece that
came as it was counted is a file; what has one is not asked again. When all are there and nothing came twice, the folder
takes its place in one step.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from astropy.table import QTable

from cscwidgets.csc.releases import RELEASES, Release
from cscwidgets.errors import QueryError
from cscwidgets.io.atomic import place_folder, recover_folder, staging_folder, write_whole

from .answer_checks import require
from .folder import ArchiveInfo, read_info, said_of, write_info
from .mirror import KEYS, MirroredArchive, described, origin_of
from .mirror_plan import UNPLACED, Journal, Piece, Planner, where
from .monitor import Monitor
from .repeated import once_each
from .tables_on_disk import FolderError, write_large, write_piece, write_table

__all__ = ["WholeMirror"]

_PAUSE = 0.5  # seconds between two questions to a service that others use too


@dataclass(frozen=True)
class WholeMirror:
    """What to mirror whole, and where.

    Attributes
    ----------
    archive : MirroredArchive
        Where the rows come from.
    tables : sequence of str
        Names without schema.
    folder : Path
        A new folder, or one that an earlier call for the same tables left unfinished.
    monitor : Monitor
        Told of progress, asked whether to stop.
    """

    archive: MirroredArchive
    tables: Sequence[str]
    folder: Path
    monitor: Monitor

    def make(self) -> None:
        """Make the folder, or go on making it.

        Raises
        ------
        FolderError
            If something else is in the folder.
        QueryError
            If the service sends other rows than it counts, or has changed since the mirror was begun.
        """
        recover_folder(self.folder)
        request = {"archive": self.archive.name, "tables": list(self.tables)}
        journal = self._journal(request)
        if journal is not None:
            release = self.archive.open(self.monitor)
            for number, table in enumerate(self.tables):
                self._fetch(table, release, journal, number / len(self.tables))
            self._check_unchanged(release, journal)
            self._put_together(release, journal)
        self.monitor.report("the mirror is complete", 1.0)

    def _journal(self, request: Mapping[str, object]) -> Journal | None:
        """What is known of the mirror so far; None if it is complete."""
        if (self.folder / "archive.json").is_file():
            made = read_info(self.folder).details.get("mirror", {})
            if {key: made.get(key) for key in request} == request:
                return None
            journal = None
        else:
            journal = Journal.of(self.folder / "mirror.json", request)
            if journal is not None and (journal.path.is_file() or not _occupied(self.folder)):
                return journal
        raise FolderError(
            f"The mirror was not written to {self.folder}", "something else is there", "Choose another folder."
        )

    # One table

    def _fetch(self, table: str, release: Release, journal: Journal, begun: float) -> None:
        columns = self.archive.columns(table, self.monitor)
        if not columns:
            raise QueryError(f"{release.title} has no table {table!r}", "", "Ask TAP_SCHEMA.tables for its tables.")
        name = f"{release.schema}.{table}"
        if table not in journal.plans:
            self.monitor.report(f"{table}: counting", begun)
            journal.plans[table] = Planner(name, columns, self._ask, journal.counted, journal.write).pieces()
            journal.counted = {}
            journal.write()
        pieces = journal.plans[table]
        placed = all(piece.rows == 0 for piece in pieces if piece.condition == UNPLACED)
        done = 0
        for number, piece in enumerate(pieces):
            path = self._piece(table, number)
            if piece.rows and not _has(path, piece.rows):
                rows = described(table, self._rows(name, columns, piece, journal))
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, partial(write_piece, rows=rows, placed=placed), overwrite=True)
            done += piece.rows
            share = (number + 1) / len(pieces) / len(self.tables)
            self.monitor.report(f"{table}: {done:,} rows, piece {number + 1} of {len(pieces)}", begun + share)

    def _piece(self, table: str, number: int) -> Path:
        return self.folder / "pieces" / table / f"{number:05d}.parquet"

    def _rows(self, name: str, columns: Sequence[str], piece: Piece, journal: Journal) -> QTable:
        rows = once_each(require(self._ask(_select(name, columns) + where(piece.condition)), columns))
        provenance = rows.meta["provenance"]
        if not provenance.complete or len(rows) != piece.rows:
            raise QueryError(
                f"{name} cannot be mirrored",
                f"the service counted {piece.rows:,} rows and sent {len(rows):,}: {provenance}",
                "What came is kept: call again. If this persists, the service has changed: begin a new folder.",
            )
        journal.hear(provenance.version, provenance.origin, simulated=provenance.simulated)
        return rows

    def _ask(self, adql: str) -> QTable:
        """One question after the other, with time between them for others."""
        end = time.monotonic() + (0.0 if self.archive.local else _PAUSE)
        while (left := end - time.monotonic()) > 0:
            self.monitor.check()
            time.sleep(min(0.1, left))
        return self.archive.query(adql, quiet=True, monitor=self.monitor)

    # The folder

    def _check_unchanged(self, release: Release, journal: Journal) -> None:
        for table in self.tables:
            planned = sum(piece.rows for piece in journal.plans[table])
            if (now := Planner(f"{release.schema}.{table}", (), self._ask).count()) != planned:
                raise QueryError(
                    "The mirror is not of one state of the archive",
                    f"{table} had {planned:,} rows when it was begun, and has {now:,} now",
                    f"Remove {self.folder}, and mirror again.",
                )

    def _put_together(self, release: Release, journal: Journal) -> None:
        version, origin, simulated = journal.said or ("", "", False)
        mirror = {
            **journal.request,
            "asked": journal.begun,
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "version": version,
            "complete": True,
        }
        if not version:
            mirror["note"] = "The service does not say its version: 2.1 and its overlay 2.1.1 have one address."
        info = ArchiveInfo(
            title=f"{release.title}, mirrored whole",
            release=next((name for name, row in RELEASES.items() if row.schema == release.schema), "csc2.1"),
            schema=release.schema,
            origin=origin_of(release.title, journal.begun, version, origin),
            simulated=simulated,
            created=datetime.now(UTC).isoformat(),
            details={"mirror": mirror},
        )
        staging = staging_folder(self.folder)
        try:
            (staging / "products").mkdir()
            held = {table: self._write(staging, table, release, journal, said_of(info)) for table in self.tables}
            write_info(staging, ArchiveInfo(**{**asdict(info), "tables": held}))
            staging.chmod(0o755)
            place_folder(staging, self.folder)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise

    def _write(self, staging: Path, table: str, release: Release, journal: Journal, said: Mapping[str, str]) -> int:
        """Write a table of its pieces; returns how many rows it has."""
        self.monitor.report(f"{table}: putting it together", 0.99)
        pieces = [self._piece(table, number) for number, piece in enumerate(journal.plans[table]) if piece.rows]
        if not pieces:
            columns = self.archive.columns(table, self.monitor)
            nothing = self._ask(f"{_select(f'{release.schema}.{table}', columns)} WHERE 1 = 0")
            write_table(staging, table, described(table, nothing), said)
            return 0
        _check_once(table, pieces)
        return write_large(staging, table, pieces, said)


def _select(name: str, columns: Sequence[str]) -> str:
    return f"SELECT {', '.join(f't.{column}' for column in columns)} FROM {name} t"


def _occupied(folder: Path) -> bool:
    return folder.exists() and any(folder.iterdir())


def _has(path: Path, rows: int) -> bool:
    """Whether a piece is there; it is whole, since it was written so."""
    return path.is_file() and pq.read_metadata(path).num_rows == rows


def _check_once(table: str, pieces: Sequence[Path]) -> None:
    """Refuse rows that came in two pieces.

    Raises
    ------
    QueryError
    """
    key = KEYS.get(table)
    if key is None or not set(key) <= set(pq.read_schema(pieces[0]).names):
        return
    rows = pa.concat_tables([pq.read_table(piece, columns=list(key)) for piece in pieces])
    different = rows.group_by(list(key)).aggregate([]).num_rows
    if different != rows.num_rows:
        raise QueryError(
            f"{table} cannot be mirrored",
            f"{rows.num_rows - different:,} of its {rows.num_rows:,} rows came twice, by {', '.join(key)}",
            "The service changed while it was asked, or has several rows of one key: begin a new folder.",
        )

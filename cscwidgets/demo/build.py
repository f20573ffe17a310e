"""Build the demo archive once, and find it ever after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from filelock import FileLock, Timeout

from cscwidgets.archive.cache_folder import CACHE_VARIABLE, cache_root, require_room
from cscwidgets.archive.folder import ArchiveInfo, FolderError, read_info, write_folder
from cscwidgets.errors import QueryCancelled
from cscwidgets.io.atomic import sweep

from .code_version import code_version
from .simulation import region_counts
from .sky.fields import SEED
from .sky.population import population
from .tables.catalogue_table import catalogue_table
from .tables.detection_tables import association_tables, observation_columns, region_extent, stack_columns
from .tables.master_table import master_columns
from .tables.positions import measured_positions, source_names
from .tables.summary import summarise
from .tables.survey_tables import survey_tables

__all__ = ["CACHE_VARIABLE", "demo_folder", "demo_tables"]

_SIZE = 100_000_000
"""Bytes to have room for: the tables, and what is written beside them."""

Progress = Callable[[float, str], None]


def demo_folder(progress: Progress | None = None, cancelled: Callable[[], bool] | None = None) -> Path:
    """The demo archive's folder, built on first use.

    Parameters
    ----------
    progress : callable, optional
        Told the fraction done, 0 to 1, and what is being done.
    cancelled : callable, optional
        Asked now and then; when it returns true the building ends and nothing is left behind.

    Returns
    -------
    Path
        An archive folder in the user's cache, one for each version of the code that makes it.

    Raises
    ------
    QueryCancelled
        If `cancelled` said so.
    CscError
        If the cache cannot be written; that is found out first.
    """
    folder = cache_root() / f"demo-{code_version()}"
    for left in folder.parent.glob(".demo-*"):  # of versions before this one too
        sweep(folder.parent / left.name.split(".")[1])
    if (folder / "archive.json").is_file():
        return folder

    def step(done: float, doing: str) -> None:
        if cancelled is not None and cancelled():
            raise QueryCancelled(
                "The demo archive was not built", "it was cancelled", "Open it again to start building anew."
            )
        if progress is not None:
            progress(done, doing)

    require_room(folder.parent, _SIZE, "The demo archive was not built")
    with _turn(folder, lambda: step(0.0, "Another process builds the demo archive")):
        if not (folder / "archive.json").is_file():
            tables = demo_tables(step)
            step(0.97, "Writing the demo archive")
            _publish(tables, folder)
    if progress is not None:
        progress(1.0, "The demo archive is ready")
    return folder


@contextmanager
def _turn(folder: Path, wait: Callable[[], None]) -> Iterator[None]:
    """Let one process build at a time; without files that lock, each builds, and the first one's folder stays."""
    lock = FileLock(folder.with_name(f".{folder.name}.lock"))
    with suppress(NotImplementedError):
        while not lock.is_locked:
            with suppress(Timeout):
                lock.acquire(timeout=0.2)
                break
            wait()
    try:
        yield
    finally:
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink(missing_ok=True)


def demo_tables(step: Progress) -> dict[str, pa.Table]:
    """All tables of the simulated catalogue; `step` is told the fraction done and may raise."""
    step(0.0, "Observing the simulated sky")
    records = region_counts()
    summary = summarise(records, lambda done, doing: step(0.8 * done / 0.75, doing))
    step(0.85, "Writing down detections")
    positions = measured_positions(records, summary.stacked.photometry.net.value)
    names = source_names(positions.ra, positions.dec, population().kind[records.masters])
    extent = region_extent(summary)
    columns = {
        "master_source": master_columns(summary, positions, names, extent),
        "stack_source": stack_columns(summary, positions, extent),
        "observation_source": observation_columns(summary),
        **association_tables(summary, names),
    }
    step(0.92, "Writing down sources")
    tables = {name: catalogue_table(name, table) for name, table in columns.items()}
    step(0.95, "Simulating optical and infrared catalogues")
    return tables | survey_tables(names, records.masters)


def _publish(tables: dict[str, pa.Table], folder: Path) -> None:
    """Write the folder; where another process was faster, its folder stays."""
    info = ArchiveInfo(
        title="Simulated demo sky",
        release="csc2.1",
        schema="csc21",
        origin="SIMULATED by cscwidgets for trying things out; no telescope saw these sources",
        simulated=True,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        details={"seed": SEED, "code": code_version()},
    )
    try:
        write_folder(folder, tables, info)
    except FolderError:
        if not (folder / "archive.json").is_file():
            raise
    read_info(folder)

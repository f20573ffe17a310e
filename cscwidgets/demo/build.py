"""Build the demo archive once, and find it ever after."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pyarrow as pa

from cscwidgets.archive.files.cache import CACHE_VARIABLE, cache_root, require_room
from cscwidgets.archive.folder import ArchiveInfo, FolderError, read_info, write_folder
from cscwidgets.csc import bands, columns
from cscwidgets.errors import QueryCancelled
from cscwidgets.io.atomic import sweep
from cscwidgets.science import absorption, credible, hardness, masked, photometry, variability
from cscwidgets.science.spectra import gaunt

from .sky.population import SEED, population
from .tables.arrow import catalogue_table
from .tables.detection_tables import association_tables, observation_columns, region_extent, stack_columns
from .tables.master_table import master_columns
from .tables.positions import measured_positions, source_names
from .tables.summary import summarise
from .tables.survey_tables import survey_tables
from .telescope.detections import detections

__all__ = ["CACHE_VARIABLE", "code_version", "demo_folder", "demo_tables"]

_USED = (absorption, bands, columns, credible, gaunt, hardness, masked, photometry, variability)
_CROSS_SECTIONS = Path(absorption.__file__).with_name("photoelectric.npz")

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
    tables = demo_tables(step)
    step(0.97, "Writing the demo archive")
    _publish(tables, folder)
    if progress is not None:
        progress(1.0, "The demo archive is ready")
    return folder


@cache
def code_version() -> str:
    """A short hash of the code that the demo's numbers follow from."""
    sources = [*Path(__file__).parent.rglob("*.py"), *(Path(str(module.__file__)) for module in _USED), _CROSS_SECTIONS]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def demo_tables(step: Progress) -> dict[str, pa.Table]:
    """All tables of the simulated catalogue; `step` is told the fraction done and may raise."""
    summary = summarise(lambda done, doing: step(0.8 * done / 0.75, doing))
    step(0.85, "Writing down detections")
    positions = measured_positions(summary)
    names = source_names(positions.ra, positions.dec, population().kind[detections().masters])
    extent = region_extent(summary)
    made = {
        "master_source": master_columns(summary, positions, names, extent),
        "stack_source": stack_columns(summary, positions, extent),
        "observation_source": observation_columns(summary),
        **association_tables(summary, names),
    }
    step(0.92, "Writing down sources")
    tables = {name: catalogue_table(name, table) for name, table in made.items()}
    step(0.95, "Simulating optical and infrared catalogues")
    return tables | survey_tables(names)


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

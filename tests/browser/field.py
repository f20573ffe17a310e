"""A field of any number of sources: rows of the demo archive drawn at random, renamed, moved and shaken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.archive.query import DEFAULT_COLUMNS
from cscwidgets.archive.tables_on_disk import stored_table

__all__ = ["CENTRE", "RADIUS", "write_field"]

CENTRE = (23.4621, 30.6599)
RADIUS = 1.5
"""Degrees around the centre that hold every source."""

_HARDNESS = ("hard_hm", "hard_hs", "hard_ms")


def write_field(folder: Path, demo: Path, n: int, seed: int = 7) -> Path:
    """Write an archive folder of n sources with the columns a search asks for.

    Parameters
    ----------
    folder : Path
        The folder to make.
    demo : Path
        The demo archive.
    """
    rng = np.random.default_rng(seed)
    demo_sources = stored_table(demo, "master_source").read(list(DEFAULT_COLUMNS))
    table = demo_sources.take(rng.integers(0, len(demo_sources), n))
    distance, angle = RADIUS * np.sqrt(rng.random(n)), rng.uniform(0, 2 * np.pi, n)
    changed = {
        "name": [f"SIM J{row:07d}" for row in range(n)],
        "ra": CENTRE[0] + distance * np.cos(angle) / np.cos(np.radians(CENTRE[1] + distance * np.sin(angle))),
        "dec": CENTRE[1] + distance * np.sin(angle),
    }
    for column in _HARDNESS:
        # A ratio and its limits move together; what has no value keeps none.
        shift = rng.normal(0, 0.05, n)
        for name in (column, f"{column}_lolim", f"{column}_hilim"):
            changed[name] = np.clip(table[name].to_numpy() + shift, -1, 1)
    for name, values in changed.items():
        position, kind = table.schema.get_field_index(name), table.schema.field(name)
        table = table.set_column(position, kind, pa.array(values, kind.type, from_pandas=True))
    info = ArchiveInfo(f"Field of {n:,}", "csc2.1", "csc21", "drawn from the demo", True, "2026-01-01T00:00:00Z")
    write_folder(folder, {"master_source": table}, info)
    return folder

"""A catalogue of the CSC's size: its folder built, opened, asked; and a large VOTable read. Beside STILTS and astropy.

Times are of the processor, all threads together, the best of several: a machine that others use too changes those of
the clock. STILTS has to read the table for each question, as TOPCAT does once; its time is told with that.
"""

from __future__ import annotations

import io
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from astropy.io.votable import parse_single_table
from astropy.table import Table

from cscwidgets import Archive, Explorer
from cscwidgets.archive.answer import read_answer, table_of, to_qtable
from cscwidgets.service.app import application
from tests.whole_catalogue import SOURCES, whole_catalogue, write_whole_catalogue

from .measurement import Measurement, markdown

RUNS = 5
VOTABLE = (100_000, 21)
CONE = "ra >= 10.5 AND ra < 10.9 AND dec >= 41.17 AND dec < 41.37"
CUT = "flux_aper_b > 1e-13 AND hard_hs > 0.2 AND var_intra_prob_b > 0.9"


def cpu(act: Callable[[], object], runs: int = RUNS) -> float:
    """Least processor time in ms."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        act()
        times.append(1000 * (time.process_time() - start))
    return min(times)


def stilts(table: Path, condition: str) -> float:
    """Processor time in ms of STILTS over a condition in its own language; NaN where it is not installed."""
    program = shutil.which("stilts")
    if program is None:
        return float("nan")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    java = condition.replace(" AND ", " && ")
    command = [program, "tpipe", f"in={table}", "ifmt=fits", f"cmd=select '{java}'", "omode=count"]
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def votable() -> bytes:
    """A VOTable as astropy writes it, cell by cell."""
    rows = whole_catalogue(VOTABLE[0])
    table = Table()
    for name in rows.column_names[: VOTABLE[1]]:
        values = rows[name].to_numpy(zero_copy_only=False)
        table[name] = values.astype(str) if values.dtype.kind == "O" else values
    document = io.BytesIO()
    table.write(document, format="votable", tabledata_format="tabledata")
    return document.getvalue()


def explorer(folder: Path) -> None:
    """In a process of its own: opens an explorer, brushes, and prints the times and the memory."""
    start = time.process_time()
    app = Explorer(archive=folder)
    seen: list[float] = []
    app.workspace.all_sky.observe(lambda _: seen.append(1000 * (time.process_time() - start)), "positions")
    app.wait()
    rows = 1000 * (time.process_time() - start)
    app.hardness.settle()
    shape = {"event_type": "drawn", "shape": "circle", "center": [83.8, -5.4], "purpose": "select", "mode": "new"}
    radii = iter(np.linspace(70, 75, RUNS))
    brush = cpu(lambda: app.sky._on_shape({**shape, "radius": next(radii)}))
    # Not ru_maxrss, which a process takes over from the one that began it.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    most = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    print(seen[0], rows, brush, app._state.desk.selection.count, most)


def run() -> list[Measurement]:
    """All rows of the table."""
    with tempfile.TemporaryDirectory() as place:
        folder, fits = Path(place) / "csc21", Path(place) / "csc21.fits"
        built = cpu(lambda: write_whole_catalogue(folder), 1)
        rows = whole_catalogue()
        peer = Table({name: rows[name].to_numpy(zero_copy_only=False) for name in rows.column_names})
        for name in ("name", "likelihood_class"):
            peer[name] = peer[name].astype(str)
        peer.write(fits)
        archive = Archive(folder)
        archive.open()
        database = application(folder).database
        columns = "name, ra, dec, significance, flux_aper_b"
        cone = cpu(lambda: database.query(f"SELECT {columns} FROM master_source WHERE {CONE}"))
        cut = cpu(lambda: database.query(f"SELECT * FROM master_source WHERE {CUT}"))
        command = [sys.executable, "-c", f"from benchmarks.bench_catalogue import *; explorer(Path({str(folder)!r}))"]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        seen, all_rows, brush, selected, memory = map(float, told)
        theirs_cone, theirs_cut = stilts(fits, CONE), stilts(fits, CUT)
    document = votable()
    ours = cpu(lambda: to_qtable(table_of(read_answer(document, "a service"), "a service"), "master_source"), 3)
    astropy = cpu(lambda: parse_single_table(io.BytesIO(document)).to_table(), 1)
    nothing = float("nan")
    size = f"{SOURCES:,} x 60"
    return [
        Measurement(f"{size}: drawn and written as a folder", built, "", nothing, "≤ 60000"),
        Measurement("explorer over it: counts on all of the sky", seen, "", nothing, "≤ 1500"),
        Measurement("explorer over it: all rows here", all_rows, "", nothing),
        Measurement(f"explorer over it: brush of {selected:,.0f}, in the kernel", brush, "", nothing, "≤ 1000"),
        Measurement("explorer over it: most memory (MB)", memory, "", nothing, "≤ 700"),
        Measurement("cone of 761", cone, "STILTS, reading included", theirs_cone, "≤ 20"),
        Measurement("cut on three columns, all columns back", cut, "STILTS, reading included", theirs_cut, "≤ 150"),
        Measurement("VOTable of 100,000 x 21 to a QTable", ours, "astropy, to a Table", astropy, "≤ 600"),
    ]


if __name__ == "__main__":
    print(markdown(run()))

"""A session of 10,000 sources with 50 fits and a long history: saved, its size, and opened without fetching."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from cscwidgets import Archive
from cscwidgets.demo import build
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.reopening import Reopening
from cscwidgets.state.session import Session
from cscwidgets.state.session_file import SessionFile
from cscwidgets.state.workspace import KEPT, Workspace
from tests.browser.field import CENTRE, RADIUS, write_field

from .measurement import Measurement

SOURCES, FITS, STEPS, RUNS = 10_000, 50, 100, 7


def _record() -> dict[str, object]:
    """What a real fit of a demo source leaves."""
    workspace = Workspace(ExplorerState(Archive("demo")))
    tasks = workspace.desk.tasks
    workspace.explorer.search("47 Tuc", "3 arcmin")
    tasks.settle(timeout=120)
    workspace.spectrum.active = True
    fitting, table = workspace.spectral_fit, workspace.explorer.table
    for name in map(str, table["name"][np.argsort(-table["significance"])]):
        workspace.explorer.focus = name
        tasks.settle(timeout=120)
        fitting.fit()
        tasks.settle(timeout=120)
        if fitting.result is not None and fitting.result.statistic < 2 * fitting.result.dof:  # a power law fits it
            break
    for ask in (fitting.find_intervals, fitting.find_fluxes):
        ask()
        tasks.settle(timeout=300)
    return dict(fitting.records[-1])


def _worked(folder: Path) -> Workspace:
    workspace = Workspace(ExplorerState(Archive(folder)))
    workspace.explorer.search(f"{CENTRE[0]} {CENTRE[1]}", f"{RADIUS} deg")
    workspace.desk.tasks.settle(timeout=120)
    table = workspace.explorer.table.copy()
    table["name"] = [f"2CXO J{row:06d}.0+{row:06d}" for row in range(len(table))]  # as long as the catalogue's
    workspace.explorer.show(table, "M33", workspace.explorer.region, "query")
    names = np.asarray(table["name"], str)
    rng = np.random.default_rng(1)
    for _ in range(STEPS):
        workspace.desk.selection.publish("sky", names[rng.random(len(names)) < 0.5].tolist(), "new")
    record = _record()
    workspace.spectral_fit.records = tuple({**record, "source": name} for name in names[:FITS].tolist())
    return workspace


def run() -> list[Measurement]:
    """Times in ms and a size in kB; the peer is writing or reading the same names alone as a table of ECSV."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_field(folder / "field", build.demo_folder(), SOURCES)
        workspace, path = _worked(folder / "field"), folder / "a.csc.json"
        names = workspace.explorer.table[["name"]]
        saving, opening, writing, reading = [], [], [], []
        for _ in range(RUNS):
            start = time.perf_counter()
            Session(workspace).save(path, overwrite=True)
            saving.append(time.perf_counter() - start)
            other = Workspace(ExplorerState(Archive(folder / "field")))
            start = time.perf_counter()
            reopening = Reopening(other, SessionFile.read(path, KEPT))
            for name, state in other.kept.items():
                if name not in ("explorer", "source"):  # whose sources are fetched
                    for _pause in state.restore(reopening.kept(name)):
                        pass
            opening.append(time.perf_counter() - start)
            start = time.perf_counter()
            names.write(folder / "names.ecsv", overwrite=True)
            writing.append(time.perf_counter() - start)
            start = time.perf_counter()
            type(names).read(folder / "names.ecsv")
            reading.append(time.perf_counter() - start)
        size, plain = path.stat().st_size, (folder / "names.ecsv").stat().st_size
    what = f"session of {SOURCES:,} sources, {FITS} fits, {STEPS} steps of selection"
    saved, opened = (1000 * statistics.median(times) for times in (saving, opening))
    write, read = (1000 * statistics.median(times) for times in (writing, reading))
    return [
        Measurement(f"{what}: save", saved, "the names alone as ECSV", write, "≤ 200"),
        Measurement(f"{what}: open, without fetching", opened, "the names alone as ECSV", read, "≤ 1000"),
        Measurement(f"{what}: size in kB", size / 1000, "the names alone as ECSV", plain / 1000, "≤ 1000"),
    ]

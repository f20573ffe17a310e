"""A list of 10,000 positions or names over the demo, beside astropy on the whole table in memory.

The peer reads the same lines, matches them and tells which lie in an error ellipse; it knows nothing of where was
observed. Run: python -m benchmarks.bench_lists.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from cscwidgets import Archive
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.workspace import Workspace

from .measurement import Measurement, markdown

RUNS = 5
ROWS = 10_000
FIELDS = SkyCoord([23.46, 83.82, 6.02, 164.05], [30.66, -5.39, -72.08, 57.2], unit="deg")


def positions(sources: QTable) -> SkyCoord:
    """Half of them by sources, the rest around the fields and all over the sky."""
    rng = np.random.default_rng(3)
    near = SkyCoord(sources["ra"], sources["dec"])[rng.integers(0, len(sources), ROWS // 2)]
    near = near.directional_offset_by(rng.uniform(0, 360, len(near)) * u.deg, 0.3 * u.arcsec)
    around = FIELDS[rng.integers(0, 4, ROWS // 4)]
    around = around.directional_offset_by(
        rng.uniform(0, 360, len(around)) * u.deg, rng.uniform(0, 1, len(around)) * u.deg
    )
    rest = ROWS - len(near) - len(around)
    far = SkyCoord(rng.uniform(0, 360, rest), np.degrees(np.arcsin(rng.uniform(-1, 1, rest))), unit="deg")
    parts = (near, around, far)
    return SkyCoord(*(np.concatenate([getattr(one, axis).deg for one in parts]) for axis in ("ra", "dec")), unit="deg")


def by_astropy(lines: list[str], sources: QTable) -> int:
    """How many of the lines lie in a source's error ellipse."""
    places, catalogue = SkyCoord(lines, unit=(u.hourangle, u.deg)), SkyCoord(sources["ra"], sources["dec"])
    at, of, apart, _ = catalogue.search_around_sky(places, np.max(sources["err_ellipse_r0"]))
    turned = catalogue[of].position_angle(places[at]) - sources["err_ellipse_ang"][of]
    r0, r1 = sources["err_ellipse_r0"][of], sources["err_ellipse_r1"][of]
    return len(np.unique(at[np.hypot(apart * np.cos(turned) / r0, apart * np.sin(turned) / r1) <= 1]))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Median times in ms, of the wall's clock and of the processor."""
    work()
    times = []
    for _ in range(RUNS):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        times.append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor)))
    return statistics.median(wall for wall, _ in times), statistics.median(processor for _, processor in times)


def run() -> list[Measurement]:
    """Lists of every kind, and all that the explorer does with one."""
    archive = Archive("demo")
    columns = "name, ra, dec, err_ellipse_r0, err_ellipse_r1, err_ellipse_ang"
    sources = archive.query(f"SELECT {columns} FROM {archive.open().schema}.master_source")
    places = positions(sources)
    lines = places.to_string("hmsdms", sep=":", precision=3)
    names = [str(name) for name in np.resize(np.asarray(sources["name"]), ROWS)]
    listed = Workspace(ExplorerState(archive)).listed

    def explored() -> None:
        listed.search(places)
        listed.settle()

    def limits() -> None:
        listed.limits()
        listed.settle()

    peer, _ = timed(lambda: by_astropy(lines, sources))
    kinds: dict[str, Callable[[], object]] = {
        "a SkyCoord": lambda: archive.search_list(places),
        "sexagesimal lines": lambda: archive.search_list(lines),
        "names": lambda: archive.search_list(names),
        "a SkyCoord, with the outlines of 30 stacks": explored,
        "limits of its rows without a source, 30 maps": limits,
    }
    rows = []
    for kind, work in kinds.items():
        wall, processor = timed(work)
        what = f"a list of {ROWS:,}: {kind} (processor {processor:,.0f})"
        rows.append(Measurement(what, wall, "astropy, lines read and matched", peer, "≤ 3000"))
    return rows


if __name__ == "__main__":
    print(markdown(run()))

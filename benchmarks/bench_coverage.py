"""Sky coverage from sens3 files beside reproject_and_coadd, on fields of known areas: no less accurate, or it ends.

``python -m benchmarks.bench_coverage`` measures all; with ``500``, ``2000`` or ``survey`` that part alone.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.wcs.utils import proj_plane_pixel_area
from reproject import reproject_interp
from reproject.mosaicking import find_optimal_celestial_wcs, reproject_and_coadd
from scipy.spatial.transform import Rotation

from cscwidgets.science.coverage import mosaic
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX, read_sensitivity_map
from tests.sensitivity_fields import Fields, write_map

from .bench_crossmatch import peak_memory
from .measurement import Measurement, markdown

MAPS = 20
PLACE = Rotation.from_euler("ZYX", [164, -57.2, 0], degrees=True)
POSITIONS = 100_000
STACKS, SQUARE = 500, 5.0  # deg: 25 deg**2

Coverage = tuple[float, list[float]]
"""Whole area, and that at some fluxes, deg**2."""


def ours(files: Sequence[Path], fluxes: Sequence[float]) -> Coverage:
    curve = mosaic(files).curve()
    return curve.total.to_value("deg2"), list(curve.at(np.array(fluxes) * PHOTON_FLUX).to_value("deg2"))


def theirs(files: Sequence[Path], fluxes: Sequence[float]) -> Coverage:
    """The same from an image: the lowest of all maps on one grid, at the maps' resolution."""
    maps = [(one.limit, one.wcs) for one in map(read_sensitivity_map, files)]
    pixel = min(np.sqrt(proj_plane_pixel_area(wcs)) for _, wcs in maps)
    wcs, shape = find_optimal_celestial_wcs(maps, resolution=pixel * u.deg)
    image, footprint = reproject_and_coadd(
        maps, wcs, shape, reproject_function=reproject_interp, combine_function="min", match_background=False
    )
    limit = np.sort(image[(footprint > 0) & np.isfinite(image) & (image > 0)])
    area = proj_plane_pixel_area(wcs)
    return len(limit) * area, list(np.searchsorted(limit, fluxes, "right") * area)


WAYS: dict[str, Callable[[Sequence[Path], Sequence[float]], Coverage]] = {"ours": ours, "theirs": theirs}


def _fields() -> tuple[Fields, list[float]]:
    fields = Fields.simulate(MAPS)
    return fields, list(np.geomspace(1.15 * fields.faintest.min(), 5 * fields.faintest.max(), 40))


def _files(folder: Path, fields: Fields, size: int) -> list[Path]:
    indices = range(len(fields.lon))
    return [write_map(folder / f"{index:03d}_sens3.fits", fields.map(index, size, PLACE)) for index in indices]


def _child(way: str, folder: Path, runs: int) -> dict[str, float]:
    """Median time (ms), peak memory (MB) and worst error of a process that only does this."""
    command = [sys.executable, "-m", "benchmarks.bench_coverage", way, str(folder), str(runs)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _measure(way: str, folder: Path, runs: int) -> None:
    fields, fluxes = _fields()
    files = sorted(folder.glob("*_sens3.fits"))
    times = []
    for _ in range(runs):
        clock = time.perf_counter()
        found = WAYS[way](files, fluxes)
        times.append(1000 * (time.perf_counter() - clock))
    peak = peak_memory()
    truth = np.array([fields.area(), *(fields.area(flux) for flux in fluxes)])
    worst = float(np.abs(np.array([found[0], *found[1]]) / truth - 1).max())
    print(json.dumps({"time": statistics.median(times), "peak": peak, "error": worst}))


def run(size: int, runs: int, target: str) -> Measurement:
    """Both ways on 20 maps of a size, each in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _files(folder, _fields()[0], size)
        mine, other = _child("ours", folder, runs), _child("theirs", folder, 1 if size > 1000 else runs)
    assert mine["error"] <= other["error"], (mine, other)
    what = f"{MAPS} files of {size}² to the curve: areas to {mine['error']:.2%}, {mine['peak']:.0f} MB"
    peer = f"reproject_and_coadd: areas to {other['error']:.2%}, {other['peak']:.0f} MB"
    return Measurement(what, mine["time"], peer, other["time"], f"≤ {target}")


def survey() -> list[str]:
    """A survey of 500 stacks, one more stack, and limits at many positions, as Markdown."""
    rng = np.random.default_rng(2)
    half = SQUARE / 2
    fields = Fields(
        rng.uniform(-half, half, STACKS),
        rng.uniform(-half, half, STACKS),
        10 ** rng.uniform(-7, -6, STACKS),
        rng.uniform(0, 2 * np.pi, STACKS),
        0.26,
    )
    made = mosaic([fields.map(0, 500)])
    spent = 0.0
    for index in range(1, STACKS):  # one after another: 500 maps in memory would be more than the mosaic
        one = fields.map(index, 500)
        clock = time.perf_counter()
        mosaic([one], onto=made)
        spent += time.perf_counter() - clock
    clock = time.perf_counter()
    total = made.curve().total
    curve = time.perf_counter() - clock
    coords = SkyCoord(rng.uniform(-half, half, POSITIONS), rng.uniform(-half, half, POSITIONS), unit="deg")
    clock = time.perf_counter()
    made.limit_at(coords)
    limits = time.perf_counter() - clock
    grown = f"{spent:.1f} s, {1000 * spent / STACKS:.0f} ms for one more stack; the curve {1000 * curve:.0f} ms"
    return [
        f"{STACKS} stacks of 500², {total:.2f}: {grown}; peak {peak_memory():.0f} MB (target ≤ 2048)",
        f"Limits at {POSITIONS:,} positions: {1000 * limits:.0f} ms (target ≤ 1000)",
    ]


def main(parts: Sequence[str]) -> None:
    made = []
    if "500" in parts:
        made.append(run(500, 5, "1,200"))
    if "2000" in parts:
        made.append(run(2000, 1, "20,000, 1024 MB"))
    if made:
        print(markdown(made))
    if "survey" in parts:
        print("\n" + "\n\n".join(survey()))


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in WAYS:
        _measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(sys.argv[1:] or ["500", "2000", "survey"])

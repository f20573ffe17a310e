"""A match of the size of the whole CSC beside astropy, STILTS and NWAY: the same pairs, or the run ends.

NWAY runs where `nway.py` is on the path or NWAY names it; it is not installed with the others (AGPL).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord, search_around_sky
from astropy.table import QTable, Table

from cscwidgets.science.crossmatch import Crossmatch, crossmatch
from cscwidgets.science.matches.sky_pairs import Pairs, pairs

from .measurement import Measurement, markdown

RUNS = 5
SOURCES, OBJECTS, FIELDS, SHARE = 400_000, 1_000_000, 3_500, 0.625
FIELD = 8 / 60  # deg, radius
RADIUS = 5 * u.arcsec
NWAY = os.environ.get("NWAY") or shutil.which("nway.py")


def sky(
    sources: int = SOURCES, objects: int = OBJECTS, fields: int = FIELDS, ratio: float = 3.0
) -> tuple[Table, Table]:
    """Sources with CSC-like error ellipses and a catalogue, in round fields all over the sky."""
    rng = np.random.default_rng(1)
    centre = rng.uniform(0, 360, fields), np.degrees(np.arcsin(rng.uniform(-1, 1, fields)))

    def places(number: int, size: float) -> np.ndarray:
        field = rng.integers(0, fields, number)
        away, angle = size * np.sqrt(rng.random(number)), rng.uniform(0, 2 * np.pi, number)
        return _beside(centre[0][field], centre[1][field], away * np.sin(angle), away * np.cos(angle))

    true, shared = places(sources, FIELD), int(SHARE * sources)
    others = places(objects - shared, 1.05 * FIELD)
    error = rng.uniform(0.05, 0.3, objects)
    catalogue = np.concatenate([others, true[:, :shared]], axis=1)
    major, angle = np.exp(rng.normal(np.log(0.3), 0.5, sources)), rng.uniform(0, 180, sources)
    along, across = rng.normal(0, major) / 3600, rng.normal(0, major / ratio) / 3600
    sin, cos = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    seen = _beside(*true, along * sin - across * cos, along * cos + across * sin)
    found = _beside(*catalogue, *(rng.normal(0, error) / 3600 for _ in range(2)))
    axes = {"err_ellipse_r0": 2.4477 * major, "err_ellipse_r1": 2.4477 * major / ratio, "err_ellipse_ang": angle}
    magnitude = np.concatenate([rng.normal(22, 1.5, objects - shared), rng.normal(20, 1.2, shared)])
    return (
        Table({"name": np.arange(sources).astype("U22"), "ra": seen[0], "dec": seen[1], **axes}),
        Table({"id": np.arange(objects), "ra": found[0], "dec": found[1], "pos_err": error, "mag": magnitude}),
    )


def _beside(lon: np.ndarray, lat: np.ndarray, east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Positions moved by small angles in their tangent planes, degrees."""
    x, y, lat = np.radians(east), np.radians(north), np.radians(lat)
    away, height = np.cos(lat) - y * np.sin(lat), np.sin(lat) + y * np.cos(lat)
    return np.array(
        [np.mod(lon + np.degrees(np.arctan2(x, away)), 360), np.degrees(np.arctan2(height, np.hypot(away, x)))]
    )


def run() -> list[Measurement]:
    """Times in ms."""
    sources, catalogue = sky()
    made = _pairs("400,000 sources, 1,000,000 objects, 5 arcsec", sources, catalogue, RADIUS, "≤ 700")
    whole = _median(partial(crossmatch, sources, catalogue, RADIUS), 3)
    learnt = _median(partial(crossmatch, sources, catalogue, RADIUS, prior="mag"), 3)
    made += [
        Measurement("the same with p_any and p_i", whole, "STILTS, pairs alone", made[1].theirs, "≤ 2,000"),
        Measurement("the same with a magnitude prior", learnt, "STILTS, pairs alone", made[1].theirs),
    ]
    rng = np.random.default_rng(2)
    here, there = (
        Table({"ra": rng.uniform(0, 360, OBJECTS), "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, OBJECTS)))})
        for _ in "ab"
    )
    made += _pairs("1,000,000 against 1,000,000 all over the sky, 30 arcsec", here, there, 30 * u.arcsec)
    return made + ([_nway()] if NWAY else [])


def _pairs(what: str, here: Table, there: Table, radius: u.Quantity, goal: str = "") -> list[Measurement]:
    """All pairs, ours and the peers', which must be the same ones."""
    lists = [np.asarray(table[name]) for table in (here, there) for name in ("ra", "dec")]
    first, second = (SkyCoord(table["ra"], table["dec"], unit="deg") for table in (here, there))
    ours = _median(partial(pairs, *lists, radius.to_value("deg")))
    found = pairs(*lists, radius.to_value("deg"))
    clock = time.perf_counter()
    astropy = search_around_sky(first, second, radius)
    theirs = 1000 * (time.perf_counter() - clock)
    _same(found, np.asarray(astropy[0]), np.asarray(astropy[1]))
    with tempfile.TemporaryDirectory() as folder:
        stilts, rows = _stilts(Path(folder), here, there, radius)
    _same(found, *rows)
    what = f"{len(found):,} pairs of {what}"
    return [
        Measurement(what, ours, "astropy search_around_sky", theirs, goal),
        Measurement(what, ours, "STILTS tskymatch2 with its start and files", stilts, f"≤ {stilts / 5:,.0f}"),
    ]


def _same(found: Pairs, first: np.ndarray, second: np.ndarray) -> None:
    number = int(found.second.max()) + 1
    ours, theirs = (
        np.sort(one.astype(np.int64) * number + other) for one, other in ((found.first, found.second), (first, second))
    )
    np.testing.assert_array_equal(ours, theirs)


def _stilts(folder: Path, here: Table, there: Table, radius: u.Quantity) -> tuple[float, tuple[np.ndarray, np.ndarray]]:
    for name, table in (("a", here), ("b", there)):
        Table({"row": np.arange(len(table)), "ra": table["ra"], "dec": table["dec"]}).write(folder / f"{name}.fits")
    columns = ["ra1=ra", "dec1=dec", "ra2=ra", "dec2=dec", "find=all", "join=1and2"]
    files = [f"{key}={folder / name}" for key, name in (("in1", "a.fits"), ("in2", "b.fits"), ("out", "out.fits"))]
    clock = time.perf_counter()
    command = ["stilts", "tskymatch2", *columns, *files, f"error={radius.to_value('arcsec')}"]
    subprocess.run(command, check=True, capture_output=True)
    spent = 1000 * (time.perf_counter() - clock)
    out = Table.read(folder / "out.fits")
    return spent, (np.asarray(out["row_1"]), np.asarray(out["row_2"]))


def _nway() -> Measurement:
    """NWAY on 20,000 sources with circular errors: without a candidate it weighs 1, where we weigh 1 - c."""
    here, there = sky(20_000, 50_000, 175, 1.0)
    area = 175 * np.pi * FIELD**2
    with tempfile.TemporaryDirectory() as folder:
        for name, table, error in (("A", here, here["err_ellipse_r0"] / 2.4477468), ("B", there, there["pos_err"])):
            rows = {"ID": np.arange(len(table)), "RA": table["ra"], "DEC": table["dec"], "pos_err": error}
            out = Table(rows, meta={"EXTNAME": name, "SKYAREA": area})
            out.write(Path(folder) / f"{name}.fits")
        command = [
            NWAY,
            "--radius",
            "5",
            "--prior-completeness",
            "0.7",
            "A.fits",
            ":pos_err",
            "B.fits",
            ":pos_err",
            "--out=C.fits",
        ]
        clock = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        theirs = 1000 * (time.perf_counter() - clock)
        answer = Table.read(Path(folder) / "C.fits")
    answer = answer[answer["B_ID"] >= 0]
    given = {"density": len(there) / area / u.deg**2, "completeness": 0.7 / 1.7}
    ours = _median(partial(crossmatch, here, there, RADIUS, **given))
    mine = crossmatch(here, there, RADIUS, **given).candidates
    order, other = np.lexsort((mine["catalogue_row"], mine["source_row"])), np.lexsort((answer["B_ID"], answer["A_ID"]))
    mine, answer = mine[order], answer[other]
    np.testing.assert_array_equal(mine["source_row"], answer["A_ID"])
    np.testing.assert_array_equal(mine["catalogue_row"], answer["B_ID"])
    worst = [float(np.abs(mine[column] - answer[column]).max()) for column in ("p_any", "p_i")]
    assert max(worst) < 0.005, worst
    flags = (mine["match_flag"] == answer["match_flag"]).mean()
    what = f"20,000 sources, 50,000 objects: p_any to {worst[0]:.4f}, p_i to {worst[1]:.4f}, {flags:.2%} of flags equal"
    return Measurement(what, ours, "NWAY", theirs)


def peak() -> float:
    """Peak memory in MB of a process that reads both tables and matches them."""
    sources, catalogue = sky()
    with tempfile.TemporaryDirectory() as folder:
        for name, table in (("a", sources), ("b", catalogue)):
            np.savez(Path(folder) / f"{name}.npz", **{column: np.asarray(table[column]) for column in table.colnames})
        child = [sys.executable, "-m", "benchmarks.bench_crossmatch", folder]
        return float(subprocess.run(child, check=True, capture_output=True, text=True).stdout)


def _match_files(folder: Path) -> None:
    tables = [QTable(dict(np.load(folder / f"{name}.npz"))) for name in "ab"]
    crossmatch(*tables, RADIUS)
    print(peak_memory())


def peak_memory() -> float:
    """Of this process alone, MB (Linux); `getrusage` would count the one that started it."""
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index("VmHWM:") + 1]) / 1024


def gain() -> str:
    """Completeness at 95 and 98 % purity, without and with a prior, as a Markdown table."""
    sources, catalogue = sky(100_000, 1_500_000, 60)
    truth = np.where(
        np.arange(len(sources)) < SHARE * len(sources), len(catalogue) - int(SHARE * len(sources)), -(10**9)
    )
    rows = []
    for prior in ((), "mag"):
        match = crossmatch(sources, catalogue, RADIUS, prior=prior)
        shares = (f"{_completeness(match, truth + np.arange(len(sources)), purity):.3f}" for purity in (0.95, 0.98))
        rows.append(f"| {'with a magnitude prior' if prior else 'positions alone'} | {' | '.join(shares)} |")
    head = "| 100,000 sources, 1,500,000 objects: counterparts found | at 95 % purity | at 98 % purity |"
    return "\n".join([head, "| --- | --: | --: |", *rows])


def _completeness(match: Crossmatch, truth: np.ndarray, purity: float) -> float:
    best = match.candidates[match.candidates["match_flag"] == 1]
    right = np.asarray(best["catalogue_row"] == truth[best["source_row"]])
    right = right[np.argsort(-np.asarray(best["p_any"] * best["p_i"]))]
    pure = np.flatnonzero(np.cumsum(right) >= purity * np.arange(1, len(right) + 1))
    return right[: pure[-1] + 1].sum() / (truth >= 0).sum()


def _median(work: Callable[[], object], runs: int = RUNS) -> float:
    times = []
    for _ in range(runs):
        clock = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - clock))
    return statistics.median(times)


def main() -> None:
    print(markdown(run()))
    print(f"\nPeak memory of the match of 400,000 sources and 1,000,000 objects: {peak():.0f} MB (target ≤ 600)\n")
    print(gain())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _match_files(Path(sys.argv[1]))
    else:
        main()

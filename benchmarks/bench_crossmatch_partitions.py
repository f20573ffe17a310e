"""The whole CSC against 50,000,000 objects in HEALPix partitions: time, and memory of a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import astropy.units as u
import numpy as np
import pyarrow as pa
from astropy.table import Table

from cscwidgets.science.crossmatch_partitions import match_partitions
from cscwidgets.science.matches.partitions import Partitions, partition

from .bench_crossmatch import peak_memory, sky

OBJECTS, AT_ONCE = 50_000_000, 1_000_000


def _catalogue(fields: Table) -> Iterator[pa.RecordBatch]:
    """The million objects of the fields, and 49 million all over the sky."""
    rng = np.random.default_rng(3)
    yield pa.RecordBatch.from_pydict({name: np.asarray(fields[name]) for name in ("id", "ra", "dec", "pos_err")})
    for first in range(len(fields), OBJECTS, AT_ONCE):
        columns = {
            "id": np.arange(first, first + AT_ONCE),
            "ra": rng.uniform(0, 360, AT_ONCE),
            "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, AT_ONCE))),
            "pos_err": rng.uniform(0.05, 0.3, AT_ONCE),
        }
        yield pa.RecordBatch.from_pydict(columns)


def main(folder: Path) -> None:
    """Write the catalogue, then match it in another process."""
    clock = time.perf_counter()
    sources, fields = sky()
    partition(_catalogue(fields), folder / "parts")
    np.savez(folder / "sources.npz", **{name: np.asarray(sources[name]) for name in sources.colnames})
    written = time.perf_counter() - clock
    print(f"{OBJECTS:,} rows written in {written:.0f} s, peak memory {peak_memory():.0f} MB (target ≤ 2048)")
    command = [sys.executable, "-m", "benchmarks.bench_crossmatch_partitions", str(folder)]
    print(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _match(folder: Path) -> None:
    sources = Table(dict(np.load(folder / "sources.npz")))
    clock = time.perf_counter()
    answer = match_partitions(sources, Partitions(folder / "parts"), 5 * u.arcsec)
    print(f"matched in {time.perf_counter() - clock:.0f} s, peak memory {peak_memory():.0f} MB (target ≤ 2048)")
    print(f"{answer.summary()}; completeness {answer.completeness:.4f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _match(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made))

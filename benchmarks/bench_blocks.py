"""Bayesian blocks beside `astropy.stats.bayesian_blocks`, and a search for periods beside the sums it stands for.

The same data, the same edges: an unequal result ends the run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from astropy import stats

from cscwidgets.science.times.blocks import bayesian_blocks
from cscwidgets.science.times.good_time import GoodTime
from cscwidgets.science.times.periods import Frequencies, z_squared

from .measurement import Measurement, markdown

RUNS = 5
SIZES = (1_000, 10_000)
SPAN = 1e5  # s


def run() -> list[Measurement]:
    """Times in ms."""
    rng = np.random.default_rng(1)
    made = []
    for size in SIZES:
        constant = rng.uniform(0, SPAN, size)
        for what, events in (
            ("constant source", constant),
            ("variable source", constant + 9e3 * np.sin(constant / 1e4)),
        ):
            np.testing.assert_array_equal(bayesian_blocks(events), stats.bayesian_blocks(events))
            ours = _median(partial(bayesian_blocks, events))
            theirs = _median(partial(stats.bayesian_blocks, events))
            goal = f"≤ {theirs / 5:,.0f}" if size == SIZES[-1] else ""
            made.append(Measurement(f"Bayesian blocks, {size:,} events, {what}", ours, "astropy", theirs, goal))
    value, error = rng.normal(size=2_000), rng.uniform(0.5, 1, 2_000)
    days = np.arange(2_000.0)
    ours = _median(partial(bayesian_blocks, days, value, error))
    theirs = _median(partial(stats.bayesian_blocks, days, value, error, fitness="measures"))
    made.append(Measurement("Bayesian blocks, 2,000 measurements", ours, "astropy", theirs))
    return [*made, _periods(rng)]


def _periods(rng: np.random.Generator) -> Measurement:
    events, search, good = rng.uniform(0, SPAN, 100_000), Frequencies(1e-3, 1e-5, 10_000), GoodTime.of(0, SPAN)

    def directly(some: int = 20) -> None:
        for frequency in search.values[:some]:
            for harmonic in (1, 2):
                angle = 2 * np.pi * harmonic * frequency * events
                np.cos(angle).sum()
                np.sin(angle).sum()

    direct = _median(directly) * search.number / 20
    ours = _median(partial(z_squared, events, search, good))
    return Measurement("Z-squared, 100,000 events, 10,000 frequencies", ours, "numpy's sums, extrapolated", direct)


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


if __name__ == "__main__":
    print(markdown(run()))

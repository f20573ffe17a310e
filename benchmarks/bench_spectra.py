"""Fits of simulated spectra: how often the truth is inside the 68 % interval, and what our layer costs over Sherpa.

`python -m benchmarks.bench_spectra 500` simulates so many sources for every row of its table, where the standard
deviation of a share is then 2 %.
"""

from __future__ import annotations

import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass

import numpy as np
from sherpa.astro import instrument
from sherpa.data import DataSimulFit
from sherpa.fit import Fit
from sherpa.models import SimulFitModel
from sherpa.optmethods import LevMar, NelderMead

from cscwidgets.science.fit import FitResult, fit
from cscwidgets.science.spectra.confidence import Interval
from cscwidgets.science.spectra.models import source_model
from cscwidgets.science.spectra.sherpa_data import pha
from cscwidgets.science.spectrum import Counts, Spectrum

from .acis import acis_response

BAND = (0.5, 7.0)
GAMMA = 1.7
COLUMNS = (0.1, 1.0)  # 1e22 cm**-2: one that few counts cannot tell from none, and one that they can
CASES = [(nh, counts, number) for nh in COLUMNS for number in (1, 5) for counts in (30, 100, 1000)]
BATCH = 25
EXPOSURE, RATIO = 5e4, 25.0
BACKGROUND = 0.05  # of the source's counts, in the source region


class Simulator:
    """Spectra of one source through a parametric ACIS, with known truth."""

    def __init__(self, truth: dict[str, float]) -> None:
        response = acis_response(2004.0)
        zero = np.zeros(1024)
        source, behind = Counts(zero, EXPOSURE, 1.0, 1.0), Counts(zero, EXPOSURE, RATIO, 1.0)
        self.empty = Spectrum(
            "simulated", 1, 0, 1, "ACIS", True, np.arange(1, 1025), source, behind, "simulated", None, None, response
        )
        model = source_model("tbabs*powerlaw")
        for name, value in truth.items():
            model.parameter(name).set(value)
        model.parameter("ampl").set(1e-4)
        data = pha(self.empty, BAND)
        self.mean = np.asarray(data.eval_model(instrument.Response1D(data)(model.absorbed)))
        self.inside = self.empty.within(*BAND)
        self.amplitude = 1e-4 / float(self.mean[self.inside].sum())  # for one count

    def draw(self, rng: np.random.Generator, counts: int) -> Spectrum:
        """A spectrum with so many counts to be expected in the band."""
        mean = self.mean * counts / self.mean[self.inside].sum()
        rate = BACKGROUND * counts / self.inside.sum()
        source = Counts(rng.poisson(mean + rate).astype(float), EXPOSURE, 1.0, 1.0)
        behind = Counts(rng.poisson(np.full(1024, rate * RATIO)).astype(float), EXPOSURE, RATIO, 1.0)
        first = self.empty
        return Spectrum(
            first.path, 1, 0, 1, "ACIS", True, first.channel, source, behind, first.path, None, None, first.response
        )


@dataclass
class Tally:
    """Of one parameter: how often it had an interval or a limit, and how often the truth was inside."""

    intervals: int = 0
    inside: int = 0
    limits: int = 0
    allowed: int = 0

    def add(self, found: Interval, truth: float) -> None:
        inside = not (found.lower > truth or found.upper < truth)
        if found.limit:
            self.limits += 1
            self.allowed += inside
        else:
            self.intervals += 1
            self.inside += inside

    def __add__(self, other: Tally) -> Tally:
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Tally(*(one + another for one, another in pairs))

    def __str__(self) -> str:
        share = f"{self.inside / self.intervals:.1%}" if self.intervals else "–"
        if not self.limits:
            return share
        every = (self.inside + self.allowed) / (self.intervals + self.limits)
        return f"{share} of {self.intervals}; with the {self.limits} limits {every:.1%}"


def batch(job: tuple[float, int, int, int]) -> list[Tally]:
    """`BATCH` fits of sources with a column, counts in each observation, and so many observations."""
    nh, counts, number, seed = job
    truth = {"tbabs.nH": nh, "powerlaw.gamma": GAMMA}
    simulator, rng = Simulator(truth), np.random.default_rng([2026, int(100 * nh), counts, number, seed])
    truth["powerlaw.ampl"] = simulator.amplitude * counts
    tallies = {name: Tally() for name in truth}
    for _ in range(BATCH):
        found = fit([simulator.draw(rng, counts) for _ in range(number)]).confidence()
        for name, tally in tallies.items():
            tally.add(found[name], truth[name])
    return list(tallies.values())


def table(tallies: dict[tuple[float, int, int], list[Tally]]) -> str:
    """Markdown table of how often the truth is inside the 68 % interval."""
    lines = ["| nH, 1e22 cm⁻² | counts each | observations | nH | photon index | amplitude |", "|" + "--:|" * 6]
    for (nh, counts, number), row in tallies.items():
        lines.append(f"| {nh:g} | {counts} | {number} | {' | '.join(map(str, row))} |")
    return "\n".join(lines)


def coverage(fits: int) -> str:
    """The table with so many fits in each row."""
    batches = range(max(fits // BATCH, 1))
    jobs = [(*case, seed) for case in CASES for seed in batches]
    tallies = {case: [Tally() for _ in range(3)] for case in CASES}
    with ProcessPoolExecutor() as pool:
        for job, found in zip(jobs, pool.map(batch, jobs), strict=True):
            tallies[job[:3]] = [one + more for one, more in zip(tallies[job[:3]], found, strict=True)]
    return table(tallies)


def overhead(runs: int = 15) -> str:
    """Markdown table of median times in ms of the same fit by us and by bare Sherpa, and with errors."""
    simulator = Simulator({"tbabs.nH": 0.1, "powerlaw.gamma": GAMMA})
    rng = np.random.default_rng(1)
    lines = ["| observations | fit | bare Sherpa | fit with errors |", "|--:|--:|--:|--:|"]
    for number in (1, 5, 10):
        spectra = [simulator.draw(rng, 300) for _ in range(number)]
        start = {"powerlaw.ampl": 300 * simulator.amplitude}
        ours, bare, errors = [], [], []
        for _ in range(runs):
            begun = time.perf_counter()
            result = fit(spectra, start=start)
            ours.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            least = _bare(spectra, result, start["powerlaw.ampl"])
            bare.append(time.perf_counter() - begun)
            assert abs(least - result.statistic) < 1e-6 * result.statistic
        for _ in range(3):
            begun = time.perf_counter()
            fit(spectra).confidence()
            errors.append(time.perf_counter() - begun)
        times = " | ".join(f"{1e3 * statistics.median(one):,.0f}" for one in (ours, bare, errors))
        lines.append(f"| {number} | {times} |")
    return "\n".join(lines)


def _bare(spectra: list[Spectrum], result: FitResult, amplitude: float) -> float:
    model = source_model("tbabs*powerlaw")
    model.parameter("ampl").set(amplitude)
    data = [pha(one, BAND, groups=groups) for one, groups in zip(spectra, result.statistic_used.groups, strict=True)]
    folded = [instrument.Response1D(one)(model.absorbed) for one in data]
    sets = (DataSimulFit("all", data), SimulFitModel("all", folded)) if len(data) > 1 else (data[0], folded[0])
    job = Fit(*sets, stat=result.statistic_used.sherpa(), method=NelderMead())
    job.fit()
    job.method = LevMar()
    return float(job.fit().statval)


def main(fits: int) -> None:
    print(overhead())
    print()
    print(coverage(fits))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)

"""Fits of simulated spectra: how often the truth is inside the 68 % interval, and what our layer costs over Sherpa.

`python -m benchmarks.bench_spectra 500` simulates so many sources in all.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
from sherpa.astro import instrument
from sherpa.data import DataSimulFit
from sherpa.fit import Fit
from sherpa.models import SimulFitModel
from sherpa.optmethods import LevMar, NelderMead

from cscwidgets.demo.responses import acis_response
from cscwidgets.errors import CscError
from cscwidgets.science.fit import fit
from cscwidgets.science.models import source_model
from cscwidgets.science.sherpa_data import pha
from cscwidgets.science.spectrum import Counts, Spectrum

BAND = (0.5, 7.0)
TRUTH = {"tbabs.nH": 0.1, "powerlaw.gamma": 1.7}
CASES = [(counts, number) for number in (1, 5) for counts in (30, 100, 1000)]
EXPOSURE, RATIO = 5e4, 25.0
BACKGROUND = 0.05  # of the source's counts, in the source region


class Simulator:
    """Spectra of one source through a parametric ACIS, with known truth."""

    def __init__(self) -> None:
        response = acis_response(2004.0)
        zero = np.zeros(1024)
        source, behind = Counts(zero, EXPOSURE, 1.0, 1.0), Counts(zero, EXPOSURE, RATIO, 1.0)
        self.empty = Spectrum(
            "simulated", 1, 0, 1, "ACIS", True, np.arange(1, 1025), source, behind, "simulated", None, None, response
        )
        model = source_model("tbabs*powerlaw")
        for name, value in TRUTH.items():
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


def coverage(total: int) -> str:
    """Markdown table of how often the truth is inside the interval."""
    simulator, rng = Simulator(), np.random.default_rng(2026)
    lines = ["| counts | observations | fits | nH | gamma | amplitude | limits | no interval |", "|" + "--:|" * 8]
    for counts, number in CASES:
        names = [*TRUTH, "powerlaw.ampl"]
        truth = {**TRUTH, "powerlaw.ampl": simulator.amplitude * counts}
        inside, known, limits, failed = dict.fromkeys(names, 0), dict.fromkeys(names, 0), 0, 0
        for _ in range(total // len(CASES)):
            result = fit([simulator.draw(rng, counts) for _ in range(number)])
            try:
                intervals = result.confidence()
            except CscError:
                failed += 1
                continue
            for name in names:
                found = intervals[name]
                limits += bool(found.limit)
                known[name] += not found.limit
                inside[name] += not found.limit and found.lower <= truth[name] <= found.upper
        shares = " | ".join(
            f"{inside[name] / known[name]:.0%} of {known[name]}" if known[name] else "–" for name in names
        )
        lines.append(f"| {counts} | {number} | {total // len(CASES)} | {shares} | {limits} | {failed} |")
        print(lines[-1], flush=True, file=sys.stderr)
    return "\n".join(lines)


def overhead(runs: int = 15) -> str:
    """Markdown table of median times in ms of the same fit by us and by bare Sherpa, and with errors."""
    simulator, rng = Simulator(), np.random.default_rng(1)
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


def _bare(spectra: list[Spectrum], result: object, amplitude: float) -> float:
    model = source_model("tbabs*powerlaw")
    model.parameter("ampl").set(amplitude)
    data = [pha(one, BAND, groups=groups) for one, groups in zip(spectra, result.statistic_used.groups, strict=True)]
    folded = [instrument.Response1D(one)(model.absorbed) for one in data]
    sets = (DataSimulFit("all", data), SimulFitModel("all", folded)) if len(data) > 1 else (data[0], folded[0])
    job = Fit(*sets, stat=result.statistic_used.sherpa(), method=NelderMead())
    job.fit()
    job.method = LevMar()
    return float(job.fit().statval)


if __name__ == "__main__":
    print(coverage(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
    print()
    print(overhead())

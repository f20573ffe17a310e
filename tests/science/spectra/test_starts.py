"""Sums of components whose truth is known: the default start must lead as low as the truth does."""

from dataclasses import replace

import numpy as np
import pytest

from cscwidgets.science import spectrum

pytest.importorskip("sherpa")
from sherpa.astro import instrument

from cscwidgets.science.fit import fit
from cscwidgets.science.spectra.condensed import condensed
from cscwidgets.science.spectra.models import source_model
from cscwidgets.science.spectra.sherpa_data import pha
from cscwidgets.science.spectra.starts import starts

pytestmark = pytest.mark.real
BAND = (0.5, 7.0)
SOFT_EXCESS = (
    "tbabs*(powerlaw+bbody)",
    {"nH": 0.3, "gamma": 1.7, "ampl": 1e-4, "kT": 0.15, "norm": 3e-6},
)
TWO_TEMPERATURES = (
    "tbabs*(bremss+powerlaw)",
    {"nH": 0.5, "gamma": 0.5, "ampl": 2e-5, "kT": 0.5, "norm": 1e-3},
)


def _drawn(real, expression, truth, seed, counts=4000):
    """A spectrum of so many counts with the responses and the background of a real one."""
    one = spectrum.read(real / "spectra" / "csc_pha3" / "acisf01575_001N001_r0085_pha3.fits.gz")
    model = source_model(expression)
    for name, value in truth.items():
        model.parameter(name).set(value)
    data = pha(one, BAND)
    mean = np.asarray(data.eval_model(instrument.Response1D(data)(model.absorbed)))
    factor = counts / mean[one.within(*BAND)].sum()
    behind = one.background.counts.mean() * one.scale
    drawn = np.random.default_rng(seed).poisson(mean * factor + behind).astype(float)
    scaled = {name: value * (factor if name in ("ampl", "norm") else 1) for name, value in truth.items()}
    return replace(one, source=replace(one.source, counts=drawn)), scaled


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
@pytest.mark.parametrize(("expression", "truth"), [SOFT_EXCESS, TWO_TEMPERATURES])
@pytest.mark.parametrize("statistic", ["auto", "chi2modvar"])
def test_the_lowest_minimum_is_found_without_a_hint(real, expression, truth, seed, statistic):
    drawn, scaled = _drawn(real, expression, truth, seed)
    options = {"statistic": statistic, "subtracted": False} if statistic != "auto" else {}
    found = fit(drawn, expression, **options)
    hinted = fit(drawn, expression, start=scaled, **options)
    assert found.statistic == pytest.approx(hinted.statistic, abs=0.02)


def test_starts_are_ordered_and_leave_the_parameters(real):
    expression, truth = SOFT_EXCESS
    drawn, _ = _drawn(real, expression, truth, 3)
    result = fit(drawn, expression)
    job = condensed(result.sherpa_fit, result.spectra, result.data, result.model.absorbed, [])
    before = list(job.model.thawedpars)
    found = starts(job, result.model.norms, 4)
    assert list(job.model.thawedpars) == before
    values = []
    for start in found:
        job.model.thawedpars = start
        values.append(job.calc_stat())
    assert values == sorted(values)
    assert result.statistic < values[0] < 3 * result.statistic

"""Nested sampling against the integral that it samples."""

import sys

import numpy as np
import pytest

from cscwidgets.errors import CscError
from cscwidgets.science import spectrum

pytest.importorskip("sherpa")

from cscwidgets.science.fit import fit
from cscwidgets.science.spectra.models import source_model

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def fitted(real):
    model = source_model("tbabs*powerlaw")
    model.parameter("gamma").set(max=4, min=0)
    path = real / "spectra" / "csc_pha3" / "acisf01575_001N001_r0085_pha3.fits.gz"
    return fit(spectrum.read(path), model, fixed={"nH": 0.3})


def test_the_evidence_is_the_integral_and_the_posterior_that_of_mcmc(fitted):
    pytest.importorskip("ultranest")
    np.random.seed(1)  # noqa: NPY002 (UltraNest's own)
    nested, chain = fitted.nested(100), fitted.posterior(4000, seed=1)
    for ours, theirs in zip(nested.interval("powerlaw.gamma"), chain.interval("powerlaw.gamma"), strict=True):
        assert ours == pytest.approx(theirs, abs=0.03)

    best = dict(zip(fitted.parameters["name"], fitted.parameters["value"], strict=True))
    gamma = best["powerlaw.gamma"] + np.linspace(-0.5, 0.5, 41)
    logarithm = np.log10(best["powerlaw.ampl"]) + np.linspace(-0.25, 0.25, 41)
    job, likelihood = fitted.sherpa_fit, np.empty((41, 41))
    for row, one in enumerate(gamma):
        for column, other in enumerate(logarithm):
            job.model.thawedpars = [one, 10**other]
            likelihood[row, column] = np.exp((fitted.statistic - job.calc_stat()) / 2)
    integral = np.trapezoid(np.trapezoid(likelihood, logarithm, axis=1), gamma) / (4 * 6)
    expected = np.log(integral) - fitted.statistic / 2
    assert nested.log_evidence == pytest.approx(expected, abs=4 * nested.log_evidence_error)
    assert 0 < nested.log_evidence_error < 0.6
    assert fitted.value("gamma") == best["powerlaw.gamma"]


def test_a_cancelled_search_leaves_the_fit_as_it_was(fitted):
    pytest.importorskip("ultranest")
    calls = iter(range(200))

    def progress(fraction):
        if next(calls, None) is None:
            raise InterruptedError

    before = fitted.value("gamma")
    with pytest.raises(InterruptedError):
        fitted.nested(50, progress=progress)
    assert fitted.sherpa_fit.calc_stat() == fitted.statistic
    assert fitted.value("gamma") == before


def test_without_ultranest_it_is_refused_in_words(fitted, monkeypatch):
    monkeypatch.setitem(sys.modules, "ultranest", None)
    with pytest.raises(CscError, match=r"UltraNest is not installed.*pip install ultranest"):
        fitted.nested()


def test_chi_squared_is_no_likelihood(real):
    result = fit(spectrum.read(real / "spectra" / "sherpa_3c273" / "3c273.pi"), statistic="chi2gehrels")
    with pytest.raises(CscError, match="no likelihood"):
        result.nested()

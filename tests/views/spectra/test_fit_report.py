"""What a fit found, in words: its own numbers, and nothing that a file's name could smuggle in."""

import re
from dataclasses import replace

import astropy.units as u
import pytest

pytest.importorskip("sherpa")
from cscwidgets.science import spectrum
from cscwidgets.science.fit import fit
from cscwidgets.science.spectra.fluxes import Estimate
from cscwidgets.science.spectra.goodness import Goodness
from cscwidgets.science.spectra.grouping import spectral_bins
from cscwidgets.state.flux_limit import FluxLimit
from cscwidgets.views.spectra.fit_report import counts_table, estimates_table, fit_words, limit_words, posterior_table

BAND = (0.5, 7.0)


@pytest.fixture(scope="module")
def data(real):
    return spectrum.read(real / "spectra" / "csc_pha3" / "acisf01575_001N001_r0085_pha3.fits.gz")


@pytest.fixture(scope="module")
def result(data):
    return fit(data, method="levmar")


def cells(html):
    rows = re.findall(r"<tr>(.*?)</tr>", html)[1:]
    return [[re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td>(.*?)</td>", line)] for line in rows]


@pytest.mark.real
def test_counts_are_the_spectrum_s(data):
    bins = spectral_bins(data, 0.3, 10.0, least=15)
    table = counts_table([("<b>first</b>", "red", data, bins), ("second", "blue", replace(data, net=True), None)], BAND)
    first, second = cells(table)
    net = data.net_counts(*BAND)
    exposure = f"{data.source.exposure / 1000:.2f}"
    assert first[:5] == ["&lt;b&gt;first&lt;/b&gt;", exposure, "830", f"{830 - net:.1f}", f"{net:.1f}"]
    assert first[5].startswith(f"{len(bins)}")
    assert second[2] == f"{data.source.counts.sum():,.0f} in all channels"
    assert second[5].startswith("not drawn: it is net")
    assert cells(counts_table([("summed", "red", data, None)], BAND)) == [["summed", *first[1:5], "in the sum"]]


@pytest.mark.real
def test_a_fit_is_said_with_its_statistic(result):
    words = fit_words(result, None)
    assert result.model.label in words
    assert f"{result.statistic_used.name} = {result.statistic:.2f}</b> for {result.dof} degrees" in words
    assert "0.5–7 keV, 1 observation:" in words
    assert "Goodness" not in words
    assert "0.4200 of data drawn" in fit_words(result, Goodness(0.42, "100 <simulations>"))
    assert "100 &lt;simulations&gt;" in fit_words(result, Goodness(0.42, "100 <simulations>"))


@pytest.mark.parametrize(("counts", "words"), [(1, "1 count in 0.5–7 keV"), (4, "4 counts in"), (0, "0 counts in")])
def test_a_limit_is_said_as_one(counts, words):
    limit = FluxLimit(counts, 2.5e-15 * u.erg / u.s / u.cm**2, 0.9, BAND, "tbabs*powerlaw")
    said = limit_words(limit)
    assert words in said
    assert "&lt; 2.50 × 10<sup>−15</sup> erg s<sup>−1</sup> cm<sup>−2</sup>" in said
    assert "90% upper limit" in said


def test_estimates_stand_beside_the_catalogues():
    unit = u.erg / u.s / u.cm**2
    found = {
        "a flux": Estimate(2e-14 * unit, 1.8e-14 * unit, 2.2e-14 * unit, 0.68),
        "a ratio": Estimate(*(value * u.one for value in (0.31, 0.25, 0.37)), 0.68),
    }
    flux, ratio = cells(estimates_table(found, {"a ratio": "0.300 (0.2 to 0.4)"}))
    assert flux == ["a flux", "(2.00 +0.20 −0.20) × 10−14 erg s−1 cm−2", "68%", ""]
    assert ratio == ["a ratio", "0.31 +0.06 −0.06 ", "68%", "0.300 (0.2 to 0.4)"]


@pytest.mark.real
def test_the_posterior_s_medians_are_its_draws(result):
    posterior = result.posterior(500)
    table = posterior_table(posterior, 0.68)
    assert [line[0] for line in cells(table)] == list(posterior.names)
    assert f"{len(posterior.draws):,} draws kept" in table
    middle, *_ = posterior.interval("powerlaw.gamma", 0.68)
    gamma = next(line for line in cells(table) if line[0] == "powerlaw.gamma")
    assert float(gamma[1].split()[0]) == pytest.approx(middle, abs=0.01)

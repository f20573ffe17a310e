"""Channels that are flagged bad are in nothing: Sherpa, told to ignore them, has the same numbers."""

import numpy as np
import pytest

from cscwidgets.science import spectrum
from cscwidgets.science.spectra.grouping import spectral_bins
from cscwidgets.science.spectra.summing import summed_spectrum

from ...spectrum_files import CHANNELS, write_spectrum

ui = pytest.importorskip("sherpa.astro.ui")
fit = pytest.importorskip("cscwidgets.science.fit").fit

BAND = (0.5, 7.0)
BAD = [3, 20, 21, 22, 60, 61, 110, 159]
QUALITY = np.zeros(CHANNELS, int)
QUALITY[BAD] = [1, 5, 5, 5, 1, 1, -1, 5]
QUALITY[40:43] = 2
GROUPING = np.where(np.arange(CHANNELS) % 8 == 0, 1, -1)


@pytest.fixture(autouse=True)
def session():
    """Leave Sherpa's session as it was."""
    yield
    ui.clean()


@pytest.fixture
def path(tmp_path):
    """A spectrum whose bad channels hold counts that would be seen."""

    def spoil(columns):
        columns["COUNTS"][BAD] += 5000

    return write_spectrum(tmp_path, counts={"QUALITY": QUALITY, "GROUPING": GROUPING}, pha=spoil)


def test_they_are_told(path):
    notes = spectrum.read(path).notes
    assert "8 of 160 channels are flagged bad (QUALITY) and left out" in notes
    assert "3 of 160 channels are flagged dubious (QUALITY 2) and used" in notes


def test_their_counts_are_not_counted(path, tmp_path):
    read = spectrum.read(path)
    assert read.source.counts[read.within(*BAND)].max() < 5000
    bins = spectral_bins(read, *BAND, least=20)
    assert bins.counts.sum() == read.source.counts[read.within(*BAND)].sum()
    np.testing.assert_array_equal(bins.summed(read.source.counts), bins.counts)
    total = summed_spectrum([read, read])
    assert total.source.counts.sum() == 2 * read.source.counts[read.good].sum()


@pytest.mark.parametrize(
    ("statistic", "grouped"),
    [
        ("cstat", False),
        ("wstat", False),
        ("cstat", True),
        ("wstat", True),
        ("chi2gehrels", True),
        ("chi2gehrels", False),
    ],
)
def test_a_fit_is_sherpas_without_them(path, statistic, grouped):
    found = fit(spectrum.read(path), "powerlaw", band=BAND, statistic=statistic, grouped=grouped, subtracted=False)
    ui.clean()
    ui.load_pha(1, str(path))
    ui.set_quality(1, np.isin(np.arange(CHANNELS), BAD).astype(int))
    if grouped:
        ui.group(1)
        ui.ignore_bad(1)
        ui.notice_id(1, *BAND)
    else:
        ui.ungroup(1)
        ui.notice_id(1, *BAND)
        ui.ignore_bad(1)
    ui.set_stat(statistic)
    ui.set_source(1, ui.powlaw1d.p)
    ui.get_model_component("p").gamma = found.value("powerlaw.gamma")
    ui.get_model_component("p").ampl = found.value("powerlaw.ampl")
    assert found.statistic == pytest.approx(ui.calc_stat(), rel=1e-9)
    ui.fit()
    assert found.statistic == pytest.approx(ui.calc_stat(), rel=1e-5)
    assert found.value("powerlaw.gamma") == pytest.approx(1.3, abs=0.06)


@pytest.mark.parametrize("grouped", [False, True])
def test_the_script_of_a_fit_leaves_them_out(path, grouped):
    found = fit(spectrum.read(path), "powerlaw", band=BAND, statistic="cstat", grouped=grouped)
    ui.clean()
    names: dict[str, object] = {}
    exec(found.script(), names)
    assert ui.calc_stat() == pytest.approx(found.statistic, rel=1e-6)


def test_those_of_the_background_are_left_out_too(tmp_path):
    def flagged(columns):
        columns["QUALITY"] = QUALITY

    read = spectrum.read(write_spectrum(tmp_path, background=flagged))
    np.testing.assert_array_equal(np.flatnonzero(~read.good), BAD)
    assert "of its background: 8 of 160 channels are flagged bad (QUALITY) and left out" in read.notes


def test_a_keyword_flags_all(tmp_path):
    read = spectrum.read(write_spectrum(tmp_path, cards={"pha": {"QUALITY": 2}}))
    assert read.good.all()
    assert read.notes == ("160 of 160 channels are flagged dubious (QUALITY 2) and used",)

"""Bins of spectra against Sherpa's grouping, astropy's Poisson errors, and sums by hand."""

from dataclasses import replace

import astropy.units as u
import numpy as np
import pytest
from astropy.stats import poisson_conf_interval
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science import spectrum
from cscwidgets.science.response import Response
from cscwidgets.science.spectra.grouping import HC, spectral_bins
from cscwidgets.science.spectrum import Counts, Spectrum

CSC_1575 = "csc_pha3/acisf01575_001N001_r0085_pha3.fits.gz"
OF_3C273 = "sherpa_3c273/3c273.pi"
WIDTH = 0.1  # keV, of a channel


def _made(counts, background=None, scale=0.25):
    """A spectrum of channels 0.1 keV wide from 0.5 keV on."""
    channels = len(counts)
    edges = 0.5 + WIDTH * np.arange(channels + 1)
    nothing = np.empty(0)
    ends = {"channel_low": edges[:-1], "channel_high": edges[1:], "first_channel": 1}
    sparse = {name: nothing.astype(int) for name in ("groups", "first", "length")}
    response = Response(arf="", rmf="", low=nothing, high=nothing, area=nothing, matrix=nothing, **sparse, **ends)
    behind = None if background is None else Counts(np.asarray(background, float), 100.0, 1.0 / scale, 1.0)
    return Spectrum(
        path="made.pha",
        obsid=None,
        obi=None,
        region=None,
        instrument="ACIS",
        simulated=True,
        channel=np.arange(1, channels + 1),
        source=Counts(np.asarray(counts, float), 100.0, 1.0, 1.0),
        background=behind,
        background_path=None,
        grouping=None,
        quality=None,
        response=response,
    )


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=60),
    st.integers(1, 25),
    st.lists(st.integers(0, 70), max_size=3, unique=True),
)
def test_bins_are_what_they_promise(counts, least, cuts):
    one = _made(counts)
    edges = tuple(0.5 + WIDTH * cut for cut in cuts)
    bins = spectral_bins(one, 0.4, 20.0, least=least, edges=edges)
    # Contiguous, and over all channels.
    np.testing.assert_array_equal(bins.high[:-1], bins.low[1:])
    assert (bins.low[0], bins.high[-1]) == (one.response.channel_low[0], one.response.channel_high[-1])
    assert (np.diff([*bins.starts, bins.stop]) > 0).all()
    by_hand = [sum(counts[start:stop]) for start, stop in zip(bins.starts, [*bins.starts[1:], bins.stop], strict=True)]
    np.testing.assert_array_equal(bins.counts, by_hand)
    assert bins.counts.sum() == sum(counts)
    # No bin reaches over an edge.
    inside = [edge for edge in edges if edge < bins.high[-1] - WIDTH / 2]
    for edge in inside:
        assert not ((bins.low < edge - WIDTH / 2) & (bins.high > edge + WIDTH / 2)).any()
    # Only a section that is one bin may have too few.
    sections = np.searchsorted(np.sort(inside), (bins.low + bins.high) / 2)
    for section in np.unique(sections):
        there = bins.counts[sections == section]
        assert len(there) == 1 or (there >= least).all()


@given(st.lists(st.integers(0, 40), min_size=3, max_size=40), st.integers(0, 2**32 - 1))
def test_errors_are_gehrels_and_the_background_s(counts, seed):
    behind = np.random.default_rng(seed).poisson(5, len(counts))
    bins = spectral_bins(_made(counts, behind, scale=0.25), 0.4, 20.0, least=8)
    lower, upper = poisson_conf_interval(bins.counts.astype(int), interval="frequentist-confidence")
    summed = np.add.reduceat(behind, bins.starts)
    np.testing.assert_allclose(bins.background, 0.25 * summed)
    np.testing.assert_allclose(bins.net, bins.counts - 0.25 * summed)
    np.testing.assert_allclose(bins.net - bins.lower, np.hypot(bins.counts - lower, 0.25 * np.sqrt(summed)), rtol=1e-6)
    np.testing.assert_allclose(bins.upper - bins.net, np.hypot(upper - bins.counts, 0.25 * np.sqrt(summed)), rtol=1e-6)


def test_residuals_use_the_error_on_the_model_s_side():
    bins = spectral_bins(_made([100, 100]), 0.4, 20.0)
    lower, upper = poisson_conf_interval(100, interval="frequentist-confidence")
    # A model at the end of an error bar is one sigma away, on either side.
    np.testing.assert_allclose(bins.sigma(np.array([lower, upper])), [1, -1], rtol=1e-6)
    ratio, least, most = bins.ratio(np.array([50.0, 0.0]))
    np.testing.assert_allclose([ratio[0], least[0], most[0]], [2, lower / 50, upper / 50], rtol=1e-6)
    assert np.isnan([ratio[1], least[1], most[1]]).all()


@pytest.mark.real
@pytest.mark.parametrize("least", [1, 7, 15, 40])
def test_bins_of_enough_counts_are_sherpas(real, least):
    io = pytest.importorskip("sherpa.astro.io")
    path = real / "spectra" / CSC_1575
    one, theirs = spectrum.read(path), io.read_pha(str(path))
    inside = one.within(0.5, 7.0)
    theirs.ungroup()
    theirs.group_counts(least, tabStops=(~inside).astype(int))
    begins = np.flatnonzero(inside & (theirs.grouping == 1))
    bins = spectral_bins(one, 0.5, 7.0, least=least)
    # What is left at the end Sherpa keeps as a group of its own; ours joins its neighbour.
    short = one.source.counts[begins[-1] : bins.stop].sum() < least
    np.testing.assert_array_equal(bins.starts, begins[:-1] if short else begins)
    assert bins.counts.sum() == one.source.counts[inside].sum() == 830
    assert bins.net.sum() == pytest.approx(one.net_counts(0.5, 7.0))
    assert bins.exposure == theirs.exposure


@pytest.mark.real
def test_the_files_own_groups_are_sherpas(real):
    io = pytest.importorskip("sherpa.astro.io")
    path = real / "spectra" / OF_3C273
    one, theirs = spectrum.read(path), io.read_pha(str(path))
    theirs.units = "energy"
    bins = spectral_bins(one, 0.0, 100.0, own=True)
    np.testing.assert_array_equal(bins.counts, theirs.to_fit()[0])
    np.testing.assert_array_equal(bins.low, theirs.get_rmf().e_min[theirs.grouping == 1])
    ungrouped = replace(one, grouping=None)
    with pytest.raises(CscError, match="no groups of its own"):
        spectral_bins(ungrouped, 0.5, 7.0, own=True)


@pytest.mark.real
def test_a_number_for_each_channel_is_summed_over_the_same_channels(real):
    one = spectrum.read(real / "spectra" / CSC_1575)
    bins = spectral_bins(one, 0.5, 7.0, least=20)
    np.testing.assert_array_equal(bins.summed(one.source.counts), bins.counts)
    channels = bins.summed(np.ones(len(one)))
    np.testing.assert_array_equal(channels, np.diff([*bins.starts, bins.stop]))


def test_where_nothing_is_seen_it_says_so():
    with pytest.raises(CscError, match=r"made.pha has no channels at 30-40 keV"):
        spectral_bins(_made([1, 2, 3]), 30.0, 40.0)
    with pytest.raises(CscError, match="no energies"):
        spectral_bins(replace(_made([1]), instrument="HRC", response=None), 0.5, 7.0)


def test_wavelengths_are_astropy_s():
    assert (1.5 * u.keV).to_value(u.AA, u.spectral()) == pytest.approx(HC / 1.5, rel=1e-12)


def _reversed(one):
    """The same spectrum with channels that go with wavelength, as those of XMM's RGS."""
    response, behind = one.response, one.background
    return replace(
        one,
        source=replace(one.source, counts=one.source.counts[::-1]),
        background=None if behind is None else replace(behind, counts=behind.counts[::-1]),
        response=replace(
            response, channel_low=response.channel_low[::-1].copy(), channel_high=response.channel_high[::-1].copy()
        ),
    )


@pytest.mark.parametrize("edge", [1.5, 2.25])
def test_energies_may_fall_from_channel_to_channel(edge):
    counts = np.random.default_rng(3).poisson(5, 40)
    bins = spectral_bins(_reversed(_made(counts)), 0.4, 20.0, least=20, edges=(edge,))
    assert (bins.high > bins.low).all()
    np.testing.assert_array_equal(bins.low[:-1], bins.high[1:])
    assert np.abs(bins.low - edge).min() <= WIDTH / 2 + 1e-9
    middle = _made(counts).response.channel_low + WIDTH / 2
    for low, high, number in zip(bins.low, bins.high, bins.counts, strict=True):
        assert number == counts[(middle > low) & (middle < high)].sum()

"""The sum of spectra against numpy's sums of made ones, and Sherpa's of real ones."""

from dataclasses import replace

import numpy as np
import pytest

from cscwidgets.errors import CscError
from cscwidgets.science import spectrum
from cscwidgets.science.spectra.grouping import spectral_bins
from cscwidgets.science.spectra.summing import summed_counts, summed_spectrum

from .test_grouping import WIDTH, _made, _reversed

SCALES = (0.25, 0.1, 1.7)


@pytest.fixture
def made():
    rng = np.random.default_rng(5)
    return [_made(rng.poisson(4, 40), rng.poisson(9, 40), scale) for scale in SCALES]


def test_counts_exposures_and_backgrounds_are_added(made):
    total = summed_spectrum(made)
    assert total.source.exposure == 300
    np.testing.assert_array_equal(total.source.counts, sum(one.source.counts for one in made))
    behind = [one.background.counts for one in made]
    np.testing.assert_allclose(
        total.background.counts * total.scale,
        sum(scale * counts for scale, counts in zip(SCALES, behind, strict=True)),
    )
    np.testing.assert_allclose(
        total.background.counts * total.scale**2,
        sum(scale**2 * counts for scale, counts in zip(SCALES, behind, strict=True)),
    )


def test_bins_of_the_sum_have_the_errors_of_all(made):
    bins = spectral_bins(summed_spectrum(made), 0.5, 4.5, least=30)
    variance = sum(scale**2 * one.background.counts for scale, one in zip(SCALES, made, strict=True))
    alone = spectral_bins(replace(summed_spectrum(made), background=None), 0.5, 4.5, least=30)
    expected = np.hypot(alone.net - alone.lower, np.sqrt(np.add.reduceat(variance, bins.starts)))
    np.testing.assert_allclose(bins.net - bins.lower, expected)


def test_the_sum_of_one_is_itself(made):
    mine, total = made[0], summed_spectrum(made[:1])
    for name in ("counts", "net", "lower", "upper", "background"):
        one, other = (getattr(spectral_bins(data, 0.5, 4.5, least=9), name) for data in (mine, total))
        np.testing.assert_allclose(one, other)


def test_channels_of_another_grid_go_where_their_middles_lie(made):
    coarse, fine = made[0], made[1]
    wide = replace(
        fine.response,
        channel_low=0.5 + WIDTH * (np.arange(40) / 2 - 3),
        channel_high=0.5 + WIDTH * (np.arange(1, 41) / 2 - 3),
    )
    fine = replace(fine, response=wide)
    total = summed_counts([coarse, fine], [coarse.source.counts, fine.source.counts])
    low, high = coarse.response.channel_low, coarse.response.channel_high
    middle = (wide.channel_low + wide.channel_high) / 2
    expected = [
        fine.source.counts[(middle >= start) & (middle < end)].sum() for start, end in zip(low, high, strict=True)
    ]
    np.testing.assert_array_equal(total - coarse.source.counts, expected)
    assert sum(expected) == fine.source.counts[6:].sum()  # six channels lie below the grid


def test_energies_of_either_may_fall_from_channel_to_channel(made):
    expected = sum(one.source.counts for one in made)
    for which in ((), (1,), (0,), (0, 1, 2)):
        turned = [_reversed(one) if number in which else one for number, one in enumerate(made)]
        total = summed_counts(turned, [one.source.counts for one in turned])
        np.testing.assert_array_equal(total, expected[::-1] if 0 in which else expected)


def test_without_background_or_energies(made):
    assert summed_spectrum([replace(one, background=None) for one in made]).background is None
    with pytest.raises(CscError, match="has no energies"):
        summed_spectrum([replace(made[0], response=None)])


@pytest.mark.real
def test_real_sums_are_sherpas(real):
    io = pytest.importorskip("sherpa.astro.io")
    names = ("csc_pha3/acisf01575_001N001_r0085_pha3.fits.gz", "csc_pha3/acisf04938_000N002_r0043_pha3.fits")
    paths = [real / "spectra" / name for name in names]
    total = summed_spectrum([spectrum.read(path) for path in paths])
    theirs = []
    for path in paths:
        data = io.read_pha(str(path))
        data.ungroup()
        theirs.append(data)
    for low, high in ((0.5, 1.2), (1.2, 2.0), (2.0, 7.0)):
        inside = total.within(low, high)
        assert total.source.counts[inside].sum() == sum(_counted(data, low, high) for data in theirs)
        for data in theirs:
            data.subtract()
        assert total.net_counts(low, high) == pytest.approx(sum(_counted(data, low, high) for data in theirs), rel=1e-6)
        for data in theirs:
            data.unsubtract()
    assert total.source.exposure == pytest.approx(sum(data.exposure for data in theirs))


def _counted(data, low, high):
    data.notice()
    data.units = "energy"
    data.notice(low, high)
    return data.get_dep(filter=True).sum()

"""Upper limits of flux, against Poisson's distribution written out."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cscwidgets.errors import CscError
from cscwidgets.science import spectrum

pytest.importorskip("sherpa")

from cscwidgets.science.fit import fit
from cscwidgets.science.spectra.models import source_model
from cscwidgets.science.spectra.upper_limits import counts_limit, flux_limit

pytestmark = pytest.mark.real
BAND = (0.5, 7.0)


@pytest.fixture(scope="module")
def bright(real):
    return spectrum.read(real / "spectra" / "csc_pha3" / "acisf01575_001N001_r0085_pha3.fits.gz")


def _with_counts(one, number, *, background=True):
    counts = np.zeros(len(one))
    counts[100 : 100 + number] = 1
    behind = one.background if background else None
    return replace(one, source=replace(one.source, counts=counts), background=behind)


@pytest.mark.parametrize("number", [0, 1, 4])
@pytest.mark.parametrize("level", [0.68, 0.90, 0.997])
def test_without_background_it_is_poisson_s(bright, number, level):
    limit = counts_limit([_with_counts(bright, number, background=False)], BAND, level)
    assert stats.poisson.cdf(number, limit) == pytest.approx(1 - level, rel=1e-3)


def test_a_background_lowers_it_and_more_data_too(bright):
    alone = counts_limit([_with_counts(bright, 3, background=False)], BAND)
    assert counts_limit([_with_counts(bright, 3)], BAND) < alone
    assert counts_limit([_with_counts(bright, 0)], BAND) == pytest.approx(np.log(10), rel=0.01)
    empty = _with_counts(bright, 0)
    assert flux_limit([empty, empty]).value == pytest.approx(flux_limit(empty).value / 2, rel=0.01)


def test_for_a_bright_source_it_is_above_the_flux_by_what_its_error_is(bright):
    result = fit(bright)
    limit = flux_limit(bright, result.model, level=0.90)
    net = bright.net_counts(*BAND)
    expected = result.flux(*BAND, samples=0).value * (1 + 1.2816 * np.sqrt(830) / net)
    assert limit.value == pytest.approx(expected.value, rel=0.01)
    assert flux_limit(bright, result.model, absorbed=False) > limit


def test_what_gives_no_limit(bright):
    model = source_model("powerlaw")
    model.parameter("ampl").set(0)
    with pytest.raises(CscError, match="no counts in"):
        flux_limit(bright, model)
    with pytest.raises(CscError, match="HRC"):
        flux_limit(replace(bright, instrument="HRC", response=None))

"""Models as they are drawn, against Sherpa's own reader and folding."""

import numpy as np
import pytest

from cscwidgets.science import spectrum

pytest.importorskip("sherpa")
from sherpa.astro import instrument, io
from sherpa.models.basic import PowLaw1D

from cscwidgets.science.spectra.models import source_model
from cscwidgets.science.spectra.preview import Preview

pytestmark = pytest.mark.real
CSC_1575 = "csc_pha3/acisf01575_001N001_r0085_pha3.fits.gz"
CSC_4938 = "csc_pha3/acisf04938_000N002_r0043_pha3.fits"


@pytest.fixture(scope="module")
def spectra(real):
    return [spectrum.read(real / "spectra" / name) for name in (CSC_1575, CSC_4938)]


@pytest.fixture
def preview(spectra):
    return Preview(spectra, source_model("powerlaw"))


def test_counts_are_those_of_bare_sherpa(real, preview):
    preview.model.parameter("gamma").val, preview.model.parameter("ampl").val = 2.1, 3e-5
    law = PowLaw1D("bare")
    law.gamma.val, law.ampl.val = 2.1, 3e-5
    for name, counts in zip((CSC_1575, CSC_4938), preview.counts(), strict=True):
        data = io.read_pha(str(real / "spectra" / name))
        data.ungroup()
        data.units = "energy"
        data.notice()
        # Both store areas in single precision; the sums are taken in another order.
        np.testing.assert_allclose(counts, data.eval_model(instrument.Response1D(data)(law)), rtol=1e-6)


def test_it_follows_the_parameters(preview):
    before = preview.counts()
    preview.model.parameter("ampl").val *= 3
    for old, new in zip(before, preview.counts(), strict=True):
        assert old.sum() > 0
        np.testing.assert_allclose(new, 3 * old, rtol=1e-12)


def test_photons_are_the_integral_by_hand(preview):
    preview.model.parameter("gamma").val, preview.model.parameter("ampl").val = 1.5, 2e-4
    low, high = np.array([0.5, 2.0]), np.array([2.0, 7.0])
    # The integral of A E^-1.5 is 2 A (low^-0.5 - high^-0.5).
    np.testing.assert_allclose(preview.photons(low, high), 4e-4 * (low**-0.5 - high**-0.5), rtol=1e-12)


def test_scaled_to_the_data_it_has_their_counts(spectra, preview):
    preview.scale_to_data(0.5, 7.0)
    folded = sum(counts[one.within(0.5, 7.0)].sum() for one, counts in zip(spectra, preview.counts(), strict=True))
    assert folded == pytest.approx(sum(one.net_counts(0.5, 7.0) for one in spectra), rel=1e-9)


def test_what_is_fixed_is_not_scaled(preview):
    amplitude = preview.model.parameter("ampl")
    amplitude.set(5e-4, frozen=True)
    preview.scale_to_data(0.5, 7.0)
    assert amplitude.val == 5e-4

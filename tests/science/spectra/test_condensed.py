"""Condensed fits against Sherpa's own statistic of the data as they are, at the best fit and away from it."""

from dataclasses import replace

import numpy as np
import pytest

from cscwidgets.science import spectrum

pytest.importorskip("sherpa")

from cscwidgets.science.fit import fit
from cscwidgets.science.spectra.condensed import condensed

pytestmark = pytest.mark.real
CSC_1575 = "csc_pha3/acisf01575_001N001_r0085_pha3.fits.gz"
GROUPED = "sherpa_3c273/3c273.pi"
PAIR = ("4C19.44/obs1.pi", "4C19.44/obs2.pi")


def _scales_of_channels(one):
    """The same spectrum with scales that differ from channel to channel."""
    ramp = np.linspace(0.8, 1.2, len(one))
    source = replace(one.source, areascal=ramp, backscal=one.source.backscal * ramp[::-1])
    return replace(one, source=source, background=replace(one.background, areascal=ramp**2))


@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize(
    ("names", "options"),
    [
        ((CSC_1575,), {}),
        ((CSC_1575,), {"statistic": "cstat"}),
        ((GROUPED,), {"statistic": "wstat", "grouped": True}),
        ((GROUPED,), {"statistic": "chi2gehrels"}),
        ((GROUPED,), {"statistic": "chi2xspecvar", "subtracted": False}),
        (PAIR, {}),
        (PAIR, {"cross_normalisation": True}),
    ],
)
def test_the_statistic_is_the_same_everywhere(real, names, options, uneven):
    spectra = [spectrum.read(real / "spectra" / name) for name in names]
    result = fit([_scales_of_channels(one) for one in spectra] if uneven else spectra, **options)
    whole = result.sherpa_fit
    quick = condensed(whole, result.spectra, result.data, result.model.absorbed, result.factors)
    assert quick is not whole
    assert [id(par) for par in quick.model.get_thawed_pars()] == [id(par) for par in whole.model.get_thawed_pars()]
    best = np.array(whole.model.thawedpars)
    for factor in (1.0, 1.1, 2.0):
        quick.model.thawedpars = best * factor
        assert quick.calc_stat() == pytest.approx(whole.calc_stat(), rel=1e-12)


def test_where_errors_depend_on_the_model_there_is_none(real):
    result = fit(spectrum.read(real / "spectra" / GROUPED), statistic="chi2modvar", subtracted=False)
    whole = result.sherpa_fit
    assert condensed(whole, result.spectra, result.data, result.model.absorbed, result.factors) is whole

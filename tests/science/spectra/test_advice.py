"""A fit that found nothing is an error with advice, never its start values."""

import numpy as np
import pytest

pytest.importorskip("sherpa")
from cscwidgets.errors import CscError
from cscwidgets.science import spectrum
from cscwidgets.science.fit import fit
from cscwidgets.science.spectra.advice import advised, require_success
from cscwidgets.science.spectra.fluxes import Estimate
from cscwidgets.science.spectra.models import source_model
from cscwidgets.science.spectra.sherpa_gate import sherpa

from ...spectrum_files import CHANNELS, write_spectrum


@pytest.fixture
def read(tmp_path):
    return spectrum.read(write_spectrum(tmp_path))


class Nowhere(sherpa.models.ArithmeticModel):
    """A model without a value."""

    def __init__(self, value=np.nan):
        self.value = value
        self.ampl = sherpa.models.parameter.Parameter("nowhere", "ampl", 1.0, min=0.0, max=10.0)
        super().__init__("nowhere", (self.ampl,))

    def calc(self, p, low, high=None, *args, **kwargs):
        return np.full(len(low), self.value)


@pytest.mark.parametrize("method", ["safe", "levmar", "neldermead"])
def test_a_statistic_that_is_no_number_is_an_error(read, method):
    with pytest.raises(CscError, match="The fit did not succeed"):
        fit(read, Nowhere(), method=method)


def test_zeros_in_the_uncertainties_become_advice(tmp_path):
    def empty(columns):
        columns["COUNTS"][:] = 0
        columns["COUNTS"][40:50] = 30

    read = spectrum.read(write_spectrum(tmp_path, pha=empty, background=empty))
    with pytest.raises(CscError, match=r"The fit did not succeed.*no error in this statistic.*wstat, cstat") as caught:
        fit(read, "powerlaw", statistic="chi2datavar", subtracted=False)
    assert isinstance(caught.value.__cause__, sherpa.utils.err.FitErr)


def test_an_optimiser_that_gave_up_is_an_error(read, monkeypatch):
    optimise = sherpa.optmethods.LevMar.fit

    def gives_up(self, *args, **kwargs):
        found = optimise(self, *args, **kwargs)
        return (False, *found[1:3], "too many steps", found[4])

    monkeypatch.setattr(sherpa.optmethods.LevMar, "fit", gives_up)
    with pytest.raises(CscError, match=r"No minimum was found: too many steps.*safe method"):
        fit(read, "powerlaw", method="levmar")
    assert np.isfinite(fit(read, "powerlaw", method="safe").statistic)  # the simplex did reach it


@pytest.mark.parametrize(("statistic", "values"), [(np.nan, (1.0,)), (np.inf, (1.0,)), (3.0, (np.nan,))])
def test_success_is_a_number_at_numbers(statistic, values):
    require_success(3.0, (1.0,), succeeded=True, said="")
    with pytest.raises(CscError, match="parameters have no meaning"):
        require_success(statistic, values, succeeded=True, said="")


def test_questions_to_a_fit_are_answered_with_advice(read):
    found = fit(read, "powerlaw")
    found.model.parameter("ampl").max = 1e30
    found._state = [
        (1e25 if par.name == "ampl" else value, *rest)
        for par, (value, *rest) in zip(found._pars, found._state, strict=True)
    ]
    with pytest.raises(CscError, match=r"No goodness of fit.*more counts than can be drawn"):
        found.goodness(2)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("lam value too large"), "more counts than can be drawn"),
        (np.linalg.LinAlgError("SVD did not converge"), "covariance is not known"),
        (sherpa.utils.err.EstErr("nocov"), "no curvature at the best fit"),
        (sherpa.utils.err.FitErr("nobins"), "No channel is left in the band"),
        (sherpa.utils.err.DataErr("mismatch", "counts", "channels"), "Sherpa says: size mismatch"),
        (ZeroDivisionError("division by zero"), "Sherpa says: division by zero"),
    ],
)
def test_what_libraries_raise_becomes_words(error, words):
    with pytest.raises(CscError, match=f"It did not happen.*{words}"), advised("It did not happen"):
        raise error


def test_what_is_said_already_and_what_cancels_passes():
    with pytest.raises(CscError, match="No such thing"), advised("It did not happen"):
        raise CscError("No such thing")
    with pytest.raises(KeyboardInterrupt), advised("It did not happen"):
        raise KeyboardInterrupt


def test_an_estimate_is_a_number():
    with pytest.raises(CscError, match="No estimate"):
        Estimate.of(np.array([1.0, np.nan, 2.0]), source_model("powerlaw").norms[0].val * 1, 0.68)


def test_groups_and_quality_are_as_before(tmp_path):
    grouping = np.where(np.arange(CHANNELS) % 8 == 0, 1, -1)
    found = fit(
        spectrum.read(write_spectrum(tmp_path, counts={"GROUPING": grouping})), "powerlaw", statistic="chi2gehrels"
    )
    assert found.value("powerlaw.gamma") == pytest.approx(1.3, abs=0.1)

"""Fits through the state are those of the science layer, belong to what is shown, and can be stopped."""

import contextlib
import threading

import astropy.units as u
import numpy as np
import pytest

pytest.importorskip("sherpa")
from cscwidgets.errors import CscError
from cscwidgets.science import fit as science_fit
from cscwidgets.science.spectra.confidence import Interval
from cscwidgets.science.spectra.models import source_model
from cscwidgets.science.spectra.upper_limits import flux_limit
from cscwidgets.state.catalogue_values import catalogue_hardness
from cscwidgets.state.fit_settings import METHODS, STATISTICS
from cscwidgets.state.model_choice import ModelChoice
from cscwidgets.state.observed import Missing
from cscwidgets.state.spectral_fit import SpectralFitState
from cscwidgets.state.spectral_model import SpectralModelState

OF_THE_HRC = "SIM J013258.6+305657"
FAINT, FAINT_OBSIDS = "SIM J002401.9-720505", ("90501", "90508", "90510")


@pytest.fixture
def fitting(spectra):
    spectra.chosen = spectra.chosen[:2]
    fitting = SpectralFitState(SpectralModelState(spectra))
    spectra.active = True
    wait(fitting)
    return fitting


@pytest.fixture
def fitted(fitting):
    fitting.fit()
    wait(fitting)
    assert fitting.result is not None, messages(fitting)
    return fitting


def wait(fitting):
    fitting.spectra.desk.tasks.wait(60)


def messages(fitting):
    return fitting.spectra.desk.messages.entries


def values(fitting):
    return {one.name: one.value for one in fitting.model.parameters}


def test_a_fit_is_the_science_layers(fitting):
    start = values(fitting)
    fitting.fit()
    wait(fitting)
    direct = science_fit.fit(fitting.spectra.fittable, "tbabs*powerlaw", band=(0.5, 7.0), start=start)
    assert fitting.result.statistic == pytest.approx(direct.statistic, rel=1e-9)
    assert fitting.result.dof == direct.dof
    for name, value in values(fitting).items():
        assert value == fitting.result.value(name) == pytest.approx(direct.value(name), rel=1e-6)
    assert fitting.result.value("gamma") != start["powerlaw.gamma"]
    assert f"{direct.statistic_used.name} = {direct.statistic:.6g}" in fitting.log[0]
    # What Sherpa itself reports follows.
    assert "Final fit statistic" in fitting.log[-1]
    assert messages(fitting) == ()


def test_who_looks_away_finds_fit_and_parameters_as_they_were(fitted):
    fitted.model.change("powerlaw.gamma", fixed=True)
    fitted.fit()
    wait(fitted)
    fitted.find_intervals(0.68)
    wait(fitted)
    result, intervals, parameters = fitted.result, fitted.intervals, fitted.model.parameters
    assert intervals
    for active in (False, True):
        fitted.spectra.active = active
        wait(fitted)
    assert fitted.result is result
    assert (fitted.intervals, fitted.model.parameters) == (intervals, parameters)


def test_what_is_fixed_stays_and_what_is_tied_follows(fitting):
    fitting.model.choose("bbody+bremss")
    wait(fitting)
    fitting.model.change("tbabs.nH", value=0.05, fixed=True)
    fitting.model.change("bremss.kT", tied_to="bbody.kT")
    start = values(fitting)
    fitting.fit()
    wait(fitting)
    found = values(fitting)
    assert found["tbabs.nH"] == 0.05
    assert found["bremss.kT"] == found["bbody.kT"] != start["bbody.kT"]
    states = dict(zip(*(fitting.result.parameters[name] for name in ("name", "state")), strict=True))
    assert (states["tbabs.nH"], states["bremss.kT"], states["bbody.kT"]) == ("fixed", "tied", "free")


@pytest.mark.parametrize("settings", [{"statistic": "cstat"}, {"method": "levmar"}, {"cross_normalisation": True}])
def test_settings_reach_the_fit(fitting, settings):
    for name, value in settings.items():
        fitting.set_trait(name, value)
    fitting.model.band = (0.6, 5.0)
    start = values(fitting)
    fitting.fit()
    wait(fitting)
    direct = science_fit.fit(fitting.spectra.fittable, "tbabs*powerlaw", band=(0.6, 5.0), start=start, **settings)
    assert fitting.result.statistic == pytest.approx(direct.statistic, rel=1e-6)
    assert (fitting.result.statistic_used.name, fitting.result.band) == (direct.statistic_used.name, (0.6, 5.0))
    assert len(fitting.result.factors) == len(direct.factors)


def test_every_choice_is_one_that_fits_know(fitting):
    for statistic in STATISTICS:
        assert science_fit.choose(fitting.spectra.fittable, (0.5, 7.0), statistic).name
    assert set(METHODS) == set(science_fit.METHODS)


def change_gamma(fitting):
    fitting.model.change("powerlaw.gamma", value=1.234)


def change_band(fitting):
    fitting.model.band = (1.0, 6.0)


def change_choice(fitting):
    fitting.model.choose("bbody")


def change_chosen(fitting):
    fitting.spectra.chosen = fitting.spectra.chosen[:1]


def change_statistic(fitting):
    fitting.statistic = "cstat"


def change_source(fitting):
    fitting.spectra.source.open(OF_THE_HRC)


CHANGES = [change_gamma, change_band, change_choice, change_chosen, change_statistic, change_source]


def test_a_result_is_dropped_as_soon_as_anything_changes(fitted):
    result, begun = fitted.result, (fitted.model.parameters, fitted.model.band, fitted.spectra.chosen)
    assert len(CHANGES) == 6
    for change in CHANGES:
        if fitted.result is None:
            fitted.statistic, fitted.model.band = "auto", begun[1]
            fitted.result = result
        fitted.intervals = {"powerlaw.gamma": Interval()}
        change(fitted)
        wait(fitted)
        assert fitted.result is None, change.__name__
        assert fitted.intervals == {}, change.__name__
    assert fitted.script() == ""
    assert messages(fitted) == ()


@pytest.fixture
def held(monkeypatch):
    """Fits that wait until they may go on, and can be asked whether they were stopped."""

    class Held:
        go, begun, stopped = threading.Event(), threading.Event(), threading.Event()

    real = science_fit.fit

    def fit(*args, progress, **settings):
        Held.begun.set()
        assert Held.go.wait(20)
        try:
            return real(*args, progress=progress, **settings)
        except Exception:
            Held.stopped.set()
            raise

    monkeypatch.setattr(science_fit, "fit", fit)
    yield Held
    Held.go.set()


def test_a_cancelled_fit_leaves_everything_as_it_was(fitting, held):
    before = fitting.model.parameters
    fitting.fit()
    assert held.begun.wait(20)
    (task,) = fitting.spectra.desk.tasks.running
    task.cancel()
    held.go.set()
    wait(fitting)
    # The optimiser itself was stopped, at its first step.
    assert held.stopped.wait(20)
    assert (task.state, fitting.model.parameters, fitting.result) == ("cancelled", before, None)
    assert len(fitting.model.folded()) == 2
    assert messages(fitting) == ()


@pytest.mark.parametrize("change", CHANGES[:5])
def test_a_fit_of_what_was_shown_before_is_dropped_in_words(fitting, held, change):
    fitting.fit()
    assert held.begun.wait(20)
    change(fitting)
    held.go.set()
    wait(fitting)
    assert fitting.result is None
    (message,) = messages(fitting)
    assert "A fit was dropped" in message.what


@pytest.fixture
def faint(warm_demo, spectra):
    """Two observations with one count each and one with two."""
    spectra.source.open(FAINT)
    wait_all = spectra.desk.tasks.wait
    wait_all(60)
    fitting = SpectralFitState(SpectralModelState(spectra))
    spectra.chosen = tuple(key for key in spectra.observations if key.startswith(FAINT_OBSIDS))
    spectra.active = True
    wait_all(60)
    return fitting


def test_too_few_counts_give_a_limit(faint):
    spectra = faint.spectra.fittable
    assert [one.source.counts[one.within(0.5, 7.0)].sum() for one in spectra] == [2, 1, 1]
    before = faint.model.parameters
    faint.fit()
    wait(faint)
    direct = source_model("tbabs*powerlaw")
    for name, value in values(faint).items():
        direct.parameter(name).val = value
    expected = flux_limit(spectra, direct, band=(0.5, 7.0), level=0.90)
    assert faint.result is None
    assert faint.limit.flux.to_value(u.erg / u.s / u.cm**2) == pytest.approx(expected.value, rel=1e-9)
    assert (faint.limit.counts, faint.limit.level, faint.limit.band) == (4, 0.90, (0.5, 7.0))
    assert faint.limit.model == direct.label
    assert faint.model.parameters is before
    # The limit depends on the shape of the model.
    faint.model.change("powerlaw.gamma", value=3.0)
    assert faint.limit is None
    faint.fit()
    wait(faint)
    assert faint.limit.flux < 0.8 * expected


def test_nothing_to_fit_is_said(fitting):
    fitting.spectra.source.open(OF_THE_HRC)
    wait(fitting)
    with pytest.raises(CscError, match=r"nothing to fit.*HRC measures no energies.*ACIS"):
        fitting.fit()
    with pytest.raises(CscError, match=r"no fit to ask.*Press Fit"):
        fitting.find_intervals()
    fitting.spectra.chosen = ()
    wait(fitting)
    with pytest.raises(CscError, match="No observation is chosen"):
        fitting.fit()


def test_why_a_spectrum_is_missing_is_why_nothing_is_fitted(fitting):
    spectra = fitting.spectra
    spectra.spectra = {key: Missing("the connection was dropped") for key in spectra.chosen}
    wait(fitting)
    with pytest.raises(CscError, match=r"nothing to fit\. The connection was dropped"):
        fitting.fit()


def test_a_fit_that_found_nothing_is_an_error_in_the_panel(fitting):
    fitting.statistic = "chi2datavar"  # of channels without counts
    start = values(fitting)
    fitting.fit()
    with contextlib.suppress(CscError):
        wait(fitting)
    (message,) = messages(fitting)
    assert (message.level, message.what) == ("error", "The fit did not succeed")
    assert "wstat" in message.hint
    assert fitting.result is None
    assert values(fitting) == start


def test_a_model_that_is_none_says_so_when_fitted(fitting):
    fitting.model.choose("nosuchthing")
    wait(fitting)
    with pytest.raises(CscError, match=r"nothing to fit.*nosuchthing"):
        fitting.fit()


def test_what_the_fit_is_asked_is_what_it_answers(fitted):
    fitted.find_intervals(0.68)
    fitted.find_fluxes(0.5, 7.0, distance=4.5 * u.kpc)
    fitted.find_goodness(10)
    wait(fitted)
    assert messages(fitted) == ()
    direct = science_fit.fit(fitted.spectra.fittable, "tbabs*powerlaw", start=values(fitted))
    for name, theirs in direct.confidence(0.68).items():
        ours = fitted.intervals[name]
        assert ours.limit == theirs.limit
        np.testing.assert_allclose([ours.lower, ours.upper], [theirs.lower, theirs.upper], rtol=0.02)
    flux = fitted.fluxes["energy flux 0.5–7 keV, as observed"]
    assert flux.value.value == pytest.approx(direct.flux(0.5, 7.0, samples=0).value.value, rel=1e-3)
    assert flux.lower < flux.value < flux.upper
    clear = fitted.fluxes["energy flux 0.5–7 keV, without absorption"].value
    shines = fitted.fluxes["luminosity 0.5–7 keV as observed, without absorption"].value
    sphere = 4 * np.pi * (4.5 * u.kpc) ** 2
    assert shines.to_value(u.erg / u.s) == pytest.approx((clear * sphere).to_value(u.erg / u.s), rel=1e-6)
    assert 0 <= fitted.goodness.probability <= 1
    assert any("Confidence intervals at 68%" in line for line in fitted.log)
    compile(fitted.script(), "script", "exec")
    assert str(fitted.spectra.fittable[0].obsid) in fitted.script()


def test_contours_are_of_the_two_and_around_the_minimum(fitted):
    fitted.find_contour("powerlaw.gamma", "powerlaw.ampl")
    wait(fitted)
    found = fitted.contour
    assert (found.x_name, found.y_name) == ("powerlaw.gamma", "powerlaw.ampl")
    row, column = np.unravel_index(np.argmin(found.rise), found.rise.shape)
    assert abs(found.x[column] - values(fitted)["powerlaw.gamma"]) <= 1.01 * np.diff(found.x).max()
    assert abs(found.y[row] - values(fitted)["powerlaw.ampl"]) <= 1.01 * np.diff(found.y).max()


def test_the_posterior_holds_the_best_fit(fitted):
    fitted.sample_posterior(800)
    wait(fitted)
    assert messages(fitted) == ()
    middle, low, high = fitted.posterior.interval("powerlaw.gamma", 0.997)
    assert low < values(fitted)["powerlaw.gamma"] < high
    assert low < middle < high


def test_an_answer_to_a_fit_that_is_gone_is_dropped(fitted, monkeypatch):
    go, begun = threading.Event(), threading.Event()

    def slow(level, progress):
        begun.set()
        assert go.wait(20)
        return {"powerlaw.gamma": "of the fit that is gone"}

    monkeypatch.setattr(fitted.result, "confidence", slow)
    fitted.find_intervals()
    assert begun.wait(20)
    fitted.model.change("powerlaw.gamma", value=1.0)
    go.set()
    wait(fitted)
    assert fitted.intervals == {}


def test_the_catalogues_own_hardness_stands_beside(fitting):
    row = fitting.spectra.source.row
    found = catalogue_hardness(row)
    assert found.keys() == {f"hardness ratio hard_{pair} of the model" for pair in ("hm", "hs", "ms")}
    assert found["hardness ratio hard_ms of the model"].startswith(f"{float(row['hard_ms']):.3f} (")


def test_the_galactic_column_stays_in_the_fit(fitting):
    fitting.model.choose(ModelChoice("powerlaw", "galactic"))
    wait(fitting)
    column = values(fitting)["tbabs.nH"]
    fitting.fit()
    wait(fitting)
    assert values(fitting)["tbabs.nH"] == column > 0
    assert [par.fullname for par in fitting.result.free] == ["powerlaw.gamma", "powerlaw.ampl"]

"""The model as it is chosen and tuned by hand: one that Sherpa folds, within its bounds, kept between choices."""

import numpy as np
import pytest
from astropy.io import fits

pytest.importorskip("sherpa")
from sherpa.models.basic import PowLaw1D

from cscwidgets.errors import CscError
from cscwidgets.science.absorption import nh_from_catalogue
from cscwidgets.science.spectra.models import source_model
from cscwidgets.science.spectra.preview import Preview
from cscwidgets.state.model_choice import CATALOGUE_RECIPES, ModelChoice
from cscwidgets.state.spectral_model import SpectralModelState

OF_THE_HRC = "SIM J013258.6+305657"


@pytest.fixture
def model(spectra):
    spectra.chosen = spectra.chosen[:2]
    model = SpectralModelState(spectra)
    spectra.active = True
    wait(model)
    return model


def wait(model):
    model.spectra.desk.tasks.wait(60)


def messages(model):
    return model.spectra.desk.messages.entries


def values(model):
    return {one.name: one.value for one in model.parameters}


def test_it_begins_with_the_catalogues_column_and_the_data_s_counts(model):
    nh = float(model.spectra.source.row["nh_gal"].value)
    # The catalogue writes 1e20, Sherpa's absorbers 1e22 cm**-2.
    assert values(model)["tbabs.nH"] == pytest.approx(nh / 100) == pytest.approx(nh_from_catalogue(nh))
    assert list(values(model)) == ["tbabs.nH", "powerlaw.gamma", "powerlaw.ampl"]
    found = sum(one.net_counts(0.5, 7.0) for one in model.spectra.fittable)
    folded = zip(model.spectra.fittable, model.folded(), strict=True)
    assert sum(counts[one.within(0.5, 7.0)].sum() for one, counts in folded) == pytest.approx(found, rel=1e-6)
    assert (model.problem, messages(model)) == ("", ())


def test_no_model_is_made_while_nobody_looks(spectra):
    model = SpectralModelState(spectra)
    model.choose("bbody")
    wait(model)
    assert (model.parameters, model.preview, model.folded()) == ((), None, [])


def test_what_is_folded_has_the_parameters_shown(model):
    model.change("powerlaw.gamma", value=2.5)
    model.change("powerlaw.ampl", value=1e-4)
    direct = source_model("tbabs*powerlaw")
    for name, value in values(model).items():
        direct.parameter(name).val = value
    for ours, theirs in zip(model.folded(), Preview(model.spectra.fittable, direct).counts(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert direct.parameter("gamma").val == 2.5


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("powerlaw.gamma", {"value": 11.0}, "11 is outside -3 to 10"),
        ("powerlaw.gamma", {"value": np.nan}, "nan is outside"),
        ("tbabs.nH", {"value": -0.1}, "outside 0 to"),
        ("nonsense.x", {"value": 1.0}, "No parameter nonsense.x.*powerlaw.gamma"),
        ("tbabs.nH", {"tied_to": "nonsense.x"}, "not tied to nonsense.x"),
        ("tbabs.nH", {"tied_to": "tbabs.nH"}, "not tied to tbabs.nH"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(model, name, changes, words):
    before = model.parameters
    with pytest.raises(CscError, match=words):
        model.change(name, **changes)
    assert model.parameters is before


def test_a_tied_parameter_follows(model):
    model.choose("bbody+bremss")
    wait(model)
    model.change("bremss.kT", tied_to="bbody.kT")
    model.change("bbody.kT", value=0.7)
    assert values(model)["bremss.kT"] == values(model)["bbody.kT"] == 0.7
    direct = source_model("tbabs*(bbody+bremss)")
    for name, value in values(model).items():
        direct.parameter(name).val = value
    for ours, theirs in zip(model.folded(), Preview(model.spectra.fittable, direct).counts(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    model.change("bremss.kT", tied_to="")
    model.change("bbody.kT", value=0.9)
    assert values(model)["bremss.kT"] == 0.7


def test_ties_are_one_step_deep(model):
    model.choose("bbody+bremss")
    wait(model)
    model.change("bremss.kT", tied_to="bbody.kT")
    before = model.parameters
    for name, other in (("bbody.kT", "bremss.kT"), ("tbabs.nH", "bremss.kT"), ("bbody.kT", "tbabs.nH")):
        with pytest.raises(CscError, match=f"{name} was not tied to {other}"):
            model.change(name, tied_to=other)
    assert model.parameters is before


def test_a_parameter_does_not_follow_out_of_its_bounds(model):
    model.change("powerlaw.gamma", tied_to="tbabs.nH")
    before = model.parameters
    with pytest.raises(CscError, match=r"outside -3 to 10 of powerlaw\.gamma"):
        model.change("tbabs.nH", value=50.0)
    assert model.parameters is before
    assert len(model.folded()) == 2


def test_another_model_keeps_what_both_have(model):
    model.change("powerlaw.gamma", value=2.2)
    model.change("tbabs.nH", value=0.3, fixed=True)
    model.choose("powerlaw+bbody")
    wait(model)
    kept = {one.name: one for one in model.parameters}
    assert (kept["powerlaw.gamma"].value, kept["tbabs.nH"].value, kept["tbabs.nH"].fixed) == (2.2, 0.3, True)
    assert model.preview.model.parameter("tbabs.nH").frozen
    assert kept.keys() == {"tbabs.nH", "powerlaw.gamma", "powerlaw.ampl", "bbody.kT", "bbody.norm"}


def test_the_galactic_column_is_fixed(model):
    model.choose(ModelChoice("powerlaw", "both"))
    wait(model)
    found = {one.name: one for one in model.parameters}
    column = nh_from_catalogue(float(model.spectra.source.row["nh_gal"].value))
    assert found["tbabs.nH"].fixed
    assert found["tbabs.nH"].value == pytest.approx(column)
    assert not found["ztbabs.nH"].fixed


@pytest.mark.parametrize(
    ("emission", "words"),
    [("nosuchthing", "nosuchthing"), ("powerlaw*bbody", "cannot be used"), ("powerlaw+", "cannot be read")],
)
def test_a_wrong_model_is_words_and_a_right_one_heals(model, emission, words):
    model.choose(emission)
    wait(model)
    assert words in model.problem
    assert (model.preview, model.parameters, model.folded()) == (None, (), [])
    model.choose("powerlaw")
    wait(model)
    assert model.problem == ""
    assert len(model.folded()) == 2
    assert messages(model) == ()


def test_a_model_object_of_ones_own_is_left_as_it_is(model):
    law = PowLaw1D("mine")
    law.ampl.val, law.gamma.val = 3e-5, 1.1
    model.choose(law)
    wait(model)
    assert model.own is law
    model.change("mine.gamma", value=2.0)
    assert len(model.folded()) == 2
    assert (law.gamma.val, law.ampl.val) == (1.1, 3e-5)
    model.choose("bbody")
    wait(model)
    assert model.own is None
    assert "bbody.kT" in values(model)


def test_a_recipe_brings_the_catalogues_band(model):
    model.band = (2.0, 5.0)
    model.take_recipe(CATALOGUE_RECIPES["the catalogue's black body"])
    wait(model)
    assert model.band == (0.5, 7.0)
    assert (model.preview.model.expression, model.preview.model.abundances) == ("phabs*bbody", "angr")


def test_other_observations_are_folded_with_their_own_responses(model):
    everything = [key for key in model.spectra.observations if key not in model.spectra.chosen]
    model.spectra.chosen = (everything[0], *model.spectra.chosen)
    wait(model)
    assert [id(one) for one in model.preview.spectra] == [id(one) for one in model.spectra.fittable]
    for one, counts in zip(model.spectra.fittable, model.folded(), strict=True):
        with fits.open(one.path) as hdus:
            assert len(counts) == hdus["SPECTRUM"].header["NAXIS2"]


def test_a_source_of_the_hrc_has_nothing_to_fold(model):
    model.spectra.source.open(OF_THE_HRC)
    wait(model)
    assert model.folded() == []
    assert messages(model) == ()

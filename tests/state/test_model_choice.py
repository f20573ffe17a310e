"""What is chosen, as an expression that the models' reader understands."""

import pytest

from cscwidgets.state.model_choice import ABSORPTIONS, CATALOGUE_RECIPES, ModelChoice, Parameter


@pytest.mark.parametrize(
    ("choice", "expression"),
    [
        (ModelChoice(), "tbabs*powerlaw"),
        (ModelChoice("powerlaw+bbody"), "tbabs*(powerlaw+bbody)"),
        (ModelChoice("bbody", "both", "phabs"), "phabs*zphabs*bbody"),
        (ModelChoice("bbody", "galactic"), "tbabs*bbody"),
        (ModelChoice("bremss", "none"), "bremss"),
        (ModelChoice("tbabs*(powerlaw+bbody)", "both"), "tbabs*(powerlaw+bbody)"),
        (ModelChoice("xsphabs*xsapec"), "xsphabs*xsapec"),
        (ModelChoice("bbody+zphabs*powerlaw"), "bbody+zphabs*powerlaw"),
    ],
)
def test_a_choice_is_an_expression(choice, expression):
    assert choice.expression == expression


@pytest.mark.parametrize("absorption", ABSORPTIONS)
@pytest.mark.parametrize("emission", ["powerlaw", "bbody+bremss"])
def test_its_parts_are_where_it_says(absorption, emission):
    models = pytest.importorskip("cscwidgets.science.spectra.models", exc_type=Exception)
    choice = ModelChoice(emission, absorption)
    made = models.source_model(choice.expression, abundances=choice.abundances)
    columns = [name for name in made.parameters if name.endswith(".nH")]
    assert len(columns) == {"free": 1, "galactic": 1, "both": 2, "none": 0}[absorption]
    assert choice.absorbs == bool(columns)
    assert bool(choice.galactic) == (absorption in {"galactic", "both"})
    if choice.galactic:
        assert made.parameter(choice.galactic).fullname == choice.galactic


def test_the_catalogue_fits_with_phabs_and_xspec_s_default_abundances():
    assert {recipe.expression for recipe in CATALOGUE_RECIPES.values()} == {
        *("phabs*powerlaw", "phabs*bbody", "phabs*bremss", "phabs*apec"),
    }
    assert {recipe.abundances for recipe in CATALOGUE_RECIPES.values()} == {"angr"}


@pytest.mark.parametrize(("name", "amplitude"), [("powerlaw.ampl", True), ("bbody.norm", True), ("bbody.kT", False)])
def test_amplitudes_are_known(name, amplitude):
    assert Parameter(name, 1.0, 0.0, 2.0).is_norm is amplitude

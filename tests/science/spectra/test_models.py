"""Spectral models: their normalisations by physics, and the expressions they are written in."""

import subprocess
import sys

import astropy.units as u
import numpy as np
import pytest
from astropy import constants
from scipy.special import k0

from cscwidgets.errors import CscError

pytest.importorskip("sherpa")

from cscwidgets.science.absorption import cross_section
from cscwidgets.science.spectra.catalogue_fit import CATALOGUE
from cscwidgets.science.spectra.components import BlackBody, Bremsstrahlung
from cscwidgets.science.spectra.gaunt import gaunt_factor
from cscwidgets.science.spectra.models import absorbed, source_model
from cscwidgets.science.spectra.sherpa_gate import has_xspec

EDGES = np.geomspace(1e-3, 200, 6001)
LOW, HIGH = EDGES[:-1], EDGES[1:]


def _energy_flux(model):
    return float((model(LOW, HIGH) * (LOW + HIGH) / 2).sum()) * u.keV.to(u.erg)


@pytest.mark.parametrize("kt", [0.1, 1.0, 5.0])
def test_a_black_body_s_norm_is_its_luminosity(kt):
    model = BlackBody()
    model.kT.val = kt
    distance = (10 * u.kpc).to_value(u.cm)
    # XSPEC's constant is rounded: 0.25 % too great
    assert _energy_flux(model) == pytest.approx(1e39 / (4 * np.pi * distance**2), rel=3e-3)


@pytest.mark.parametrize("kt", [1.0, 10.0])
def test_bremsstrahlung_has_the_emission_measure_of_its_norm(kt):
    model = Bremsstrahlung()
    model.kT.val = kt
    # Rybicki & Lightman (1979), eq. 5.15a: 1.4e-27 T**0.5 erg/(s cm3), Gaunt factors averaging 1.1 to 1.5
    kelvin = (kt * u.keV / constants.k_B).to_value(u.K)
    emissivity = 1.426e-27 * np.sqrt(kelvin) * (1 + 4 * 0.085)
    assert 1.1 < _energy_flux(model) / (emissivity / 3.02e-15) < 1.5


def test_the_gaunt_factor_is_born_s_for_fast_electrons():
    kt = 1e3  # keV: gamma squared is 1e-5
    ratio = np.array([0.01, 0.1, 1.0, 5.0])
    born = np.sqrt(3) / np.pi * np.exp(ratio / 2) * k0(ratio / 2)
    np.testing.assert_allclose(gaunt_factor(ratio * kt, kt), born, rtol=0.02)


def test_models_do_not_depend_on_the_bins():
    coarse = np.linspace(0.5, 7, 66)
    fine = np.linspace(0.5, 7, 65 * 10 + 1)
    for model in (BlackBody(), Bremsstrahlung()):
        sums = model(fine[:-1], fine[1:]).reshape(65, 10).sum(axis=1)
        np.testing.assert_allclose(model(coarse[:-1], coarse[1:]), sums, rtol=1e-4)


def test_absorption_is_the_table_s_and_follows_the_redshift():
    model = source_model("ztbabs*powerlaw", abundances="angr")
    model.parameter("ztbabs.nH").set(0.5)
    model.parameter("redshift").set(1.0)
    energy = np.array([0.5, 1.0, 3.0])
    through = model.absorbed(energy, energy + 1e-6) / model.unabsorbed(energy, energy + 1e-6)
    np.testing.assert_allclose(through, np.exp(-0.5 * cross_section(2 * energy, "tbabs", "angr")), rtol=1e-4)


def test_an_expression_and_its_part_without_absorption():
    model = source_model("tbabs*(powerlaw + ztbabs*powerlaw)")
    names = list(model.parameters)
    assert [name for name in names if "gamma" in name] == ["powerlaw.gamma", "powerlaw2.gamma"]
    assert model.label == "tbabs*(powerlaw + ztbabs*powerlaw) (wilm abundances)"
    total = model.unabsorbed(LOW, HIGH)
    np.testing.assert_allclose(total, 2 * source_model("powerlaw").absorbed(LOW, HIGH))
    assert source_model("powerlaw").label == "powerlaw"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("tbabs", "It only absorbs"),
        ("powerlaw*bbody", "[Tt]wo components that emit"),
        ("tbabs+powerlaw", "Absorption is added"),
        ("powerlaw(1)", "Only names"),
        ("2*powerlaw", "Only names"),
        ("tbabs*(powerlaw", "cannot be read"),
        ("", "cannot be read"),
        ("__import__('os')", "Only names"),
    ],
)
def test_senseless_expressions_are_refused_in_words(expression, words):
    with pytest.raises(CscError, match=words):
        source_model(expression)


@pytest.mark.skipif(has_xspec(), reason="this Sherpa has XSPEC")
@pytest.mark.parametrize("expression", ["tbabs*apec", "phabs*diskbb", "xstbabs*powerlaw", CATALOGUE["apec"]])
def test_what_needs_xspec_is_refused_without(expression):
    with pytest.raises(CscError, match=r"Without XSPEC there are powerlaw, bbody, bremss.*conda"):
        source_model(expression)


def test_galactic_and_intrinsic_gas():
    model = absorbed("powerlaw+bbody", galactic=0.05, redshift=0.1)
    assert model.expression == "tbabs*ztbabs*(powerlaw+bbody)"
    galactic, own = model.parameter("tbabs.nH"), model.parameter("ztbabs.nH")
    assert (galactic.val, galactic.frozen, own.frozen) == (0.05, True, False)
    assert model.parameter("ztbabs.redshift").val == 0.1
    assert absorbed("bremss", intrinsic=False).expression == "bremss"
    with pytest.raises(CscError, match=r"No parameter nH.*tbabs.nH"):
        model.parameter("nH")


def test_without_sherpa_spectra_are_read_and_fits_refused_with_the_way_out():
    code = (
        "import sys; sys.modules['sherpa'] = None\n"
        "import cscwidgets.science.spectrum, cscwidgets.science.absorption\n"
        "from cscwidgets.errors import CscError\n"
        "try:\n    import cscwidgets.science.fit\n"
        "except CscError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Sherpa is not installed" in done.stdout
    assert "pip install sherpa" in done.stdout

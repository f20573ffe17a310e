"""What a result tells whatever becomes of Sherpa's objects, and whoever else fits at the same time."""

import logging
import subprocess
import sys
import threading

import astropy.units as u
import pytest

from cscwidgets.science import spectrum

pytest.importorskip("sherpa")

from cscwidgets.science.fit import fit
from cscwidgets.science.spectra.models import source_model, unit_of
from cscwidgets.science.spectra.sherpa_gate import quiet

pytestmark = pytest.mark.real
CSC_1575 = "csc_pha3/acisf01575_001N001_r0085_pha3.fits.gz"


@pytest.fixture
def bright(real):
    return spectrum.read(real / "spectra" / CSC_1575)


def test_the_result_stays_what_was_fitted(bright):
    result = fit(bright)
    told, flux = result.parameters, result.flux(samples=50)
    errors = result.confidence(names=["gamma"])
    job, data = result.sherpa_fit, result.data[0]
    data.notice(2, 3)
    data.subtract()
    for par in result.model.absorbed.pars:
        par.val = par.val * 1.5
        par.freeze()
    job.method.name = "mine"
    again = result.parameters
    for column in ("name", "value", "unit", "state"):
        assert list(again[column]) == list(told[column])
    assert result.value("gamma") == told["value"][list(told["name"]).index("powerlaw.gamma")]
    found = result.confidence(names=["gamma"])["powerlaw.gamma"]
    assert found.lower == pytest.approx(errors["powerlaw.gamma"].lower, rel=1e-4)
    assert found.upper == pytest.approx(errors["powerlaw.gamma"].upper, rel=1e-4)
    assert result.flux(samples=50) == flux
    assert result.statistic == pytest.approx(461.937, abs=0.01)


def test_the_user_s_tie_is_undone(bright):
    result = fit(bright, "tbabs*(powerlaw+bbody)", fixed={"kT": 0.3})
    before = result.flux(samples=0).value
    result.model.parameter("gamma").link = result.model.parameter("kT")
    assert result.flux(samples=0).value == before


def test_units_are_astropy_s(bright):
    table = fit(bright, "tbabs*(powerlaw+bbody+bremss)", method="levmar").parameters
    units = {row["name"]: u.Unit(row["unit"]) for row in table}
    assert units["tbabs.nH"] == u.Unit(1e22 * u.cm**-2)
    assert units["bbody.kT"] == units["bremss.kT"] == u.keV
    assert units["powerlaw.gamma"] == u.dimensionless_unscaled
    assert units["powerlaw.ampl"] == u.photon / u.keV / u.s / u.cm**2
    assert units["bbody.norm"].to(u.erg / u.s / (10 * u.kpc) ** 2) == pytest.approx(1e39)
    # 3.02e-15 / (4 pi distance**2) times the emission measure
    assert units["bremss.norm"].to(u.cm**-5) == pytest.approx(1 / 3.02e-15, rel=1e-4)


def test_a_unit_that_astropy_does_not_know_is_none():
    parameter = source_model("powerlaw").parameter("gamma")
    parameter.units = "furlong per fortnight"
    assert unit_of(parameter) == u.dimensionless_unscaled


def test_fits_in_two_threads_do_not_disturb_each_other(bright):
    logger = logging.getLogger("sherpa")
    level = logger.level
    alone = fit(bright)
    expected = (alone.statistic, alone.confidence(), alone.flux(samples=100))
    found = []

    def work():
        result = fit(bright)
        found.append((result.statistic, result.confidence(), result.flux(samples=100)))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected, expected]
    assert logger.level == level


def test_one_result_asked_by_two_threads_answers_both(bright):
    result = fit(bright)
    errors, flux = result.confidence(), result.flux(samples=200)
    found = {}
    threads = [
        threading.Thread(target=lambda: found.update(errors=result.confidence())),
        threading.Thread(target=lambda: found.update(flux=result.flux(samples=200))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"errors": errors, "flux": flux}


def test_the_last_to_leave_restores_the_level():
    logger = logging.getLogger("sherpa")
    level = logger.level
    inside, leave = threading.Event(), threading.Event()

    def stay():
        with quiet():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=stay)
    with quiet():
        thread.start()
        assert inside.wait(10)
    assert logger.level == logging.CRITICAL
    leave.set()
    thread.join()
    assert logger.level == level


def test_sherpa_can_be_imported_first_in_a_thread():
    code = (
        "import threading, sys, warnings; warnings.simplefilter('error')\n"
        "import cscwidgets.science.spectrum\n"
        "assert 'sherpa' not in sys.modules\n"
        "def work():\n"
        "    from cscwidgets.science.spectra.models import source_model\n"
        "    print(source_model('tbabs*powerlaw').label)\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("tbabs*powerlaw (wilm abundances)\n", "")

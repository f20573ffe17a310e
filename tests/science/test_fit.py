"""Fits against Sherpa used directly, against published values, and against truth."""

import subprocess
import sys
from dataclasses import replace

import astropy.units as u
import numpy as np
import pytest

from cscwidgets.errors import CscError
from cscwidgets.science import spectrum

pytest.importorskip("sherpa")
from sherpa.astro import instrument, io, utils
from sherpa.astro import ui as session
from sherpa.data import DataSimulFit
from sherpa.estmethods import Confidence
from sherpa.fit import Fit
from sherpa.models import SimulFitModel
from sherpa.models.basic import PowLaw1D
from sherpa.optmethods import LevMar, NelderMead
from sherpa.stats import Chi2Gehrels, WStat

from cscwidgets.science.fit import fit
from cscwidgets.science.spectra.components import Absorption
from cscwidgets.science.spectra.models import absorbed, source_model

pytestmark = pytest.mark.real
TO_SHERPA = 1e-6
CSC_1575 = "csc_pha3/acisf01575_001N001_r0085_pha3.fits.gz"
CSC_4938 = "csc_pha3/acisf04938_000N002_r0043_pha3.fits"


class CancelledError(Exception):
    """What a task's progress raises."""


@pytest.fixture(scope="module")
def files(real):
    return real / "spectra"


@pytest.fixture(scope="module")
def bright(files):
    return spectrum.read(files / CSC_1575)


@pytest.fixture
def fitted(bright):
    return fit(bright)


def _bare(paths, stat, band, *, grouped=False, abundances="wilm", nh=None, groups=None):
    """The same fit by Sherpa's own reader and objects: no line of ours but the absorption table."""
    gas, law = Absorption("tbabs", "tbabs", abundances), PowLaw1D("powerlaw")
    law.ampl.val = 1e-4
    if nh is not None:
        gas.nH.set(nh, frozen=True)
    data = [io.read_pha(str(path)) for path in paths]
    for one, group in zip(data, groups or [None] * len(data), strict=True):
        if group is not None:
            one.grouping = one.get_background().grouping = group
            one.group()
        if grouped:
            one.subtract()
        elif group is None and one.grouping is not None:
            one.ungroup()
        one.units = "energy"
        one.notice(*band)
    folded = [instrument.Response1D(one)(gas * law) for one in data]
    if len(data) == 1:
        job = Fit(data[0], folded[0], stat=stat, method=NelderMead())
    else:
        job = Fit(DataSimulFit("all", data), SimulFitModel("all", folded), stat=stat, method=NelderMead())
    job.fit()
    job.method = LevMar()
    job.fit()
    return job, data[0], gas * law


def _values(result):
    return [par.val for par in result.free]


def test_3c273_has_the_published_values(files):
    path = files / "sherpa_3c273" / "3c273.pi"
    band = (0.1, 6.0)
    result = fit(
        spectrum.read(path),
        "tbabs*powerlaw",
        abundances="angr",
        fixed={"nH": 0.07},
        band=band,
        statistic="chi2gehrels",
    )
    assert result.value("gamma") == pytest.approx(2.15852, abs=0.012)
    assert result.statistic == pytest.approx(37.9079, abs=0.4)
    assert (result.points, result.dof) == (44, 42)
    low, high = result.data[0].get_arf().energ_lo[0], result.data[0].get_arf().energ_hi[-1]
    flux = result.flux(low, high, samples=0).value
    assert flux.to_value(u.erg / u.s / u.cm**2) == pytest.approx(9.614847e-13, rel=0.01)
    photons = result.flux(low, high, photons=True, samples=0).value
    assert photons.to_value(u.photon / u.s / u.cm**2) == pytest.approx(4.69964e-4, rel=0.02)

    bare, data, model = _bare([path], Chi2Gehrels(), band, grouped=True, abundances="angr", nh=0.07)
    assert result.statistic == pytest.approx(bare.calc_stat(), rel=TO_SHERPA)
    np.testing.assert_allclose(_values(result), bare.model.thawedpars, rtol=TO_SHERPA)
    assert flux.value == pytest.approx(utils.calc_energy_flux(data, model), rel=TO_SHERPA)
    assert result.goodness().probability == pytest.approx(bare.calc_stat_info().qval, rel=1e-6)


def test_a_catalogue_spectrum_has_xspec_s_values_and_sherpa_s_errors(files, fitted):
    assert fitted.statistic_used.name == "wstat"
    assert "wstat" in fitted.statistic_used.reason
    assert fitted.value("nH") == pytest.approx(0.307, abs=0.012)
    assert fitted.value("gamma") == pytest.approx(1.597, abs=0.01)
    assert fitted.statistic == pytest.approx(461.93, abs=0.3)
    bare, *_ = _bare([files / CSC_1575], WStat(), (0.5, 7.0))
    assert fitted.statistic == pytest.approx(bare.calc_stat(), rel=TO_SHERPA)
    np.testing.assert_allclose(_values(fitted), bare.model.thawedpars, rtol=1e-3)

    intervals = fitted.confidence()
    bare.estmethod = Confidence()
    bare.estmethod.config["parallel"] = False
    errors = bare.est_errors()
    for name, low, high in zip(errors.parnames, errors.parmins, errors.parmaxes, strict=True):
        width = high - low
        best = bare.model.thawedpars[errors.parnames.index(name)]
        assert intervals[name].lower == pytest.approx(best + low, abs=0.01 * width)
        assert intervals[name].upper == pytest.approx(best + high, abs=0.01 * width)
    table = fitted.parameters
    row = table[list(table["name"]).index("tbabs.nH")]
    assert (row["lower"], row["upper"]) == (intervals["tbabs.nH"].lower, intervals["tbabs.nH"].upper)
    assert table.meta["model"] == "tbabs*powerlaw (wilm abundances)"


@pytest.mark.parametrize("names", [(CSC_4938,), ("4C19.44/obs1.pi", "4C19.44/obs2.pi")])
def test_other_sets_and_several_at_once_equal_sherpa(files, names):
    paths = [files / name for name in names]
    result = fit([spectrum.read(path) for path in paths], fixed={"nH": 0.05})
    bare, *_ = _bare(paths, WStat(), (0.5, 7.0), nh=0.05, groups=result.statistic_used.groups)
    assert result.statistic == pytest.approx(bare.calc_stat(), rel=TO_SHERPA)
    # Where the statistic agrees to 1e-9 of itself, the place of the minimum does to the root of that.
    np.testing.assert_allclose(_values(result), bare.model.thawedpars, rtol=1e-3)
    result.sherpa_fit.model.thawedpars = bare.model.thawedpars
    assert result.sherpa_fit.calc_stat() == pytest.approx(bare.calc_stat(), rel=1e-12)


@pytest.mark.parametrize(
    ("names", "options"),
    [
        ((CSC_1575,), {}),
        pytest.param(
            ("sherpa_3c273/3c273.pi",),
            {"model": "tbabs*(powerlaw+bbody)", "statistic": "chi2gehrels"},
            marks=pytest.mark.long,
        ),
        (("4C19.44/obs1.pi", "4C19.44/obs2.pi"), {"model": "bremss", "cross_normalisation": True}),
    ],
)
def test_the_script_prints_the_same_numbers_where_only_sherpa_is(files, tmp_path, names, options):
    result = fit([spectrum.read(files / name) for name in names], **options)
    text = result.script()
    assert "cscwidgets" not in text
    (tmp_path / "again.py").write_text(text)
    blocked = "import sys, runpy; sys.modules['cscwidgets'] = None; runpy.run_path('again.py')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", blocked], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    printed = dict(line.split(" ") for line in done.stdout.splitlines() if len(line.split(" ")) == 2)
    assert float(printed["statistic"]) == pytest.approx(result.statistic, rel=1e-6)
    for par in result.free:
        assert float(printed[par.fullname]) == pytest.approx(par.val, rel=2e-3), par.fullname
    expected = result.flux(*result.band, samples=0).value.value
    assert float(printed["flux"]) == pytest.approx(expected, rel=2e-3)


def test_the_user_s_own_session_is_left_alone(fitted):
    fitted.flux(samples=20)
    assert session.list_data_ids() == []
    assert session.list_model_components() == []


def test_fluxes_are_consistent(fitted):
    seen, clear = fitted.flux(samples=300), fitted.flux(absorbed=False, samples=300)
    assert seen.lower < seen.value < seen.upper < clear.value
    assert seen.value.value == pytest.approx(1.745e-13, rel=0.01)
    assert clear.value.value == pytest.approx(2.106e-13, rel=0.01)
    # 826 net counts: the flux of a fixed shape is known to 3.5 %, and no worse by much here
    assert 0.03 < ((seen.upper - seen.lower) / 2 / seen.value).value < 0.08
    parts = fitted.flux(0.5, 2, samples=0).value + fitted.flux(2, 7, samples=0).value
    assert parts.value == pytest.approx(seen.value.value, rel=1e-6)


def test_luminosities(fitted):
    clear = fitted.flux(absorbed=False, samples=0).value
    near = fitted.luminosity(distance=10 * u.kpc, samples=0).value
    assert (near / clear).to_value(u.cm**2) == pytest.approx(4 * np.pi * (3.0857e22) ** 2, rel=1e-4)
    # A power law's luminosity in the rest frame is that of the observed band times (1 + z)**(gamma - 2).
    from astropy.cosmology import Planck18

    far = fitted.luminosity(redshift=1.0, samples=0).value
    area = 4 * np.pi * Planck18.luminosity_distance(1.0) ** 2
    expected = (clear * area).to(u.erg / u.s) * 2 ** (fitted.value("gamma") - 2)
    assert far.value == pytest.approx(expected.value, rel=1e-3)
    with pytest.raises(CscError, match="either a distance or a redshift"):
        fitted.luminosity()


def test_the_posterior_agrees_with_the_intervals(fitted):
    intervals = fitted.confidence()
    posterior = fitted.posterior(3000, seed=3)
    for name in ("tbabs.nH", "powerlaw.gamma"):
        middle, low, high = posterior.interval(name)
        width = intervals[name].upper - intervals[name].lower
        assert abs(middle - fitted.parameters["value"][list(fitted.parameters["name"]).index(name)]) < 0.3 * width
        assert high - low == pytest.approx(width, rel=0.25)
    assert 0.1 < posterior.accepted < 0.95
    assert fitted.flux(samples=200).upper > fitted.flux(samples=200).lower


def test_contours_hold_the_intervals(fitted):
    shape = fitted.contour("nH", "gamma", points=9)
    assert shape.rise.min() == pytest.approx(0, abs=0.05)
    np.testing.assert_allclose(shape.thresholds, [2.279, 4.605], atol=1e-3)
    # The profile of one parameter rises by 1 at the end of its interval.
    upper = fitted.confidence(names=["nH"])["tbabs.nH"].upper
    profile = shape.rise.min(axis=0)
    assert np.interp(upper, shape.x, profile) == pytest.approx(1, abs=0.35)


def test_everything_can_be_cancelled_and_leaves_the_fit_as_it_was(bright, fitted):
    def stop_at(number):
        calls = iter(range(number))

        def progress(fraction):
            assert 0 <= fraction <= 1
            if next(calls, None) is None:
                raise CancelledError

        return progress

    with pytest.raises(CancelledError):
        fit(bright, progress=stop_at(50))
    before = _values(fitted)
    jobs = {
        "confidence": lambda p: fitted.confidence(progress=p),
        "contour": lambda p: fitted.contour("nH", "gamma", points=5, progress=p),
        "posterior": lambda p: fitted.posterior(200, progress=p),
        "flux": lambda p: fitted.flux(progress=p),
        "goodness": lambda p: fitted.goodness(20, progress=p),
    }
    for name, job in jobs.items():
        with pytest.raises(CancelledError):
            job(stop_at(30))
        assert [par.frozen for par in fitted.free] == [False] * 3, name
        assert _values(fitted) == before, name
        assert fitted.sherpa_fit.calc_stat() == fitted.statistic, name


def _simulated(bright, model, factor, seed):
    """The spectrum of a known source with another's responses and so many times its background."""
    rng = np.random.default_rng(seed)
    data = fit(bright, fixed={"nH": 0.3, "gamma": 1.6}).data[0]
    mean = data.eval_model(instrument.Response1D(data)(model.absorbed)) * factor
    behind = bright.background.counts
    drawn = rng.poisson(mean + np.mean(behind) * bright.scale).astype(float)
    return replace(bright, source=replace(bright.source, counts=drawn))


@pytest.mark.slow
def test_a_column_at_its_bound_is_a_limit(bright):
    truth = source_model("powerlaw")
    truth.parameter("ampl").set(4e-5)
    limits = []
    for seed in range(4):
        result = fit(_simulated(bright, truth, 1, seed))
        found = result.confidence()["tbabs.nH"]
        limits.append(found.limit)
        if found.limit:
            assert found.limit == "upper"
            assert np.isnan(found.lower)
            assert 0 < found.upper < 0.3
            assert result.flux(samples=100).upper > 0
    assert "upper" in limits


def test_cross_normalisation_finds_a_source_that_doubled(bright):
    truth = source_model("powerlaw")
    truth.parameter("ampl").set(4e-5)
    pair = [_simulated(bright, truth, factor, seed) for factor, seed in ((1, 1), (2, 2))]
    apart = fit(pair, "powerlaw", cross_normalisation=True)
    found = apart.confidence(0.90)
    name = apart.factors[1].c0.fullname
    assert found[name].lower < 2 < found[name].upper
    together = fit(pair, "powerlaw")
    assert together.statistic > apart.statistic + 100
    assert together.dof == apart.dof + 1


def test_two_absorbers_and_ties(bright):
    result = fit(bright, absorbed("powerlaw", galactic=0.05, redshift=0.5))
    states = dict(zip(result.parameters["name"], result.parameters["state"], strict=True))
    assert states["tbabs.nH"] == states["ztbabs.redshift"] == "fixed"
    assert result.value("ztbabs.redshift") == 0.5
    assert result.statistic == pytest.approx(461.9, abs=1.5)
    tied = fit(bright, "tbabs*(powerlaw+bbody+bbody)", ties={"bbody2.kT": "bbody.kT"}, fixed={"bbody.kT": 0.3})
    assert tied.value("bbody2.kT") == 0.3
    assert dict(zip(tied.parameters["name"], tied.parameters["state"], strict=True))["bbody2.kT"] == "tied"


def test_a_model_object_of_the_user_s_own(bright, fitted):
    gas, law = Absorption("gas"), PowLaw1D("law")
    law.ampl = 1e-4
    result = fit(bright, gas * law)
    assert result.statistic == pytest.approx(fitted.statistic, abs=1e-4)
    assert law.gamma.val == result.value("law.gamma")
    with pytest.raises(CscError, match="without absorption"):
        result.flux(absorbed=False)
    assert fit(bright, source_model(gas * law, unabsorbed=law)).flux(absorbed=False, samples=0).value > 0


def test_few_counts_are_not_taken_for_background(files):
    obs = spectrum.read(files / "4C19.44" / "obs1.pi")
    naive = fit(obs, "powerlaw", statistic="wstat")
    assert "can take the source for background" in naive.statistic_used.reason
    assert naive.flux(samples=0).value.value < 1e-17  # which is the bias: 33 net counts are there
    result = fit(obs, "powerlaw")
    assert "grouped by background counts" in result.statistic_used.reason
    (groups,) = result.statistic_used.groups
    starts = np.flatnonzero(groups == 1)
    inside = obs.within(0.5, 7)[starts]
    assert np.add.reduceat(obs.background.counts, starts)[inside].min() >= 1
    folded = np.asarray(result.data[0].eval_model_to_fit(result.sherpa_fit.model))
    assert folded.sum() == pytest.approx(obs.net_counts(0.5, 7), rel=0.1)


def test_a_negligible_background_is_neglected(bright):
    few = replace(bright, source=replace(bright.source, counts=(bright.source.counts > 5).astype(float)))
    none = replace(few, background=replace(few.background, counts=few.background.counts * 0))
    result = fit(none, "powerlaw")
    assert result.statistic_used.name == "cstat"
    assert "negligible" in result.statistic_used.reason


def test_goodness_tells_a_wrong_model(bright, fitted):
    assert fitted.goodness(40).probability > 0.02
    assert fit(bright, "bbody", start={"kT": 1.0}).goodness(40).probability < 0.05


def test_what_cannot_be_fitted_is_refused(bright):
    with pytest.raises(CscError, match="HRC"):
        fit(replace(bright, instrument="HRC", response=None))
    nothing = replace(bright, source=replace(bright.source, counts=bright.source.counts * 0))
    with pytest.raises(CscError, match=r"Too few counts.*0 counts in 0.5-7 keV.*flux_limit"):
        fit(nothing)
    with pytest.raises(CscError, match="no GROUPING column"):
        fit(bright, grouped=True)
    with pytest.raises(CscError, match="cannot be used after subtraction"):
        fit(bright, subtracted=True)
    with pytest.raises(CscError, match="No statistic leastsq"):
        fit(bright, statistic="leastsq")
    with pytest.raises(CscError, match="No parameter kT"):
        fit(bright, fixed={"kT": 1})
    with pytest.raises(CscError, match=r"nH cannot be -1"):
        fit(bright, fixed={"nH": -1})

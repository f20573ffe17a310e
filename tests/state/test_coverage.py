"""Sky coverage of a region: the maps that are asked for, what is unknown, what is kept."""

import gzip
import shutil

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from regions import CircleSkyRegion

from cscwidgets import Archive
from cscwidgets.archive.files.cache import Cache
from cscwidgets.csc.bands import BANDS
from cscwidgets.demo.sky.population import population
from cscwidgets.demo.sky.source_spectra import ENERGY, ERG_PER_KEV, IN_BAND, photon_spectrum
from cscwidgets.errors import CscError
from cscwidgets.science import coverage as science
from cscwidgets.science.maps.flux_calibration import SOFT_BAND, power_law_calibration
from cscwidgets.sky.shapes import contains
from cscwidgets.state.coverage import CoverageState
from cscwidgets.state.explorer import ExplorerState

LOCKMAN = CircleSkyRegion(SkyCoord(164.05, 57.2, unit="deg"), 12 * u.arcmin)
BESIDE = CircleSkyRegion(SkyCoord(164.05, 57.5, unit="deg"), 12 * u.arcmin)
NOWHERE = CircleSkyRegion(SkyCoord(10, -80, unit="deg"), 12 * u.arcmin)
WITHOUT_MAP = "acisfJ1054249p571200_001"


def explored(archive, region=LOCKMAN):
    explorer = ExplorerState(archive)
    explorer.search(region)
    explorer.desk.tasks.wait(60)
    return CoverageState(explorer)


def run(state):
    state.run()
    state.explorer.desk.tasks.wait(60)
    return state.coverage


def messages(state):
    return [str(message) for message in state.explorer.desk.messages.entries]


@pytest.fixture
def state(warm_demo):
    return explored(warm_demo)


@pytest.fixture
def done(state):
    run(state)
    return state


@pytest.fixture(scope="module")
def maps(warm_demo):
    """The maps of all stacks near the region, by hand."""
    return warm_demo.fetch(warm_demo.products(warm_demo.stacks(LOCKMAN), "sensity", bands="s"))


def test_the_numbers_are_those_of_the_science(done, maps):
    expected = science.mosaic(maps).curve(lambda ra, dec: contains(LOCKMAN, ra, dec))
    found = done.coverage
    np.testing.assert_array_equal(found.curve.flux, expected.flux)
    np.testing.assert_allclose(found.curve.area, expected.area)
    assert 0.1 < found.curve.total.value < np.pi * 0.2**2
    assert (found.mosaic.band, found.mosaic.threshold) == ("s", "TRUE")
    assert found.mosaic.simulated
    assert messages(done) == []


def test_a_stack_without_a_map_is_listed_with_its_area_unknown(done):
    found = done.coverage
    assert list(found.unknown) == [WITHOUT_MAP]
    assert "no sensitivity map of it in the soft band" in found.unknown[WITHOUT_MAP]
    stacks = found.stacks
    assert set(stacks["stack"]) == set(done.explorer.desk.archive.stacks(LOCKMAN)["detect_stack_id"])
    (row,) = stacks[stacks["stack"] == WITHOUT_MAP]
    assert np.isnan(row["area"])
    assert row["status"] == "area unknown"


def test_marginal_limits_are_lower_and_of_their_own_files(done, maps):
    true = done.coverage.curve
    done.threshold = "MARGINAL"
    marginal = run(done).curve
    expected = science.mosaic(maps, threshold="MARGINAL").curve(lambda ra, dec: contains(LOCKMAN, ra, dec))
    np.testing.assert_allclose(marginal.area, expected.area)
    assert marginal.total.value == pytest.approx(true.total.value)
    assert (
        marginal.at(true.flux[len(true.flux) // 2] * u.photon / u.s / u.cm**2)
        > true.area[len(true.area) // 2] * u.deg**2
    )


def test_a_region_beside_it_reads_only_the_maps_that_are_new(done, warm_demo, monkeypatch):
    read = []
    original = science.read_sensitivity_map

    def counting(path, threshold):
        read.append(str(path))
        return original(path, threshold)

    monkeypatch.setattr(science, "read_sensitivity_map", counting)
    before = done.coverage
    known = set(before.mosaic.files)
    done.explorer.search(BESIDE)
    done.explorer.desk.tasks.wait(60)
    after = run(done)
    wanted = {str(path) for path in after.fetched.files.values()}
    assert wanted & known
    assert set(read) == wanted - known
    fresh = run(explored(warm_demo, BESIDE))
    np.testing.assert_allclose(after.curve.area, fresh.curve.area)
    assert set(after.stacks["stack"]) == set(fresh.stacks["stack"])
    # What was shown before did not change under the reader's eyes.
    assert set(before.mosaic.files) == known


def test_the_last_good_result_stays(done):
    before = done.coverage
    done.explorer.search(NOWHERE)
    done.explorer.desk.tasks.wait(60)
    run(done)
    assert done.coverage is before
    assert "no sky coverage" in messages(done)[-1]
    assert "No stack of the archive is near it" in messages(done)[-1]
    done.band = "w"  # the HRC did not look there
    done.explorer.search(LOCKMAN)
    done.explorer.desk.tasks.wait(60)
    run(done)
    assert done.coverage is before
    assert "none of 10 stacks has a map" in messages(done)[-1]


def test_damaged_maps_are_named_and_the_others_count(warm_demo, tmp_path, done):
    folder = warm_demo.mirror(LOCKMAN, tmp_path / "archive", kinds=("sensity",), bands="s")
    truncated, swapped, wrong_unit, *_ = files = sorted(folder.rglob("*_sens3.fits*"))
    assert len(files) == 9
    whole = truncated.read_bytes()
    truncated.write_bytes(whole[: len(whole) // 2])
    _rewrite(swapped, lambda hdus: hdus.reverse())
    _rewrite(wrong_unit, _in_kelvin)
    state = explored(Archive(folder, cache=Cache(tmp_path / "cache")))
    found = run(state)
    named = {path.name.split("N0")[0] for path in (truncated, swapped, wrong_unit)}
    assert set(found.unknown) == named | {WITHOUT_MAP}
    assert "swapped" in found.unknown[swapped.name.split("N0")[0]]
    assert "K, not photon" in found.unknown[wrong_unit.name.split("N0")[0]]
    assert len(found.used) == 6
    assert 0 < found.curve.total.value < done.coverage.curve.total.value


def _rewrite(path, change):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path) as stream:
        hdus = list(fits.HDUList.fromstring(stream.read()))
    change(hdus)
    images = [fits.PrimaryHDU(hdus[0].data, hdus[0].header), fits.ImageHDU(hdus[1].data, hdus[1].header)]
    plain = path.parent / "changed.fits"
    fits.HDUList(images).writeto(plain)
    with plain.open("rb") as source, opened(path, "wb") as target:
        shutil.copyfileobj(source, target)
    plain.unlink()


def _in_kelvin(hdus):
    for hdu in hdus:
        hdu.header["BUNIT"] = "K"


def test_a_cancelled_run_leaves_nothing(state):
    state.run()
    state.explorer.desk.tasks.cancel_all()
    state.explorer.desk.tasks.wait(60)
    assert (state.coverage, messages(state)) == (None, [])


def test_an_answer_to_another_question_is_dropped(state, monkeypatch):
    tasks = state.explorer.desk.tasks
    monkeypatch.setattr(tasks, "_post", lambda _, action: tasks._inbox.put(action))
    state.run()
    state.band = "b"
    tasks.wait(60)
    assert state.coverage is None
    run(state)
    assert state.coverage.mosaic.band == "b"


def test_calibrations(done):
    assert done.calibration is None
    assert "energy_flux" not in done.curve.table().colnames
    done.unit = "CSC"
    assert done.calibration is SOFT_BAND
    limit = done.limit_at(LOCKMAN.center)
    assert limit["energy_limit"].value == pytest.approx(10 ** (1.028 * np.log10(limit["limit"].value) - 8.595))
    done.unit, done.photon_index, done.nh = "power law", 1.7, 0.01
    assert done.calibration == power_law_calibration(1.7, "s", nh=0.01)
    histogram = done.histogram()
    assert histogram["cumulative_area"][-1] == done.coverage.curve.total
    np.testing.assert_allclose(np.diff(np.log10(histogram["flux_low"].value)), 0.05)
    done.unit, done.band = "CSC", "b"
    run(done)
    assert (done.unit, done.calibration) == ("photon", None)  # the CSC's is of the soft band
    done.unit = "CSC"
    with pytest.raises(CscError, match="No calibration for the broad band"):
        done.calibration  # noqa: B018


def test_limits_at_positions(done):
    far = SkyCoord([164.05, 10.0], [57.2, -80.0], unit="deg")
    found = done.limit_at(far)
    assert found["stack"][0] == "acisfJ1056120p571200_001"
    assert found["status"].tolist() == ["sensitivity limit", "not observed"]
    assert np.isnan(found["limit"][1])


def test_number_counts_weigh_sources_with_their_area(done, warm_demo):
    counts = done.counts()
    sources = warm_demo.search(LOCKMAN, ["photflux_aper_s", "photflux_aper_lolim_s", "likelihood_class"], quiet=True)
    limits = done.coverage.mosaic.limit_at(SkyCoord(sources["ra"], sources["dec"]))
    flux = sources["photflux_aper_s"]
    counted = (flux >= limits["limit"]) & (np.char.strip(sources["likelihood_class"].astype(str)) == "TRUE")
    expected = np.sum(1 / done.coverage.curve.at(flux[counted]).value)
    faintest = np.min(flux[counted])
    assert counts.cumulative(u.Quantity([faintest]))["counts"][0].value == pytest.approx(expected)
    assert counted.sum() + sum(counts.left_out.values()) == len(sources)
    # Of the selected ones:
    names = [str(name) for name in sources["name"][counted][:3]]
    done.explorer.desk.selection.publish("code", names)
    done.only_selected = True
    assert len(done.counts().flux) == 3
    done.explorer.desk.selection.publish("code", [])
    with pytest.raises(CscError, match="No source can be counted: there are none"):
        done.counts()


def test_number_counts_are_corrected_where_a_background_is_given(done):
    biased = done.counts()
    done.background = 0.1
    corrected = done.counts()
    assert "not corrected for Eddington bias" in biased.eddington_bias
    assert corrected.eddington_bias.startswith("corrected for Eddington bias")
    assert corrected.left_out == biased.left_out
    # The sources that were put into the sky here, by their photons in the soft band (ACIS: 0.5-1.2 keV).
    everyone = population()
    _, stack = done.coverage.mosaic.at(everyone.ra, everyone.dec)
    there = contains(LOCKMAN, everyone.ra, everyone.dec) & (stack >= 0) & (everyone.extent == 0)
    spectrum = photon_spectrum(everyone.thermal[there], everyone.shape[there], everyone.nh[there])
    soft, broad = (IN_BAND[list(BANDS).index(band)] for band in "sb")
    photons = (spectrum * soft).sum(axis=1)
    true = everyone.flux[there] * photons / (spectrum * broad * ENERGY).sum(axis=1) / ERG_PER_KEV
    flux = np.geomspace(np.min(biased.flux), np.sort(biased.flux)[-5], 8)
    expected = (true >= flux[:, None]).sum(axis=1) / done.coverage.curve.total.value
    off = {}
    for name, counts in {"biased": biased, "corrected": corrected}.items():
        table = counts.cumulative(flux * biased.unit)
        low, high = (table[end].value for end in ("counts_low", "counts_high"))
        assert (low - (high - low) / 2 < expected).all()
        assert (expected < high + (high - low) / 2).all()
        off[name] = np.abs(table["counts"].value / expected - 1).mean()
    assert off["corrected"] < 0.7 * off["biased"]


def test_an_image_of_any_resolution_is_made_from_the_maps(done):
    image = done.image(8 * u.arcsec)
    observed = np.isfinite(image.limit)
    area = observed.sum() * (8 / 3600) ** 2
    assert area == pytest.approx(done.coverage.curve.total.value, rel=0.01)
    rows, columns = np.nonzero(observed)
    at = SkyCoord(*image.wcs.wcs_pix2world(columns, rows, 0), unit="deg")
    limit = done.limit_at(at)["limit"].value
    same = np.isclose(limit, image.limit[observed], rtol=0.02)
    assert same.mean() > 0.97  # neighbouring pixels at the edges of chips are not the same ones
    header = image.hdus()[0].header
    assert (header["ORIGIN"], header["BAND"], header["LIKETHR"]) == ("cscwidgets-sim", "s", "TRUE")


def test_without_region_or_result_it_is_told(warm_demo):
    state = CoverageState(ExplorerState(warm_demo))
    with pytest.raises(CscError, match="No region is chosen"):
        state.run()
    with pytest.raises(CscError, match="no sky coverage yet"):
        state.curve  # noqa: B018
